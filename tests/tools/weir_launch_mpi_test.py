"""`weir launch` with the real mpirun: what cannot start, hosts with domains, and an early Ctrl-C."""

import os
import signal
import time

from weir_process import MPIRUN, WEIR, Started, WeirTest, main, weir

WORK = ["--", "run", "--stream", "iot", "--duration", "200ms", "--json"]


class WhatCannotStart(WeirTest):
    def assert_not_started(self, *options, naming):
        outcome = weir("launch", "-n", "2", *options, *WORK)
        self.assert_refused(outcome, naming)
        self.assertNotIn("-----", outcome.stderr)

    def test_for_want_of_a_way_to_the_hosts_is_refused(self):
        refusing = self.write("refusing", "#!/bin/sh\nexit 255\n")
        os.chmod(refusing, 0o755)
        hosts = ["--hosts", "first.invalid,second.invalid"]
        self.assert_not_started(*hosts, "--rsh", "/nowhere/rsh", naming="/nowhere/rsh")
        self.assert_not_started(*hosts, "--rsh", refusing, naming="unable to reliably start")
        self.assert_not_started(*hosts, naming="ssh first.invalid true")

    def test_for_an_mca_parameter_is_refused(self):
        # Of frameworks of the ranks (btl, pml) Open MPI itself loses the message now and then.
        for framework in ("plm", "rmaps"):
            with self.subTest(framework=framework):
                self.assert_not_started("--mca", framework, "nonsense",
                                        naming=f"Framework: {framework}, Component: nonsense")

    def test_by_the_mpirun_of_another_mpi_is_refused(self):
        foreign = self.write("mpirun", "#!/bin/sh\n[ \"$1\" = --version ] && echo 'HYDRA build details:'"
                                       " && exit 0\nexit 255\n")
        os.chmod(foreign, 0o755)
        outcome = weir("launch", "-n", "2", *WORK,
                       variables={"PATH": f"{self.folder}:{os.environ['PATH']}"})
        self.assert_refused(outcome, "HYDRA build details:", foreign)

    def test_for_want_of_a_folder_for_its_session_is_refused(self):
        # Not even root writes there.
        for command in (["launch", "-n", "2", *WORK], WORK[1:], ["exec", "--", "true", ":::", "1"]):
            with self.subTest(command=command):
                self.assert_refused(weir(*command, variables={"TMPDIR": "/proc/fs"}), "/proc/fs")

    def test_for_it_is_one_of_several_that_this_mpi_knows_nothing_of(self):
        self.assert_refused(weir(*WORK[1:], variables={"PMI_SIZE": "2"}), "PMI_SIZE=2")

    def test_inside_another_job_is_refused(self):
        inner = [WEIR, "launch", "-n", "1", *WORK]
        for outer in ([WEIR, "launch", "-n", "2", "--", *inner[1:]],
                      [MPIRUN, "--oversubscribe", "--quiet", "-n", "2", *inner]):
            self.assert_refused(Started(outer).outcome(), "jobs do not nest")


class WhatRan(WeirTest):
    def test_and_failed_keeps_its_exit_code(self):
        outcome = weir("launch", "-n", "2", "--mca", "orte_base_help_aggregate", "0", "--",
                       "run", "--stream", "iot", "--duration", "200ms", "--record",
                       self.path("missing/run.h5"))
        self.assert_refused(outcome, "missing")
        self.assertNotIn("-----", outcome.stderr)

    def test_and_lost_a_rank_is_told_from_what_never_started(self):
        started = Started([WEIR, "launch", "-n", "2", "--", "run", "--stream", "iot", "--duration",
                           "10min", "--json", "--progress"])
        started.wait_until_run_lasts(0.5)
        started.signal_rank(1, signal.SIGKILL)
        outcome = started.outcome()
        self.assertEqual(outcome.code, 128 + signal.SIGKILL, outcome.stderr)
        self.assertIn("a rank was ended by signal 9", outcome.stderr)


    def test_and_could_not_be_printed_is_told(self):
        command = ["/bin/sh", "-c", '"$@" > /dev/full', "sh", WEIR, "launch", "-n", "2", *WORK]
        self.assert_refused(Started(command).outcome(), "the output could not be written")

    def test_and_lost_its_reader_is_no_error(self):
        command = ["/bin/sh", "-c", '("$@"; echo "code $?" >&2) | true', "sh", WEIR, "launch", "-n",
                   "2", *WORK]
        self.assertIn("code 0", Started(command).outcome().stderr)


class Hosts(WeirTest):
    def test_are_reached_by_their_full_names(self):
        agent = self.write("agent", "#!/bin/sh\n"
                           f"echo \"$1\" >> {self.path('reached')}\nshift\nexec sh -c \"$*\"\n")
        os.chmod(agent, 0o755)
        # Daemons of Open MPI 4.1 on one machine now and then crash as they share its topology (rtc).
        outcome = weir("launch", "-n", "2", "--hosts", "node.one.invalid,node.two.invalid",
                       "--rsh", agent, "--mca", "rtc", "^hwloc", *WORK)
        self.assert_completed(outcome)
        with open(self.path("reached"), encoding="ascii") as reached:
            self.assertEqual(sorted(reached.read().split()),
                             ["node.one.invalid", "node.two.invalid"])


class EarlyCtrlC(WeirTest):
    def test_ends_with_a_result_wherever_in_the_start_it_comes(self):
        for delay_s in (0, 0.02, 0.05, 0.1, 0.2, 0.4):
            with self.subTest(delay_s=delay_s):
                started = Started([WEIR, "launch", "-n", "2", "--", "run", "--stream", "iot",
                                   "--duration", "10min", "--json"])
                started.wait_until_it_has_a_child()
                time.sleep(delay_s)  # Earlier or later in the start of mpirun and of the ranks.
                started.process.send_signal(signal.SIGINT)
                outcome = started.outcome()
                self.assertEqual(outcome.code, 130, outcome.stderr)
                result = outcome.json()
                self.assertTrue(result["interrupted"])
                self.assertEqual(result["tasks"]["completed"], result["tasks"]["submitted"])


if __name__ == "__main__":
    main(at_once=3)
