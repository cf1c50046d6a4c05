// Plays many environments in turn, one step at a time, so that what is learned from one after the
// other is not all of one episode. When an episode is over, the next of that environment begins in
// a scenario that the curriculum draws, with a seed of its own.

#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "ml/training/experience/curriculum.hpp"
#include "ml/training/experience/environment.hpp"
#include "ml/training/experience/n_step_window.hpp"
#include "runtime/record/record_reader.hpp"
#include "runtime/record/record_writer.hpp"

namespace weir {

struct EpisodeResult {
  Episode episode;
  std::int64_t steps = 0;
  double reward = 0;  // sum, not discounted
};

class EpisodePlayer {
 public:
  struct Outcome {
    std::vector<Transition> transitions;  // those that are whole now
    std::optional<EpisodeResult> over;    // when this was the episode's last step
  };

  // Without an environment nothing can be observed. Equal arguments and actions, equal episodes.
  EpisodePlayer(std::vector<std::unique_ptr<Environment>> environments, Curriculum curriculum,
                NStepOptions options, std::uint64_t seed);

  // What the environment shows whose turn it is.
  const Observation& observe();
  // Takes its next step; `by_rule`: the actions are those of its rule. Then it is the next one's
  // turn.
  Outcome act(const Actions& actions, bool by_rule);

  Curriculum& curriculum() { return curriculum_; }
  const Curriculum& curriculum() const { return curriculum_; }

  // Its tables in a record, and their rows, in the tables from `first` on. Reading begins the same
  // episodes and plays the same actions again, up to where they were. It throws Error where that
  // was saved with other environments or scenarios.
  static std::vector<TableSchema> tables();
  void append_to(RecordWriter& record, TableIndex first) const;
  void read_from(const RecordReader& record, const std::filesystem::path& path);

 private:
  struct Game {
    std::unique_ptr<Environment> environment;
    NStepWindow window;
    bool is_running = false;
    EpisodeResult result = {};
    std::vector<Actions> taken = {};  // in this episode
    std::vector<std::uint8_t> by_rule = {};
  };

  void begin(Game& game, const Episode& episode);
  static Outcome step(Game& game, const Actions& actions, bool by_rule);

  std::vector<Game> games_;
  Curriculum curriculum_;
  std::uint64_t seed_;
  std::size_t turn_ = 0;
  std::uint64_t episodes_begun_ = 0;
};

}  // namespace weir
