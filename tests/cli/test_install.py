"""test_install.py - what `make install` puts down works elsewhere: program, library, header, model."""

import json
import os
import shutil
import subprocess
import unittest

import harness
import test_extension

BUILD = os.environ.get("FOVEA_BUILD")
PROGRAM = r"""
#include <fovea.h>
#include <stdio.h>
int main(void)
{
    struct fovea *f;
    struct fovea_stmt *s;
    if (fovea_open(":memory:", FOVEA_OPEN_CREATE, &f) != FOVEA_OK) return 1;
    if (fovea_prepare(f, "SELECT 6 * ?1", -1, &s, NULL) != FOVEA_OK) return 2;
    if (fovea_bind_int(s, 1, 7) != FOVEA_OK || fovea_step(s) != FOVEA_ROW) return 3;
    printf("%lld\n", (long long)fovea_column_int(s, 0));
    fovea_finalize(s);
    fovea_close(f);
    return 0;
}
"""


@unittest.skipUnless(BUILD and shutil.which("cc") and shutil.which("pkg-config"), "no build folder or compiler")
class Install(harness.Case):
    def setUp(self):
        super().setUp()
        self.prefix = self.path("prefix")
        subprocess.run(["cmake", "--install", BUILD, "--prefix", self.prefix], check=True, stdout=-3)

    def sanitized(self):
        with open(os.path.join(BUILD, "CMakeCache.txt"), encoding="utf-8") as f:
            return any(line.startswith("FOVEA_SANITIZE") and line.strip()[-1] != "=" and "OFF" not in line
                       for line in f)

    def test_the_program_finds_its_model_beside_it(self):
        fovea = os.path.join(self.prefix, "bin", "fovea")
        done = subprocess.run([fovea, "models", "--json"], env=self.env, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        dirs = {m["name"]: m["dir"] for m in json.loads(done.stdout)}
        self.assertEqual(os.path.realpath(dirs["mini"]), os.path.join(self.prefix, "share/fovea/models/mini"))

    def test_a_program_links_with_pkg_config(self):
        if self.sanitized():
            self.skipTest("a sanitized library needs a sanitized program")
        lib = os.path.join(self.prefix, "lib")
        with open(self.path("app.c"), "w", encoding="utf-8") as f:
            f.write(PROGRAM)
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "fovea"], check=True, capture_output=True,
                               text=True, env={**os.environ, "PKG_CONFIG_PATH": os.path.join(lib, "pkgconfig")})
        subprocess.run(["cc", "-Wall", "-Werror", "app.c", "-o", "app", *flags.stdout.split()], check=True,
                       cwd=self.dir)
        done = subprocess.run(["./app"], cwd=self.dir, env={**self.env, "LD_LIBRARY_PATH": lib},
                              capture_output=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout), (0, b"42\n"), done.stderr)

    def test_the_extension_finds_its_model_beside_it(self):
        if not test_extension.HOSTS or self.sanitized():
            self.skipTest("nothing here loads extensions of SQLite")
        load = os.path.join(self.prefix, "lib", "fovea0")
        sql = f".load {load}\nSELECT dir FROM fovea_models() WHERE name = 'mini';\n"
        for host in test_extension.HOSTS:
            done = subprocess.run([*host, ":memory:"], input=sql, env=self.env, capture_output=True, text=True,
                                  timeout=60)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertEqual(os.path.realpath(done.stdout.strip()), os.path.join(self.prefix, "share/fovea/models/mini"))

    def test_the_library_shows_only_its_own_names(self):
        lib = os.path.join(self.prefix, "lib", "libfovea.so")
        out = subprocess.run(["nm", "-D", "--defined-only", lib], check=True, capture_output=True, text=True)
        names = [line.split()[-1] for line in out.stdout.splitlines()]
        self.assertGreater(len(names), 20)
        self.assertEqual([n for n in names if not n.startswith("fovea_") and not n.startswith("__")], [])


if __name__ == "__main__":
    harness.main()
