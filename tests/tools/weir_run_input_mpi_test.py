"""Bad input to `weir run`: one clear report, exit code 2 before any work, nothing left behind."""

import gzip
import os

from weir_process import Started, WeirTest, main, mpirun_command, run

HEADER = "t_ns,exch_ms,type,bytes,levels,price,qty\n"
# Nothing is under way yet that mpirun should leave a second to end.
AT_ONCE = {"OMPI_MCA_odls_base_sigkill_timeout": "0"}
WORK = ["--stream", "iot", "--duration", "300ms"]


class BadInput(WeirTest):
    def assert_run_refused(self, arguments, *words, variables=None):
        """On two ranks, with nothing new in the folder."""
        before = self.files()
        variables = {**AT_ONCE, **(variables or {})}
        self.assert_refused(run(2, *arguments, variables=variables), *words)
        self.assertEqual(self.files(), before)

    def files(self):
        return {os.path.join(folder, name): os.stat(os.path.join(folder, name)).st_size
                for folder, _, names in os.walk(self.folder) for name in names}

    def test_unknown_names(self):
        record = ["--record", self.path("run.h5")]
        for arguments, word in [(WORK + ["--policy", "fastest"], "fastest"),
                                (WORK + ["--policy", "oracle"], "simulations only"),
                                (WORK + ["--capacity", "perfect"], "simulations only"),
                                (["--stream", "weather"], "weather"),
                                (WORK + ["--plan-demand", "perfect"], "simulations only"),
                                (WORK + ["--plan-demand", "guessed"], "guessed"),
                                (WORK + ["--plan-demand", "forecast", "--capacity-weights",
                                         "no/such.h5"], "no/such.h5"),
                                (WORK + ["--queue-order", "iot=lifo"], "lifo"),
                                (WORK + ["--queue-order", "weather=fifo"], "weather"),
                                (["--stream", "weather", "--load", "0.5"], "weather"),
                                (WORK + ["--polcy", "random"], "--polcy"),
                                (["finance"], "weir run --help")]:
            with self.subTest(arguments=arguments):
                self.assert_run_refused(arguments + record, word)

    def test_values_out_of_range(self):
        self.assert_run_refused(WORK + ["--rate", "-5"], "--rate", "-5")
        self.assert_run_refused([], "--stream")

    def test_values_out_of_range_are_told_the_range(self):
        for option, value, needed in [
                ("--rate", "1e300", "from 0.000001 to 100000000"),
                ("--duration", "1e300", "from 0.000001 to 10000000 s"),
                ("--duration", "1e-12", "from 0.000001 to 10000000 s"),
                ("--work-scale", "100000", "from 0.000001 to 10000"),
                ("--workers", "5000", "a whole number from 1 to 4096"),
                ("--report-interval", "2h", "from 0.001 to 3600 s"),
                ("--emulate", "nodes=2x1e300*2", "a speed from 0.000001 to 1000000"),
                ("--emulate", "nodes=2x1*2;work_ms=1e300", "from 0.000001 to 1000000000"),
                ("--emulate", "nodes=2x1*1000000,2x1*1000000", "1 to 1048576")]:
            with self.subTest(option=option, value=value):
                arguments = ["--stream", "iot", option, value]
                self.assert_run_refused(arguments, option, needed)

    def test_configuration_that_is_malformed_or_missing(self):
        self.assert_run_refused(WORK + ["--config", self.write("torn.ini", "policy random\n")],
                                "policy random")
        self.assert_run_refused(WORK + ["--config", self.path("missing.ini")], "missing.ini")
        self.assert_run_refused(WORK, "WEIR_POLICE", variables={"WEIR_POLICE": "random"})

    def test_configuration_that_is_no_text_file_of_sensible_size(self):
        os.mkfifo(self.path("pipe.ini"))
        for path, word in [("/dev/zero", "not a plain file"),
                           (self.path("pipe.ini"), "not a plain file"),
                           (self.folder, "not a plain file"),
                           (self.write("binary.ini", b"seed = 1\n\0\1\2"), "binary"),
                           (self.write("large.ini", "# a remark\n" * 100000), "1048576 bytes")]:
            with self.subTest(path=path):
                self.assert_run_refused(WORK + ["--config", path], path, word)

    def test_emulation_that_is_malformed(self):
        for spec in ("nodes=24x", "paper51", "nodes=2x1*3;work_ms=-5", "nodes=2x1*3;colour=red",
                     "nodes=2x1*3;size_c2=4", ""):
            with self.subTest(spec=spec):
                self.assert_run_refused(WORK + ["--emulate", spec])

    def test_record_that_cannot_be_written(self):
        foreign = self.write("notes.txt", "not a run file\n")
        self.assert_run_refused(WORK + ["--record", self.path("missing/run.h5")], "missing")
        self.assert_run_refused(WORK + ["--record", self.folder], self.folder)
        self.assert_run_refused(WORK + ["--record", foreign], "notes.txt")
        with open(foreign, encoding="ascii") as file:
            self.assertEqual(file.read(), "not a run file\n")

    def test_traces_that_are_torn_or_wrong(self):
        packed = gzip.compress((HEADER + "1,2,B,180,1,,\n" * 5000).encode())
        record = ["--record", self.path("run.h5")]
        for name, content, word in [
                ("cut.csv.gz", packed[:len(packed) // 2], "cut.csv.gz"),
                ("columns.csv", "colour,taste\n1,2\n", "columns.csv"),
                ("short.csv", HEADER + "1,2,B,180,1,,\n7,8\n", "short.csv, line 3"),
                ("negative.csv", HEADER + "-3,2,B,180,1,,\n", "negative.csv, line 2"),
                ("empty.csv", "", "empty.csv")]:
            with self.subTest(name=name):
                self.assert_run_refused(["--trace", self.write(name, content)] + record, word)
        self.assert_run_refused(["--trace", self.path("none.csv")] + record, "none.csv")

    def test_traces_that_are_no_files(self):
        os.mkfifo(self.path("pipe.csv"))
        for path, word in [(self.path("pipe.csv"), "a pipe or a device"),
                           ("/dev/zero", "a pipe or a device"), (self.folder, "a folder")]:
            with self.subTest(path=path):
                self.assert_run_refused(["--trace", path], path, word)


class RanksThatDiffer(WeirTest):
    def assert_ranks_refused(self, first, second, *words):
        command = mpirun_command((1, "run", *WORK, *first), (1, "run", *WORK, *second))
        self.assert_refused(Started(command).outcome(), *words)
        self.assertEqual(os.listdir(self.folder), [])

    def test_in_an_option_are_told_which(self):
        self.assert_ranks_refused(["--policy", "random"], ["--policy", "round_robin"],
                                  "random", "round_robin", "rank 1")
        self.assert_ranks_refused(["--rate", "100"], ["--rate", "100.0001"], "--rate 100.0001")
        self.assert_ranks_refused(["--plan-demand", "forecast"], [], "--plan-demand forecast")

    def test_in_whether_they_record_are_told(self):
        self.assert_ranks_refused([], ["--record", self.path("run.h5")], "run.h5")

    def test_in_that_only_one_has_bad_options_are_told_what_is_bad(self):
        self.assert_ranks_refused([], ["--policy", "fastest"], "fastest", "rank 1")
        self.assert_ranks_refused(["--record", self.path("missing/run.h5")], [], "missing")


class OptionsWithoutEffect(WeirTest):
    def assert_warned_of(self, arguments, *words):
        """The run works, and says one thing about its options."""
        outcome = run(2, *arguments, "--json", variables={"WEIR_QUIET": "1"})
        self.assert_completed(outcome)
        warnings = [line for line in outcome.said() if "share" not in line or "--" in line]
        self.assertEqual(len(warnings), 1, outcome.stderr)
        for word in ("weir-run: warning: ", *words):
            self.assertIn(word, warnings[0])

    def test_are_told(self):
        trace = ["--trace", self.write("t.csv", HEADER + "1000000,2,B,180,1,,\n" * 20)]
        emulation = ["--emulate", "nodes=2x1*2;work_ms=1"]
        for arguments, words in [
                (WORK + ["--time-scale", "2"], ["--time-scale", "without --trace"]),
                (trace + ["--rate", "100"], ["--rate", "without --stream"]),
                (trace + ["--load", "0.5", "--time-scale", "2"], ["--time-scale", "with --load"]),
                (WORK + ["--record-share", "0.5"], ["--record-share", "without --record"]),
                (WORK + emulation + ["--retries", "2"], ["--retries", "with --emulate"]),
                (WORK + ["--progress"], ["--progress", "with --quiet"]),
                (WORK + ["--dispatchers", "3"], ["--dispatchers 3", "2 ranks", "all of them"])]:
            with self.subTest(arguments=arguments):
                self.assert_warned_of(arguments, *words)

    def test_emulated_nodes_of_another_number_than_the_ranks_are_told(self):
        self.assert_warned_of(WORK + ["--rate", "10", "--emulate", "paper50"], "50 nodes for 2 ranks",
                              "only the first 2")
        self.assert_warned_of(WORK + ["--rate", "10", "--emulate", "nodes=2x1*1"], "1 node for 2 ranks",
                              "start again with the first")


if __name__ == "__main__":
    main(at_once=3)
