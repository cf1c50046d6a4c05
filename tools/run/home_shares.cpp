#include "tools/run/home_shares.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "runtime/base/check.hpp"
#include "runtime/base/error.hpp"

namespace weir {
namespace {

constexpr int kNowhere = -1;

// All tasks of these shares that are due before have been taken, for each is taken in the order of
// time.
Duration least_reached(const std::vector<ShareCopy>& copies) {
  Duration least = Duration::max();
  for (const ShareCopy& copy : copies) least = std::min(least, copy.reached);
  return copies.empty() ? Duration(0) : least;
}

}  // namespace

void HomeShares::Part::settle() {
  if (is_ready() || opening.wait_for(Duration(0)) != std::future_status::ready) return;
  opened = opening.get();
}

Instant HomeShares::Part::next_due() const {
  if (!is_ready()) return kNever;
  return opened.late.empty() ? opened.source->next_due() : opened.late.front().header.arrival;
}

bool HomeShares::Part::is_exhausted() const {
  return is_ready() && opened.late.empty() && opened.source->exhausted();
}

Task HomeShares::Part::take() {
  if (opened.late.empty()) return opened.source->take();
  Task task = std::move(opened.late.front());
  opened.late.pop_front();
  return task;
}

// There is always a first part, which tells of announced rises, though it may have no share.
HomeShares::HomeShares(HomeSharesOptions options, const RunTally& empty,
                       std::vector<ShareCopy> shares)
    : options_(std::move(options)),
      empty_(empty),
      start_(Instant{} - options_.begin),
      places_(options_.share_count, kNowhere) {
  const Duration taken_before = least_reached(shares);
  const bool has_shares = !shares.empty();
  take_up(std::move(shares));
  parts_.push_back({open(0, has_shares, taken_before), {}});
}

void HomeShares::take_up(std::vector<ShareCopy> copies) {
  for (ShareCopy& copy : copies) {
    WEIR_CHECK(copy.share_count == options_.share_count, "a share of another run was taken up");
    int& place = places_[copy.share];
    WEIR_CHECK(place == kNowhere, "a share was taken up twice");
    place = static_cast<int>(shares_.size());
    Share& share = shares_.emplace_back(Share{.number = copy.share,
                                              .generation = copy.generation + 1,
                                              .part = parts_.size(),
                                              .reached = copy.reached,
                                              .elapsed = copy.elapsed,
                                              .next = std::move(copy.next),
                                              .open = {},
                                              .before = std::move(copy.tally),
                                              .here = empty_});
    for (const TaskId id : copy.open) share.open.insert(id);
  }
}

HomeShares::Opened HomeShares::open(std::size_t part, bool has_shares,
                                    Duration taken_before) const {
  Opened opened;
  opened.source = std::make_unique<StreamSource>(
      options_.open_streams(),
      StreamSourceOptions{.home = has_shares ? 0 : 1,
                          .home_count = 1,
                          .with_payloads = options_.with_payloads,
                          .failure_share = options_.failure_share,
                          .seed = options_.seed,
                          .from = options_.from,
                          .wanted = [this, part](TaskId id) { return is_wanted(part, id); }},
      start_);
  // Of these only the ones that are not complete are left.
  while (opened.source->next_due() < start_ + taken_before) {
    opened.late.push_back(opened.source->take());
  }
  return opened;
}

// What was taken is wanted again where it is not complete.
bool HomeShares::is_wanted(std::size_t part, TaskId id) const {
  const int place = place_of(id);
  if (place == kNowhere || shares_[place].part != part) return false;
  const Share& share = shares_[place];
  return index_of(id) >= share.next[stream_of(id).value()] || share.open.contains(id);
}

Instant HomeShares::next_due() const {
  Instant next = kNever;
  for (Part& part : parts_) {
    part.settle();
    next = std::min(next, part.next_due());
  }
  return next;
}

Task HomeShares::take() {
  Task task = std::ranges::min_element(parts_, {}, &Part::next_due)->take();
  const TaskId id = task.header.id;
  Share& share = shares_[place_of(id)];
  std::uint64_t& next = share.next[stream_of(id).value()];
  if (index_of(id) >= next) {
    next = index_of(id) + 1;
    share.open.insert(id);
    share.reached = std::max(share.reached, task.header.arrival - start_);
  }
  return task;
}

bool HomeShares::exhausted() const { return std::ranges::all_of(parts_, &Part::is_exhausted); }

// The streams of every part announce the same.
std::optional<AnnouncedRise> HomeShares::next_announced(Instant now) {
  return parts_.front().opened.source->next_announced(now);
}

RunTally& HomeShares::complete(TaskId id) {
  const int place = place_of(id);
  WEIR_CHECK(place != kNowhere && shares_[place].open.erase(id),
             "a task was complete that had not been taken");
  return shares_[place].here;
}

ShareCopy HomeShares::copy_of(const Share& share) const {
  ShareCopy copy{
      .share = share.number,
      .share_count = options_.share_count,
      .generation = share.generation,
      .capacity_per_s = options_.capacity_per_s,
      .reached = share.reached,
      .all_taken = parts_[share.part].is_exhausted(),
      .elapsed = std::max(share.elapsed, options_.elapsed_before + share.here.last_completion()),
      .next = share.next,
      .open = share.open.ids(),
      .tally = share.here.without_nodes()};
  copy.tally.merge(share.before);
  return copy;
}

std::vector<ShareCopy> HomeShares::share_copies() const {
  std::vector<ShareCopy> copies;
  for (const Share& share : shares_) copies.push_back(copy_of(share));
  return copies;
}

Bytes HomeShares::copy() { return encode(share_copies()); }

void HomeShares::adopt(const Bytes& copy) {
  auto copies = decode_share_copies(copy, empty_);
  WEIR_CHECK(copies, "the copy of a home is not whole");
  go_on_with(std::move(*copies));
}

// In a ledger our rows are to count, not those that the home and its heir have left there: each of
// the two had taken the shares up once. Were theirs to count, they would be as exact.
void HomeShares::begin_anew(RankId home) {
  WEIR_CHECK(options_.begun_with, "a home is begun anew, and what it had is not known");
  std::vector<ShareCopy> copies = options_.begun_with(home);
  for (ShareCopy& copy : copies) copy.generation += 2;
  go_on_with(std::move(copies));
}

void HomeShares::go_on_with(std::vector<ShareCopy> copies) {
  if (copies.empty()) return;
  // It looks at shares.
  if (opener_.joinable()) opener_.join();
  for (Part& part : parts_) part.settle();
  const Duration taken_before = least_reached(copies);
  take_up(std::move(copies));
  std::packaged_task<Opened()> opening(
      [this, part = parts_.size(), taken_before] { return open(part, true, taken_before); });
  parts_.push_back({{}, opening.get_future()});
  opener_ = std::jthread([this, opening = std::move(opening)]() mutable {
    opening();
    if (options_.wake) options_.wake();
  });
}

RunTally HomeShares::completed_here() const {
  RunTally sum = empty_;
  for (const Share& share : shares_) sum.merge(share.here);
  return sum;
}

RunTally HomeShares::completed_before() const {
  RunTally sum = empty_.without_nodes();
  for (const Share& share : shares_) sum.merge(share.before);
  return sum;
}

void require_same_streams(std::vector<NumberedStream> streams, const std::vector<ShareCopy>& copies,
                          const std::string& place) {
  if (copies.empty()) return;
  std::vector<const ShareCopy*> by_share(copies.front().share_count, nullptr);
  std::uint64_t expected = 0;
  for (const ShareCopy& copy : copies) {
    by_share[copy.share] = &copy;
    expected += copy.tally.ended() + copy.open.size();
  }
  std::uint64_t found = 0;
  for (std::size_t i = 0; i < streams.size(); ++i) {
    std::uint64_t last = 0;
    for (const ShareCopy& copy : copies) last = std::max(last, copy.next[i]);
    Arrival arrival{};
    for (std::uint64_t passed = 0; passed < last; ++passed) {
      if (!streams[i].stream->next(arrival)) break;
      const TaskId id = make_task_id(streams[i].id, arrival.index);
      const ShareCopy* copy = by_share[home_of(id, static_cast<int>(by_share.size()))];
      if (copy != nullptr && arrival.index < copy->next[i]) ++found;
    }
  }
  if (found == expected) return;
  throw Error("the streams are not what they were when the run was begun",
              std::to_string(found) + " tasks where the run has been",
              std::to_string(expected) + ", as " + place + " says",
              "the same traces and the same version of weir, or --ledger with another folder");
}

}  // namespace weir
