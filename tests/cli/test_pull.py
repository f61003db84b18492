"""test_pull.py - fovea pull and models: from a folder, from a mirror, over loopback HTTP that breaks off."""

import hashlib
import http.server
import os
import re
import shutil
import threading

import harness


class Server(http.server.ThreadingHTTPServer):
    """Serves a folder with ranges. break_after: bytes after which a weights file's answer breaks off, once."""

    def __init__(self, root, break_after=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.root, self.break_after = root, break_after
        self.asked = []  # (path, range header)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        want = self.headers.get("Range")
        self.server.asked.append((self.path, want))
        path = os.path.join(self.server.root, self.path.lstrip("/"))
        if not os.path.isfile(path):
            self.send_error(404)
            return
        with open(path, "rb") as f:
            data = f.read()
        first = int(re.match(r"bytes=(\d+)-", want).group(1)) if want else 0
        if first >= len(data) > 0:
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(data)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if want else 200)
        self.send_header("Content-Length", str(len(data) - first))
        if want:
            self.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
        self.end_headers()
        body = data[first:]
        if self.server.break_after is not None and self.path.endswith(".safetensors"):
            body, self.server.break_after = body[:self.server.break_after], None
            self.close_connection = True
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Pull(harness.Case):
    def serve(self, **how):
        self.model()
        server = Server(self.dir, **how)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server

    def names(self):
        return [m["name"] for m in self.json("models") if m["note"] == "here" or m["dim"]]

    def kept(self, name):
        return self.path("data", "fovea", "models", name)

    def check_kept(self, name):
        for file in ("config.json", "model.safetensors", "vocab.json", "merges.txt"):
            with open(os.path.join(self.model(), file), "rb") as a, open(os.path.join(self.kept(name), file), "rb") as b:
                self.assertEqual(a.read(), b.read(), file)
        self.assertIn(name, self.names())

    def test_from_a_folder(self):
        out = self.ok("pull", self.model(), "--name", "mine/tiny")
        self.assertEqual(out, f"mine/tiny\t{self.kept('mine/tiny')}\n")
        self.check_kept("mine/tiny")
        self.pictures(2)
        shutil.rmtree(self.path("tiny"))
        self.ok("index", "pictures", "--db", "a.db", "--model", "mine/tiny")
        self.assertEqual(len(self.json("search", "x", "--db", "a.db")), 2)

    def test_over_http(self):
        server = self.serve()
        self.ok("pull", server.url + "/tiny")
        self.check_kept("tiny")

    def test_a_broken_download_goes_on(self):
        server = self.serve(break_after=5000)
        self.ok("pull", server.url + "/tiny")
        self.check_kept("tiny")
        ranges = [want for path, want in server.asked if path.endswith("model.safetensors")]
        self.assertIn("bytes=5000-", ranges)

    def test_from_a_mirror(self):
        os.makedirs(self.path("mirror", "openai"))
        shutil.copytree(self.model(), self.path("mirror", "openai", "clip-vit-base-patch32"))
        self.ok("pull", "ViT-B/32", "--mirror", self.path("mirror"))
        self.check_kept("openai/clip-vit-base-patch32")
        server = Server(self.path("mirror"))
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        shutil.rmtree(self.path("data"))
        self.ok("pull", "openai/clip-vit-base-patch32", FOVEA_MIRROR=server.url)
        self.check_kept("openai/clip-vit-base-patch32")

    def test_the_hash_is_checked(self):
        with open(os.path.join(self.model(), "model.safetensors"), "rb") as f:
            digest = hashlib.sha256(f.read()).hexdigest()
        self.fails("pull", self.model(), "--name", "a", "--sha256", "0" * 64, says=digest)
        self.assertFalse(os.path.exists(self.kept("a")))
        self.ok("pull", self.model(), "--name", "a", "--sha256", digest)

    def test_what_cannot_be_had(self):
        server = self.serve()
        self.fails("pull", server.url + "/nothing", says="nothing")
        self.fails("pull", self.path("nowhere"), says="nowhere")
        self.fails("pull", "a b", says="a b")
        dead = Server(self.dir)
        dead.shutdown()
        dead.server_close()
        self.fails("pull", dead.url + "/tiny", says="127.0.0.1")
        os.mkdir(self.path("hollow"))
        self.fails("pull", self.path("hollow"), says="config.json")

    def test_a_model_that_does_not_open_is_not_kept(self):
        broken = self.path("broken")
        shutil.copytree(self.model(), broken)
        with open(os.path.join(broken, "model.safetensors"), "r+b") as f:
            f.truncate(3000)
        self.fails("pull", broken, says="cut short")
        self.assertNotIn("broken", self.names())

    def test_models_lists_what_is_here_and_what_could_be(self):
        models = {m["name"]: m for m in self.json("models")}
        self.assertIn("openai/clip-vit-base-patch32", models)
        self.assertIn("mini", models)

    def test_doctor_is_well(self):
        checks = self.json("doctor")
        self.assertEqual([c for c in checks if c["status"] == "bad"], [])
        self.assertLessEqual({"cpu", "kernels", "threads", "model"}, {c["check"] for c in checks})
        db, _ = self.indexed(2)
        self.assertIn("vectors", {c["check"] for c in self.json("doctor", "--db", db)})
        self.fails("doctor", "--db", "missing.db", says="missing.db")


if __name__ == "__main__":
    harness.main()
