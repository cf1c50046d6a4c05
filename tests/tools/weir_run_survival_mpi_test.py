"""`weir run --survive`: ranks die or stand still, and the others finish what all were to do."""

import os
import signal
import time

from weir_process import LIMIT_S, MPIRUN, WEIR, Started, WeirTest, main, mpirun_command, record_of
from weir_process import run, side_by_side, weir

STREAMS = ["--stream", "finance:poisson", "--stream", "iot:poisson", "--seed", "3", "--json"]
# Ranks 0 and 3 coordinate clusters, and rank 0 the whole. All are homes.
CLUSTERS = ["--emulate", "nodes=4x1*6;work_ms=20", "--cluster-size", "3", *STREAMS,
            "--rate", "200"]
SHORT = [*CLUSTERS, "--duration", "2s"]  # The end comes when the tasks of the dead are done.
LONG = [*CLUSTERS, "--duration", "9s"]  # Long enough to see that some are out.
COMPUTING = [*STREAMS, "--rate", "100", "--duration", "2s", "--workers", "1"]
STOPPED_S = 6


def launch(ranks, *arguments):
    return [WEIR, "launch", "-n", str(ranks), "--", "run", *arguments]


def mpirun_with_recovery(ranks, *arguments):
    command = mpirun_command((ranks, "run", *arguments))
    return [MPIRUN, "--enable-recovery", *command[1:]]


