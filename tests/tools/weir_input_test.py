"""Bad input to the subcommands that run alone: one clear report and exit code 2."""

import os
import subprocess

from weir_process import WEIR, WeirTest, main, weir


class Output(WeirTest):
    def test_that_finds_no_room_is_told(self):
        with open("/dev/full", "w") as full:
            outcome = subprocess.run([WEIR, "policies"], stdout=full, stderr=subprocess.PIPE,
                                     text=True, timeout=60)
        self.assertEqual(outcome.returncode, 2, outcome.stderr)
        self.assertIn("the output could not be written", outcome.stderr)


class Machine(WeirTest):
    def test_of_a_file_that_is_no_description_is_refused(self):
        os.mkfifo(self.path("pipe.xml"))
        endless = self.write("endless.xml", "")
        os.truncate(endless, 1 << 40)
        for path, word in [("/dev/zero", "not a plain file"), (self.folder, "not a plain file"),
                           (self.path("pipe.xml"), "not a plain file"), (endless, "at most"),
                           (self.write("noise.xml", os.urandom(5000)), "noise.xml")]:
            with self.subTest(path=path):
                self.assert_refused(weir("topology", "--xml", path), path, word)


    def test_for_an_impossible_number_of_ranks_is_refused(self):
        for ranks in ("0", "1e9", "two"):
            self.assert_refused(weir("topology", "--ranks", ranks), ranks, "from 1 to 65536")


class Streams(WeirTest):
    def test_of_a_trace_that_is_no_file_are_refused(self):
        os.mkfifo(self.path("pipe.csv"))
        for path in (self.path("pipe.csv"), "/dev/zero", self.folder):
            with self.subTest(path=path):
                self.assert_refused(weir("streams", "--trace", path), path)

    def test_with_values_out_of_range_are_told_the_range(self):
        for option, value, needed in [("--rate", "1e300", "from 0.000001 to 100000000"),
                                      ("--duration", "1e300", "from 0.000001 to 10000000 s"),
                                      ("--time-scale", "0", "to 1000000000"),
                                      ("--seed", "-1", "from 0 to 9000000000000000")]:
            with self.subTest(option=option):
                self.assert_refused(weir("streams", option, value), value, needed)

    def test_with_an_option_without_effect_are_warned(self):
        outcome = weir("streams", "--stream", "iot", "--time-scale", "2")
        self.assertEqual(outcome.code, 0, outcome.stderr)
        self.assertEqual(outcome.said(), [
            "weir-streams: warning: --time-scale has no effect without --trace"])


if __name__ == "__main__":
    main(at_once=3)
