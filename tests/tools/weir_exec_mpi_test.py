"""`weir exec`: commands, their output and what became of them, on one rank and on several."""

import os
import re
import signal
import subprocess
import time

from weir_process import MPIRUN, WEIR, Started, WeirTest, environment, main, mpirun_command

RANKS = (1, 3)

# What could be lost on the way: each line is compared with what a shell makes of it.
LINES = [
    "echo one two   three",
    "echo \"two  blanks\" 'single $HOME' \"$HOME\"",
    "printf '%s|' a 'b c' \"d'e\" 'f\"g'",
    "echo größe 日本語 🙂",
    "echo 'back\\slash' \\$not | tr a-z A-Z",
    "for i in 1 2 3; do echo $i; done; exit 0",
    "/bin/echo plain words only",
    "/bin/echo  blanks\tand tabs ",
    "echo # a comment",
    "x=5; echo $((x * 2)) $(echo sub) `echo ticks`",
    "echo {a,b} * ~ ?",
    "echo 'percent %s %d'; echo to-stderr >&2",
    "cat",
]

# Values that a second look of a shell would spoil.
VALUES = ["plain", "two words", "quote'and\"both", "new\nline", "größe 🙂", "$(touch spoilt)",
          "`touch spoilt`", "; touch spoilt", "-n", "*", "tab\there", "back\\slash", "{}", ""]


def start_exec(ranks, *arguments, **how):
    if ranks == 1:  # Without mpirun.
        return Started([WEIR, "exec", *map(str, arguments)], **how)
    return Started(mpirun_command((ranks, "exec", *arguments)), **how)


def run_exec(ranks, *arguments, **how):
    return start_exec(ranks, *arguments, **how).outcome()


def is_alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class ExecTest(WeirTest):
    def listed(self, *lines, name="tasks.txt"):
        return self.write(name, "".join(line + "\n" for line in lines))

    def read(self, name):
        with open(self.path(name), encoding="utf-8", newline="") as file:
            return file.read()

    def rows(self, name):
        """Of a file with columns: a list of dictionaries."""
        head, *rows = [line.split("\t") for line in self.read(name).split("\n")[:-1]]
        return [dict(zip(head, row, strict=True)) for row in rows]

    def wait_for(self, condition, what):
        for _ in range(6000):
            if condition():
                return
            time.sleep(0.01)
        self.fail(what)

    def pid_in(self, name):
        """That a command has written to a file."""
        self.wait_for(lambda: os.path.exists(self.path(name)) and self.read(name).endswith("\n"),
                      f"{name} was not written")
        return int(self.read(name))


class Lists(ExecTest):
    def test_are_run_line_by_line_as_a_shell_would(self):
        tasks = self.listed(*LINES[:6], "", "  ", *LINES[6:], name="elsewhere/tasks.txt")
        expected = "".join(
            subprocess.run(["/bin/sh", "-c", line], stdin=subprocess.DEVNULL, cwd=self.folder,
                           stdout=subprocess.PIPE, text=True, check=True).stdout for line in LINES)
        for ranks in RANKS:
            with self.subTest(ranks=ranks):
                outcome = run_exec(ranks, tasks, "--keep-order", folder=self.folder)
                self.assertEqual(outcome.code, 0, outcome.stderr)
                self.assertEqual(outcome.stdout, expected)
                self.assertIn("to-stderr\n", outcome.stderr)

    def test_may_come_from_standard_input_while_it_is_written(self):
        for ranks in RANKS:
            with self.subTest(ranks=ranks):
                read_end, write_end = os.pipe()
                started = start_exec(ranks, "-", "--quiet", stdin=read_end)
                os.close(read_end)
                os.write(write_end, b"echo first\n")
                started.wait_until_it_shows("first\n", "stdout")
                os.write(write_end, b"echo second")  # The last line has no end.
                os.close(write_end)
                outcome = started.outcome()
                self.assertEqual((outcome.code, outcome.stdout), (0, "first\nsecond\n"))

    def test_of_nothing_are_done_at_once(self):
        outcome = run_exec(1, self.listed("", ""))
        self.assertEqual((outcome.code, outcome.stdout, outcome.stderr), (0, "", ""))


