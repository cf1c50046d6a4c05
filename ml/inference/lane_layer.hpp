// One layer of a network for several rows at once. The rows lie side by side, one in each lane of
// the processor's vectors: numbers[unit * kLanes + row]. So a vector holds the same unit of several
// rows, every weight is read once for all of them, and each row is summed in the order of its
// inputs, as if it were alone: what comes out does not depend on the rows beside it, nor on how
// wide the machine's vectors are.

#pragma once

#include <algorithm>
#include <cstddef>

namespace weir {

// Four floats: the vectors that every processor has which weir runs on. From any address.
typedef float FourFloats __attribute__((vector_size(16), aligned(4), may_alias));
inline constexpr std::size_t kFourFloats = 4;

// Rows that are evaluated together while there are so many, and those of what is left.
inline constexpr std::size_t kManyLanes = 16;
inline constexpr std::size_t kFewLanes = 4;

// sums[o] += weights[o * stride + i] * in[i], over i, for kOutputs outputs.
template <std::size_t kLanes, std::size_t kOutputs>
inline void add_products(const float* weights, std::size_t stride, const float* in,
                         std::size_t in_size, float* sums) {
  constexpr std::size_t kVectors = kLanes / kFourFloats;
  FourFloats sum[kOutputs][kVectors];
  for (std::size_t o = 0; o < kOutputs; ++o) {
    for (std::size_t v = 0; v < kVectors; ++v) {
      sum[o][v] = *reinterpret_cast<const FourFloats*>(sums + o * kLanes + v * kFourFloats);
    }
  }
  for (std::size_t i = 0; i < in_size; ++i) {
    for (std::size_t v = 0; v < kVectors; ++v) {
      const FourFloats x = *reinterpret_cast<const FourFloats*>(in + i * kLanes + v * kFourFloats);
      for (std::size_t o = 0; o < kOutputs; ++o) sum[o][v] += weights[o * stride + i] * x;
    }
  }
  for (std::size_t o = 0; o < kOutputs; ++o) {
    for (std::size_t v = 0; v < kVectors; ++v) {
      *reinterpret_cast<FourFloats*>(sums + o * kLanes + v * kFourFloats) = sum[o][v];
    }
  }
}

// The same for all outputs of a layer: `sums` holds out_size x kLanes numbers, `in` in_size x
// kLanes. `stride` is the distance of one output's weights from the next one's.
template <std::size_t kLanes>
inline void add_layer(const float* weights, std::size_t stride, const float* in,
                      std::size_t in_size, float* sums, std::size_t out_size) {
  // As many as the sixteen vector registers of the oldest machines hold.
  constexpr std::size_t kTogether = kLanes == kManyLanes ? 2 : 4;
  const std::size_t whole = out_size - out_size % kTogether;
  for (std::size_t o = 0; o < whole; o += kTogether) {
    add_products<kLanes, kTogether>(weights + o * stride, stride, in, in_size, sums + o * kLanes);
  }
  for (std::size_t rest = 0; rest < out_size % kTogether; ++rest) {
    const std::size_t o = whole + rest;
    add_products<kLanes, 1>(weights + o * stride, stride, in, in_size, sums + o * kLanes);
  }
}

// Every lane of every output begins with that output's number.
template <std::size_t kLanes>
inline void fill_lanes(const float* numbers, std::size_t out_size, float* sums) {
  for (std::size_t o = 0; o < out_size; ++o) std::fill_n(sums + o * kLanes, kLanes, numbers[o]);
}

// Negative numbers become zero; what is no number stays so, to be seen by who asked.
inline void rectify(float* numbers, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) numbers[i] = numbers[i] < 0 ? 0 : numbers[i];
}

// `count` rows of `size` numbers, `stride` apart, into lanes; lanes without a row become zero.
template <std::size_t kLanes>
inline void rows_to_lanes(const float* rows, std::size_t stride, std::size_t count,
                          std::size_t size, float* lanes) {
  for (std::size_t lane = 0; lane < count; ++lane) {
    for (std::size_t i = 0; i < size; ++i) lanes[i * kLanes + lane] = rows[lane * stride + i];
  }
  for (std::size_t lane = count; lane < kLanes; ++lane) {
    for (std::size_t i = 0; i < size; ++i) lanes[i * kLanes + lane] = 0;
  }
}

// Calls block.operator()<kLanes>(first, rows) for rows `first` to first + rows - 1, until all of
// `count` had their turn.
template <typename Block>
inline void for_each_block(std::size_t count, Block&& block) {
  std::size_t first = 0;
  for (; first + kManyLanes <= count; first += kManyLanes) {
    block.template operator()<kManyLanes>(first, kManyLanes);
  }
  for (; first < count; first += kFewLanes) {
    block.template operator()<kFewLanes>(first, std::min(kFewLanes, count - first));
  }
}

}  // namespace weir
