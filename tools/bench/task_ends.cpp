// Prints when the tasks of a run file were complete at their homes, seconds since the run began,
// one a line and in no order: for scripts that have no HDF5.

#include <cstdio>
#include <iostream>
#include <vector>

#include "runtime/base/error.hpp"
#include "runtime/record/record_reader.hpp"

namespace weir {
namespace {

void print_ends(const RecordReader& record) {
  for (const RankId rank : record.ranks()) {
    const auto arrivals = record.column<double>(part_of(rank), "tasks", "arrival_s");
    const auto responses = record.column<double>(part_of(rank), "tasks", "response_s");
    for (std::size_t i = 0; i < arrivals.size(); ++i) {
      std::printf("%.4f\n", arrivals[i] + responses[i]);
    }
  }
}

}  // namespace
}  // namespace weir

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: task_ends FILE\n";
    return weir::kExitBadInput;
  }
  try {
    weir::print_ends(weir::RecordReader(argv[1]));
  } catch (const weir::Error& error) {
    std::cerr << error.report() << '\n';
    return weir::kExitBadInput;
  }
  return 0;
}
