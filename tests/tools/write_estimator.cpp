// Writes weights that say of every task that it takes e^CORRECTION times as long as told, for tests
// of other programs: write_estimator FILE CORRECTION.

#include <string>

#include "ml/inference/weight_file.hpp"
#include "tests/support/service_worlds.hpp"

int main(int, char** arguments) {
  weir::write_weights(weir::constant_estimator(std::stof(arguments[2])).weights(), arguments[1]);
}
