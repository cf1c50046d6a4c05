// Networks in training, and how Adam stands with them, in a record: bit by bit.

#pragma once

#include <torch/torch.h>

#include <filesystem>
#include <vector>

#include "ml/training/control/q_network.hpp"
#include "runtime/record/record_reader.hpp"
#include "runtime/record/record_writer.hpp"

namespace weir {

// The tables, and their rows, in the tables from `first` on. `adam` moves the parameters of
// `online`. Reading throws Error where the record is of networks of another size, or has a number
// that is none.
std::vector<TableSchema> parameter_tables();
void append_parameters(const QNetwork& online, const QNetwork& target,
                       const torch::optim::Adam& adam, RecordWriter& record, TableIndex first);
void read_parameters(const RecordReader& record, const std::filesystem::path& path,
                     QNetwork& online, QNetwork& target, torch::optim::Adam& adam);

}  // namespace weir
