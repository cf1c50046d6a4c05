# Not run: there was no Spack to try it with. Checked: its syntax (python3 -m py_compile), and that
# cmake takes these options. Not in Spack as far as known, and so brought along: KISS FFT's header.
#
#   spack repo create weir_repo && mkdir -p weir_repo/packages/weir
#   cp package.py weir_repo/packages/weir/ && spack repo add weir_repo
#   spack dev-build --source-path=PATH/OF/weir weir@main ^openmpi@4.1 schedulers=slurm

from spack.package import *


class Weir(CMakePackage):
    """Task scheduler and runtime for MPI: learned and classical placement, many-task execution of
    commands, simulation in virtual time."""

    # By `spack dev-build`, or with `git = ...` of where weir is kept.
    version("main", branch="main")

    variant("training", default=False, description="weir train forecaster and control (LibTorch)")

    depends_on("c", type="build")
    depends_on("cxx", type="build")
    depends_on("cmake@3.25:", type="build")
    depends_on("ninja", type="build")
    depends_on("pkgconfig", type="build")

    depends_on("openmpi@4.1:4")
    depends_on("hwloc@2:")
    depends_on("hdf5@1.10:~mpi")
    depends_on("sqlite@3:")
    depends_on("zlib-api")
    depends_on("xxhash@0.8:")
    depends_on("boost@1.74:+program_options")
    depends_on("nlohmann-json@3.10:")
    depends_on("cereal@1.3:")
    depends_on("clp@1.17:")
    depends_on("py-torch@1.13:~cuda", when="+training")

    resource(
        name="kissfft",
        git="https://github.com/mborgerding/kissfft.git",
        tag="131.1.0",
        placement="kissfft",
    )

    conflicts("%gcc@:11", msg="weir is written in the C++20 of g++ 12")

    generator("ninja")

    def cmake_args(self):
        clp = self.spec["clp"].prefix
        return [
            self.define_from_variant("WEIR_WITH_TORCH", "training"),
            self.define("WEIR_BUILD_TESTS", False),
            self.define("WEIR_BUILD_BENCHMARKS", False),
            # kissfft/kissfft.hh and coin/Clp_C_Interface.h
            self.define("KISSFFT_INCLUDE_DIR", self.stage.source_path),
            self.define("CMAKE_INCLUDE_PATH", [clp.include, join_path(clp.include, "clp")]),
        ]

    @run_after("install")
    @on_package_attributes(run_tests=True)
    def process_a_stream(self):
        weir = Executable(self.prefix.bin.weir)
        weir("run", "--stream", "finance", "--duration", "1s")
