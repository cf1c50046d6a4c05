"""`weir run --ledger`: a run that was killed or stopped goes on where it was."""

import functools
import os
import random
import signal
import sqlite3
import time

from weir_process import WEIR, Started, WeirTest, main, record_of, run, start_run

TO_BE_CONTINUED = 75
STREAMS = ["--stream", "iot", "--stream", "social", "--rate", "400", "--seed", "5"]
WORK = [*STREAMS, "--duration", "3s", "--inject-failures", "0.02", "--json"]
TRACE_HEADER = "t_ns,exch_ms,type,bytes,levels,price,qty\n"
# What must be as if nothing had happened.
TOTALS = ("submitted", "completed", "failed", "dropped")


@functools.cache
def whole(*work):
    """The result of a run that is never disturbed."""
    outcome = run(2, *work)
    if outcome.code != 0:
        raise AssertionError(outcome.stderr)
    return outcome.json()


def content_of(path):
    with open(path, "rb") as file:
        return file.read()


class LedgerTest(WeirTest):
    def setUp(self):
        super().setUp()
        self.ledger = self.path("ledger")

    def start(self, ranks, *work):
        return start_run(ranks, *work, "--ledger", self.ledger, "--progress")

    def kill(self, started, rank=None):
        """mpirun, or a rank, as a node that fails would: without a chance to say goodbye."""
        if rank is None:
            started.process.kill()
        else:
            started.signal_rank(rank, signal.SIGKILL)
        started.process.wait()

    def result_of(self, outcome, code=0):
        self.assertEqual(outcome.code, code, outcome.stderr)
        return outcome.json()

    def finish(self, ranks, *work):
        return self.result_of(run(ranks, *work, "--ledger", self.ledger))

    def assert_same_totals(self, result, expected):
        for name in TOTALS:
            self.assertEqual(result["tasks"][name], expected["tasks"][name], name)
        self.assertEqual(result["digest"], expected["digest"])
        for name, of_class in expected["classes"].items():
            for total in ("completed", "failed", "dropped"):
                self.assertEqual(result["classes"][name][total], of_class[total], name)


class Kill(LedgerTest):
    def test_at_random_moments_and_on_any_number_of_ranks_changes_no_total(self):
        seed = random.randrange(1 << 32)
        print("seed", seed)
        draw = random.Random(seed)
        for number, ranks in enumerate((2, 3, 1, 2)):
            started = self.start(ranks, *WORK)
            if number % 2 == 0:  # Sometimes before it runs at all.
                started.wait_until_run_lasts(draw.uniform(0.5, 1.2))
            else:
                time.sleep(draw.uniform(0.1, 1.5))
            self.kill(started, draw.randrange(ranks) if number == 2 else None)
        last = self.finish(3, *WORK)
        self.assertIn("resumed", last)
        self.assert_same_totals(last, whole(*WORK))

    def test_while_it_goes_on_from_a_kill_loses_and_doubles_nothing(self):
        started = self.start(3, *WORK)
        started.wait_until_run_lasts(1)
        self.kill(started)
        # It has read what there is by then, and some of the ranks write.
        for pause in (0, 0.03, 0.06, 0.1, 0.2):
            started = self.start(2, *WORK)
            started.wait_until_it_shows("goes on at")
            time.sleep(pause)
            self.kill(started)
        self.assert_same_totals(self.finish(2, *WORK), whole(*WORK))

    def test_of_homes_that_are_not_equally_far_loses_nothing(self):
        work = [*WORK, "--max-in-flight", "4", "--work-scale", "2"]
        for ranks in (3, 2):
            started = self.start(ranks, *work)
            started.wait_until_run_lasts(1)
            self.kill(started, rank=ranks - 1)
        self.assert_same_totals(self.finish(1, *work), whole(*work))

    def test_of_emulated_work_loses_nothing(self):
        work = ["--emulate", "nodes=3x1*4;work_ms=5", "--stream", "finance", "--rate", "1500",
                "--duration", "3s", "--json"]
        started = self.start(3, *work)
        started.wait_until_run_lasts(1)
        self.kill(started)
        self.assert_same_totals(self.finish(2, *work), whole(*work))

    def test_keeps_the_load_that_was_measured(self):
        work = [*STREAMS[:4], "--load", "0.2", "--duration", "3s", "--seed", "5", "--json"]
        started = self.start(2, *work)
        started.wait_until_run_lasts(1)
        self.kill(started)
        second = self.finish(1, *work)
        again = self.finish(2, *work)
        self.assertEqual(again["offered_per_s"], second["offered_per_s"])
        self.assert_same_totals(again, second)


