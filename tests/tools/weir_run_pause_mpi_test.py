"""`weir run --resume`: a run that is paused by SIGUSR1 goes on where it stopped."""

import json
import os
import signal

from weir_process import WEIR, Started, WeirTest, main, record_of, run, start_run

TO_BE_CONTINUED = 75
# Sensors in step: many tasks are due at one instant. All homes submit.
STREAMS = ["--stream", "iot", "--stream", "social", "--rate", "400", "--seed", "5"]
WORK = [*STREAMS, "--duration", "6s", "--json"]
# What must be as if nothing had happened.
TOTALS = ("submitted", "completed", "failed", "dropped")


def content_of(path):
    with open(path, "rb") as file:
        return file.read()


class Pause(WeirTest):
    def setUp(self):
        super().setUp()
        self.file = self.path("run.position")

    def position(self):
        with open(self.file, encoding="ascii") as file:
            return json.load(file)

    def pause(self, ranks, *arguments, rank=None, seconds=0.7, command=start_run):
        """SIGUSR1 to one rank, or to mpirun, which passes it on to all."""
        started = command(ranks, *arguments, "--resume", self.file, "--progress")
        started.wait_until_run_lasts(seconds)
        if rank is None:
            started.process.send_signal(signal.SIGUSR1)
        else:
            started.signal_rank(rank, signal.SIGUSR1)
        outcome = started.outcome()
        self.assertEqual(outcome.code, TO_BE_CONTINUED, outcome.stderr)
        result = outcome.json()
        self.assertFalse(result["interrupted"])
        tasks = result["tasks"]
        self.assertEqual(tasks["completed"] + tasks["failed"], tasks["submitted"])
        position = self.position()
        self.assertEqual(position["stream_time_s"], result["continues_at_s"])
        self.assertEqual(position["digest"], result["digest"])
        return result

    def assert_same_totals(self, result, whole):
        for name in TOTALS:
            self.assertEqual(result["tasks"][name], whole["tasks"][name], name)
        self.assertEqual(result["digest"], whole["digest"])
        for name, of_class in whole["classes"].items():
            for total in ("completed", "failed", "dropped"):
                self.assertEqual(result["classes"][name][total], of_class[total], name)

    def test_goes_on_with_other_numbers_of_ranks_to_the_same_totals(self):
        whole = self.assert_completed(run(2, *WORK))
        first = self.pause(2, *WORK)
        second = self.pause(3, *WORK, rank=2)
        self.assertGreater(second["tasks"]["submitted"], first["tasks"]["submitted"])
        self.assertGreater(second["continues_at_s"], first["continues_at_s"])
        self.assertEqual(second["resumed"]["tasks"], first["tasks"]["submitted"])
        last = self.assert_completed(run(1, *WORK, "--resume", self.file))
        self.assertEqual(last["resumed"]["parts"], 2)
        self.assert_same_totals(last, whole)
        self.assertFalse(os.path.exists(self.file), "there is nothing to be continued")

    # The home of the rank that was told is behind the others then: they agree on the farthest.
    def test_of_homes_that_are_not_equally_far_loses_no_task(self):
        work = [*WORK, "--max-in-flight", "4", "--work-scale", "4", "--inject-failures", "0.1"]
        whole = self.run_whole(2, *work)
        self.pause(3, *work, rank=1)
        self.assert_same_totals(self.run_whole(2, *work, "--resume", self.file), whole)

    def run_whole(self, ranks, *arguments):
        outcome = run(ranks, *arguments)
        self.assertEqual(outcome.code, 0, outcome.stderr)
        return outcome.json()

    def test_passes_through_the_launcher(self):
        launch = lambda ranks, *arguments: Started(
            [WEIR, "launch", "-n", str(ranks), "--", "run", *arguments])
        self.pause(2, *WORK, command=launch)
        self.assertEqual(self.position()["parts"], 1)

    def test_stays_where_it_was_when_the_next_part_is_interrupted(self):
        self.pause(2, *WORK)
        before = content_of(self.file)
        started = start_run(2, *WORK, "--resume", self.file, "--progress")
        started.wait_until_run_lasts(0.5)
        started.signal_rank(1, signal.SIGTERM)
        self.assertEqual(started.outcome().code, 130)
        self.assertEqual(content_of(self.file), before)

    def test_keeps_the_load_that_was_measured(self):
        work = [*STREAMS[:4], "--load", "0.2", "--duration", "4s", "--seed", "5", "--json"]
        first = self.pause(2, *work)
        last = self.assert_completed(run(2, *work, "--resume", self.file))
        self.assertEqual(last["offered_per_s"], first["offered_per_s"])

    def test_gives_each_part_a_record_of_its_own(self):
        record = self.path("run.h5")
        first = self.pause(2, *WORK, "--record", record)
        last = self.assert_completed(run(2, *WORK, "--record", record, "--resume", self.file))
        tasks = [record_of(path)["tables"]["tasks"] for path in (record, self.path("run.part2.h5"))]
        self.assertEqual(tasks[0], first["tasks"]["submitted"])
        self.assertEqual(sum(tasks), last["tasks"]["submitted"])


class Position(WeirTest):
    def test_of_other_streams_is_refused_by_all_ranks_at_once(self):
        file = self.write("run.position", json.dumps(
            {"weir_position": 1, "settings": "--stream iot --seed 4"}))
        before = content_of(file)
        self.assert_refused(run(3, *WORK, "--resume", file), "--seed 4", "--seed 5", file)
        self.assertEqual(content_of(file), before)

    def test_that_is_none_is_refused_and_stays(self):
        file = self.write("run.position", b"\x00torn")
        self.assert_refused(run(2, *WORK, "--resume", file), "not the position of a run", file)
        self.assertEqual(content_of(file), b"\x00torn")

    def test_of_a_run_that_goes_on_is_refused_to_others(self):
        file = self.path("run.position")
        work = [*STREAMS, "--duration", "60s", "--json", "--resume", file]
        first = start_run(1, *work, "--progress")
        first.wait_until_run_lasts(0.2)
        self.assert_refused(run(2, *work), "another run")
        first.signal_rank(0, signal.SIGUSR1)
        outcome = first.outcome()
        self.assertEqual(outcome.code, TO_BE_CONTINUED, outcome.stderr)
        self.assertEqual(os.listdir(self.folder), ["run.position"])

    def test_that_cannot_be_kept_is_refused_before_anything_runs(self):
        self.assert_refused(run(2, *WORK, "--resume", self.path("no/run.position")),
                            "cannot be kept")


if __name__ == "__main__":
    main(at_once=3)
