"""Bad input to the subcommands that run alone: one clear report and exit code 2."""

import os

from weir_process import WeirTest, main, weir


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


class Streams(WeirTest):
    def test_of_a_trace_that_is_no_file_are_refused(self):
        os.mkfifo(self.path("pipe.csv"))
        for path in (self.path("pipe.csv"), "/dev/zero", self.folder):
            with self.subTest(path=path):
                self.assert_refused(weir("streams", "--trace", path), path)


if __name__ == "__main__":
    main()
