#include "tools/run/home_copy.hpp"

#include <algorithm>

#include "runtime/base/digest.hpp"
#include "tools/load/stream_source.hpp"

namespace weir {
namespace {

constexpr std::uint64_t kIndexLimit = std::uint64_t{1} << kTaskIndexBits;

// What a copy says fits together.
bool is_possible(const ShareCopy& copy) {
  if (copy.share < 0 || copy.share >= copy.share_count) return false;
  if (copy.reached < Duration(0) || copy.elapsed < Duration(0)) return false;
  if (!(copy.capacity_per_s >= 0)) return false;
  if (std::ranges::any_of(copy.next, [](std::uint64_t next) { return next > kIndexLimit; })) {
    return false;
  }
  return std::ranges::all_of(copy.open, [&copy](TaskId id) {
    const std::size_t stream = stream_of(id).value();
    return stream < copy.next.size() && index_of(id) < copy.next[stream] &&
           home_of(id, copy.share_count) == copy.share;
  });
}

}  // namespace

ShareCopy untouched_share(int share, int share_count, const RunTally& empty) {
  return {.share = share,
          .share_count = share_count,
          .next = std::vector<std::uint64_t>(empty.digests().size()),
          .open = {},
          .tally = empty.without_nodes()};
}

Bytes encode(const ShareCopy& copy) {
  Bytes bytes;
  ByteWriter out(bytes);
  out.number(std::int32_t{copy.share});
  out.number(std::int32_t{copy.share_count});
  out.number(copy.generation);
  out.number(copy.capacity_per_s);
  out.number(copy.reached.count());
  out.number(std::uint8_t{copy.all_taken});
  out.number(copy.elapsed.count());
  out.block(std::as_bytes(std::span(copy.next)));
  out.block(std::as_bytes(std::span(copy.open)));
  copy.tally.encode(out);
  out.number(hash_of(bytes));
  return bytes;
}

std::optional<ShareCopy> decode_share_copy(std::span<const std::byte> bytes,
                                           const RunTally& empty) {
  std::uint64_t hash = 0;
  if (bytes.size() < sizeof hash) return std::nullopt;
  const auto content = bytes.first(bytes.size() - sizeof hash);
  ByteReader(bytes.last(sizeof hash)).raw(&hash, sizeof hash);
  if (hash_of(content) != hash) return std::nullopt;

  ByteReader in(content);
  ShareCopy copy{.next = {}, .open = {}, .tally = empty.without_nodes()};
  copy.share = in.number<std::int32_t>();
  copy.share_count = in.number<std::int32_t>();
  copy.generation = in.number<std::uint32_t>();
  copy.capacity_per_s = in.number<double>();
  copy.reached = Duration(in.number<Duration::rep>());
  const auto all_taken = in.number<std::uint8_t>();
  if (all_taken > 1) return std::nullopt;
  copy.all_taken = all_taken == 1;
  copy.elapsed = Duration(in.number<Duration::rep>());
  const auto next = in.block();
  const auto open = in.block();
  if (next.size() != empty.digests().size() * sizeof(std::uint64_t)) return std::nullopt;
  if (open.size() % sizeof(TaskId) != 0) return std::nullopt;
  copy.next.resize(next.size() / sizeof(std::uint64_t));
  copy.open.resize(open.size() / sizeof(TaskId));
  ByteReader(next).raw(copy.next.data(), next.size());
  ByteReader(open).raw(copy.open.data(), open.size());
  if (!copy.tally.decode(in) || in.remaining() > 0 || !is_possible(copy)) return std::nullopt;
  return copy;
}

Bytes encode(const std::vector<ShareCopy>& copies) {
  Bytes bytes;
  ByteWriter out(bytes);
  for (const ShareCopy& copy : copies) out.block(encode(copy));
  return bytes;
}

std::optional<std::vector<ShareCopy>> decode_share_copies(std::span<const std::byte> bytes,
                                                          const RunTally& empty) {
  std::vector<ShareCopy> copies;
  ByteReader in(bytes);
  while (in.remaining() > 0) {
    auto copy = decode_share_copy(in.block(), empty);
    if (!copy || !in.ok()) return std::nullopt;
    copies.push_back(std::move(*copy));
  }
  return copies;
}

}  // namespace weir