def is_there(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until_gone(pids):
    end = time.monotonic() + LIMIT_S
    while any(map(is_there, pids)):
        if time.monotonic() > end:
            raise AssertionError(f"ranks are left over: {pids}")
        time.sleep(0.05)


def troubled(trouble, ranks, work, how=launch):
    """What became of a run in which that has happened. No rank may be left over."""
    started = Started(how(ranks, *work, "--survive", "--progress"))
    started.wait_until_run_lasts(1)  # So that there are tasks everywhere, and copies of homes.
    pids = [started.rank_pid(rank) for rank in range(ranks)]
    trouble(started)
    outcome = started.outcome()
    wait_until_gone(pids)
    return outcome


def death_of(*ranks):
    """One after the other: the next one when all know that the one before is out."""
    def trouble(started):
        for number, rank in enumerate(ranks):
            if number > 0:
                started.wait_until_it_shows(f"rank {ranks[number - 1]} gives no sign of life")
            started.signal_rank(rank, signal.SIGKILL)
    return trouble


def standstill_of(rank):
    def trouble(started):
        started.signal_rank(rank, signal.SIGSTOP)
        time.sleep(STOPPED_S)  # The length of the fault.
        started.wait_until_it_shows(f"rank {rank} gives no sign of life")
        started.signal_rank(rank, signal.SIGCONT)
        started.wait_until_it_shows(f"rank {rank} was silent for too long")
    return trouble


def death_and_interrupt(rank):
    def trouble(started):
        death_of(rank)(started)
        started.wait_until_it_shows(f"rank {rank} gives no sign of life")
        started.process.send_signal(signal.SIGINT)
    return trouble


def names_of(ranks):
    return ("rank " if len(ranks) == 1 else "ranks ") + " and ".join(map(str, ranks))


class SurvivalTest(WeirTest):
    def assert_totals(self, outcome, whole):
        """As if nothing had happened."""
        result = self.assert_completed(outcome)
        for name in ("submitted", "completed", "failed", "dropped"):
            self.assertEqual(result["tasks"][name], whole["tasks"][name], name)
        self.assertEqual(result["digest"], whole["digest"])
        for name, of_class in whole["classes"].items():
            self.assertEqual(result["classes"][name]["completed"], of_class["completed"], name)
        return result

    def assert_ended_without(self, outcome, *dead):
        self.assertEqual(outcome.stderr.count(
            f"weir-run: ended without {names_of(dead)}: exit code {outcome.code}\n"), 1,
            outcome.stderr)

    def assert_told(self, outcome, *dead):
        """By whoever was the root then."""
        self.assertRegex(outcome.stderr, f"weir-run: {names_of(dead)} gives? no sign of life and "
                         r"(is|are) out at [0-9.]+ s; the others go on with the tasks\n")


class Death(SurvivalTest):
    def test_of_any_rank_changes_no_total(self):
        record = self.path("run.h5")
        outcomes = side_by_side({
            "whole": (run, 1, *SHORT),
            "node": (troubled, death_of(4), 6, [*SHORT, "--record", record]),
            "cluster coordinator": (troubled, death_of(3), 6, SHORT),
            "root": (troubled, death_of(0), 6, SHORT)})
        whole = self.assert_completed(outcomes.pop("whole"))
        for (name, outcome), dead in zip(outcomes.items(), (4, 3, 0), strict=True):
            with self.subTest(name):
                result = self.assert_totals(outcome, whole)
                self.assertEqual((result["ranks"], result["lost_ranks"]), (6, [dead]))
                self.assert_ended_without(outcome, dead)
        self.assert_recorded(record, whole)

    def assert_recorded(self, path, whole):
        """All that survivors have done, and the dead one before, but for what was not written yet
        and for what was done again."""
        record = record_of(path)
        self.assertFalse(record["segment"])
        self.assertEqual(record["ranks"], [0, 1, 2, 3, 4, 5])
        self.assertEqual(record["attributes"]["option_survive"], "1")
        rows = record["tables"]["tasks"]
        self.assertAlmostEqual(rows / whole["tasks"]["submitted"], 1, delta=0.1)

    def test_of_one_of_two_ranks_that_compute_changes_no_total(self):
        outcomes = side_by_side({
            "whole": (run, 1, *COMPUTING),
            "node": (troubled, death_of(1), 2, COMPUTING),
            "root": (troubled, death_of(0), 2, COMPUTING, mpirun_with_recovery)})
        whole = self.assert_completed(outcomes.pop("whole"))
        self.assert_totals(outcomes["node"], whole)
        self.assert_ended_without(outcomes["node"], 1)
        # mpirun has an exit code of its own.
        self.assertIn("weir-run: ended without rank 0: exit code 0\n", outcomes["root"].stderr)
        self.assertEqual(outcomes["root"].json()["digest"], whole["digest"])

    def test_leaves_a_run_that_can_be_interrupted(self):
        work = [*CLUSTERS, "--duration", "10min"]
        for name, outcome in side_by_side({
                "node": (troubled, death_and_interrupt(4), 6, work),
                "root": (troubled, death_and_interrupt(0), 6, work)}).items():
            with self.subTest(name):
                self.assertEqual(outcome.code, 130, outcome.stderr)
                result = outcome.json()
                self.assertTrue(result["interrupted"])
                tasks = result["tasks"]
                self.assertEqual(tasks["completed"] + tasks["failed"], tasks["submitted"])


class Loss(SurvivalTest):
    def test_of_one_rank_after_the_other_or_of_a_stopped_one_changes_no_total(self):
        losses = {"node, then root": (death_of(4, 0), (0, 4)),
                  "root, then its successor": (death_of(0, 1), (0, 1)),
                  "stopped node": (standstill_of(4), (4,)),
                  "stopped root": (standstill_of(0), (0,))}
        outcomes = side_by_side({
            "whole": (run, 1, *LONG),
            **{name: (troubled, trouble, 6, LONG) for name, (trouble, _) in losses.items()}})
        whole = self.assert_completed(outcomes.pop("whole"))
        for name, outcome in outcomes.items():
            with self.subTest(name):
                self.assert_totals(outcome, whole)
                self.assert_told(outcome, *losses[name][1])
                self.assert_ended_without(outcome, *losses[name][1])


class Ledger(SurvivalTest):
    def test_lets_a_run_go_on_that_had_lost_a_rank_when_all_were_killed(self):
        ledger = ["--survive", "--ledger", self.path("ledger")]
        started = Started(launch(6, *LONG, *ledger, "--progress"))
        started.wait_until_run_lasts(1)
        death_of(3)(started)
        started.wait_until_it_shows("rank 3 gives no sign of life")
        pids = [started.rank_pid(rank) for rank in range(6) if rank != 3]
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        started.outcome()
        again, whole = side_by_side({
            "again": (lambda: Started(launch(2, *LONG, *ledger)).outcome(),),
            "whole": (run, 1, *LONG)}).values()
        result = self.assert_totals(again, self.assert_completed(whole))
        self.assertEqual(result["ranks"], 2)


class RestartedHome(SurvivalTest):
    def test_changes_no_total_and_is_told_also_with_a_ledger(self):
        def death_of_home_and_heir(started):
            for pid in [started.rank_pid(rank) for rank in (1, 2)]:
                os.kill(pid, signal.SIGKILL)
        ledger = ["--ledger", self.path("ledger")]
        outcomes = side_by_side({
            "without": (troubled, death_of_home_and_heir, 6, SHORT),
            "with": (troubled, death_of_home_and_heir, 6, [*SHORT, *ledger]),
            "whole": (run, 1, *SHORT)})
        whole = self.assert_completed(outcomes.pop("whole"))
        for name, outcome in outcomes.items():
            with self.subTest(name):
                self.assert_totals(outcome, whole)
                self.assert_ended_without(outcome, 1, 2)
                self.assertIn("the tasks of the home of rank 1 were begun anew", outcome.stderr)
        # What the dead ones have written there does not count beside it.
        again = self.assert_totals(run(2, *SHORT, *ledger), whole)
        self.assertEqual(again["ranks"], 2)


class NobodyLeft(SurvivalTest):
    def test_is_told_by_the_launcher(self):
        def death_of_all(started):
            for pid in [started.rank_pid(rank) for rank in range(3)]:
                os.kill(pid, signal.SIGKILL)
        outcome = troubled(death_of_all, 3, [*STREAMS, "--rate", "50", "--duration", "10min"])
        self.assertEqual(outcome.code, 1, outcome.stderr)
        self.assertIn("weir-launch: the ranks did not say how it ended", outcome.stderr)


class Survival(SurvivalTest):
    def test_is_refused_where_a_rank_would_be_needed_in_its_place(self):
        options = {"--online": ["--online"], "--resume": ["--resume", self.path("position")],
                   "--capacity": ["--capacity", "reactive"],
                   "--suspect-after off": ["--suspect-after", "off"]}
        outcomes = side_by_side({name: (weir, "run", "--survive", *STREAMS, *values)
                                 for name, values in options.items()})
        for name, outcome in outcomes.items():
            with self.subTest(name):
                self.assert_refused(outcome, "--survive does not go with this", name)

    def test_keeps_the_exit_codes_of_runs_that_lose_nobody(self):
        def interrupted():
            started = Started(launch(2, *STREAMS, "--duration", "10min", "--survive", "--progress"))
            started.wait_until_run_lasts(0.5)
            started.process.send_signal(signal.SIGINT)
            return started.outcome()

        outcomes = side_by_side({
            "refused": (lambda: Started(launch(2, *STREAMS, "--survive", "--record",
                                               self.path("missing/run.h5"))).outcome(),),
            "interrupted": (interrupted,)})
        self.assertEqual(outcomes["refused"].code, 2, outcomes["refused"].stderr)
        self.assertEqual(outcomes["interrupted"].code, 130, outcomes["interrupted"].stderr)
        self.assertTrue(outcomes["interrupted"].json()["interrupted"])

    def test_without_recovery_is_warned_of(self):
        work = [*STREAMS, "--duration", "200ms", "--survive"]
        outcomes = side_by_side({
            "plain": (run, 2, *work), "alone": (weir, "run", *work),
            "recovery": (lambda: Started(mpirun_with_recovery(2, *work)).outcome(),)})
        for outcome in outcomes.values():
            self.assert_completed(outcome)
        self.assertIn("there is none to go on without it", outcomes["alone"].stderr)
        warning = "weir-run: warning: --survive has no effect here"
        self.assertEqual({name: warning in outcome.stderr for name, outcome in outcomes.items()},
                         {"plain": True, "alone": False, "recovery": False})


if __name__ == "__main__":
    main()
