"""Every subcommand of weir explains itself when it is asked to."""

from weir_process import WeirTest, main, weir

SUBCOMMANDS = ["run", "exec", "launch", "topology", "streams", "policies", "simulate", "bounds",
               "compare", "tune", "explain", "train", "evaluate"]


class Help(WeirTest):
    def assert_helps(self, *arguments, naming):
        outcome = weir(*arguments)
        self.assertEqual((outcome.code, outcome.stderr), (0, ""), arguments)
        self.assertIn(naming, outcome.stdout)

    def test_names_every_subcommand(self):
        for word in ("--help", "-h", "help"):
            for subcommand in SUBCOMMANDS:
                self.assert_helps(word, naming=f"\n  {subcommand}")

    def test_is_had_from_every_subcommand(self):
        for subcommand in SUBCOMMANDS:
            for arguments in ([subcommand, "--help"], [subcommand, "-h"], ["help", subcommand]):
                self.assert_helps(*arguments, naming=f"weir {subcommand}")

    def test_comes_before_complaints_about_values(self):
        self.assert_helps("run", "--rate", "fast", "--help", naming="--rate")
        self.assert_helps("topology", "--ranks", "0", "--help", naming="--ranks")
        self.assert_helps("streams", "--fit", "--help", naming="--fit")

    def test_of_something_unknown_is_refused(self):
        self.assert_refused(weir("help", "sleep"), "sleep")
        self.assert_refused(weir("policies", "fast"), "fast")


if __name__ == "__main__":
    main()
