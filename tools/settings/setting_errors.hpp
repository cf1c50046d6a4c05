// What is wrong with an option of `weir run`, in the words of a scenario, where it is a setting:
// "--load 0.7" is "--set load=0.7" there.

#pragma once

#include <string>

#include "runtime/base/error.hpp"

namespace weir {

std::string in_words_of_settings(const std::string& text);
Error in_words_of_settings(const Error& error);

// As `call`, whose errors speak of settings.
template <typename Call>
auto speaking_of_settings(Call call) {
  try {
    return call();
  } catch (const Error& error) {
    throw in_words_of_settings(error);
  }
}

}  // namespace weir
