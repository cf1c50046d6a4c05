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
#include <istream>
#include <memory>
#include <ostream>
#include <span>
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

// The arguments of one call, as the task carries them.
template <typename... Arguments>
class ArgumentsObject final : public PayloadObject {
 public:
  explicit ArgumentsObject(std::tuple<Arguments...> arguments) : arguments_(std::move(arguments)) {}
  Bytes serialize() const override { return to_bytes(arguments_); }
  const std::tuple<Arguments...>& arguments() const { return arguments_; }

 private:
  std::tuple<Arguments...> arguments_;
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

}  // namespace weir
