# Everything weir needs from outside, found once. tools/setup installs the Debian packages of the same list.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(MPI REQUIRED COMPONENTS C)
find_package(HDF5 REQUIRED COMPONENTS C)
find_package(ZLIB REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(Boost REQUIRED COMPONENTS program_options)
find_package(nlohmann_json REQUIRED)
find_package(cereal REQUIRED)
pkg_check_modules(hwloc REQUIRED IMPORTED_TARGET hwloc)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
find_path(KISSFFT_INCLUDE_DIR kissfft/kissfft.hh REQUIRED)
# Clp alone, without what its pkg-config file adds for static linking (LAPACK, BLAS, bzip2).
find_path(CLP_INCLUDE_DIR coin/Clp_C_Interface.h REQUIRED)
find_library(CLP_LIBRARY Clp REQUIRED)
add_library(weir_clp INTERFACE)
target_include_directories(weir_clp SYSTEM INTERFACE "${CLP_INCLUDE_DIR}")
target_link_libraries(weir_clp INTERFACE "${CLP_LIBRARY}")
if(WEIR_WITH_TORCH)
  find_package(Torch QUIET)
  if(NOT Torch_FOUND)
    message(FATAL_ERROR "LibTorch is missing, which ml/training learns with\n"
      "  found   no TorchConfig.cmake\n  needed  LibTorch (Debian: libtorch-dev)\n"
      "  try     tools/setup, or -DWEIR_WITH_TORCH=OFF for everything but learning")
  endif()
endif()
if(WEIR_BUILD_TESTS)
  find_package(GTest REQUIRED)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
endif()
if(WEIR_BUILD_BENCHMARKS)
  find_package(benchmark REQUIRED)
endif()

find_program(WEIR_CCACHE ccache)
if(WEIR_CCACHE)
  # One cache for every checkout: paths count from the source folder. The sloppiness is what
  # precompiled headers need.
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}"
    CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros "${WEIR_CCACHE}")
endif()
