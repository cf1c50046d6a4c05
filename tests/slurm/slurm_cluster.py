"""A real Slurm on one machine: munged, slurmctld and four slurmd, at two switches.

All of it lives in a folder of its own, with ports, a munge socket and a key of its own, so that
several clusters and a real one do not meet. The daemons run in the foreground as children of this
process: each is ended by its own handle, and by the kernel if this process dies. Nothing else is
touched.
"""

import contextlib
import ctypes
import getpass
import os
import random
import shutil
import signal
import socket
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
NODES = ("n1", "n2", "n3", "n4")
# Two at each switch; the first one is smaller than the others.
PROCESSORS = {"n1": 1, "n2": 2, "n3": 2, "n4": 2}
# What takes longer hangs. More than the two minutes that Slurm may keep a requeued job.
LIMIT_S = 200
PR_SET_PDEATHSIG = 1


class SlurmMissing(Exception):
    """A test that needs Slurm fails without it: one that was skipped would say nothing."""


def program(name):
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if path is None:
        raise SlurmMissing(f"found no {name}, needed Slurm and munge (slurm-wlm, munge), "
                           "try tools/setup")
    return path


def free_ports(count):
    """Free now, and below those that the system gives to whoever connects to something."""
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
        end = int(file.read().split()[0])
    ports = []
    while len(ports) < count:
        port = random.randrange(10000, max(20000, end))
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            ports += [port] if port not in ports else []
    return ports