class Templates(ExecTest):
    def test_get_values_as_they_are(self):
        expected = "".join(f"{number}|{value}|a{value}z|\n"
                           for number, value in enumerate(VALUES, 1))
        words = ["printf", "%s|%s|%s|\n", "{#}", "{}", "a{}z"]
        for ranks in RANKS:
            with self.subTest(ranks=ranks):
                outcome = run_exec(ranks, "-k", "--", *words, ":::", *VALUES, folder=self.folder)
                self.assertEqual((outcome.code, outcome.stdout), (0, expected), outcome.stderr)
        values = self.write("values", "\0".join(VALUES) + "\0")
        outcome = run_exec(3, "-k", "-0", "--args-file", values, "--", *words, folder=self.folder)
        self.assertEqual((outcome.code, outcome.stdout), (0, expected), outcome.stderr)
        self.assertFalse(os.path.exists(self.path("spoilt")))

    def test_take_parts_of_paths(self):
        outcome = run_exec(1, "-k", "--", "echo", "{.} {/} {//} {/.}", ":::", "a/b.tar.gz", "c",
                           "/d", ".hidden")
        self.assertEqual(outcome.stdout.splitlines(),
                         ["a/b.tar b.tar.gz a b.tar", "c c . c", "/d d / d", ".hidden .hidden . .hidden"])

    def test_may_be_shown_without_being_run(self):
        outcome = run_exec(3, "--dry-run", "--", "touch", "{}", ":::", "a b", "it's",
                           folder=self.folder)
        self.assertEqual((outcome.code, outcome.stdout), (0, "touch 'a b'\ntouch 'it'\\''s'\n"))
        self.assertEqual(os.listdir(self.folder), [])


class FailedCommands(ExecTest):
    def test_are_counted_and_logged(self):
        tasks = self.listed("true", "exit 3", "kill -9 $$", "sleep 60", "/no/such/program x",
                            "printf 'four'")
        for ranks in RANKS:
            with self.subTest(ranks=ranks):
                outcome = run_exec(ranks, tasks, "--timeout", "1s", "--joblog", self.path("log"))
                self.assertEqual(outcome.code, 4, outcome.stderr)
                self.assertIn("weir-exec: 6 commands done, 4 failed", outcome.said())
                self.assertIn("/no/such/program: not found", outcome.stderr)
                rows = self.rows("log")
                self.assertEqual(list(rows[0]), ["Seq", "Host", "Starttime", "JobRuntime", "Send",
                                                 "Receive", "Exitval", "Signal", "Command"])
                shown = {row["Command"]: (int(row["Seq"]), int(row["Receive"]),
                                          int(row["Exitval"]), int(row["Signal"])) for row in rows}
                self.assertEqual(shown, {"true": (1, 0, 0, 0), "exit 3": (2, 0, 3, 0),
                                         "kill -9 $$": (3, 0, 0, 9), "sleep 60": (4, 0, -1, 15),
                                         "/no/such/program x": (5, 0, 127, 0),
                                         "printf 'four'": (6, 4, 0, 0)})
                for row in rows:
                    self.assertAlmostEqual(float(row["Starttime"]), time.time(), delta=60)
                    self.assertGreaterEqual(float(row["JobRuntime"]), 0)

    def test_are_no_failure_of_the_launcher(self):
        outcome = Started([WEIR, "launch", "-n", "2", "--", "exec",
                           self.listed("exit 1", "true", "exit 2")]).outcome()
        self.assertEqual(outcome.code, 2, outcome.stderr)
        self.assertEqual([line for line in outcome.said() if "warning" not in line],
                         ["weir-exec: 3 commands done, 2 failed"])

    def test_give_101_when_they_are_more_than_100(self):
        self.assertEqual(run_exec(1, "--", "sh", "-c", "exit 7", ":::", *range(101)).code, 101)
        self.assertEqual(run_exec(1, "--", "sh", "-c", "exit 7", ":::", *range(100)).code, 100)

    def test_are_tried_again_when_that_is_asked_for(self):
        # Succeeds the third time.
        tasks = self.listed("echo x >> tried; echo attempt; [ $(wc -l < tried) -eq 3 ]")
        for retries, code in ((1, 1), (2, 0)):
            if os.path.exists(self.path("tried")):
                os.remove(self.path("tried"))
            outcome = run_exec(1, tasks, "--retries", retries, folder=self.folder)
            self.assertEqual((outcome.code, outcome.stdout), (code, "attempt\n"))
            self.assertEqual(len(self.read("tried").split()), retries + 1)

    def test_are_killed_when_they_do_not_heed_their_limit(self):
        tasks = self.listed("trap '' TERM; echo stubborn; sleep 60 & while :; do wait; done")
        outcome = run_exec(1, tasks, "--timeout", "1s", "--joblog", self.path("log"))
        self.assertEqual((outcome.code, outcome.stdout), (1, "stubborn\n"))
        self.assertEqual(self.rows("log")[0]["Signal"], "9")

    def test_fail_when_they_are_told_to_end_and_say_that_all_is_well(self):
        tasks = self.listed("trap 'exit 0' TERM; sleep 60 & wait")
        outcome = run_exec(1, tasks, "--timeout", "1s", "--joblog", self.path("log"))
        self.assertEqual(outcome.code, 1)
        self.assertEqual(self.rows("log")[0]["Exitval"], "-1")

    def test_halt_the_run_when_they_are_too_many(self):
        # None fails before the others have begun: to open a pipe waits for its other end.
        for number in range(3):
            os.mkfifo(self.path(f"begun{number}"))
        tasks = self.listed("read x < begun0; exit 1", "echo > begun0; sleep 1; echo ran",
                            *["echo more"] * 1000)
        outcome = run_exec(1, tasks, "-j", 2, "--halt", "soon,fail=1", folder=self.folder)
        self.assertEqual(outcome.code, 1)
        self.assertIn("ran\n", outcome.stdout)
        self.assertIn(" not run", outcome.stderr)
        tasks = self.listed(*[f"echo > begun{number}; sleep 60" for number in range(3)],
                            "read x < begun0; read x < begun1; read x < begun2; exit 1")
        began = time.monotonic()
        outcome = run_exec(3, tasks, "-j", 2, "--halt", "now,fail=1", folder=self.folder)
        self.assertLess(time.monotonic() - began, 50)
        self.assertEqual(outcome.code, 4, outcome.stderr)


