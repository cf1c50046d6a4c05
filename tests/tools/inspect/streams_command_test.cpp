#include "tools/inspect/streams_command.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "runtime/base/error.hpp"
#include "tests/support/command_runs.hpp"

namespace weir {
namespace {

std::string output_of(const std::vector<std::string>& arguments) {
  return printed_by(streams_command, arguments);
}

std::string line_of(const std::string& output, const std::string& label) {
  std::istringstream in(output);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(label)) return line;
  }
  return "";
}

TEST(StreamsCommand, PrintsOneColumnForEachStream) {
  const std::string output =
      output_of({"--stream", "iot", "--stream", "finance:hawkes", "--rate", "100"});
  EXPECT_NE(output.find("iot"), std::string::npos);
  EXPECT_NE(output.find("finance:hawkes"), std::string::npos);
  EXPECT_NE(line_of(output, "dispersion 1 s"), "");
}

TEST(StreamsCommand, ComparesAStreamWithATraceAtTheRateOfTheTrace) {
  const auto file = std::filesystem::temp_directory_path() / "weir_streams_command_persec.csv";
  std::ofstream trace(file);
  trace << "count\n";
  for (int i = 0; i < 60; ++i) trace << 200 << '\n';
  trace.close();
  const std::string output = output_of({"--trace", file.string(), "--stream", "social", "--fit"});
  std::filesystem::remove(file);
  std::istringstream rate(line_of(output, "rate /s"));
  std::string word;
  double traced = 0;
  double generated = 0;
  rate >> word >> word >> traced >> generated;
  EXPECT_NEAR(traced, 200, 2);
  EXPECT_NEAR(generated, 200, 120);
  EXPECT_NE(output.find("(x"), std::string::npos);
}

TEST(StreamsCommand, ListsTheCrowdsThatAreAnnounced) {
  const std::string output =
      output_of({"--stream", "social:crowds", "--rate", "20", "--duration", "1h", "--announced"});
  std::istringstream count(line_of(output, "announced"));
  std::string word;
  std::size_t announced = 0;
  count >> word >> announced;
  EXPECT_GT(announced, 5u);
  std::istringstream list(output.substr(output.find("known at s")));
  std::getline(list, word);
  std::size_t listed = 0;
  for (std::string name; list >> name; ++listed) {
    double known = 0;
    double begin = 0;
    double rise = 0;
    list >> known >> begin >> rise;
    EXPECT_EQ(name, "social:crowds");
    EXPECT_NEAR(begin - known, 30, 0.01);
    EXPECT_GE(rise, 10);
  }
  EXPECT_EQ(listed, announced);
}

TEST(StreamsCommand, RefusesOptionsItDoesNotKnowAndAFitToNothing) {
  std::ostringstream out;
  EXPECT_THROW(streams_command({"--steam", "iot"}, out), Error);
  EXPECT_THROW(streams_command({"--rate", "fast"}, out), Error);
  EXPECT_THROW(streams_command({"--stream", "iot", "--fit"}, out), Error);
  EXPECT_THROW(streams_command({"--stream", "weather"}, out), Error);
  EXPECT_EQ(out.str(), "");
}

}  // namespace
}  // namespace weir
