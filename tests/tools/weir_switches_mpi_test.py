"""Clusters of the tree by switches: from a file, and from what Slurm tells each rank."""

import json

from weir_process import WEIR, Started, WeirTest, main, mpirun_command, record_of, weir

NETWORK = """# two leaves, neither of consecutive ranks
SwitchName=left Nodes=n[0,2]
SwitchName=right Nodes=n[1,3]
SwitchName=top Switches=left,right
"""
# Every other rank is at the other switch.
CLUSTERS = [[0, 2], [1, 3]]
WORK = ["run", "--emulate", "nodes=4x1*4;work_ms=5", "--stream", "iot", "--load", "0.5",
        "--duration", "1s", "--policy", "tree", "--json"]


def on_four_nodes(variables_of, *arguments):
    """One rank on each of four nodes that a Slurm tells apart; all are this host."""
    command = mpirun_command(*([1, *arguments] for _ in range(4)))
    programs = [at for at, word in enumerate(command) if word == WEIR]
    for node, at in reversed(list(enumerate(programs))):
        command[at:at] = ["env", *(f"{name}={value}" for name, value in variables_of(node).items())]
    return Started(command).outcome()


def named(node):
    return {"SLURMD_NODENAME": f"n{node}"}


def addressed(node):
    return {"SLURM_TOPOLOGY_ADDR": f"top.{'left' if node % 2 == 0 else 'right'}.n{node}",
            "SLURM_TOPOLOGY_ADDR_PATTERN": "switch.switch.node"}


def clusters_of(outcome):
    """Of the JSON of a printed tree."""
    return [role["children"] for role in json.loads(outcome.stdout)["coordinators"]
            if role["level"] == 1]


class Switches(WeirTest):
    def setUp(self):
        super().setUp()
        self.file = self.write("net.conf", NETWORK)

    def test_of_a_file_make_the_clusters_of_a_tree_without_ranks(self):
        outcome = weir("topology", "--tree", "--switches", self.file, "--json")
        self.assertEqual(outcome.code, 0, outcome.stderr)
        self.assertEqual(clusters_of(outcome), [[0, 1], [2, 3]])  # hosts in the order of the file
        outcome = weir("topology", "--tree", "--switches", self.file, "--ranks", 8, "--json")
        self.assertEqual(clusters_of(outcome), [[0, 1, 2, 3], [4, 5, 6, 7]])

    def test_of_a_file_make_the_clusters_of_a_job(self):
        outcome = on_four_nodes(named, "topology", "--tree", "--switches", self.file, "--json")
        self.assertEqual(outcome.code, 0, outcome.stderr)
        self.assertEqual(clusters_of(outcome), CLUSTERS)

    def test_of_a_file_make_the_clusters_of_a_run(self):
        record = self.path("run.h5")
        outcome = on_four_nodes(named, *WORK, "--switches", self.file, "--record", record)
        self.assert_completed(outcome)
        self.assertEqual(record_of(record)["coordinators"], [0, 1, 0, 1])
        self.assertEqual(record_of(record)["attributes"]["option_switches"], self.file)

    def test_that_slurm_tells_make_the_clusters_of_a_run(self):
        record = self.path("run.h5")
        self.assert_completed(on_four_nodes(addressed, *WORK, "--record", record))
        self.assertEqual(record_of(record)["coordinators"], [0, 1, 0, 1])

    def test_that_slurm_tells_yield_to_those_of_a_file(self):
        other = self.write("other.conf", "SwitchName=a Nodes=n[0-1]\nSwitchName=b Nodes=n[2-3]\n")
        outcome = on_four_nodes(lambda node: named(node) | addressed(node), "topology", "--tree",
                                "--switches", other, "--json")
        self.assertEqual(clusters_of(outcome), [[0, 1], [2, 3]])

    def test_that_nobody_tells_leave_the_tree_to_hosts(self):
        record = self.path("run.h5")
        self.assert_completed(on_four_nodes(lambda node: {}, *WORK, "--record", record))
        self.assertEqual(record_of(record)["coordinators"], [0, 0, 0, 0])

    def test_of_a_file_that_cannot_be_used_are_refused_once(self):
        bad = self.write("bad.conf", "SwitchName=s0 Nodes=n[0-3]\nSwitchName=s1 Nodes=n[\n")
        self.assert_refused(weir("topology", "--tree", "--switches", bad), "line 2", "Nodes=n[")
        self.assert_refused(on_four_nodes(named, "topology", "--tree", "--switches", bad),
                            "line 2", "Nodes=n[")
        self.assert_refused(on_four_nodes(named, *WORK, "--switches", bad), "line 2", "Nodes=n[")
        self.assert_refused(on_four_nodes(named, *WORK, "--switches", self.path("gone")),
                            "no such file")

    def test_of_a_file_without_a_host_of_the_job_are_refused_once(self):
        short = self.write("short.conf", "SwitchName=s0 Nodes=n[0-2]\n")
        self.assert_refused(on_four_nodes(named, *WORK, "--switches", short),
                            "host n3 of rank 3", "3 hosts of")

    def test_beside_a_size_of_clusters_are_refused(self):
        self.assert_refused(weir("topology", "--tree", "--switches", self.file,
                                 "--cluster-size", 2), "--cluster-size")


if __name__ == "__main__":
    main(at_once=3)
