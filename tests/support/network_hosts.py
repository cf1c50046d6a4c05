"""Several hosts on one machine, for tests that need a real network between ranks.

A test first moves into a world of its own: it becomes the first process of new PID, mount and
network namespaces. In there it makes hosts, each with a host name and an interface of its own, on
one switch. Nothing has a name outside, so runs do not meet, and nothing has to be removed: when the
test ends, however it ends, the kernel kills what is left in its world and forgets the interfaces.
"""

import os
import shlex
import shutil
import signal
import subprocess
import sys

SKIPPED = 77  # what CTest is told to take as "not run" (SKIP_RETURN_CODE)
# Set inside. PID 1 alone could be a container's first process, and a variable somebody's mistake.
MARK = "NETWORK_HOSTS_OWN_WORLD"
UNSHARE = ["unshare", "--net", "--uts", "--pid", "--mount", "--mount-proc", "--fork",
           "--kill-child=KILL"]


def in_own_world():
    return os.environ.get(MARK) == "1" and os.getpid() == 1


def move_into_own_world():
    """Starts this program once more, inside; returns only there. Needs root, else exits as skipped."""
    if in_own_world():
        # So the files of programs that were killed go as well: shared memory, and by TMPDIR the rest.
        run("mount", "-t", "tmpfs", "-o", "mode=1777", "shm", "/dev/shm")
        os.environ["TMPDIR"] = "/dev/shm"
        return
    if not shutil.which("ip"):
        give_up("no program ip", "Debian's iproute2", "tools/setup")
    probe = subprocess.run([*UNSHARE, "ip", "link", "add", "probe", "type", "veth"],
                           capture_output=True, text=True)
    if probe.returncode != 0:
        give_up(probe.stderr.strip(), "network namespaces and veth pairs",
                "root, in a container with CAP_SYS_ADMIN and CAP_NET_ADMIN")
    # unshare itself is deaf to SIGTERM. It ends with this process, and the world ends with it.
    inside = subprocess.Popen(
        ["setpriv", "--pdeathsig", "KILL", "--", *UNSHARE, "--", sys.executable,
         *sys.orig_argv[1:]], env={**os.environ, MARK: "1"})
    while True:
        try:
            sys.exit(abs(inside.wait()))
        except KeyboardInterrupt:
            continue  # Ctrl-C reaches the inside, too.


def give_up(found, needed, remedy):
    print(f"skipped: cannot make hosts\n  found   {found}\n  needed  {needed}\n  try     {remedy}",
          file=sys.stderr)
    sys.exit(SKIPPED)


RECEIVE_ONE = """
import socket, sys
receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.bind((sys.argv[1], 0))
receiver.settimeout(0.5)
print(receiver.getsockname()[1], flush=True)
try:
    receiver.recv(1)
    print("came")
except TimeoutError:
    print("lost")
"""
SEND_ONE = """
import socket, sys
try:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"1", (sys.argv[1], int(sys.argv[2])))
except OSError:
    pass  # The sender's own host drops it.
"""