class Output(ExecTest):
    def test_of_a_megabyte_comes_whole_and_unmixed(self):
        # A million bytes of a letter each, with the number of the command at the end.
        command = "head -c 1000000 /dev/zero | tr '\\0' {0}; echo {0}"
        tasks = self.listed(*[command.format(letter) for letter in "abcdef"])
        for ranks in RANKS:
            outcome = run_exec(ranks, tasks, "-j", 2)
            self.assertEqual(outcome.code, 0, outcome.stderr)
            self.assertEqual(sorted(outcome.stdout.splitlines()),
                             [letter * 1000001 for letter in "abcdef"])

    def test_may_be_opened_once_more(self):
        outcome = run_exec(1, self.listed("echo one >&2; echo two >> /dev/stderr; echo three >&2"))
        self.assertEqual(outcome.stderr, "one\ntwo\nthree\n")

    def test_that_is_too_long_to_travel_comes_by_way_of_the_disk(self):
        spill = os.path.join(self.folder, "spill")
        os.mkdir(spill)
        tasks = self.listed("head -c 9000000 /dev/zero | tr '\\0' x", "echo y")
        outcome = run_exec(3, tasks, "-k", variables={"TMPDIR": spill})
        self.assertEqual(outcome.code, 0, outcome.stderr)
        self.assertTrue(outcome.stdout == "x" * 9000000 + "y\n", len(outcome.stdout))
        left = [name for name in os.listdir(spill) if name.startswith("weir")]
        self.assertEqual(left, [])

    def test_of_attempts_that_are_made_again_leaves_no_file(self):
        spill = os.path.join(self.folder, "spill")
        os.mkdir(spill)
        tasks = self.listed("head -c 9000000 /dev/zero | tr '\\0' x; exit 1")
        outcome = run_exec(1, tasks, "--retries", 2, variables={"TMPDIR": spill})
        self.assertEqual((outcome.code, len(outcome.stdout)), (1, 9000000), outcome.stderr)
        left = [name for name in os.listdir(spill) if name.startswith("weir")]
        self.assertEqual(left, [])

    def test_comes_in_order_when_that_is_asked_for(self):
        numbers = range(1, 41)
        tasks = self.listed(*[f"[ {n} -gt 3 ] || sleep 0.4; echo {n}; echo e{n} >&2" for n in numbers])
        outcome = run_exec(3, tasks, "--keep-order", "-j", 2)
        self.assertEqual(outcome.stdout.split(), [str(n) for n in numbers])
        self.assertEqual(re.findall(r"^e(\d+)$", outcome.stderr, re.M), [str(n) for n in numbers])

    def test_goes_to_a_pair_of_files_for_each_command(self):
        tasks = self.listed("echo one; echo bad >&2; exit 1", "printf two")
        outcome = run_exec(3, tasks, "--logs", "logs/here", folder=self.folder)
        self.assertEqual((outcome.code, outcome.stdout), (1, ""))
        found = {name: self.read("logs/here/" + name)
                 for name in os.listdir(self.path("logs/here"))}
        self.assertEqual(found, {"1.out": "one\n", "1.err": "bad\n", "2.out": "two", "2.err": ""})

    def test_goes_to_one_file_with_an_index(self):
        tasks = self.listed(*[f"echo out{n}; echo err{n} >&2" for n in range(1, 21)])
        outcome = run_exec(3, tasks, "--output", self.path("all"))
        self.assertEqual((outcome.code, outcome.stdout), (0, ""))
        content = self.read("all")
        rows = self.rows("all.index")
        self.assertEqual(sorted(int(row["Seq"]) for row in rows), list(range(1, 21)))
        for row in rows:
            seq, out_at, out_bytes, err_at, err_bytes = map(int, row.values())
            self.assertEqual(content[out_at:out_at + out_bytes], f"out{seq}\n")
            self.assertEqual(content[err_at:err_at + err_bytes], f"err{seq}\n")

    def test_stands_beside_a_line_of_progress(self):
        outcome = run_exec(2, self.listed("sleep 0.3; echo one", "exit 1", "sleep 0.5"), "-j", 1,
                           "--progress")
        self.assertEqual((outcome.code, outcome.stdout), (1, "one\n"), outcome.stderr)
        self.assertRegex(outcome.stderr, r"\r +\d+\.\d s +[12] done of 3  [01] failed  \d under way")

    def test_that_finds_no_room_stops_the_run(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([WEIR, "exec", self.listed(*["echo x"] * 1000)], stdout=full,
                                  stderr=subprocess.PIPE, text=True, timeout=60, env=environment(),
                                  check=False)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("No space left on device", done.stderr)
        self.assertIn(" not run", done.stderr)


class Surroundings(ExecTest):
    def test_of_commands_are_those_of_who_started_weir(self):
        tasks = self.listed("pwd", "echo $COLOUR", "env | grep -E '^(OMPI|PMIX)_' | grep -v ALLOW_RUN_AS_ROOT",
                            "ps -o pgid= $$ | grep -c -w $$", "ulimit -c > /dev/null; cat; trap")
        for ranks in RANKS:
            outcome = run_exec(ranks, tasks, "-k", variables={"COLOUR": "blue 🙂"},
                               folder=self.folder)
            self.assertEqual(outcome.stdout, f"{os.path.realpath(self.folder)}\nblue 🙂\n1\n")
            self.assertEqual(outcome.code, 1, "only the grep finds nothing")

    def test_let_an_mpi_program_be_a_command(self):
        inner = (f"{MPIRUN} --oversubscribe --bind-to none -n 2 "
                 "sh -c 'echo $OMPI_COMM_WORLD_RANK of $OMPI_COMM_WORLD_SIZE'")
        outcome = run_exec(2, self.listed(inner, inner), "-k", "-j", 1)
        self.assertEqual(outcome.code, 0, outcome.stderr)
        self.assertEqual(sorted(outcome.stdout.splitlines()), ["0 of 2"] * 2 + ["1 of 2"] * 2)

    def test_of_a_command_end_with_it(self):
        tasks = self.listed("sleep 300 & echo $! > left.pid; echo done")
        outcome = run_exec(1, tasks, folder=self.folder)
        self.assertEqual((outcome.code, outcome.stdout), (0, "done\n"))
        left = self.pid_in("left.pid")
        self.wait_for(lambda: not is_alive(left), "what the command left behind still runs")


class KilledRank(ExecTest):
    def test_takes_its_commands_and_what_they_started_with_it(self):
        tasks = self.listed("sleep 300 & echo $! > inner; echo $$ > outer; wait")
        for ranks in (1, 2):
            started = start_exec(ranks, tasks, "-j", 1, folder=self.folder)
            pids = [self.pid_in("inner"), self.pid_in("outer")]
            if ranks == 1:
                started.process.kill()
            else:
                for rank in range(ranks):
                    try:
                        started.signal_rank(rank, signal.SIGKILL)
                    except (AssertionError, ProcessLookupError):
                        pass  # mpirun was faster.
            started.outcome()
            self.wait_for(lambda: not any(map(is_alive, pids)), "commands outlive their rank")
            os.remove(self.path("inner"))
            os.remove(self.path("outer"))


class Survival(ExecTest):
    """With --survive, under the launcher, which lets the others live."""

    def start(self, *lines):
        tasks = self.listed(*lines)
        return Started([WEIR, "launch", "-n", "3", "--", "exec", tasks, "-j", "1", "--survive",
                        "--joblog", self.path("log")], folder=self.folder)

    def test_of_the_others_gets_the_commands_of_a_dead_rank_done(self):
        count = 20
        started = self.start(*(f"echo $$ > pid{n}; sleep 0.2; echo {n} >> ran"
                               for n in range(1, count + 1)))
        self.wait_for(lambda: os.path.exists(self.path("ran")), "no command ran")
        started.signal_rank(2, signal.SIGKILL)
        outcome = started.outcome()
        self.assertEqual(outcome.code, 0, outcome.stderr)
        self.assertIn("weir-exec: ended without rank 2: exit code 0", outcome.stderr)
        self.assertEqual(set(self.read("ran").split()), {str(n) for n in range(1, count + 1)})
        self.assertEqual(sorted(int(row["Seq"]) for row in self.rows("log")),
                         list(range(1, count + 1)))

    def test_of_the_others_can_be_interrupted_and_counts_no_command_as_failed(self):
        started = self.start(*(f"echo $$ >> pids; while [ ! -e go ]; do sleep 0.1; done; echo {n}"
                               for n in range(8)))
        self.wait_for(lambda: os.path.exists(self.path("pids")) and
                      len(self.read("pids").split()) == 3, "not three commands ran")
        started.signal_rank(2, signal.SIGKILL)
        started.wait_until_it_shows("rank 2 gives no sign of life")
        started.process.send_signal(signal.SIGINT)
        started.wait_until_it_shows("stopping")
        time.sleep(0.5)
        self.write("go", "")
        outcome = started.outcome()
        self.assertEqual(outcome.code, 130, outcome.stderr)
        self.assertRegex(outcome.stderr, r"\b2 commands done, 0 failed, 6 not run \(interrupted\)")

    def test_ends_by_what_ranks_say_and_not_by_what_commands_print(self):
        outcome = self.start("echo 'weir-x: ended: exit code 7' >&2",
                             "echo '[weir-launch-1] weir-exec: exit code 7' >&2",
                             "sleep 3; echo > late", "exit 1").outcome()
        self.assertEqual(outcome.code, 1, outcome.stderr)
        self.assertTrue(os.path.exists(self.path("late")), "the job was ended before")

    def test_needs_the_rank_that_has_the_list(self):
        started = self.start(*(f"echo $$ >> pids; sleep 300; echo {n}" for n in range(6)))
        self.wait_for(lambda: os.path.exists(self.path("pids"))
                      and len(self.read("pids").split()) == 3, "no command ran")
        started.signal_rank(0, signal.SIGKILL)
        outcome = started.outcome()
        self.assertEqual(outcome.code, 1, outcome.stderr)
        self.assertIn("rank 0 has died, and with it the list", outcome.stderr)
        pids = [int(pid) for pid in self.read("pids").split()]
        self.wait_for(lambda: not any(map(is_alive, pids)), "commands outlive their job")


class ClosedStreams(ExecTest):
    def test_are_no_place_for_files(self):
        for list_, code, out in ((self.listed("echo one"), 0, "one\n"), ("-", 2, "")):
            shell = f"exec {WEIR} exec {list_} <&-"
            outcome = Started(["/bin/sh", "-c", shell]).outcome()
            self.assertEqual((outcome.code, outcome.stdout), (code, out), outcome.stderr)


class Ledger(ExecTest):
    """Commands that have succeeded are not run again by a job that goes on."""

    def ledger(self):
        return ["--ledger", self.path("ledger")]

    def lines(self, name):
        return self.read(name).splitlines() if os.path.exists(self.path(name)) else []

    def test_lets_a_killed_job_go_on_on_other_ranks(self):
        count = 40
        tasks = self.listed(*(f"sleep 0.05; echo {n} >> ran; echo out {n}"
                              for n in range(1, count + 1)))
        more = [tasks, "-j", 1, "--joblog", self.path("log"), *self.ledger()]
        for ranks in (3, 1):  # Killed on three, then on one.
            started = start_exec(ranks, *more, folder=self.folder)
            before = len(self.lines("ran"))
            self.wait_for(lambda: len(self.lines("ran")) >= before + 10, "no command ran")
            started.process.kill()
            started.outcome()
        outcome = run_exec(3, *more, folder=self.folder)
        self.assertEqual(outcome.code, 0, outcome.stderr)
        ran = self.lines("ran")
        self.assertEqual(set(ran), {str(n) for n in range(1, count + 1)})
        # Only what had just ended or was running may run twice.
        self.assertLessEqual(len(ran), count + 8)
        logged = [int(row["Seq"]) for row in self.rows("log")]
        self.assertEqual(set(logged), set(range(1, count + 1)))
        again = run_exec(1, *more, folder=self.folder)
        self.assertEqual((again.code, again.stdout), (0, ""))
        self.assertEqual(self.lines("ran"), ran)

    def test_lets_failed_commands_and_new_ones_run(self):
        first = ["echo one", "test -e flag && echo two", "echo three"]
        self.assertEqual(run_exec(1, self.listed(*first), *self.ledger(), folder=self.folder).code, 1)
        self.write("flag", "")
        outcome = run_exec(3, self.listed(*first, "echo four"), "--keep-order", *self.ledger(),
                           folder=self.folder)
        self.assertEqual((outcome.code, outcome.stdout), (0, "two\nfour\n"), outcome.stderr)

    def test_goes_on_with_one_file_of_output(self):
        output = ["--output", self.path("all"), *self.ledger()]
        self.assertEqual(run_exec(1, self.listed("echo one"), *output).code, 0)
        self.assertEqual(run_exec(1, self.listed("echo one", "echo two"), *output).code, 0)
        self.assertEqual(self.read("all"), "one\ntwo\n")
        self.assertEqual([(row["Seq"], row["OutputAt"]) for row in self.rows("all.index")],
                         [("1", "0"), ("2", "4")])

    def test_does_not_count_what_the_job_log_has_no_room_for(self):
        self.assertEqual(run_exec(1, self.listed("echo one"), "--joblog", "/dev/full",
                                  *self.ledger()).code, 2)
        outcome = run_exec(1, self.listed("echo one"), "--joblog", self.path("log"), *self.ledger())
        self.assertEqual((outcome.code, outcome.stdout), (0, "one\n"))
        self.assertEqual(len(self.rows("log")), 1)

    def test_of_another_list_is_refused(self):
        self.assertEqual(run_exec(1, self.listed("echo one", "echo two"), *self.ledger()).code, 0)
        for ranks in RANKS:
            with self.subTest(ranks=ranks):
                outcome = run_exec(ranks, self.listed("echo zero", "echo one"), *self.ledger())
                self.assertEqual((outcome.code, outcome.stdout), (2, ""))
                self.assertIn("another list", outcome.stderr)
                self.assertIn("command 1: echo zero", outcome.stderr)

    def test_that_is_no_folder_is_refused(self):
        self.write("plain", "text")
        self.assert_refused(run_exec(3, self.listed("echo"), "--ledger", self.path("plain")), "plain")
        self.assert_refused(run_exec(1, self.listed("echo"), "--ledger", self.path("no/such")),
                            "no/such")


class Interrupt(ExecTest):
    def start(self, ranks):
        """Commands that take long on all ranks, and many that wait."""
        tasks = self.listed(*[f"echo $$ > started.{n}; trap 'echo told; exit 5' TERM; "
                              f"n=0; while [ ! -e go ] && [ $n -lt 600 ]; do sleep 0.1; n=$((n+1)); done; echo ended {n}"
                              for n in range(1, ranks + 1)], *["echo more"] * 100)
        command = [WEIR, "launch", "-n", str(ranks), "--", "exec", tasks, "-j", "1"]
        if ranks == 1:
            command = [WEIR, "exec", tasks, "-j", "1"]
        started = Started(command, folder=self.folder)
        for n in range(1, ranks + 1):
            self.pid_in(f"started.{n}")
        return started

    def test_lets_running_commands_end_and_starts_no_others(self):
        for ranks in RANKS:
            with self.subTest(ranks=ranks):
                started = self.start(ranks)
                started.process.send_signal(signal.SIGINT)
                time.sleep(0.5)
                self.write("go", "")
                outcome = started.outcome()
                self.assertEqual(outcome.code, 130, outcome.stderr)
                ended = [line for line in outcome.stdout.splitlines() if line.startswith("ended")]
                self.assertEqual(len(ended), ranks)
                done = re.search(r"(\d+) commands? done, 0 failed, (\d+) not run \(interrupted\)",
                                 outcome.stderr)
                self.assertIsNotNone(done, outcome.stderr)
                self.assertEqual(int(done[1]) + int(done[2]), ranks + 100)
                self.assertEqual(outcome.stdout.count("more"), int(done[1]) - ranks)
                os.remove(self.path("go"))
                for n in range(1, ranks + 1):
                    os.remove(self.path(f"started.{n}"))

    def test_that_comes_twice_ends_running_commands(self):
        started = self.start(1)
        pid = self.pid_in("started.1")
        started.process.send_signal(signal.SIGINT)
        time.sleep(0.2)
        started.process.send_signal(signal.SIGINT)
        outcome = started.outcome()
        self.assertEqual(outcome.code, 130, outcome.stderr)
        self.assertEqual(outcome.stdout, "told\n")
        self.assertIn("1 command done, 1 failed, 100 not run (interrupted)", outcome.stderr)
        self.assertFalse(is_alive(pid))


class Readme(ExecTest):
    def test_shows_commands_that_work(self):
        readme = os.path.join(os.path.dirname(__file__), "..", "..", "README.md")
        with open(readme, encoding="utf-8") as file:
            section = file.read().split("## Run commands\n")[1].split("\n## ")[0]
        commands = re.findall(r"^    (.*)$", section, re.M)
        self.assertGreaterEqual(len(commands), 5)
        self.listed("echo one", "echo two")
        for name in "ab":
            self.write(f"data/{name}.txt", "z y\nx\n")
        printed = {}
        for command in commands:
            outcome = Started(["sh", "-c", command], folder=self.folder, variables={
                "PATH": os.pathsep.join([os.path.dirname(WEIR), os.environ["PATH"]])}).outcome()
            self.assertEqual(outcome.code, 0, command + "\n" + outcome.stderr)
            printed[command] = sorted(outcome.stdout.splitlines())
        self.assertEqual(list(printed.values()), [["one", "two"], ["one", "two"], ["3 data/a.txt", "3 data/b.txt"],
                                                  [], ["1", "2", "3"]])
        self.assertEqual(self.read("data/a.sorted"), "x\nz y\n")


class WrongInput(ExecTest):
    def test_is_refused_before_anything_runs(self):
        for arguments, words in [
                ([self.path("missing")], ["missing", "No such file"]),
                ([self.folder], ["a folder"]),
                (["/dev/zero"], ["a NUL byte"]),
                ([self.write("binary", b"\x7fELF\0\0\n")], ["NUL byte"]),
                (["--", "echo"], ["neither ::: nor --args-file"]),
                ([self.listed("true"), "--timeout", "soon"], ["--timeout"]),
                ([self.listed("true"), "--ledger", ""], ["--ledger is empty"]),
                ([self.listed("true"), "--output", self.path("tasks.txt")], ["two uses"]),
                ([self.listed("true"), "--joblog", self.path("./tasks.txt")], ["two uses"]),
                ([self.listed("true"), "--output", self.path("new"), "--joblog",
                  self.path("new.index")], ["two uses"]),
                ([self.listed("true"), "--joblog", "/no/such/folder/log"], ["job log"])]:
            with self.subTest(arguments=arguments):
                self.assert_refused(run_exec(1, *arguments), *words)
        self.assert_refused(run_exec(2, self.path("missing")), "missing")


if __name__ == "__main__":
    main(at_once=3)