class Stop(LedgerTest):
    def test_is_gone_on_from(self):
        for number, code in ((signal.SIGTERM, 130), (signal.SIGUSR1, TO_BE_CONTINUED)):
            started = self.start(2, *WORK)
            started.wait_until_run_lasts(0.6)
            started.signal_rank(1, number)
            stopped = self.result_of(started.outcome(), code)
            self.assertEqual(stopped["interrupted"], code == 130)
            self.assertEqual("continues_at_s" in stopped, code != 130)
            tasks = stopped["tasks"]
            self.assertEqual(tasks["completed"] + tasks["failed"], tasks["submitted"])
        last = self.finish(3, *WORK)
        self.assertEqual(last["resumed"]["tasks"], tasks["submitted"])
        self.assertEqual(last["resumed"]["parts"], 2)
        self.assert_same_totals(last, whole(*WORK))

    def test_passes_through_the_launcher(self):
        started = Started([WEIR, "launch", "-n", "2", "--", "run", *WORK, "--ledger", self.ledger,
                           "--progress"])
        started.wait_until_run_lasts(0.5)
        started.process.send_signal(signal.SIGUSR1)
        self.result_of(started.outcome(), TO_BE_CONTINUED)

    def test_gives_each_part_a_record_of_its_own(self):
        record = ["--record", self.path("run.h5")]
        started = self.start(2, *WORK, *record)
        started.wait_until_run_lasts(0.6)
        started.process.send_signal(signal.SIGUSR1)
        first = self.result_of(started.outcome(), TO_BE_CONTINUED)
        last = self.finish(2, *WORK, *record)
        tasks = [record_of(self.path(name))["tables"]["tasks"]
                 for name in ("run.h5", "run.part2.h5")]
        self.assertEqual(tasks[0], first["tasks"]["submitted"])
        self.assertEqual(sum(tasks), last["tasks"]["submitted"])


class End(LedgerTest):
    def test_is_told_again_and_nothing_is_done_twice(self):
        first = self.finish(2, *WORK)
        self.assertNotIn("resumed", first)
        for ranks in (2, 1):
            again = self.finish(ranks, *WORK)
            self.assert_same_totals(again, first)
            self.assertEqual(again["resumed"]["tasks"], first["tasks"]["submitted"])
            self.assertEqual(again["scheduling"]["decisions"], 0)
        tables = run(2, *[word for word in WORK if word != "--json"], "--ledger", self.ledger)
        self.assertEqual(tables.code, 0, tables.stderr)
        self.assertIn(f"{first['tasks']['submitted']} submitted", tables.stdout)


class Ledger(LedgerTest):
    def files(self):
        return {name: content_of(os.path.join(self.ledger, name))
                for name in sorted(os.listdir(self.ledger))}

    def begin(self, *work):
        started = self.start(2, *work)
        started.wait_until_run_lasts(1)
        self.kill(started)

    def test_of_other_streams_is_refused_by_all_ranks_at_once_and_stays(self):
        self.begin(*WORK)
        other = ["6" if word == "5" else word for word in WORK]
        self.assert_refused(run(3, *other, "--ledger", self.ledger), "of other work", "--seed 5",
                            "--seed 6")
        self.assertIn("resumed", self.finish(2, *WORK))

    def test_of_a_trace_that_has_changed_is_refused(self):
        def trace_of(rows):
            return self.write("t.csv", TRACE_HEADER + "".join(
                f"{1000000 * row},2,B,180,1,,\n" for row in range(rows)))

        work = ["--trace", trace_of(3000), "--json"]
        self.begin(*work)
        self.assertIn("resumed", self.finish(2, *work))
        trace_of(200)
        self.assert_refused(run(2, *work, "--ledger", self.ledger),
                            "the streams are not what they were")

    def test_that_is_torn_is_refused_and_stays(self):
        self.begin(*WORK)
        self.finish(2, *WORK)
        path = os.path.join(self.ledger, "rank.1.ledger")
        whole = content_of(path)
        for name in os.listdir(self.ledger):
            if name.startswith("rank.1.ledger-"):
                os.unlink(os.path.join(self.ledger, name))
        torn = whole[:len(whole) // 2 // 4096 * 4096 + 100]
        self.write("ledger/rank.1.ledger", torn)
        self.assert_refused(run(2, *WORK, "--ledger", self.ledger), "rank.1.ledger")
        self.assertEqual(content_of(path), torn)

    def test_with_a_row_that_is_no_copy_is_refused(self):
        self.finish(2, *WORK)
        path = os.path.join(self.ledger, "rank.1.ledger")
        with sqlite3.connect(path) as file:
            content = bytearray(file.execute("SELECT content FROM copies").fetchone()[0])
            content[100] ^= 1
            file.execute("UPDATE copies SET content = ?", (bytes(content),))
        file.close()
        self.assert_refused(run(2, *WORK, "--ledger", self.ledger), "damaged", "rank.1.ledger")

    def test_of_weir_exec_is_refused(self):
        outcome = Started([WEIR, "exec", "--ledger", self.ledger, "--", "echo", "{}", ":::", "a"])
        self.assertEqual(outcome.outcome().code, 0)
        self.assert_refused(run(2, *WORK, "--ledger", self.ledger), "of other work",
                            "commands of weir exec")

    def test_is_of_one_job_at_a_time(self):
        started = self.start(2, *STREAMS, "--duration", "60s", "--json")
        started.wait_until_run_lasts(0.3)
        self.assert_refused(run(2, *STREAMS, "--duration", "60s", "--ledger", self.ledger),
                            "in use", self.ledger)
        started.process.send_signal(signal.SIGUSR1)
        self.result_of(started.outcome(), TO_BE_CONTINUED)

    def test_that_cannot_be_made_is_refused(self):
        self.assert_refused(run(2, *WORK, "--ledger", self.path("no/ledger")), "cannot be used")

    def test_and_a_position_are_not_kept_both(self):
        self.assert_refused(run(2, *WORK, "--ledger", self.ledger, "--resume", self.path("file")),
                            "--resume and --ledger")


if __name__ == "__main__":
    main(at_once=3)
