#include "tools/run/survivors_line.hpp"

#include <charconv>

namespace weir {
namespace {

constexpr std::string_view kCode = ": exit code ";
constexpr std::string_view kBegun = ": begun";
// No longer line is ours.
constexpr std::size_t kMostLineBytes = std::size_t{1} << 20;

// "[WORD] weir-run: exit code 3"; a progress line may be left before it.
std::optional<int> code_in(std::string_view line, std::string_view word) {
  const std::size_t begin = line.rfind("[" + std::string(word) + "] ");
  if (begin == std::string_view::npos) return std::nullopt;
  const std::size_t at = line.find(kCode, begin);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view digits = line.substr(at + kCode.size());
  int code = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return code;
}

}  // namespace

std::string names_of_ranks(const std::set<RankId>& ranks) {
  std::string text = ranks.size() == 1 ? "rank " : "ranks ";
  std::size_t at = 0;
  for (const RankId rank : ranks) {
    if (at > 0) text += at + 1 == ranks.size() ? " and " : ", ";
    text += std::to_string(rank.value());
    ++at;
  }
  return text;
}

std::string survivors_line(const std::string& command, const std::set<RankId>& out, int exit_code) {
  return command + ": ended without " + names_of_ranks(out) + std::string(kCode) +
         std::to_string(exit_code) + '\n';
}

std::string exit_line(const std::string& command, const std::string& word, int exit_code) {
  const std::string code = std::string(kCode) + std::to_string(exit_code) + '\n';
  return word.empty() ? command + ": ended" + code : "[" + word + "] " + command + code;
}

std::string begin_line(const std::string& command, const std::string& word) {
  return "[" + word + "] " + command + std::string(kBegun) + '\n';
}

void ExitLineFinder::take(std::string_view piece) {
  for (const char c : piece) {
    if (c != '\n') {
      if (line_.size() < kMostLineBytes) line_ += c;
      continue;
    }
    if (const auto code = code_in(line_, word_)) exit_code_ = code;
    begun_ = begun_ || (line_.starts_with("[" + word_ + "] ") && line_.ends_with(kBegun));
    line_.clear();
  }
}

}  // namespace weir
