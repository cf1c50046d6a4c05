// Arguments and results of tasks: objects in memory, bytes on the wire (cereal's binary archive).

#pragma once

#include <cereal/archives/binary.hpp>
#include <cereal/types/array.hpp>
#include <cereal/types/map.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/tuple.hpp>
#include <cereal/types/utility.hpp>
#include <cereal/types/vector.hpp>
#include <cstddef>
#include <istream>
#include <limits>
#include <memory>
#include <ostream>
#include <span>
#include <stdexcept>
#include <streambuf>
#include <tuple>
#include <type_traits>
#include <utility>

#include "runtime/base/bytes.hpp"
#include "runtime/protocol/task.hpp"

namespace weir {

// Writes to, or reads from, bytes that it does not own.
class ByteBuffer final : public std::streambuf {
 public:
  explicit ByteBuffer(Bytes& out) : out_(&out) {}
  explicit ByteBuffer(std::span<const std::byte> in) {
    auto* begin = const_cast<char*>(reinterpret_cast<const char*>(in.data()));  // Only read.
    setg(begin, begin, begin + in.size());
  }

 protected:
  std::streamsize xsputn(const char* text, std::streamsize size) override {
    ByteWriter(*out_).raw(text, static_cast<std::size_t>(size));
    return size;
  }
  int_type overflow(int_type c) override {
    ByteWriter(*out_).number(traits_type::to_char_type(c));
    return c;
  }

 private:
  Bytes* out_ = nullptr;
};

template <typename T>
Bytes to_bytes(const T& value) {
  Bytes bytes;
  ByteBuffer buffer(bytes);
  std::ostream stream(&buffer);
  cereal::BinaryOutputArchive archive(stream);
  archive(value);
  return bytes;
}

// Throws cereal::Exception when the bytes end too early.
template <typename T>
T from_bytes(std::span<const std::byte> bytes) {
  ByteBuffer buffer(bytes);
  std::istream stream(&buffer);
  cereal::BinaryInputArchive archive(stream);
  T value{};
  archive(value);
  return value;
}

// cereal can write and read it, and it can be made to be read into.
template <typename T>
inline constexpr bool kCanTravel =
    std::is_void_v<T> || std::is_same_v<T, Bytes> ||
    (cereal::traits::is_output_serializable<T, cereal::BinaryOutputArchive>::value &&
     cereal::traits::is_input_serializable<T, cereal::BinaryInputArchive>::value &&
     std::is_default_constructible_v<T>);

// Whether a task may begin: it may not once it was cancelled, and not be cancelled once it began.
class StartGate {
 public:
  // Any thread.
  virtual bool try_start() = 0;

 protected:
  ~StartGate() = default;
};

// The task was cancelled while it waited to leave the rank.
class CancelledOnItsWay : public std::runtime_error {
 public:
  CancelledOnItsWay() : std::runtime_error("the task was cancelled") {}
};

// More bytes than one task may carry.
void refuse_more_bytes(const char* what, std::size_t bytes, std::size_t most);

// The arguments of one call, as the task carries them.
template <typename... Arguments>
class ArgumentsObject final : public PayloadObject {
 public:
  // `gate` may be null: nobody can cancel the task. No more than `most` bytes leave the rank.
  explicit ArgumentsObject(std::tuple<Arguments...> arguments,
                           std::shared_ptr<StartGate> gate = nullptr,
                           std::size_t most = std::numeric_limits<std::size_t>::max())
      : arguments_(std::move(arguments)), gate_(std::move(gate)), most_(most) {}
  // Leaving the rank is a start.
  Bytes serialize() const override {
    if (!try_start()) throw CancelledOnItsWay();
    Bytes bytes = to_bytes(arguments_);
    refuse_more_bytes("the argument list of a task", bytes.size(), most_);
    return bytes;
  }
  bool try_start() const { return gate_ == nullptr || gate_->try_start(); }
  const std::tuple<Arguments...>& arguments() const { return arguments_; }

 private:
  std::tuple<Arguments...> arguments_;
  std::shared_ptr<StartGate> gate_;
  std::size_t most_;
};

// The payload's arguments, whichever form it has: calls `use` with them and returns what it
// returns.
template <typename... Arguments, typename Use>
decltype(auto) with_arguments(const Payload& payload, Use&& use) {
  if (payload.is_object()) {
    // The kind decides the type: a payload object of a kind is made by submit() of that kind only.
    const auto& object = static_cast<const ArgumentsObject<Arguments...>&>(*payload.object());
    return std::apply(use, object.arguments());
  }
  if constexpr (sizeof...(Arguments) == 0) {
    return use();
  } else {
    return std::apply(use, from_bytes<std::tuple<Arguments...>>(payload.bytes()));
  }
}

// False when the task was cancelled before it came to run here.
template <typename... Arguments>
bool may_start(const Payload& payload) {
  if (!payload.is_object()) return true;
  return static_cast<const ArgumentsObject<Arguments...>&>(*payload.object()).try_start();
}

}  // namespace weir
