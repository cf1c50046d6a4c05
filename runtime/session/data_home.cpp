#include "runtime/session/data_home.hpp"

#include <utility>

#include "runtime/base/exception_text.hpp"
#include "runtime/session/data_refusal.hpp"

namespace weir {

using namespace data_refusal;

DataRef DataHome::put(std::string name, DataValue value, std::uint64_t byte_count,
                      const DataType& type) {
  auto entry = std::make_shared<Entry>();
  entry->value = std::move(value);
  entry->type = &type;
  const std::lock_guard lock(mutex_);
  Versions& versions = names_[name];
  entry->ref = {.home = self_,
                .number = ++last_number_,
                .version = ++versions.newest,
                .byte_count = byte_count,
                .name = std::move(name)};
  versions.alive[entry->ref.version] = entry->ref.number;
  entries_[entry->ref.number] = entry;
  byte_count_ += byte_count;
  return entry->ref;
}

void DataHome::forget(const DataRef& ref) {
  std::shared_ptr<Entry> entry;  // Its value is not to be destroyed under the lock.
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(ref.number);
  if (found == entries_.end()) return;
  entry = std::move(found->second);
  entries_.erase(found);
  names_[entry->ref.name].alive.erase(entry->ref.version);
  byte_count_ -= entry->ref.byte_count;
}

DataValue DataHome::value_of(const DataRef& ref, const DataType& type) const {
  const DataRequest request{.number = ref.number, .name = ref.name};
  const std::lock_guard lock(mutex_);
  const std::shared_ptr<Entry> entry = asked_for(request);
  if (entry == nullptr) refuse_missing(ref, description(request, nullptr).text);
  require_type(version_text(ref), entry->type->name, type);
  return entry->value;
}

DataAnswer DataHome::describe(const DataRequest& request) const {
  const std::lock_guard lock(mutex_);
  return description(request, asked_for(request).get());
}

DataAnswer DataHome::answer(const DataRequest& request) {
  std::shared_ptr<Entry> entry;
  DataAnswer answer;
  {
    const std::lock_guard lock(mutex_);
    entry = asked_for(request);
    answer = description(request, entry.get());
  }
  if (entry == nullptr || request.number == 0) return answer;
  try {
    if (entry->bytes.bytes().empty()) {
      entry->bytes = Payload(entry->type->write(entry->value.get()));
    }
    answer.data = entry->bytes;
  } catch (...) {
    answer = {.question = request.question, .text = current_exception_text()};
  }
  return answer;
}

std::uint64_t DataHome::byte_count() const {
  const std::lock_guard lock(mutex_);
  return byte_count_;
}

std::shared_ptr<DataHome::Entry> DataHome::asked_for(const DataRequest& request) const {
  std::uint64_t number = request.number;
  if (number == 0) {
    const auto versions = names_.find(request.name);
    if (versions == names_.end() || versions->second.alive.empty()) return nullptr;
    number = versions->second.alive.rbegin()->second;
  }
  const auto found = entries_.find(number);
  // Of another name: what asks comes from another session.
  const bool is_it = found != entries_.end() && found->second->ref.name == request.name;
  return is_it ? found->second : nullptr;
}

DataAnswer DataHome::description(const DataRequest& request, const Entry* entry) const {
  DataAnswer answer{.question = request.question};
  if (entry != nullptr) {
    answer.number = entry->ref.number;
    answer.version = entry->ref.version;
    answer.byte_count = entry->ref.byte_count;
    answer.text = entry->type->name;
    return answer;
  }
  const auto versions = names_.find(request.name);
  if (versions == names_.end()) {
    answer.text = "nothing of that name was put there";
  } else if (versions->second.alive.empty()) {
    answer.text = "all of that name was forgotten there";
  } else {
    answer.text = "it was forgotten there, the newest is version " +
                  std::to_string(versions->second.alive.rbegin()->first);
  }
  return answer;
}

}  // namespace weir
