#include "tools/launch/mpirun_messages.hpp"

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

namespace weir {
namespace {

constexpr std::size_t kFrameDashes = 74;
constexpr std::size_t kLongestNoteBytes = 4096;

// How those messages of Open MPI 4 begin that are printed only before a rank has left MPI_Init, and
// so before any work. A host lost later is reported by another one ("ORTE has lost communication").
// Open MPI 4.1 now and then loses a message of a rank that fails in MPI_Init. When it loses all of
// them the failure cannot be told from that of a job that ran, and keeps mpirun's exit code.
constexpr std::array<std::string_view, 9> kStartFailures{
    "The value of the MCA parameter \"plm_rsh_agent\"",
    "It looks like orte_init failed",
    "It looks like MPI_INIT failed",
    "MPI_INIT has failed",
    "ORTE was unable to reliably start one or more daemons",
    "An ORTE daemon has unexpectedly failed after launch and before",
    "There are not enough slots available",
    "Your job has requested more processes than",
    "mpirun was unable to"};
// Says more than the start failure that it comes before. Alone it may be about a component that a
// rank does without, so that it proves something only when no rank came to its own end.
constexpr std::array<std::string_view, 2> kReasons{"A requested component was not found",
                                                   "At least one pair of MPI processes"};
constexpr std::array<std::string_view, 4> kRanksRan{"Primary job  terminated normally, but",
                                                    "mpirun detected that", "mpirun noticed that",
                                                    "MPI_ABORT was invoked"};

constexpr std::array<std::string_view, 10> kNotes{"mpirun: Forwarding signal",
                                                  "cannot relay: NOT ALIVE",
                                                  "] *** ",
                                                  " more process",
                                                  "orte_base_help_aggregate",
                                                  "ORTE_ERROR_LOG",
                                                  "FORCE-TERMINATE",
                                                  "[warn] Epoll",
                                                  "PMIX ERROR: BAD-PARAM in file",
                                                  "[weir-launch-"};

bool is_note(std::string_view line) {
  return std::ranges::any_of(
      kNotes, [line](std::string_view note) { return line.find(note) != std::string_view::npos; });
}

template <typename Openings>
bool begins_with_any(std::string_view message, const Openings& openings) {
  return std::ranges::any_of(
      openings, [message](std::string_view opening) { return message.starts_with(opening); });
}

// The first sentence, and the "Name: value" lines after it.
std::string summary_of(const std::string& message) {
  std::istringstream in(message);
  std::string text;
  bool in_sentence = true;
  for (std::string line; std::getline(in, line);) {
    const auto begin = std::min(line.find_first_not_of(' '), line.size());
    const auto end = line.find_last_not_of(' ') + 1;
    line = line.substr(begin, std::max(begin, end) - begin);
    if (in_sentence) {
      const auto stop = std::min({line.find(". "), line.find(';'), line.size()});
      in_sentence = stop == line.size() && !line.empty() && !line.ends_with('.');
      text += (text.empty() ? "" : " ") + line.substr(0, stop);
    } else if (const auto colon = line.find(": "); begin > 0 || colon < 16) {
      if (colon != std::string::npos) text += ", " + line;
    }
  }
  const auto end_of_text =
      std::unique(text.begin(), text.end(), [](char a, char b) { return a == ' ' && b == ' '; });
  text.erase(end_of_text, text.end());
  return text;
}

}  // namespace

std::string MpirunMessages::pass(std::string_view piece) {
  shown_.clear();
  for (const char c : piece) take(c);
  return std::exchange(shown_, {});
}

void MpirunMessages::take(char c) {
  if (!held_.empty() && held_.front() == '-' && c != '-') {
    const std::string dashes = std::exchange(held_, {});
    if (c == '\n' && dashes.size() == kFrameDashes) {
      in_frame_ = !in_frame_;
      at_line_start_ = true;
      if (!in_frame_) messages_.push_back(std::exchange(message_, {}));
      return;
    }
    emit(dashes);
  }
  const bool holds =
      !held_.empty() || c == '-' || ((c == '[' || c == 'm') && at_line_start_ && !in_frame_);
  at_line_start_ = c == '\n';
  if (!holds) return emit({&c, 1});
  held_ += c;
  if (held_.front() == '-' || (c != '\n' && held_.size() < kLongestNoteBytes)) return;
  const std::string line = std::exchange(held_, {});
  if (line.find("*** An error occurred in MPI_Init") != std::string::npos) init_failed_ = true;
  if (!is_note(line)) emit(line);
}

void MpirunMessages::emit(std::string_view text) { (in_frame_ ? message_ : shown_).append(text); }

std::string MpirunMessages::rest() {
  return std::exchange(message_, {}) + std::exchange(held_, {});
}

std::optional<std::string> MpirunMessages::start_failure() const {
  const auto find = [this](const auto&... openings) {
    return std::ranges::find_if(messages_, [&](const std::string& each) {
      return (begins_with_any(each, openings) || ...);
    });
  };
  const bool failed = init_failed_ || find(kStartFailures) != messages_.end();
  const bool ran = find(kRanksRan) != messages_.end();
  const auto reason = find(kReasons, kStartFailures);
  if (reason == messages_.end())
    return failed ? std::optional("an error in MPI_Init") : std::nullopt;
  return failed || !ran ? std::optional(summary_of(*reason)) : std::nullopt;
}

}  // namespace weir
