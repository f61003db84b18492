"""test_datasets.py - the catalogue of data sets and GET THANOSQL; names of models in a database."""

import hashlib
import io
import json
import os
import tarfile
import zipfile

import harness
from test_pull import Server


class Datasets(harness.Case):
    def sql(self, *statements, **more):
        return self.ok("sql", "w.db", "-c", "; ".join(statements), **more)

    def tree(self, *names):
        top = self.path("thanosql-dataset", *names)
        found = []
        for folder, _, files in os.walk(top):
            found += [os.path.relpath(os.path.join(folder, f), top) for f in files]
        return sorted(found)

    def source(self):
        """A folder with a table and pictures, Korean names among them."""
        where = self.path("src")
        os.makedirs(os.path.join(where, "test", "사과파이"))
        for name in ("train.csv", "test/1.jpg", "test/사과파이/2.jpg"):
            with open(os.path.join(where, name), "w") as f:
                f.write(name)
        return where

    FILES = ["test/1.jpg", "test/사과파이/2.jpg", "train.csv"]

    def test_the_documents_names_are_listed_and_say_what_is_missing(self):
        names = [row["name"] for row in self.json("datasets")]
        self.assertIn("mnist_data", names)
        self.assertEqual(names, sorted(names))
        self.fails("sql", "w.db", "-c", "GET THANOSQL DATASET mnist_data",
                   says=["mnist_data", "the server that had it is gone", "fovea datasets add mnist_data SOURCE"])
        self.fails("sql", "w.db", "-c", "GET THANOSQL DATASET mnist_dta",
                   says=["there is no data set mnist_dta", "did you mean mnist_data"])
        self.fails("datasets", "ad", "x", "y", says=["did you mean add"])
        self.fails("datasets", "add", "x", says=["usage: fovea datasets add NAME SOURCE"])
        self.fails("datasets", "remove", "mnist_data", says=["no data set mnist_data"])

    def test_a_folder(self):
        self.ok("datasets", "add", "mnist_data", self.source())
        self.sql("GET THANOSQL DATASET mnist_data")
        self.assertEqual(self.tree("mnist_data"), self.FILES)
        self.assertEqual(os.listdir(self.path("thanosql-dataset")), ["mnist_data"])
        self.fails("sql", "w.db", "-c", "GET THANOSQL DATASET mnist_data",
                   says=["thanosql-dataset/mnist_data is there already", "overwrite=True"])
        os.remove(self.path("src", "train.csv"))
        self.sql("GET THANOSQL DATASET mnist_data OPTIONS (overwrite=True)")
        self.assertEqual(self.tree("mnist_data"), self.FILES[:2])
        self.ok("datasets", "remove", "mnist_data")
        self.assertIsNone({r["name"]: r for r in self.json("datasets")}["mnist_data"]["source"])

    def test_archives(self):
        where = self.source()
        with tarfile.open(self.path("a.tar.gz"), "w:gz") as tar:
            tar.add(where, "mnist_data")  # one folder on top: its content is the data set
        with zipfile.ZipFile(self.path("b.zip"), "w") as z:
            for name in self.FILES:
                z.write(os.path.join(where, name), name)
        for name, source in (("a", "a.tar.gz"), ("b", "b.zip")):
            with open(self.path(source), "rb") as f:
                digest = hashlib.sha256(f.read()).hexdigest()
            self.ok("datasets", "add", name, source, "--sha256", digest)
            self.ok("datasets", "get", name)
            self.assertEqual(self.tree(name), self.FILES)
        self.ok("datasets", "add", "a", "a.tar.gz", "--sha256", "0" * 64)
        self.fails("datasets", "get", "a", "--overwrite", says=["SHA-256", "0" * 64])
        self.assertEqual(self.tree("a"), self.FILES)  # what was there stays

    def test_a_file_that_is_no_archive(self):
        with open(self.path("rows.csv"), "w") as f:
            f.write("a,b\n1,2\n")
        self.ok("datasets", "add", "rows", "rows.csv")
        self.ok("datasets", "get", "rows")
        self.assertEqual(self.tree("rows"), ["rows.csv"])

    def test_nothing_is_written_outside(self):
        for name in ("../evil", "/evil", "a/../../evil"):
            data = io.BytesIO(b"x")
            with tarfile.open(self.path("evil.tar"), "w") as tar:
                info = tarfile.TarInfo(name)
                info.size = 1
                tar.addfile(info, data)
            self.ok("datasets", "add", "evil", "evil.tar")
            self.fails("datasets", "get", "evil", says=["which leads out of it"])
            self.assertFalse(os.path.exists(self.path("evil")))
            self.assertFalse(os.path.exists(self.path("thanosql-dataset", "evil")))
        with tarfile.open(self.path("link.tar"), "w") as tar:
            info = tarfile.TarInfo("up")
            info.type, info.linkname = tarfile.SYMTYPE, ".."
            tar.addfile(info)
            info = tarfile.TarInfo("up/evil")
            info.size = 1
            tar.addfile(info, io.BytesIO(b"x"))
        self.ok("datasets", "add", "link", "link.tar")
        self.ok("datasets", "get", "link")
        self.assertEqual(self.tree("link"), ["evil"])  # the link was left out, so "up" is a folder, and the only one
        for name in ("../x", "a/b", ".x", ""):
            self.fails("datasets", "add", name, "link.tar", says=["can't be the name of a data set"])

    def test_bad_archives(self):
        with open(self.path("cut.zip"), "wb") as f, zipfile.ZipFile(self.path("whole.zip"), "w") as z:
            z.writestr("a.jpg", b"x" * 100000)
            z.close()
            with open(self.path("whole.zip"), "rb") as whole:
                f.write(whole.read()[:50000])
        self.ok("datasets", "add", "cut", "cut.zip")
        self.fails("datasets", "get", "cut", says=["cut.zip can't be unpacked"])
        self.assertFalse(os.path.exists(self.path("thanosql-dataset", "cut")))
        self.fails("datasets", "add", "none", "none.zip", says=["none.zip"])

    def test_a_url_that_breaks_off(self):
        where = self.source()
        with tarfile.open(self.path("x.safetensors"), "w") as tar:  # the server breaks off files of this name
            tar.add(where, "x")
        with open(self.path("x.safetensors"), "rb") as f:
            digest = hashlib.sha256(f.read()).hexdigest()
        with Server(self.dir, break_after=5000) as server:
            self.addCleanup(server.shutdown)
            self.ok("datasets", "add", "far", server.url + "/x.safetensors", "--sha256", digest)
            self.ok("datasets", "get", "far")
            self.assertEqual(self.tree("far"), self.FILES)
            self.assertEqual([r for _, r in server.asked], [None, "bytes=5000-"])