def wait_until(condition, what, seen=lambda: ""):
    """Asks again and again; returns the first answer that is true. `seen` tells what there was in
    its place."""
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        answer = condition()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"in {LIMIT_S} s there was no {what} {seen()}".rstrip())


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class SlurmCluster:
    """Started by start(), ended by stop(), which may be called at any time and more than once."""

    def __init__(self, folder):
        self.folder = folder
        self.config = os.path.join(folder, "slurm.conf")
        self._daemons = []
        self._logs = []

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def environment(self, **variables):
        """Of whoever speaks with this cluster. Not that of another Slurm this may run under."""
        own = {name: value for name, value in os.environ.items()
               if not name.startswith(("WEIR_", "SLURM", "SBATCH_", "OMPI_", "PMIX_"))}
        return {**own, "SLURM_CONF": self.config, "PATH": f"{own.get('PATH', '')}:/usr/sbin",
                **variables}

    def start(self):
        try:
            self._make_folders()
            self._write_config()
            self._start_munge()
            self._start("slurmctld", "-D", "-i", "-f", self.config)
            for node in NODES:
                self._start("slurmd", "-D", "-f", self.config, "-N", node)
            wait_until(self._all_idle, "Slurm with four idle nodes")
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self):
        """Jobs first: their steps are children of nobody here."""
        if len(self._daemons) > 1:
            with contextlib.suppress(AssertionError, subprocess.TimeoutExpired):
                self.call("scancel", "--full", f"--user={getpass.getuser()}")
                wait_until(lambda: not self.call("squeue", "-h").stdout.strip(), "empty queue")
        for daemon in reversed(self._daemons):
            daemon.terminate()
        for daemon in reversed(self._daemons):
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        self._daemons.clear()
        for log in self._logs:
            log.close()
        self._logs.clear()

    def call(self, *command, **variables):
        """One of Slurm's own programs, or any that speaks with this cluster."""
        return subprocess.run([program(command[0]), *map(str, command[1:])], text=True,
                              capture_output=True, timeout=LIMIT_S, stdin=subprocess.DEVNULL,
                              env=self.environment(**variables), cwd=self.folder)

    def checked(self, *command, **variables):
        """What it printed; it has succeeded."""
        done = self.call(*command, **variables)
        if done.returncode != 0:
            raise AssertionError(f"{command}: {done.stdout}{done.stderr}")
        return done.stdout

    def submit(self, *arguments, **variables):
        """The number of the job."""
        return int(self.checked("sbatch", "--parsable", *arguments, **variables))

    def job(self, number):
        """What Slurm knows of it: JobState, ExitCode, Restarts, BatchHost and more."""
        shown = self.checked("scontrol", "--oneliner", "show", "job", number)
        return dict(word.split("=", 1) for word in shown.split() if "=" in word)

    def steps_of(self, number):
        """Those that its script has started, a line each."""
        shown = self.checked("squeue", "--noheader", "--steps", f"--jobs={number}", "--format=%i")
        return [step for step in shown.split() if not step.endswith(("batch", "extern"))]

    def wait_for_state(self, number, *states):
        return wait_until(lambda: (job := self.job(number))["JobState"] in states and job,
                          f"job {number} that is {' or '.join(states)}",
                          lambda: f"but {self.job(number)}\n{self.call('squeue', '--steps').stdout}")

    def wait_for_end(self, number):
        """The job, which has ended, and its exit code."""
        job = self.wait_for_state(number, "COMPLETED", "FAILED", "CANCELLED", "TIMEOUT",
                                  "NODE_FAIL", "OUT_OF_MEMORY")
        return job, int(job["ExitCode"].split(":")[0])

    def _make_folders(self):
        os.chmod(self.folder, 0o755)
        for name in ("munge", "run", "state", "log", *(f"spool/{node}" for node in NODES),
                     *(f"tmp/{node}" for node in NODES)):
            os.makedirs(self.path(name), mode=0o755, exist_ok=True)

    def _write_config(self):
        controller, *ports = free_ports(1 + len(NODES))
        nodes = "\n".join(f"NodeName={node} NodeHostname=localhost NodeAddr=127.0.0.1 Port={port} "
                          f"CPUs={PROCESSORS[node]} RealMemory=1000 State=UNKNOWN"
                          for node, port in zip(NODES, ports))
        values = {"USER": getpass.getuser(), "BASE": self.folder, "NODES": nodes,
                  "CONTROLLER_PORT": str(controller)}
        for name in ("slurm.conf", "topology.conf"):
            with open(os.path.join(HERE, f"{name}.in"), encoding="ascii") as template:
                text = template.read()
            for key, value in values.items():
                text = text.replace(f"@{key}@", value)
            with open(self.path(name), "w", encoding="ascii") as file:
                file.write(text)

    def _start_munge(self):
        key = self.path("munge", "key")
        subprocess.run([program("mungekey"), "--create", f"--keyfile={key}"], check=True)
        self._start("munged", "--foreground", "--num-threads=2", f"--key-file={key}",
                    f"--socket={self.path('munge', 'socket')}",
                    f"--pid-file={self.path('munge', 'pid')}",
                    f"--seed-file={self.path('munge', 'seed')}",
                    f"--log-file={self.path('munge', 'log')}")
        socket_path = self.path("munge", "socket")
        wait_until(lambda: os.path.exists(socket_path), "socket of munged")

    def _start(self, name, *arguments):
        self._logs.append(open(self.path("log", f"{name}-{len(self._daemons)}.out"), "wb"))
        self._daemons.append(
            subprocess.Popen([program(name), *arguments], stdin=subprocess.DEVNULL,
                             stdout=self._logs[-1], stderr=subprocess.STDOUT,
                             env=self.environment(), preexec_fn=die_with_parent,
                             start_new_session=True))

    def _all_idle(self):
        for daemon in self._daemons:
            if daemon.poll() is not None:
                raise AssertionError(f"{daemon.args} ended: {self._last_words()}")
        shown = self.call("sinfo", "-h", "-N", "-o", "%T")
        return shown.returncode == 0 and shown.stdout.split() == ["idle"] * len(NODES)

    def _last_words(self):
        words = []
        for name in sorted(os.listdir(self.path("log"))):
            with open(self.path("log", name), encoding="utf-8", errors="replace") as log:
                words += [f"{name}: {line.rstrip()}" for line in log.readlines()[-3:]]
        return "\n".join(words)
