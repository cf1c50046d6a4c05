// What a task throws that has failed and still has something to hand over, such as what a command
// printed before it failed.

#pragma once

#include <exception>
#include <utility>

#include "runtime/base/bytes.hpp"

namespace weir {

class FailedAttempt final : public std::exception {
 public:
  explicit FailedAttempt(Bytes result) : result_(std::move(result)) {}
  const char* what() const noexcept override { return "the attempt failed"; }

  // In place of the text of an error.
  Bytes& result() { return result_; }

 private:
  Bytes result_;
};

}  // namespace weir
