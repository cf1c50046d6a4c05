#include "runtime/control/learning_observer.hpp"

#include <algorithm>
#include <array>

namespace weir {

std::string_view name_of(LearningStep step) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(LearningStep::kCount)> kNames{
      "fitted", "averaged", "promoted", "dropped", "rolled_back"};
  return kNames[static_cast<std::size_t>(step)];
}

LearningCounts& LearningCounts::operator+=(const LearningCounts& other) {
  fits += other.fits;
  averages += other.averages;
  promotions += other.promotions;
  drops += other.drops;
  rollbacks += other.rollbacks;
  version = std::max(version, other.version);
  tasks += other.tasks;
  told_loss += other.told_loss;
  given_loss += other.given_loss;
  in_use_loss += other.in_use_loss;
  return *this;
}

LearningCounts LearningCounts::since(const LearningCounts& earlier) const {
  return {.fits = fits - earlier.fits,
          .averages = averages - earlier.averages,
          .promotions = promotions - earlier.promotions,
          .drops = drops - earlier.drops,
          .rollbacks = rollbacks - earlier.rollbacks,
          .version = version,
          .tasks = tasks - earlier.tasks,
          .told_loss = told_loss - earlier.told_loss,
          .given_loss = given_loss - earlier.given_loss,
          .in_use_loss = in_use_loss - earlier.in_use_loss};
}

}  // namespace weir
