"""`weir launch` with ranks on several hosts: hosts with names and a network of their own."""

import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from network_hosts import NetworkHosts, move_into_own_world
from weir_process import LIMIT_S, WEIR, Started, WeirTest, main, run, start_run

# Every node gets tasks.
POLICY = ["--policy", "round_robin", "--json"]
WORK = ["--stream", "iot", "--stream", "social", "--duration", "1500ms", "--rate", "300",
        "--seed", "5", *POLICY]
STEADY_WORK = ["--stream", "iot", "--duration", "3", "--rate", "200", *POLICY]
# A host may die after so long; until then it is taken for one that cannot be reached.
LONGEST_REACH_S = 10
OUTLIVING_WORK = ["--stream", "iot", "--duration", f"{LONGEST_REACH_S + 1}s", "--rate", "200",
                  "--seed", "5", *POLICY]
LONG_WORK = ["--stream", "iot", "--duration", "10min", "--rate", "200", *POLICY]

hosts = None


def start_launch(ranks, names, *arguments):
    return Started([WEIR, "launch", "-n", str(ranks), "--hosts", ",".join(names),
                    "--rsh", hosts.remote_shell, "--", "run", *arguments])


class HostsTest(WeirTest):
    def assert_digest_of_one_host(self, result, work):
        self.assert_same_digest(result, self.assert_completed(run(1, *work)))

    def assert_same_digest(self, result, alone):
        self.assertEqual(result["tasks"]["failed"], 0)
        self.assertEqual(result["tasks"]["submitted"], alone["tasks"]["submitted"])
        self.assertEqual(result["digest"], alone["digest"])

    def assert_places(self, result, names):
        """The hosts of the ranks, in order; all have worked."""
        self.assertEqual([node["host"] for node in result["nodes"]], names)
        for node in result["nodes"]:
            self.assertGreater(node["completed"], 0, node)

    def assert_nothing_left(self):
        # Daemons of Open MPI end a moment after the job.
        end = time.monotonic() + LIMIT_S
        while hosts.left_over() and time.monotonic() < end:
            time.sleep(0.05)
        self.assertEqual(hosts.left_over(), [])


class Launch(HostsTest):
    def test_gives_the_digest_of_one_host_on_three(self):
        names = ["h1", "h2", "h3"]
        for ranks in (3, 6):
            with self.subTest(ranks=ranks):
                result = self.assert_completed(start_launch(ranks, names, *WORK).outcome())
                self.assert_places(result, names * (ranks // 3))
                self.assert_digest_of_one_host(result, WORK)
                self.assert_nothing_left()

    def test_gets_through_where_a_host_drops_datagrams(self):
        names = ["h1", "h2", "h4"]  # No other test uses h4.
        self.assertTrue(hosts.carries_datagrams("h1", "h4"))
        hosts.drop_datagrams("h4")
        self.assertFalse(hosts.carries_datagrams("h1", "h4"))
        self.assertFalse(hosts.carries_datagrams("h4", "h4"))
        result = self.assert_completed(start_launch(6, names, *WORK).outcome())
        self.assert_places(result, names * 2)
        self.assert_digest_of_one_host(result, WORK)
        self.assert_nothing_left()


class PausedRank(HostsTest):
    def test_on_another_host_costs_time_but_no_result(self):
        started = start_launch(3, ["h1", "h2", "h3"], *STEADY_WORK, "--progress")
        started.wait_until_run_lasts(0.5)
        rank = hosts.rank_pid(1)
        os.kill(rank, signal.SIGSTOP)
        time.sleep(2)  # The length of the fault.
        os.kill(rank, signal.SIGCONT)
        self.assert_digest_of_one_host(self.assert_completed(started.outcome()), STEADY_WORK)
        self.assert_nothing_left()


class Interrupt(HostsTest):
    def test_drains_all_hosts_and_leaves_no_process(self):
        started = start_launch(3, ["h1", "h2", "h3"], *LONG_WORK, "--progress")
        started.wait_until_run_lasts(0.5)
        started.process.send_signal(signal.SIGINT)
        outcome = started.outcome()
        self.assertEqual(outcome.code, 130, outcome.stderr)
        result = outcome.json()
        self.assertTrue(result["interrupted"])
        self.assert_places(result, ["h1", "h2", "h3"])
        tasks = result["tasks"]
        self.assertEqual(tasks["completed"] + tasks["failed"], tasks["submitted"])
        self.assert_nothing_left()

    def test_ends_all_hosts_at_once_when_it_is_repeated(self):
        started = start_launch(3, ["h1", "h2", "h3"], *LONG_WORK, "--progress")
        started.wait_until_run_lasts(0.5)
        os.kill(hosts.rank_pid(2), signal.SIGSTOP)  # It cannot drain.
        started.process.send_signal(signal.SIGINT)
        time.sleep(0.2)  # Two signals at the same instant are one.
        started.process.send_signal(signal.SIGINT)
        self.assertEqual(started.outcome().code, 130)
        self.assert_nothing_left()


class DeadHost(HostsTest):
    def test_is_outlived_by_the_ranks_of_the_others_with_all_tasks(self):
        beside = start_run(1, *OUTLIVING_WORK)
        started = start_launch(6, ["h1", "h2", "h3"], *OUTLIVING_WORK, "--survive", "--progress")
        started.wait_until_run_lasts(LONGEST_REACH_S)
        hosts.kill_processes_of("h1")  # With the root.
        outcome = started.outcome()
        result = self.assert_completed(outcome)
        self.assert_same_digest(result, self.assert_completed(beside.outcome()))
        self.assertIn("weir-run: ended without ranks 0 and 3: exit code 0\n", outcome.stderr)
        self.assert_nothing_left()

    def test_ends_all_ranks_without_survive_and_is_not_taken_for_a_refusal(self):
        started = start_launch(3, ["h1", "h2", "h3"], *LONG_WORK, "--progress")
        started.wait_until_run_lasts(0.5)
        hosts.kill_processes_of("h2")  # With the daemon of mpirun.
        outcome = started.outcome()
        self.assertGreater(outcome.code, 128, outcome.stderr)
        self.assertIn("was lost, so all ranks were ended", outcome.stderr)
        self.assert_nothing_left()

    def test_that_cannot_be_reached_at_first_is_told(self):
        outcome = start_launch(2, ["h1", "h9"], *WORK, "--survive").outcome()
        self.assert_refused(outcome, "unable to reliably start")
        self.assert_nothing_left()


class Commands(HostsTest):
    def test_run_on_all_hosts_in_the_surroundings_of_who_started_them(self):
        tasks = self.write("tasks", "uname -n; echo $COLOUR $PWD; sleep 0.2\n" * 12)
        started = Started([WEIR, "launch", "-n", "3", "--hosts", "h1,h2,h3",
                           "--rsh", hosts.remote_shell, "--", "exec", tasks, "-j", "1",
                           "--joblog", self.path("log")],
                          variables={"COLOUR": "blue"}, folder=self.folder)
        outcome = started.outcome()
        self.assertEqual(outcome.code, 0, outcome.stderr)
        with open(self.path("log"), encoding="utf-8") as log:
            ran_on = [line.split("\t")[1] for line in log.read().splitlines()[1:]]
        self.assertEqual(set(ran_on), {"h1", "h2", "h3"})
        lines = outcome.stdout.splitlines()
        self.assertEqual(sorted(lines[::2]), sorted(ran_on))
        self.assertEqual(set(lines[1::2]), {f"blue {self.folder}"})
        self.assert_nothing_left()


if __name__ == "__main__":
    move_into_own_world()
    hosts = NetworkHosts(4)
    main()
