#include "runtime/protocol/task.hpp"

#include <utility>

#include "runtime/base/exception_text.hpp"

namespace weir {

Payload PayloadObject::as_payload() const { return Payload(serialize()); }

Payload::Payload(Bytes bytes)
    : bytes_(bytes.empty() ? nullptr : std::make_shared<const Bytes>(std::move(bytes))) {}

Payload::Payload(std::shared_ptr<const PayloadObject> object) : object_(std::move(object)) {}

std::span<const std::byte> Payload::bytes() const {
  if (bytes_ == nullptr) return {};
  return {bytes_->data(), bytes_->size()};
}

Payload Payload::as_bytes() const { return is_object() ? object_->as_payload() : *this; }

TaskEnd failed_end(const TaskHeader& header, std::string_view error) {
  const auto text = std::as_bytes(std::span(error));
  return {.id = header.id,
          .attempt = header.attempt,
          .status = TaskStatus::kFailed,
          .task_class = header.task_class,
          .home = header.home,
          .result = Bytes(text.begin(), text.end())};
}

TaskEnd dropped_end(const TaskHeader& header, Duration waited) {
  return {.id = header.id,
          .attempt = header.attempt,
          .status = TaskStatus::kDropped,
          .task_class = header.task_class,
          .home = header.home,
          .waited = waited};
}

std::optional<TaskEnd> serialize_payload(Task& task) {
  if (!task.payload.is_object()) return std::nullopt;
  try {
    task.payload = task.payload.as_bytes();
  } catch (...) {
    return failed_end(task.header, current_exception_text());
  }
  return std::nullopt;
}

}  // namespace weir
