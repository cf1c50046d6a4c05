"""`weir run --isolate`: tasks in child processes, tasks that crash there, and no child left behind."""

import os
import signal
import time
import uuid

from weir_process import WEIR, Started, WeirTest, main, mpirun_command, record_of, run

STREAMS = ["--stream", "iot", "--stream", "social", "--stream", "finance"]
WORK = [*STREAMS, "--duration", "1500ms", "--rate", "300", "--json"]
LONG_WORK = ["run", *STREAMS, "--rate", "200", "--workers", "1", "--isolate",
             "--json", "--progress"]
CRASH = "the child process was ended by signal 11 (Segmentation fault)"


class IsolatedTasks(WeirTest):
    def test_have_the_results_and_errors_of_tasks_in_the_ranks(self):
        results, errors = [], []
        for name, how in (("plain.h5", []), ("isolated.h5", ["--isolate"])):
            results.append(self.assert_completed(
                run(2, *WORK, "--inject-failures", "0.05", *how, "--record", self.path(name))))
            errors.append(record_of(self.path(name))["errors"])
        plain, isolated = results
        self.assertEqual(isolated["digest"], plain["digest"])
        for count in ("submitted", "completed", "failed", "retried", "crashed"):
            self.assertEqual(isolated["tasks"][count], plain["tasks"][count], count)
        self.assertEqual(isolated["tasks"]["crashed"], 0)
        self.assertGreater(plain["tasks"]["failed"], 0)
        self.assertEqual(sorted(map(str, errors[1])), sorted(map(str, errors[0])))

    def test_that_crash_are_tried_again_to_the_same_results(self):
        plain = self.assert_completed(run(1, *WORK))
        for ranks in (1, 3):
            with self.subTest(ranks=ranks):
                crashing = self.assert_completed(run(ranks, *WORK, "--isolate", "--inject-crashes",
                                                     "0.05", "--retries", "9", "--workers", "2",
                                                     "--check-invariants"))
                self.assertEqual(crashing["digest"], plain["digest"])
                self.assertEqual(crashing["tasks"]["failed"], 0)
                self.assertGreater(crashing["tasks"]["crashed"], 0)
                self.assertEqual(crashing["tasks"]["retried"], crashing["tasks"]["crashed"])

    def test_that_always_crash_fail_and_say_how(self):
        work = [*STREAMS, "--duration", "300ms", "--rate", "300", "--isolate", "--inject-crashes",
                "1", "--retries", "1"]
        outcome = run(2, *work, "--json", "--record", self.path("run.h5"))
        self.assertEqual(outcome.code, 0, outcome.stderr)
        tasks = outcome.json()["tasks"]
        self.assertEqual((tasks["completed"], tasks["failed"]), (0, tasks["submitted"]))
        self.assertEqual(tasks["crashed"], 2 * tasks["submitted"])
        errors = record_of(self.path("run.h5"))["errors"]
        self.assertEqual(len(errors), tasks["failed"])
        self.assertTrue(all(CRASH in str(error) for error in errors), errors[:1])
        tables = run(2, *work)
        self.assertIn(f"\n  crashed      {tasks['crashed']} attempts", tables.stdout)

    def test_are_no_other_tasks_without_mpirun(self):
        plain = self.assert_completed(run(2, *WORK))
        alone = Started([WEIR, "run", *WORK, "--isolate"]).outcome()
        self.assertEqual(self.assert_completed(alone)["digest"], plain["digest"])

    def test_need_tasks_that_compute(self):
        self.assert_refused(run(2, *WORK, "--isolate", "--emulate", "paper50"),
                            "--isolate and --emulate")
        self.assert_refused(run(2, *WORK, "--inject-crashes", "0.1"),
                            "--inject-crashes without --isolate")


class Children(WeirTest):
    """Of a run that is started with a mark in its environment, which all its processes have."""

    def start(self, command):
        self.mark = uuid.uuid4().hex
        return Started(command, {"ISOLATED_RUN": self.mark})

    def marked(self, *names):
        """Numbers of its processes with these names."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/environ", "rb") as variables:
                    if self.mark.encode() not in variables.read():
                        continue  # Also one that has ended and is not reaped: it has none.
                with open(f"/proc/{pid}/comm", encoding="utf-8") as name:
                    if name.read().strip() in names:
                        found.append(int(pid))
            except OSError:
                continue  # It has just ended.
        return found

    def assert_all_end(self):
        limit = time.monotonic() + 20
        while left := self.marked("weir", "weir-zygote", "weir-task", "mpirun"):
            self.assertLess(time.monotonic(), limit, f"still there: {left}")
            time.sleep(0.01)

    def start_long_run(self, ranks=2):
        started = self.start(mpirun_command((ranks, *LONG_WORK, "--duration", "10min")))
        started.wait_until_run_lasts(0.5)
        self.assertEqual(len(self.marked("weir-zygote")), ranks)
        self.assertEqual(len(self.marked("weir-task")), ranks)
        return started

    def test_end_with_the_run(self):
        started = self.start(mpirun_command((2, "run", *WORK, "--isolate")))
        self.assert_completed(started.outcome())
        self.assertEqual(self.marked("weir-zygote", "weir-task"), [])

    def test_end_when_their_rank_is_killed(self):
        started = self.start_long_run()
        os.kill(max(self.marked("weir")), signal.SIGKILL)
        self.assertNotEqual(started.outcome().code, 0)
        self.assert_all_end()

    def test_end_when_mpirun_is_killed(self):
        started = self.start_long_run()
        started.process.kill()
        started.process.wait()
        self.assert_all_end()

    def test_end_with_a_rank_that_the_others_survive(self):
        work = ["--stream", "iot:poisson", "--rate", "100", "--duration", "2s", "--workers", "1",
                "--json"]
        undisturbed = self.assert_completed(run(3, *work))
        started = self.start([WEIR, "launch", "-n", "3", "--", "run", *work, "--survive",
                              "--isolate", "--progress"])
        started.wait_until_run_lasts(1)
        started.signal_rank(1, signal.SIGKILL)
        result = self.assert_completed(started.outcome())
        self.assertEqual(result["digest"], undisturbed["digest"])
        self.assert_all_end()

    def test_finish_their_tasks_after_ctrl_c(self):
        started = self.start([WEIR, "launch", "-n", "2", "--", *LONG_WORK, "--duration", "10min"])
        started.wait_until_run_lasts(0.5)
        # A terminal sends it to all.
        for pid in [started.process.pid, *self.marked("weir-zygote", "weir-task")]:
            os.kill(pid, signal.SIGINT)
        outcome = started.outcome()
        self.assertEqual(outcome.code, 130, outcome.stderr)
        tasks = outcome.json()["tasks"]
        self.assertGreater(tasks["completed"], 0)
        self.assertEqual((tasks["completed"], tasks["crashed"]), (tasks["submitted"], 0))
        self.assert_all_end()

    def test_cost_one_attempt_when_they_are_killed(self):
        started = self.start(mpirun_command((2, *LONG_WORK, "--retries", "1", "--duration", "3s")))
        started.wait_until_run_lasts(0.5)
        victims = self.marked("weir-task")
        for victim in victims:
            os.kill(victim, signal.SIGKILL)
        tasks = self.assert_completed(started.outcome())["tasks"]
        self.assertEqual((tasks["crashed"], tasks["retried"], tasks["failed"]), (2, 2, 0))
        self.assertEqual(len(victims), 2)


if __name__ == "__main__":
    main(at_once=3)