class Models(harness.Case):
    def sql(self, text, **more):
        return self.ok("sql", "w.db", "-c", text, **more)

    def test_names(self):
        os.makedirs(self.path("models", "openai"))
        os.rename(self.model(), self.path("models", "openai", "clip-vit-base-patch32"))
        env = {"FOVEA_MODELS": self.path("models")}
        self.sql("GET THANOSQL MODEL tutorial_search_clip OPTIONS (overwrite=True) AS tutorial_search_clip", **env)
        self.sql("GET THANOSQL MODEL clip OPTIONS (model_name='mine')", **env)
        rows = {r["name"]: r["class_name"] for r in json.loads(
            self.ok("sql", "w.db", "--json", "-c", "SELECT * FROM (LIST MODEL)", **env))}
        self.assertEqual(rows["tutorial_search_clip"], "CLIPEn")
        self.assertEqual(rows["mine"], "CLIP")
        self.assertEqual(rows["openai/clip-vit-base-patch32"], "CLIP")
        self.fails("sql", "w.db", "-c", "GET THANOSQL MODEL clip AS mine", says=["overwrite=True"], **env)
        self.pictures(2)
        self.sql("CREATE TABLE p AS SELECT path AS image_path FROM picture_files('pictures')", **env)
        out = self.ok("sql", "w.db", "--csv", "-c",
                      "SEARCH IMAGE text='a cat' USING mine AS SELECT * FROM p", **env)
        self.assertEqual(len(out.splitlines()), 3)
        self.sql("DELETE MODEL mine", **env)
        self.fails("sql", "w.db", "-c", "SEARCH IMAGE text='a cat' USING mine AS SELECT * FROM p",
                   says=["mine"], **env)
        self.fails("sql", "w.db", "-c", "DELETE MODEL mine", says=["there is no model mine"], **env)

    def test_upload(self):
        self.model()
        self.sql("UPLOAD MODEL own OPTIONS (framework='pytorch') FROM 'tiny'")
        self.assertIn("own\tUser_PyTorch", self.sql("LIST MODEL"))
        self.fails("sql", "w.db", "-c", "UPLOAD MODEL b OPTIONS (framework='keras') FROM 'tiny'",
                   says=["framework must be 'pytorch', not 'keras'"])
        self.fails("sql", "w.db", "-c", "UPLOAD MODEL b FROM 'nowhere'", says=["there is no folder nowhere"])

    def test_what_cant_be_had(self):
        self.fails("sql", "w.db", "-c", "GET THANOSQL MODEL whisper_l", says=["no model of pictures"])
        self.fails("sql", "w.db", "-c", "BEGIN; GET THANOSQL MODEL clip", says=["inside a transaction"])

    def test_lists(self):
        self.sql("CREATE TABLE a(x); CREATE TABLE b(x)")
        self.assertEqual(self.sql("LIST TABLE"), "a\nb\n")
        self.assertEqual(self.sql("SELECT count(*) AS n FROM (LIST TABLE) WHERE table_name > 'a'"), "1\n")
        self.assertIn("clip\tCLIP", self.sql("LIST THANOSQL MODEL"))
        self.assertIn("diet_data\timage", self.sql("LIST THANOSQL DATASET"))


if __name__ == "__main__":
    harness.main()
