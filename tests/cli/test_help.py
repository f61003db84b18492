"""test_help.py - the words of the program about itself, and what it says to a command line it can't follow."""

import harness

COMMANDS = ["index", "search", "sql", "models", "pull", "datasets", "errors", "doctor", "help", "version"]


class Help(harness.Case):
    def test_the_list_names_every_command(self):
        for args in ([], ["help"], ["--help"], ["-h"]):
            out = self.ok(*args)
            for command in COMMANDS:
                self.assertIn(f"\n  {command} ", out)

    def test_every_command_has_help(self):
        for command in COMMANDS:
            out = self.ok("help", command)
            self.assertTrue(out.startswith(f"usage: fovea {command}"))
            self.assertIn("--help", out)
            self.assertEqual(self.ok(command, "--help"), out)
            self.assertEqual(self.ok(command, "-h"), out)
            self.assertLessEqual(max(map(len, out.split("\n"))), 120)

    def test_version(self):
        self.assertRegex(self.ok("version"), r"^fovea \d+\.\d+\.\d+\n$")
        self.assertEqual(self.ok("--version"), self.ok("version"))

    def test_unknown_words_are_named_with_the_nearest(self):
        self.fails("serach", "x", says=["no command \"serach\"", "fovea search"])
        self.fails("zzz", says=["no command \"zzz\"", "fovea help"])
        self.fails("help", "idnex", says="fovea index")
        self.fails("--json", "search", says="a command comes before options")
        self.fails("search", "x", "--relevent", says=["--relevent", "--relevant"])
        self.fails("index", "--where", "1", ".", says="fovea index has no option --where")
        self.fails("search", "x", "-z", says="-z")

    def test_words_too_few_and_too_many(self):
        self.fails("index", says="usage: fovea index DIR...")
        self.fails("search", says="usage: fovea search QUERY")
        self.fails("pull", says="usage: fovea pull")
        self.fails("models", "a", says="one word too many")
        self.fails("sql", "a", "b", says="\"b\" is one word too many")

    def test_values_are_checked(self):
        for bad in ("0", "-1", "x", "1e3", "99999999"):
            self.fails("search", "x", "-n", bad, says="--count is a number from 1 to 1000000")
        self.fails("search", "x", "--json", "--csv", says="choose one")
        self.fails("search", "x", "--db", says="--db needs a value")
        self.fails("search", "x", "--json=1", says="--json takes no value")

    def test_a_control_character_in_an_error_is_shown_not_sent(self):
        err = self.fails("\x1b[2J", says="\\x1b[2J")
        self.assertNotIn("\x1b", err)


if __name__ == "__main__":
    harness.main()
