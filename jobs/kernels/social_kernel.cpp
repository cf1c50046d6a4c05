// Tokens are runs of letters, digits, '#', '@' and '\'' (ASCII lower-cased; bytes above 127 count
// as letters, so that UTF-8 stays whole). Words are counted exactly, then pairs of words at
// distance 1, 2, 3, ... until the work the window asks for is done: the counts behind "who is
// talked about together". Counts are exact; the heavy hitters are the largest ones.

#include <algorithm>
#include <array>
#include <bit>

#include "jobs/kernels/kernel.hpp"
#include "jobs/kernels/windows.hpp"
#include "runtime/base/random.hpp"

namespace weir {
namespace {

constexpr std::size_t kHeavyHitters = 8;

// Counts of 64-bit hashes, open addressing. A hash of zero is counted as one.
class HashCounts {
 public:
  explicit HashCounts(std::size_t expected) : slots_(std::bit_ceil(expected * 2 + 16)) {}

  void add(std::uint64_t hash) {
    if (distinct_ * 2 >= slots_.size()) grow();
    Slot& slot = find(hash == 0 ? 1 : hash);
    if (slot.count++ == 0) {
      slot.hash = hash == 0 ? 1 : hash;
      ++distinct_;
    }
  }

  std::size_t distinct() const { return distinct_; }

  void write_heaviest(ByteWriter& out) const {
    std::array<Slot, kHeavyHitters + 1> heaviest{};
    for (const Slot& slot : slots_) {
      if (!heavier(slot, heaviest[kHeavyHitters - 1])) continue;
      heaviest[kHeavyHitters] = slot;
      for (std::size_t i = kHeavyHitters; i > 0 && heavier(heaviest[i], heaviest[i - 1]); --i) {
        std::swap(heaviest[i], heaviest[i - 1]);
      }
    }
    for (std::size_t i = 0; i < kHeavyHitters; ++i) {
      out.number(static_cast<std::int64_t>(heaviest[i].hash));
      out.number(static_cast<std::int64_t>(heaviest[i].count));
    }
  }

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::uint64_t count = 0;  // 0: free.
  };

  static bool heavier(const Slot& a, const Slot& b) {
    return a.count != b.count ? a.count > b.count : a.count > 0 && a.hash < b.hash;
  }

  Slot& find(std::uint64_t hash) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hash & mask;
    while (slots_[at].count != 0 && slots_[at].hash != hash) at = (at + 1) & mask;
    return slots_[at];
  }

  void grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.count != 0) find(slot.hash) = slot;
    }
  }

  std::vector<Slot> slots_;
  std::size_t distinct_ = 0;
};

// 0 where a token ends.
unsigned char fold(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 'A' && byte <= 'Z') return static_cast<unsigned char>(byte - 'A' + 'a');
  const bool in_word = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
                       byte == '#' || byte == '@' || byte == '\'' || byte >= 128;
  return in_word ? byte : 0;
}

// FNV-1a, mixed, of every token in order.
std::vector<std::uint64_t> hash_tokens(const std::string& text) {
  constexpr std::uint64_t kStart = 0xcbf29ce484222325ULL;
  std::vector<std::uint64_t> hashes;
  hashes.reserve(text.size() / 5 + 1);
  std::uint64_t hash = kStart;
  bool inside = false;
  for (const char c : text) {
    const unsigned char folded = fold(c);
    if (folded != 0) {
      hash = (hash ^ folded) * 0x100000001b3ULL;
      inside = true;
    } else if (inside) {
      hashes.push_back(mix_bits(hash));
      hash = kStart;
      inside = false;
    }
  }
  if (inside) hashes.push_back(mix_bits(hash));
  return hashes;
}

}  // namespace

void run_social_kernel(std::span<const std::byte> payload, Bytes& result) {
  const SocialWindow window = decode_social_window(payload);
  const std::vector<std::uint64_t> tokens = hash_tokens(window.text);

  HashCounts words(tokens.size() / 2);
  for (const std::uint64_t token : tokens) words.add(token);

  const std::uint64_t budget = kSocialPairsPerUnit * window.work_units;
  HashCounts pairs(tokens.size());
  std::uint64_t pair_count = 0;
  for (std::size_t distance = 1; distance < tokens.size() && pair_count < budget; ++distance) {
    for (std::size_t i = distance; i < tokens.size() && pair_count < budget; ++i) {
      const auto [low, high] = std::minmax(tokens[i - distance], tokens[i]);
      pairs.add(mix_bits(low ^ std::rotl(high, 1)));
      ++pair_count;
    }
  }

  ByteWriter out(result);
  out.number(static_cast<std::int64_t>(tokens.size()));
  out.number(static_cast<std::int64_t>(words.distinct()));
  out.number(static_cast<std::int64_t>(pair_count));
  out.number(static_cast<std::int64_t>(pairs.distinct()));
  words.write_heaviest(out);
  pairs.write_heaviest(out);
}

}  // namespace weir
