#include "runtime/session/start_check.hpp"

#include <sstream>
#include <utility>

namespace weir {
namespace {

std::vector<Agreement> decode(const Bytes& bytes) {
  ByteReader in(bytes);
  std::vector<Agreement> agreements(in.number<std::uint8_t>());
  for (Agreement& agreement : agreements) {
    agreement.name = in.text();
    agreement.text = in.text();
  }
  if (!in.ok()) agreements.clear();
  return agreements;
}

// The first line in which two texts differ, from each; "nothing" where one text has ended.
std::pair<std::string, std::string> first_difference(const std::string& a, const std::string& b) {
  std::istringstream lines_a(a);
  std::istringstream lines_b(b);
  std::string line_a;
  std::string line_b;
  while (true) {
    const bool has_a = static_cast<bool>(std::getline(lines_a, line_a));
    const bool has_b = static_cast<bool>(std::getline(lines_b, line_b));
    if (!has_a) line_a = "nothing";
    if (!has_b) line_b = "nothing";
    if (line_a != line_b || (!has_a && !has_b)) return {line_a, line_b};
  }
}

}  // namespace

Bytes encode(const std::vector<Agreement>& agreements) {
  Bytes bytes;
  ByteWriter out(bytes);
  out.number(static_cast<std::uint8_t>(agreements.size()));
  for (const Agreement& agreement : agreements) {
    out.text(agreement.name);
    out.text(agreement.text);
  }
  return bytes;
}

void require_agreement(const std::vector<Bytes>& all) {
  const std::vector<Agreement> first = decode(all.at(0));
  for (std::size_t rank = 1; rank < all.size(); ++rank) {
    const std::vector<Agreement> other = decode(all[rank]);
    for (std::size_t i = 0; i < first.size(); ++i) {
      if (i < other.size() && other[i].name == first[i].name && other[i].text == first[i].text) {
        continue;
      }
      const auto [here, there] =
          first_difference(first[i].text, i < other.size() ? other[i].text : std::string());
      throw Error("the ranks of this job do not agree on the " + first[i].name,
                  "rank 0: " + here + "; rank " + std::to_string(rank) + ": " + there,
                  "the same " + first[i].name + " on every rank",
                  "starting the same program with the same arguments on all ranks");
    }
  }
}

void write_refusal(ByteWriter& out, const Error& refusal) {
  for (const std::string& text :
       {refusal.problem(), refusal.found(), refusal.needed(), refusal.try_this()}) {
    out.text(text);
  }
}

Error read_refusal(ByteReader& in) {
  const std::string problem = in.text();
  const std::string found = in.text();
  const std::string needed = in.text();
  return Error(problem, found, needed, in.text());
}

Bytes encode_refusal(const std::optional<Error>& refusal) {
  Bytes bytes;
  ByteWriter out(bytes);
  if (refusal) write_refusal(out, *refusal);
  return bytes;
}

void require_no_refusal(const std::vector<Bytes>& all, const std::optional<Error>& own) {
  if (own) throw Error(*own);
  for (std::size_t rank = 0; rank < all.size(); ++rank) {
    if (all[rank].empty()) continue;
    ByteReader in(all[rank]);
    const Error its = read_refusal(in);
    throw Error("rank " + std::to_string(rank) + " refuses: " + its.problem(), its.found(),
                its.needed(), its.try_this());
  }
}

}  // namespace weir
