# weir_add_component, weir_add_test, weir_add_mpi_test: the only ways a target is made.

add_library(weir_flags INTERFACE)
target_include_directories(weir_flags INTERFACE "${PROJECT_SOURCE_DIR}")
# -Wno-restrict: g++ 12 sees overlaps in "text" + std::string that are not there (GCC bug 105651).
target_compile_options(weir_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  -Wno-sign-conversion -Wno-missing-field-initializers $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> -Werror=return-type)
if(WEIR_SANITIZE)
  target_compile_options(weir_flags INTERFACE -fsanitize=${WEIR_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  # g++ takes a quarter of its time for these two; the address sanitizer sees a read or write at null
  # without them, but no reference to it.
  if(NOT WEIR_SANITIZE_POINTERS)
    target_compile_options(weir_flags INTERFACE -fno-sanitize=null,alignment)
  endif()
  target_link_options(weir_flags INTERFACE -fsanitize=${WEIR_SANITIZE})
endif()

# weir_add_component(NAME [JOINED] SOURCES file... DEPENDS target... [PRIVATE_DEPENDS target...])
# One folder, one static library, one alias weir::NAME. PRIVATE_DEPENDS stay out of the users' sight.
# JOINED: with WEIR_JOIN_SOURCES and where sanitizers are on, a dozen sources are compiled as one, which
# takes a third of the time or less: names in their unnamed namespaces differ within a dozen.
function(weir_add_component name)
  cmake_parse_arguments(ARG "JOINED" "" "SOURCES;DEPENDS;PRIVATE_DEPENDS" ${ARGN})
  add_library(weir_${name} STATIC ${ARG_SOURCES})
  add_library(weir::${name} ALIAS weir_${name})
  set_target_properties(weir_${name} PROPERTIES LINKER_LANGUAGE CXX)
  if(ARG_JOINED AND (WEIR_JOIN_SOURCES OR WEIR_SANITIZE))
    set_target_properties(weir_${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 12)
  endif()
  target_link_libraries(weir_${name} PUBLIC weir_flags ${ARG_DEPENDS} PRIVATE ${ARG_PRIVATE_DEPENDS})
endfunction()

# Every test labelled `threads`: what is worth running with the thread sanitizer. And every test of
# a library, none of `weir` itself or of whole worlds, nor one that is `thorough`: what CI runs with
# the address sanitizer. They are labelled `library`; CI leaves them out of its release build.
add_custom_target(weir_thread_tests)
add_custom_target(weir_library_tests)

# weir_is_library_test(RESULT label...): whether a test of this folder with these labels is one. What
# tools/test leaves out with the address sanitizer is none, or it would run nowhere; nor is one that is
# `torch`, as the sanitizers' builds have no LibTorch.
function(weir_is_library_test result)
  get_property(labels DIRECTORY PROPERTY LABELS)
  list(APPEND labels ${ARGN})
  set(${result} ON PARENT_SCOPE)
  foreach(label IN ITEMS program thorough torch validation long)
    if(label IN_LIST labels)
      set(${result} OFF PARENT_SCOPE)
    endif()
  endforeach()
endfunction()

# Nobody waits for the code of a test itself: it is optimized less, which takes half of the time to
# compile. And what the sources of all tests include is compiled once.
set(weir_test_flags $<IF:$<CONFIG:Release>,-O1,-O0>)
# Comes with GNU binutils and takes a fifth of the time to link a test.
find_program(WEIR_GOLD ld.gold)
mark_as_advanced(WEIR_GOLD)
if(WEIR_BUILD_TESTS)
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/test_headers.cpp" CONTENT "int main() {}\n")
  add_executable(weir_test_headers EXCLUDE_FROM_ALL "${PROJECT_BINARY_DIR}/test_headers.cpp")
  target_link_libraries(weir_test_headers PRIVATE weir_flags GTest::gtest)
  target_compile_options(weir_test_headers PRIVATE ${weir_test_flags})
  target_precompile_headers(weir_test_headers PRIVATE <gtest/gtest.h> <algorithm> <array> <chrono>
    <cmath> <functional> <map> <memory> <optional> <set> <span> <sstream> <string> <thread> <vector>)
endif()

# weir_add_test_program(NAME DEPENDS target... [LABELS label...]): the executable of a test.
function(weir_add_test_program name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LABELS" ${ARGN})
  add_executable(${name} ${name}.cpp)
  target_link_libraries(${name} PRIVATE ${ARG_DEPENDS})
  target_compile_options(${name} PRIVATE ${weir_test_flags})
  target_precompile_headers(${name} REUSE_FROM weir_test_headers)
  if(WEIR_GOLD)
    target_link_options(${name} PRIVATE -fuse-ld=gold)
  endif()
  weir_is_library_test(is_library_test ${ARG_LABELS})
  if(is_library_test)
    add_dependencies(weir_library_tests ${name})
    if(NOT WEIR_BUILD_LIBRARY_TESTS)
      set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ON)
    endif()
  endif()
endfunction()

# weir_add_test(NAME DEPENDS target... [LABELS label...]): NAME.cpp in this folder, run without ranks.
# Labels with a meaning: `threads` runs under the thread sanitizer too; `mpi` (has ranks) and
# `namespaces` (makes network namespaces) may not be skipped where tools/test runs as root.
function(weir_add_test name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LABELS" ${ARGN})
  weir_add_test_program(${name} DEPENDS ${ARG_DEPENDS} GTest::gtest_main LABELS ${ARG_LABELS})
  add_test(NAME ${name} COMMAND ${name})
  weir_is_library_test(is_library_test ${ARG_LABELS})
  if(is_library_test)
    list(APPEND ARG_LABELS library)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "unit;${ARG_LABELS}" TIMEOUT 400)
  if("threads" IN_LIST ARG_LABELS)
    add_dependencies(weir_thread_tests ${name})
  endif()
endfunction()

# weir_add_mpi_test(NAME RANKS n... [HOSTS n...] DEPENDS target... [LABELS label...]): NAME.cpp, run
# under mpirun once for each number of ranks, and once for each number of hosts with two ranks each.
function(weir_add_mpi_test name)
  cmake_parse_arguments(ARG "" "" "RANKS;HOSTS;DEPENDS;LABELS" ${ARGN})
  weir_add_test_program(${name} DEPENDS ${ARG_DEPENDS} GTest::gtest LABELS ${ARG_LABELS})
  weir_is_library_test(is_library_test ${ARG_LABELS})
  if(is_library_test)
    list(APPEND ARG_LABELS library)
  endif()
  set(tests)
  foreach(ranks IN LISTS ARG_RANKS)
    add_test(NAME ${name}_${ranks}
      COMMAND ${MPIEXEC_EXECUTABLE} --oversubscribe --bind-to none -n ${ranks} $<TARGET_FILE:${name}>)
    set_property(TEST ${name}_${ranks} PROPERTY LABELS "mpi;${ARG_LABELS}")
    list(APPEND tests ${name}_${ranks})
  endforeach()
  foreach(hosts IN LISTS ARG_HOSTS)
    add_test(NAME ${name}_${hosts}_hosts
      COMMAND Python3::Interpreter -B "${PROJECT_SOURCE_DIR}/tests/support/run_on_hosts.py"
        ${hosts} 2 ${MPIEXEC_EXECUTABLE} $<TARGET_FILE:${name}>)
    set_tests_properties(${name}_${hosts}_hosts PROPERTIES SKIP_RETURN_CODE 77
      LABELS "mpi;namespaces;${ARG_LABELS}")
    list(APPEND tests ${name}_${hosts}_hosts)
  endforeach()
  set_tests_properties(${tests} PROPERTIES TIMEOUT 300 PROCESSORS 2
    ENVIRONMENT "OMPI_ALLOW_RUN_AS_ROOT=1;OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1;ASAN_OPTIONS=detect_leaks=0")
endfunction()

# What tools/fuzz runs; of these, what needs only libraries that compile soon.
add_custom_target(weir_fuzzers)
add_custom_target(weir_library_fuzzers)

# weir_add_fuzzer(NAME DEPENDS target...): the harness NAME_fuzz.cpp of this folder. With
# WEIR_BUILD_FUZZERS a program of libFuzzer; else a test that gives it the files of corpus/NAME.
function(weir_add_fuzzer name)
  cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
  add_executable(${name}_fuzz ${name}_fuzz.cpp)
  target_link_libraries(${name}_fuzz PRIVATE ${ARG_DEPENDS})
  add_dependencies(weir_fuzzers ${name}_fuzz)
  get_property(directory_labels DIRECTORY PROPERTY LABELS)
  if(WEIR_BUILD_FUZZERS)
    target_link_options(${name}_fuzz PRIVATE -fsanitize=fuzzer)
    set_target_properties(${name}_fuzz PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
  else()
    target_sources(${name}_fuzz PRIVATE "${PROJECT_SOURCE_DIR}/tests/fuzz/replay_corpus.cpp")
    add_test(NAME ${name}_corpus_test COMMAND ${name}_fuzz "${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name}")
    set_tests_properties(${name}_corpus_test PROPERTIES LABELS "unit;${directory_labels}" TIMEOUT 120)
  endif()
  weir_is_library_test(is_library_test)
  if(is_library_test)
    add_dependencies(weir_library_tests ${name}_fuzz)
    add_dependencies(weir_library_fuzzers ${name}_fuzz)
  endif()
endfunction()
