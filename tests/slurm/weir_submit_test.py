"""`weir submit` on a real Slurm, and where there is none."""

import os
import signal

import slurm_test
from slurm_cluster import wait_until
from slurm_test import SlurmTest, start_cluster, stop_cluster
from weir_process import WEIR, Started, main

WORK = ["run", "--stream", "iot", "--duration", "300ms", "--rate", "200", "--json"]


def setUpModule():
    start_cluster()


def tearDownModule():
    stop_cluster()


class Submit(SlurmTest):
    def submitted(self, *arguments, **variables):
        environment = {"SLURM_CONF": slurm_test.cluster.config, **variables}
        return Started([WEIR, "submit", *arguments], environment).outcome()

    def options(self):
        return ["--chdir", self.folder, "--output", self.path("%j.out"), "--error",
                self.path("%j.err")]

    def test_prints_the_number_of_a_job_that_runs(self):
        outcome = self.submitted("--nodes=2", *self.options(), "--", *WORK)
        self.assertEqual(outcome.code, 0, outcome.stderr)
        job = int(outcome.stdout)
        result = self.assert_completed(self.outcome_of(job))
        self.assertEqual(len(result["nodes"]), 2)
        self.assertEqual(self.last_line_of(job), f"weir.sbatch: job {job}: exit code 0: done")

    def test_takes_arguments_as_they_are(self):
        folder = self.path("with space, 'quote' and $HOME")
        os.mkdir(folder)
        record = os.path.join(folder, "run.h5")
        outcome = self.submitted("--nodes=1", *self.options(), "--", *WORK, "--record", record)
        self.assert_completed(self.outcome_of(int(outcome.stdout)))
        self.assertTrue(os.path.exists(record))

    def test_shows_what_sbatch_says_when_it_refuses(self):
        for options, words in ((["--partition=gpu"], ["partition", "sinfo -s"]),
                               (["--ntasks=0"], ["ntasks", "sbatch --help"]),
                               (["--nonsense"], ["--nonsense"])):
            with self.subTest(options=options):
                self.assert_refused(self.submitted(*options, *self.options(), "--", *WORK), *words)

    def test_shows_what_sbatch_says_without_munge(self):
        for name in ("slurm.conf", "topology.conf"):
            with open(slurm_test.cluster.path(name), encoding="ascii") as file:
                self.write(name, file.read().replace("/munge/socket", "/munge/nobody"))
        config = self.path("slurm.conf")
        self.assert_refused(self.submitted("--", *WORK, SLURM_CONF=config), "munge")

    def test_is_refused_without_slurm(self):
        self.assert_refused(self.submitted("--", *WORK, PATH="/nowhere"), "PATH=/nowhere",
                            "weir launch")

    def test_refuses_what_cannot_be_read_before_it_is_in_the_queue(self):
        for subcommand, word in ((["run", "--strem", "iot"], "strem"),
                                 (["exec", "list", "--retry", "3"], "--retry"),
                                 (["train", "bogus"], "'bogus'"),
                                 (["evaluate", "--quik"], "--quik"),
                                 (["rnu", "--stream", "iot"], "rnu"),
                                 (["launch", "-n", "2", "--", *WORK], "weir launch")):
            with self.subTest(subcommand=subcommand):
                self.assert_refused(self.submitted("--", *subcommand), word)
        self.assert_refused(self.submitted("--nodes=2"), "no --")

    def test_ends_by_ctrl_c_and_says_where_to_look(self):
        pid_file = self.path("pid")
        for number in ("", "4711"):
            with self.subTest(number=number):
                sbatch = self.write("sbatch", f"#!/bin/sh\necho {number}\necho $$ >{pid_file}.part\n"
                                    f"mv {pid_file}.part {pid_file}\nexec sleep 600\n")
                os.chmod(sbatch, 0o755)
                submit = Started([WEIR, "submit", "--", *WORK],
                                 {"PATH": f"{self.folder}:{os.environ['PATH']}"})
                wait_until(lambda: os.path.exists(pid_file), "sbatch")
                with open(pid_file, encoding="ascii") as file:
                    # As the terminal does, to both.
                    for pid in (submit.process.pid, int(file.read())):
                        os.kill(pid, signal.SIGINT)
                os.remove(pid_file)
                outcome = submit.outcome()
                self.assertEqual((outcome.code, outcome.stdout.strip()), (130, number))
                self.assertEqual("squeue --me" in outcome.stderr, not number)

    def test_refuses_a_folder_in_which_the_job_could_say_nothing(self):
        closed = self.path("closed")
        os.mkdir(closed, mode=0o555)
        # To root no folder is closed, but for this.
        drop = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []

        def submitted(*options):
            return Started([*drop, WEIR, "submit", *options, "--", "topology"],
                           {"SLURM_CONF": slurm_test.cluster.config}, folder=closed).outcome()

        self.assert_refused(submitted("--nodes=1"), closed, "--output=")
        taken = submitted("--outp", self.path("%j.err"))
        self.assertEqual(self.outcome_of(int(taken.stdout)).code, 0, taken.stderr)

    def test_writes_to_no_disk(self):
        outcome = self.submitted("--nodes=1", *self.options(), "--", *WORK,
                                 TMPDIR="/nowhere", HOME="/nowhere")
        self.assert_completed(self.outcome_of(int(outcome.stdout)))


if __name__ == "__main__":
    main(at_once=3)
