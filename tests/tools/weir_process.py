"""Starts the real weir program, alone or under mpirun, and shows what it did."""

import concurrent.futures
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

# The programs come as arguments: variables that begin with WEIR_ are options of weir.
WEIR, PRINT_RECORD, MPIRUN = sys.argv[1:4]

# A run that takes longer hangs.
LIMIT_S = 60


def environment(variables=None):
    own = {name: value for name, value in os.environ.items() if not name.startswith("WEIR_")}
    own.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    # Open MPI itself leaks; leaks of weir are looked for where no MPI runs.
    own.setdefault("ASAN_OPTIONS", "detect_leaks=0")
    own.update(variables or {})
    return own


def mpirun_command(*contexts):
    """Each context: the number of ranks, then the arguments of weir."""
    command = [MPIRUN, "--oversubscribe", "--bind-to", "none"]
    for number, (ranks, *arguments) in enumerate(contexts):
        command += ([":"] if number else []) + ["-n", str(ranks), WEIR, *map(str, arguments)]
    return command


class Outcome:
    def __init__(self, code, stdout, stderr):
        self.code, self.stdout, self.stderr = code, stdout, stderr

    def json(self):
        """The one line on stdout."""
        lines = self.stdout.splitlines()
        if len(lines) != 1:
            raise AssertionError(f"not one line on stdout:\n{self.stdout}\n{self.stderr}")
        return json.loads(lines[0])

    def said(self):
        """What weir itself wrote to stderr, a line each; mpirun has its own."""
        return [line for line in self.stderr.splitlines() if line.startswith("weir")]


class Started:
    """A command that runs, with threads that read what it prints."""

    def __init__(self, command, variables=None, cores=None, stdin=subprocess.DEVNULL, folder=None):
        pin = ["taskset", "--cpu-list", ",".join(map(str, cores))] if cores else []
        self.process = subprocess.Popen([*pin, *command], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, stdin=stdin, cwd=folder,
                                        env=environment(variables))
        self._changed = threading.Condition()
        self._texts = {"stdout": b"", "stderr": b""}
        self._readers = [threading.Thread(target=self._read, args=(name,), daemon=True)
                         for name in self._texts]
        for reader in self._readers:
            reader.start()

    def _read(self, name):
        stream = getattr(self.process, name)
        while chunk := stream.read1(65536):
            with self._changed:
                self._texts[name] += chunk
                self._changed.notify_all()
        stream.close()

    def wait_until_run_lasts(self, seconds):
        """Needs --progress: waits until the line of progress shows that much time and work done."""
        def lasts():
            shown = re.findall(rb"([0-9.]+) s +([0-9]+) done", self._texts["stderr"])
            return any(float(time) >= seconds and int(done) > 0 for time, done in shown)

        with self._changed:
            if not self._changed.wait_for(lasts, LIMIT_S):
                raise AssertionError(f"no progress: {self._texts['stderr']!r}")

    def wait_until_it_shows(self, text, stream="stderr"):
        """Until that text stands there."""
        with self._changed:
            if not self._changed.wait_for(lambda: text.encode() in self._texts[stream], LIMIT_S):
                raise AssertionError(f"no '{text}': {self._texts[stream]!r}")

    def shown_time(self):
        """Needs --progress: the newest time in the line of progress, in seconds."""
        with self._changed:
            return float(re.findall(rb"([0-9.]+) s +[0-9]+ done", self._texts["stderr"])[-1])

    def wait_until_it_has_a_child(self):
        children = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        for _ in range(LIMIT_S * 1000):
            with open(children, encoding="ascii") as pids:
                if pids.read():
                    return
            time.sleep(0.001)
        raise AssertionError("it has started nothing")

    def rank_pid(self, rank):
        """Ranks are the children of mpirun, which weir launch may have started, that know their
        number."""
        def parent_of(pid):
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
                return int(stat.read().rpartition(")")[2].split()[1])

        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                parent = parent_of(entry)
                if self.process.pid not in (parent, parent_of(parent)):
                    continue
                with open(f"/proc/{entry}/environ", "rb") as variables:
                    if b"OMPI_COMM_WORLD_RANK=%d" % rank in variables.read().split(b"\0"):
                        return int(entry)
            except OSError:
                continue  # It has just ended.
        raise AssertionError(f"there is no rank {rank}")

    def signal_rank(self, rank, number):
        os.kill(self.rank_pid(rank), number)

    def outcome(self, limit_s=LIMIT_S):
        try:
            self.process.wait(limit_s)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGTERM)  # mpirun ends its ranks.
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
            raise AssertionError(f"still running: {self._texts}") from None
        for reader in self._readers:
            reader.join()
        texts = {name: text.decode() for name, text in self._texts.items()}
        return Outcome(self.process.returncode, texts["stdout"], texts["stderr"])


