#include "runtime/protocol/task.hpp"

#include <utility>

namespace weir {

Payload::Payload(Bytes bytes)
    : bytes_(bytes.empty() ? nullptr : std::make_shared<const Bytes>(std::move(bytes))) {}

Payload::Payload(std::shared_ptr<const PayloadObject> object) : object_(std::move(object)) {}

std::span<const std::byte> Payload::bytes() const {
  if (bytes_ == nullptr) return {};
  return {bytes_->data(), bytes_->size()};
}

Payload Payload::as_bytes() const { return is_object() ? Payload(object_->serialize()) : *this; }

}  // namespace weir
