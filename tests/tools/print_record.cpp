// Prints what a run file or a segment holds, as one JSON object, for tests of other programs:
// {"segment", "ranks", "attributes", "tables": {TABLE: rows of all ranks}, "responses": tasks in
// the histograms, "errors": [the text of each dead letter's error], "coordinators": [of each rank
// the rank of its cluster's]}.

#include <iostream>
#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"
#include "runtime/record/record_reader.hpp"

namespace weir {
namespace {

nlohmann::json as_json(const Attributes& attributes) {
  nlohmann::json all = nlohmann::json::object();
  for (const auto& [name, value] : attributes) {
    std::visit([&all, &name = name](const auto& plain) { all[name] = plain; }, value);
  }
  return all;
}

nlohmann::json contents_of(const RecordReader& record) {
  nlohmann::json json = {{"segment", record.is_segment()},
                         {"attributes", as_json(record.attributes())},
                         {"ranks", nlohmann::json::array()},
                         {"tables", nlohmann::json::object()},
                         {"errors", nlohmann::json::array()},
                         {"coordinators", nlohmann::json::array()},
                         {"responses", 0}};
  std::vector<std::string> parts;
  if (record.is_segment()) parts.emplace_back();
  for (const RankId rank : record.ranks()) {
    json["ranks"].push_back(rank.value());
    parts.push_back(part_of(rank));
  }
  for (const std::string& part : parts) {
    for (const TableInfo& table : record.tables(part)) {
      auto& rows = json["tables"][table.schema.name];
      rows = rows.is_null() ? table.rows : rows.get<std::uint64_t>() + table.rows;
    }
    for (const auto count : record.column<std::uint64_t>(part, "response_histogram", "count")) {
      json["responses"] = json["responses"].get<std::uint64_t>() + count;
    }
    const Attributes attributes = record.attributes(part);
    json["coordinators"].push_back(std::get<std::int64_t>(attributes.at("coordinator")));
    for (const auto number : record.column<std::uint32_t>(part, "dead_letters", "error")) {
      const auto text = attributes.find("error_" + std::to_string(number));
      json["errors"].push_back(text == attributes.end() ? "" : std::get<std::string>(text->second));
    }
  }
  return json;
}

}  // namespace
}  // namespace weir

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: print_record FILE\n";
    return weir::kExitBadInput;
  }
  try {
    std::cout << weir::contents_of(weir::RecordReader(argv[1])).dump() << '\n';
  } catch (const weir::Error& error) {
    std::cerr << error.report() << '\n';
    return weir::kExitBadInput;
  }
}
