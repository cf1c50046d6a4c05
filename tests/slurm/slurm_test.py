"""Tests that submit jobs to one Slurm, which lives as long as the test program."""

import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "tools"))
from slurm_cluster import SlurmCluster
from weir_process import WEIR, Outcome, WeirTest

SCRIPTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "slurm")

cluster = None
_folder = None


def start_cluster():
    """For setUpModule()."""
    global cluster, _folder
    # Short: munge and Slurm make sockets in there.
    _folder = tempfile.TemporaryDirectory(prefix="weir-slurm-", ignore_cleanup_errors=True)
    try:
        cluster = SlurmCluster(_folder.name).start()
    except BaseException:
        _folder.cleanup()
        raise


def stop_cluster():
    """For tearDownModule()."""
    cluster.stop()
    _folder.cleanup()


class SlurmTest(WeirTest):
    def submit(self, *arguments, script="weir.sbatch", options=(), **variables):
        """A job of one of the scripts, which runs in this test's folder; its number."""
        return cluster.submit("--chdir", self.folder, "--output", self.path("%j.out"),
                              "--error", self.path("%j.err"), *options,
                              os.path.join(SCRIPTS, script), *arguments,
                              **{"WEIR_PROGRAM": WEIR, **variables})

    def output_of(self, job, end="err"):
        try:
            with open(self.path(f"{job}.{end}"), encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def outcome_of(self, job):
        """Once it has ended."""
        _, code = cluster.wait_for_end(job)
        return Outcome(code, self.output_of(job, "out"), self.output_of(job))

    def last_line_of(self, job):
        """Without what clears the line of progress before it."""
        return self.output_of(job).splitlines()[-1].removeprefix("\x1b[K")