class NetworkHosts:
    """Hosts h1, h2, ... at 10.77.0.11, 10.77.0.12, ..., and this process beside them on the same
    switch, as on a login node. One object per test program."""

    def __init__(self, count):
        if not in_own_world():
            raise AssertionError("move_into_own_world() comes first")
        self.names = [f"h{number}" for number in range(1, count + 1)]
        run("hostname", "login")
        run("ip", "link", "set", "lo", "up")
        run("ip", "link", "add", "switch0", "type", "bridge")
        run("ip", "addr", "add", "10.77.0.1/24", "dev", "switch0")
        run("ip", "link", "set", "switch0", "up")
        self._addresses = {name: f"10.77.0.{number}" for number, name in enumerate(self.names, 11)}
        self._keepers = {name: self._start_host(name) for name in self.names}
        self.remote_shell = self._write_remote_shell()

    def _start_host(self, name):
        """A host lives as long as the process that keeps it."""
        keeper = subprocess.Popen(
            ["unshare", "--net", "--uts", "sh", "-c",
             f"hostname {name} && ip link set lo up && echo up && exec sleep infinity"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        if keeper.stdout.readline() != "up\n":
            raise AssertionError(f"no host {name}")
        cable = f"to-{name}"
        run("ip", "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns",
            str(keeper.pid))
        run("ip", "link", "set", cable, "master", "switch0", "up")
        enter = enter_command(keeper)
        run(*enter, "ip", "addr", "add", f"{self._addresses[name]}/24", "dev", "eth0")
        run(*enter, "ip", "link", "set", "eth0", "up")
        return keeper

    def _write_remote_shell(self):
        """What mpirun uses as it uses ssh: HOST COMMAND..."""
        path = os.path.join(os.environ["TMPDIR"], "remote-shell")
        cases = "".join(f'  {name}) shift; exec {shlex.join(enter_command(keeper))} sh -c "$*" ;;\n'
                        for name, keeper in self._keepers.items())
        with open(path, "w", encoding="ascii") as file:
            file.write(f'#!/bin/sh\ncase "$1" in\n{cases}  *) exit 255 ;;\nesac\n')
        os.chmod(path, 0o700)
        return path

    def drop_datagrams(self, name):
        """From now on UDP neither enters nor leaves the host; TCP does. Not even between processes
        of the host, because the rule stands before the one for local addresses."""
        rule = [*self._on(name), "ip", "rule"]
        run(*rule, "add", "pref", "10", "ipproto", "udp", "blackhole")
        run(*rule, "add", "pref", "20", "lookup", "local")
        run(*rule, "del", "pref", "0")

    def limit_bandwidth(self, name, rate):
        """Of the host's cable, each way; rate as tc has it ("100mbit"), None: without a limit."""
        for end in (["tc", "qdisc"], [*self._on(name), "tc", "qdisc"]):
            device = f"to-{name}" if end[0] == "tc" else "eth0"
            if rate:
                run(*end, "replace", "dev", device, "root", "tbf", "rate", rate, "burst", "64kb",
                    "latency", "50ms")
            else:
                subprocess.run([*end, "del", "dev", device, "root"], capture_output=True)

    def carries_datagrams(self, sender, receiver):
        """Whether one gets from the one host to the other."""
        waiting = subprocess.Popen(
            [*self._on(receiver), sys.executable, "-c", RECEIVE_ONE, self._addresses[receiver]],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        port = waiting.stdout.readline().strip()
        subprocess.run([*self._on(sender), sys.executable, "-c", SEND_ONE,
                        self._addresses[receiver], port], check=True)
        return waiting.communicate()[0] == "came\n"

    def rank_pid(self, rank):
        """Ranks on hosts of this object; rank numbers of a job that runs alone."""
        for pid in self._pids():
            try:
                with open(f"/proc/{pid}/environ", "rb") as variables:
                    if b"OMPI_COMM_WORLD_RANK=%d" % rank in variables.read().split(b"\0"):
                        return pid
            except OSError:
                continue  # It has just ended.
        raise AssertionError(f"there is no rank {rank}")

    def kill_processes_of(self, name):
        """As if the host had lost its power; its interface stays."""
        network = self._network(self._keepers[name].pid)
        victims = [pid for pid in self._pids() if self._network(pid) == network]
        if not victims:
            raise AssertionError(f"nothing runs on {name}")
        for pid in victims:
            os.kill(pid, signal.SIGKILL)

    @staticmethod
    def _network(pid):
        try:
            return os.readlink(f"/proc/{pid}/ns/net")
        except OSError:
            return None  # It has just ended.

    def _on(self, name):
        return enter_command(self._keepers[name])

    def left_over(self):
        """What runs beside this process and the hosts themselves: command lines."""
        lines = []
        for pid in self._pids():
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    line = file.read().replace(b"\0", b" ").decode(errors="replace").strip()
            except OSError:
                continue
            if line:  # Those that have ended have none.
                lines.append(line)
        return lines

    def _pids(self):
        ours = {os.getpid(), *(keeper.pid for keeper in self._keepers.values())}
        return [int(entry) for entry in os.listdir("/proc")
                if entry.isdigit() and int(entry) not in ours]


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: {done.stderr}")


def enter_command(keeper):
    return ["nsenter", "--target", str(keeper.pid), "--net", "--uts"]