def weir(*arguments, variables=None):
    return Started([WEIR, *map(str, arguments)], variables).outcome()


def start_run(ranks, *arguments):
    return Started(mpirun_command((ranks, "run", *arguments)))


def run(ranks, *arguments, variables=None, cores=None):
    """`weir run` on that many ranks."""
    return Started(mpirun_command((ranks, "run", *arguments)), variables, cores).outcome()


def record_of(path):
    printed = Started([PRINT_RECORD, str(path)]).outcome()
    if printed.code != 0:
        raise AssertionError(printed.stderr)
    return printed.json()


class WeirTest(unittest.TestCase):
    """With an empty folder of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="weir-run-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        return self.path(name)

    def assert_completed(self, outcome):
        """Returns the JSON of a run that lost nothing."""
        self.assertEqual(outcome.code, 0, outcome.stderr)
        result = outcome.json()
        self.assertEqual(result["tasks"]["completed"] + result["tasks"]["failed"],
                         result["tasks"]["submitted"])
        self.assertGreater(result["tasks"]["completed"], 0)
        return result

    def assert_refused(self, outcome, *words):
        """Exit code 2, and one report that holds the words."""
        self.assertEqual(outcome.code, 2, outcome.stderr)
        self.assertEqual(outcome.stdout, "")
        self.assertEqual(len(outcome.said()), 1, outcome.stderr)
        for label in ("\n  found   ", "\n  needed  ", "\n  try     "):
            self.assertEqual(outcome.stderr.count(label), 1, outcome.stderr)
        for word in words:
            self.assertIn(word, outcome.stderr)


def side_by_side(calls, at_once=None):
    """What they return, by the same names. Most of the time runs wait for tasks to be due."""
    with concurrent.futures.ThreadPoolExecutor(at_once or len(calls)) as pool:
        futures = {name: pool.submit(*call) for name, call in calls.items()}
        return {name: future.result() for name, future in futures.items()}


class SideBySideRunner:
    """For unittest.main: so many tests at once, each on a thread of its own."""

    def __init__(self, at_once):
        self.at_once = at_once

    def run(self, suite):
        whole = unittest.TestResult()
        tests = list(each_test(suite))
        modules = [sys.modules[name] for name in {type(test).__module__ for test in tests}]
        for module in modules:
            getattr(module, "setUpModule", lambda: None)()
        try:
            with concurrent.futures.ThreadPoolExecutor(self.at_once) as pool:
                for test, result, lasted_s in pool.map(self._run_one, tests):
                    self._tell(test, result, lasted_s)
                    whole.testsRun += result.testsRun
                    whole.failures += result.failures
                    whole.errors += result.errors
                    whole.unexpectedSuccesses += result.unexpectedSuccesses
        finally:
            for module in modules:
                getattr(module, "tearDownModule", lambda: None)()
        if not tests:
            raise AssertionError("there is no test")
        return whole

    @staticmethod
    def _run_one(test):
        result = unittest.TestResult()
        started = time.monotonic()
        test.run(result)
        return test, result, time.monotonic() - started

    @staticmethod
    def _tell(test, result, lasted_s):
        found = result.failures + result.errors
        print(f"{test} ... {'FAILED' if found else 'ok'} ({lasted_s:.1f} s)", file=sys.stderr)
        for where, trace in found:
            print(f"{where}\n{trace}", file=sys.stderr, flush=True)


def each_test(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from each_test(test)
        else:
            yield test


def main(at_once=1):
    """Tests that wait for most of their time may run at once: CI has a limit."""
    runner = SideBySideRunner(at_once) if at_once > 1 else unittest.TextTestRunner(verbosity=2)
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]], testRunner=runner)
