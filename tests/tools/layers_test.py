"""usage: layers_test.py SOURCE_FOLDER: the tree obeys tools/check_layers, and planted faults do not pass."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(sys.argv.pop())


def check(root):
    return subprocess.run([sys.executable, SOURCE / "tools/check_layers", root],
                          capture_output=True, text=True)


def check_one_file(path, text):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / path
        file.parent.mkdir(parents=True)
        file.write_text(text)
        return check(folder)


class LayersTest(unittest.TestCase):
    def refuses(self, path, text, finding):
        result = check_one_file(path, text)
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertIn(path, result.stdout)
        self.assertIn(finding, result.stdout)

    def accepts(self, path, text):
        result = check_one_file(path, text)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_the_tree_has_no_finding(self):
        result = check(SOURCE)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_an_include_may_point_down_and_within_the_folder(self):
        self.accepts("runtime/control/a.cpp", '#include "runtime/base/ids.hpp"\n'
                     '#include "runtime/control/a.hpp"\n#include "jobs/streams/b.hpp"\n')

    def test_an_include_may_not_point_up(self):
        self.refuses("runtime/base/a.hpp", '#pragma once\n\n#include "runtime/policy/policy.hpp"\n',
                     ":3: includes \"runtime/policy/policy.hpp\" upwards")

    def test_an_include_may_not_point_sideways(self):
        for path, target in [("runtime/control/a.cpp", "runtime/exec/worker.hpp"),
                             ("runtime/sim/a.cpp", "runtime/mpi/inbox.hpp"),
                             ("topology/a.cpp", "jobs/stream.hpp"),
                             ("runtime/policy/a.cpp", "runtime/environment/clock.hpp")]:
            self.refuses(path, f'#include "{target}"\n', "sideways")

    def test_what_is_learned_from_does_not_know_who_learns(self):
        self.accepts("ml/training/control/a.cpp", '#include "ml/training/experience/b.hpp"\n')
        for path, target in [("ml/training/experience/a.cpp", "ml/training/control/b.hpp"),
                             ("ml/training/search/a.cpp", "ml/training/forecaster/b.hpp")]:
            self.refuses(path, f'#include "{target}"\n', "upwards")
        self.refuses("ml/training/control/a.cpp", '#include "ml/training/forecaster/b.hpp"\n', "sideways")
        self.refuses("ml/training/experience/a.cpp", "#include <torch/torch.h>\n", "<torch/torch.h>")

    def test_an_include_counts_from_the_source_folder(self):
        self.refuses("runtime/base/a.cpp", '#include "ids.hpp"\n', "layer table")
        self.refuses("runtime/util/a.cpp", "int a;\n", "layer table")

    def test_a_library_belongs_to_its_folder(self):
        self.refuses("runtime/control/a.cpp", "#include <mpi.h>\n", "includes <mpi.h>")
        self.refuses("runtime/mpi/a.cpp", "#include <hwloc.h>\n", "includes <hwloc.h>")
        self.refuses("tools/a.cpp", "#include <hdf5.h>\n", "includes <hdf5.h>")
        self.refuses("ml/inference/a.cpp", "#include <torch/torch.h>\n", "includes <torch/torch.h>")
        self.refuses("jobs/a.cpp", "#include <boost/program_options.hpp>\n", "program_options")
        self.accepts("runtime/mpi/a.cpp", "#include <mpi.h>\nvoid f() { MPI_Barrier(MPI_COMM_WORLD); }\n")

    def test_mpi_is_called_in_one_folder(self):
        self.refuses("runtime/session/a.cpp", "void f() { MPI_Barrier(c); }\n", "calls MPI")

    def test_clocks_are_read_in_the_real_world_only(self):
        for line in ["auto t = std::chrono::steady_clock::now();", "clock_gettime(id, &t);",
                     "auto t = std::time(nullptr);", "using C = std::chrono::system_clock;"]:
            self.refuses("runtime/control/a.cpp", f"{line}\n", "reads a clock")
            self.accepts("runtime/exec/a.cpp", f"{line}\n")

    def test_chance_has_a_seed(self):
        self.refuses("jobs/a.cpp", "std::random_device chance;\n", "unseeded")
        self.refuses("runtime/policy/a.cpp", "int i = std::rand();\n", "unseeded")

    def test_deciding_code_does_not_ask_for_its_world(self):
        self.refuses("runtime/policy/a.cpp", "#ifdef WEIR_SIM\n#endif\n", "which world")
        self.refuses("runtime/control/a.cpp", "if (is_simulated) return;\n", "which world")

    def test_comments_and_texts_do_not_count(self):
        self.accepts("runtime/control/a.cpp", "// steady_clock\n/* #include <mpi.h>\n MPI_Send( */\n"
                     'auto a = "MPI_Send(";\nint n = 1\'000\'000;\nauto b = R"(rand())";\n')
        self.refuses("runtime/control/a.cpp", "int n = 1'000; rand(); char c = 'x';\n", "unseeded")

    def test_a_file_stays_short(self):
        self.refuses("jobs/a.cpp", "\n" * 500, "has 500 lines")

    def test_a_todo_names_its_issue(self):
        self.refuses("jobs/a.cpp", "// TODO: later\n", "TODO")
        self.accepts("jobs/a.cpp", "// TODO(#12): later\n")


if __name__ == "__main__":
    unittest.main()
