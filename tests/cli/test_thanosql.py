"""test_thanosql.py - ThanoSQL's statements on real pictures, with the model that ships: the three dialects agree with
each other and with SQL's own functions."""

import json
import math

import harness

LABELS = ["flag", "tree", "face"]


class ThanoSql(harness.Case):
    def setUp(self):
        super().setUp()
        self.pictures(5)
        self.sql("CREATE TABLE t(id INTEGER PRIMARY KEY, image_path TEXT, label TEXT)")
        for i in range(5):
            self.sql(f"INSERT INTO t(image_path, label) VALUES ('pictures/p{i}.png', '{LABELS[i % 3]}')")

    def sql(self, text):
        return json.loads(self.ok("sql", "t.db", "-c", text, "--json"))

    def cosines(self, text):
        """By SQL's functions alone."""
        rows = self.sql(f"SELECT id, cosine_similarity(embed_image('mini', image_path), embed_text('mini', '{text}')) "
                        "AS c FROM t")
        return {row["id"]: row["c"] for row in rows}

    def same(self, got, want):
        self.assertTrue(math.isclose(got, want, abs_tol=1e-5), f"{got}, not {want}")

    def test_search_in_each_dialect(self):
        want = self.cosines("a colourful flag")
        self.sql("CONVERT USING mini OPTIONS (table_name='t', image_col='image_path') AS SELECT * FROM t")
        rows = self.sql("SEARCH IMAGE text='a colourful flag' USING mini AS SELECT * FROM t")
        self.assertEqual([row["id"] for row in rows], [1, 2, 3, 4, 5])
        for row in rows:
            self.same(row["mini_clip_similarity1"], want[row["id"]])
        rows = self.sql("SEARCH IMAGE USING mini OPTIONS (search_by='text', search_input='a colourful flag', "
                        "emb_col='mini_clip', top_k=3) AS SELECT * FROM t")
        best = sorted(want, key=lambda i: -want[i])[:3]
        self.assertEqual([row["id"] for row in rows], best)
        for row in rows:
            self.same(row["search_result"], want[row["id"]])

    def test_a_picture_finds_itself(self):
        rows = self.sql("SEARCH IMAGE USING mini OPTIONS (search_by='image', search_input='pictures/p3.png', top_k=1) "
                        "AS SELECT * FROM t")
        self.assertEqual(rows[0]["id"], 4)
        self.same(rows[0]["search_result"], 1)

    def test_predict_and_evaluate(self):
        cosines = {label: self.cosines(f"a drawing of a {label}") for label in LABELS}
        want = {i: max(LABELS, key=lambda label: cosines[label][i]) for i in range(1, 6)}
        options = f"labels={LABELS}, template='a drawing of a {{}}'"
        rows = self.sql(f"SELECT id, predict_result FROM (PREDICT USING mini OPTIONS ({options}) AS SELECT * FROM t)")
        self.assertEqual({row["id"]: row["predict_result"] for row in rows}, want)
        rows = self.sql(f"PREDICT USING mini OPTIONS ({options}) AS SELECT * FROM t")
        self.assertEqual([list(row) for row in rows], [["image_path", "predicted"]] * 5)
        rows = self.sql(f"EVALUATE USING mini OPTIONS ({options}) AS SELECT * FROM t")
        self.assertEqual([row["metric"] for row in rows],
                         ["Accuracy", "ROCAUC", "Recall", "Precision", "F1-Score", "Kappa", "MCC"])
        right = sum(want[i] == LABELS[(i - 1) % 3] for i in range(1, 6))
        self.same(rows[0]["score"], right / 5)

    def test_keywords(self):
        cosines = {word: self.cosines(word) for word in LABELS}
        rows = self.sql(f"SEARCH KEYWORD USING mini OPTIONS (keywords={LABELS}, diversity=0.0, threshold=-1.0, top_n=3) "
                        "AS SELECT id, image_path FROM t")
        for row in rows:
            found = json.loads(row["keyword"]) if isinstance(row["keyword"], str) else row["keyword"]
            words = sorted(LABELS, key=lambda word: -cosines[word][row["id"]])
            self.assertEqual(found["keyword"], words)
            self.same(found["score"][0], cosines[words[0]][row["id"]])

    def test_labels_by_mean_vectors(self):
        self.sql("CREATE TABLE v AS SELECT * FROM (CONVERT USING mini OPTIONS (result_col='convert_result') "
                 "AS SELECT * FROM t)")
        self.sql("CREATE TABLE m AS SELECT * FROM (FUNCTION compute.groupby_emb_mean AS SELECT * FROM v WHERE id < 4)")
        rows = self.sql("FUNCTION compute.similarity OPTIONS (src_table='m') AS SELECT * FROM v WHERE id < 4")
        self.assertEqual([row["similarity_result"] for row in rows], LABELS)

    def test_what_a_person_is_told(self):
        done = self.run_fovea("sql", "t.db", "-c", "SEARCH IMAGE text='a flag' USING mini AS SELECT * FROM t LIMIT 1")
        self.assertEqual(done.stderr.decode(), "Searching...\n")
        self.fails("sql", "t.db", "-c", "SEARCH IMAGE image='a flag' USING mini AS SELECT * FROM t",
                   says=['no such file: "a flag"; did you mean text='])


if __name__ == "__main__":
    harness.main()
