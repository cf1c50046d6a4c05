"""What an application developer does: install weir, build the examples against it, run them.

usage: installed_examples_test.py BUILD_FOLDER SOURCE_FOLDER MPIRUN
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

BUILD, SOURCE, MPIRUN = (Path(p) for p in sys.argv[1:4])
EXAMPLES = SOURCE / "jobs" / "examples"
PRIMES = "33860 primes below 400000\n"


def finished(*command, **options):
    """The standard output of a command that must exit 0."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          timeout=300, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command} exited {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


class InstalledWeir(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="weir-installed-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.prefix = cls.folder / "a prefix"  # with a space
        finished("cmake", "--install", BUILD, "--prefix", cls.prefix)
        cls.build = cls.folder / "build"
        finished("cmake", "-S", EXAMPLES, "-B", cls.build, f"-DCMAKE_PREFIX_PATH={cls.prefix}")
        finished("cmake", "--build", cls.build, "--parallel", "2")

    def run_example(self, name, rank_count, **options):
        return finished(MPIRUN, "--oversubscribe", "--bind-to", "none", "-n", rank_count,
                        self.build / name, **options)

    def test_hello_counts_the_same_primes_in_cpp_c_and_fortran(self):
        for name in ("hello", "hello_c", "hello_f"):
            for rank_count in (1, 2, 4):
                with self.subTest(name=name, rank_count=rank_count):
                    self.assertEqual(self.run_example(name, rank_count), PRIMES)

    def test_quadrature_is_exact_on_any_number_of_ranks(self):
        for rank_count in (1, 2, 4):
            text = self.run_example("quadrature", rank_count)
            found = re.fullmatch(r"integral (\S+), off by (\S+), in (\d+) tasks\n", text)
            self.assertTrue(found, text)
            self.assertEqual(found[1], "12.563188197")
            self.assertLess(float(found[2]), 1e-9)
            self.assertGreater(int(found[3]), 16)

    def test_mandelbrot_rows_differ_a_hundredfold_and_sum_up_the_same(self):
        for rank_count in (1, 2, 4):
            text = self.run_example("mandelbrot", rank_count)
            found = re.match(r"(\d+) steps in 400 rows of (\d+) to (\d+), on (\d+) ranks", text)
            self.assertTrue(found, text)
            self.assertEqual(found[1], "72009344")
            self.assertGreater(int(found[3]), 100 * int(found[2]))
            self.assertEqual(int(found[4]), rank_count)

    def test_stencil_keeps_its_own_messages_beside_those_of_weir(self):
        # By a loop over one rod of as many cells, without ranks and without weir.
        for rank_count, heat in ((1, "146.888638102"), (2, "252.857566741"), (4, "464.795424018")):
            text = self.run_example("stencil", rank_count)
            self.assertTrue(text.startswith(f"heat {heat} after 20 iterations on {rank_count} "),
                            text)

    def test_a_table_that_all_tasks_read_gives_the_same_sum(self):
        # Of Euler's totients up to a million: https://oeis.org/A064018
        for rank_count in (1, 2, 4):
            self.assertEqual(self.run_example("lookup", rank_count),
                             "303963552392 pairs below 1000000 have no divisor in common\n")

    def test_unbalanced_trees_have_their_published_numbers_of_nodes(self):
        for tree in ("T1", "T3"):
            for rank_count in (1, 2, 4):
                text = finished(MPIRUN, "--oversubscribe", "--bind-to", "none", "-n", rank_count,
                                self.build / "uts", tree)
                self.assertNotIn("NOT FOUND", text)
                self.assertIn(f", {rank_count} workers ", text)

    def test_pkg_config_says_how_to_compile_and_link(self):
        pkg_config = {**os.environ,
                      "PKG_CONFIG_PATH": str(next(self.prefix.glob("lib*/**/pkgconfig")))}
        flags = finished("pkg-config", "--cflags", "weir", env=pkg_config)
        libraries = finished("pkg-config", "--libs", "weir", env=pkg_config)
        program = self.folder / "by_pkg_config"
        finished("sh", "-c", f"mpicxx -std=c++20 {flags.strip()} '{EXAMPLES}/hello.cpp' "
                 f"{libraries.strip()} -o '{program}'")
        library_path = {**os.environ, "LD_LIBRARY_PATH": str(self.prefix / "lib")}
        self.assertEqual(finished(MPIRUN, "--oversubscribe", "-n", "2", program, env=library_path),
                         PRIMES)

    def test_an_application_does_not_load_libtorch(self):
        self.assertNotIn("torch", finished("ldd", self.build / "hello"))

    def test_the_readme_shows_an_example_that_was_just_compiled(self):
        readme = (SOURCE / "README.md").read_text()
        example = (EXAMPLES / "hello.cpp").read_text()
        self.assertTrue("```cpp\n" + example + "```\n" in readme,
                        "README.md shows another program than jobs/examples/hello.cpp")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
