#include "tools/load/stream_source.hpp"

#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/base/random.hpp"

namespace weir {
namespace {

__extension__ using Uint128 = unsigned __int128;

// Keeps the homes of tasks independent of all else that is drawn from their ids.
constexpr std::uint64_t kHomePart = 0x686f6d65;

}  // namespace

int home_of(TaskId id, int home_count) {
  const auto hash = static_cast<Uint128>(mix_bits(id.value() ^ mix_bits(kHomePart)));
  return static_cast<int>((hash * static_cast<std::uint64_t>(home_count)) >> 64);
}

StreamSource::StreamSource(std::vector<NumberedStream> streams, const StreamSourceOptions& options,
                           Instant start)
    : options_(options), start_(start) {
  WEIR_CHECK(options.home_count > 0 && options.home >= 0, "a stream source without homes");
  heads_.reserve(streams.size());
  for (NumberedStream& numbered : streams) {
    heads_.push_back({std::move(numbered)});
    advance(heads_.back());
  }
  choose_next();
}

bool StreamSource::is_wanted(TaskId id) const {
  if (options_.wanted) return options_.wanted(id);
  return home_of(id, options_.home_count) == options_.home;
}

// A home beyond the last one has no share at all.
void StreamSource::advance(Head& head) {
  if (options_.home >= options_.home_count) {
    head.ended = true;
    return;
  }
  do {
    head.ended = !head.numbered.stream->next(head.arrival);
    while (!head.ended && head.arrival.at < options_.from) {
      ++left_out_;
      head.ended = !head.numbered.stream->next(head.arrival);
    }
  } while (!head.ended && !is_wanted(make_task_id(head.numbered.id, head.arrival.index)));
}

void StreamSource::choose_next() {
  next_ = nullptr;
  for (Head& head : heads_) {
    if (!head.ended && (next_ == nullptr || head.arrival.at < next_->arrival.at)) next_ = &head;
  }
}

bool StreamSource::is_spoilt(TaskId id) const {
  if (options_.failure_share <= 0) return false;
  return Random(options_.seed, id.value()).uniform() < options_.failure_share;
}

Task StreamSource::take() {
  WEIR_CHECK(next_ != nullptr, "a task was taken from an exhausted source");
  Head& head = *next_;
  Task task;
  task.header.id = make_task_id(head.numbered.id, head.arrival.index);
  task.header.kind = head.numbered.kind;
  task.header.task_class = head.numbered.task_class;
  task.header.key = head.arrival.key;
  task.header.arrival = start_ + head.arrival.at;
  task.header.priority = head.numbered.priority;
  if (head.numbered.deadline > Duration(0)) {
    task.header.deadline = task.header.arrival + head.numbered.deadline;
  }
  if (head.numbered.cost_hint) {
    task.header.cost_hint = head.numbered.cost_hint(task.header.id, head.arrival);
  }
  if (options_.with_payloads) {
    Bytes payload;
    if (is_spoilt(task.header.id)) {
      payload.push_back(std::byte{0xff});  // No kernel takes a window of one byte.
    } else {
      head.numbered.stream->append_payload(payload);
    }
    task.payload = Payload(std::move(payload));
  }
  advance(head);
  choose_next();
  return task;
}

std::optional<AnnouncedRise> StreamSource::next_announced(Instant now) {
  for (Head& head : heads_) {
    auto event = head.numbered.stream->next_announced(now - start_);
    // What is over when the clock begins is no news.
    while (event && start_ + event->begin + event->rise < Instant{}) {
      event = head.numbered.stream->next_announced(now - start_);
    }
    if (!event) continue;
    const Instant begin = start_ + event->begin;
    return AnnouncedRise{head.numbered.task_class, begin, begin + event->rise};
  }
  return std::nullopt;
}

}  // namespace weir
