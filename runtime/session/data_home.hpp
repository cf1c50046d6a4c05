// The read-only data that were put on this rank: their values by number, the versions of each name,
// and what is told to those who ask (decisions/013-read-only-data.md).

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "runtime/protocol/message.hpp"
#include "runtime/session/data.hpp"

namespace weir {

// Members without a remark are for any thread.
class DataHome {
 public:
  explicit DataHome(RankId self) : self_(self) {}

  DataRef put(std::string name, DataValue value, std::uint64_t byte_count, const DataType& type);
  // Nobody can ask for it any more; who has it keeps it. Does nothing for what is not here.
  void forget(const DataRef& ref);

  // Throws Error where it is not here, or has another type.
  DataValue value_of(const DataRef& ref, const DataType& type) const;
  // Of the data with the number that is asked for, or without one the newest of the name: what they
  // are. Where there are none: no number, and why as text.
  DataAnswer describe(const DataRequest& request) const;
  // The same, and with a number their bytes. Where serializing them throws: no number, and its
  // text. Of the control thread.
  DataAnswer answer(const DataRequest& request);

  std::uint64_t byte_count() const;

 private:
  struct Entry {
    DataRef ref;
    DataValue value;
    const DataType* type;
    Payload bytes;  // made for the first one that asks, kept for the others; of the control thread
  };
  struct Versions {
    std::uint64_t newest = 0;                      // forgotten or not
    std::map<std::uint64_t, std::uint64_t> alive;  // numbers, by version
  };

  // These two with the lock.
  std::shared_ptr<Entry> asked_for(const DataRequest& request) const;
  DataAnswer description(const DataRequest& request, const Entry* entry) const;

  RankId self_;
  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, std::shared_ptr<Entry>> entries_;  // by number
  std::map<std::string, Versions> names_;
  std::uint64_t last_number_ = 0;
  std::uint64_t byte_count_ = 0;
};

}  // namespace weir
