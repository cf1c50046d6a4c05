#include "runtime/session/data_store.hpp"

#include <algorithm>
#include <stdexcept>

#include "runtime/session/data_refusal.hpp"

namespace weir {

using namespace data_refusal;

namespace {

// Before the first fetch: what any network worth the name does.
constexpr double kUsualBytesPerSecond = 1e9;
constexpr double kUsualLatency_s = 50e-6;

constexpr const char* kHasLeft = "its session has ended there";

}  // namespace

// Its value is made, and looked at for eviction, under `reading`; all else is written before it
// arrives.
struct DataStore::Cached {
  DataRef ref;
  std::shared_ptr<FutureState> arrival;
  std::string type;
  std::mutex reading;
  Payload bytes;
  DataValue value;
};

struct DataStore::Search {
  std::string name;
  RankId home;
  std::shared_ptr<FutureState> arrival;  // null: the answer was here
  DataAnswer answer;
};

struct DataStore::Question {
  RankId home;
  DataRequest request;
  Instant asked{};
  // One of the two.
  std::shared_ptr<Cached> cached;
  std::shared_ptr<Search> search;

  FutureState& arrival() const { return cached ? *cached->arrival : *search->arrival; }
};

std::shared_ptr<FutureState> DataStore::new_state() const {
  return std::make_shared<FutureState>(host_, kDataKind);
}

void DataStore::forget(const DataRef& ref) {
  if (ref.home == options_.self) return home_.forget(ref);
  std::shared_ptr<Cached> cached;  // Its value is not to be destroyed under the lock.
  const std::lock_guard lock(mutex_);
  const auto place = places_.find({ref.home, ref.number});
  if (place == places_.end()) return;
  cached = *place->second;
  drop(place->second);
}

void DataStore::require_rank(RankId home, const std::string& name) const {
  if (home.value() >= 0 && home.value() < options_.rank_count) return;
  if (home == kNoRank) {
    throw std::logic_error("there is no data here: use what put() or find() returned");
  }
  throw Error("the data " + quoted(name) + " has no home",
              "rank " + std::to_string(home.value()) + " of " + std::to_string(options_.rank_count),
              "a rank of this session", "what put() returned in this session");
}

DataStore::Hold DataStore::hold(const DataRef& ref, const DataType& type) {
  require_rank(ref.home, ref.name);
  if (ref.home == options_.self) return {home_.value_of(ref, type), nullptr};
  std::vector<std::shared_ptr<Cached>> dropped;
  const std::lock_guard lock(mutex_);
  if (const auto place = places_.find({ref.home, ref.number}); place != places_.end()) {
    ++counts_.hits;
    cache_.splice(cache_.begin(), cache_, place->second);
    return {nullptr, cache_.front()};
  }
  if (closed_)
    throw std::logic_error("the session has ended, or is ending: no data can be fetched");
  require_there(ref.home);
  make_room(ref, dropped);
  auto cached = std::make_shared<Cached>();
  cached->ref = ref;
  cached->arrival = new_state();
  cache_.push_front(cached);
  places_[{ref.home, ref.number}] = cache_.begin();
  counts_.cached_bytes += ref.byte_count;
  ++counts_.fetches;
  auto question = std::make_shared<Question>();
  question->home = ref.home;
  question->request = {.number = ref.number, .name = ref.name};
  question->cached = cached;
  ask(std::move(question));
  return {nullptr, std::move(cached)};
}

void DataStore::require_there(RankId home) const {
  if (left_.contains(home)) {
    throw Error("no data can be fetched from rank " + std::to_string(home.value()), kHasLeft,
                "a home whose session goes on", "wait_all() on that rank before its session ends");
  }
}

void DataStore::ask(std::shared_ptr<Question> question) {
  to_ask_.push_back(std::move(question));
  has_questions_.store(true, std::memory_order_release);
}

// Those used longest ago leave first. What somebody waits for or holds stays.
void DataStore::make_room(const DataRef& ref, std::vector<std::shared_ptr<Cached>>& dropped) {
  const std::uint64_t most = options_.max_cached_bytes;
  const auto refuse_more = [&](const std::string& found) {
    throw Error(
        "no room in the cache for " + version_text(ref) + ", " + std::to_string(ref.byte_count) +
            " bytes",
        found,
        "at most " + std::to_string(most) +
            " bytes in use at one time (SessionOptions::max_cached_bytes)",
        "a larger SessionOptions::max_cached_bytes, data in smaller parts, or tasks that let go "
        "of their data earlier");
  };
  if (ref.byte_count > most) refuse_more("it alone is too large");
  for (auto place = cache_.end();
       counts_.cached_bytes + ref.byte_count > most && place != cache_.begin();) {
    --place;
    Cached& one = **place;
    if (place->use_count() > 1) continue;
    {
      const std::lock_guard reading(one.reading);
      if (one.value.use_count() > 1) continue;
    }
    ++counts_.evictions;
    dropped.push_back(*place);
    drop(place++);
  }
  if (counts_.cached_bytes + ref.byte_count > most) {
    refuse_more("the data that tasks of this rank use now have " +
                std::to_string(counts_.cached_bytes) + " bytes");
  }
}

void DataStore::drop(Cache::iterator place) {
  const DataRef& ref = (*place)->ref;
  counts_.cached_bytes -= ref.byte_count;
  places_.erase({ref.home, ref.number});
  cache_.erase(place);
}

FutureState& DataStore::arrival(const Hold& hold) { return *hold.cached->arrival; }

DataValue DataStore::value_of(const Hold& hold, const DataType& type) const {
  Cached& cached = *hold.cached;
  if (cached.arrival->status() == FutureState::Status::kFailed) {
    refuse_missing(cached.ref, cached.type);
  }
  cached.arrival->throw_if_failed();
  require_type(version_text(cached.ref), cached.type, type);
  const std::lock_guard reading(cached.reading);
  if (cached.value == nullptr) {
    cached.value = type.read(cached.bytes.bytes());
    cached.bytes = {};
  }
  return cached.value;
}

std::shared_ptr<DataStore::Search> DataStore::search(const std::string& name, RankId home) {
  require_rank(home, name);
  auto search = std::make_shared<Search>();
  search->name = name;
  search->home = home;
  const DataRequest request{.name = name};
  if (home == options_.self) {
    search->answer = home_.describe(request);
    return search;
  }
  const std::lock_guard lock(mutex_);
  if (closed_) throw std::logic_error("the session has ended, or is ending: no data can be found");
  require_there(home);
  search->arrival = new_state();
  auto question = std::make_shared<Question>();
  question->home = home;
  question->request = request;
  question->search = search;
  ask(std::move(question));
  return search;
}

FutureState* DataStore::arrival(const Search& search) { return search.arrival.get(); }

DataRef DataStore::found(const Search& search, const DataType& type) const {
  if (search.arrival != nullptr) search.arrival->throw_if_failed();
  const DataAnswer& answer = search.answer;
  if (answer.number == 0) {
    {
      const std::lock_guard lock(mutex_);
      require_there(search.home);
    }
    throw Error("there is no data " + quoted(search.name) + ' ' + on_rank(search.home), answer.text,
                "a name that was put there", "put() on that rank before, or the rank that has it");
  }
  require_type("the data " + quoted(search.name), answer.text, type);
  return {.home = search.home,
          .number = answer.number,
          .version = answer.version,
          .byte_count = answer.byte_count,
          .name = search.name};
}

DataCounts DataStore::counts() const {
  const std::lock_guard lock(mutex_);
  DataCounts counts = counts_;
  counts.put_bytes = home_.byte_count();
  return counts;
}

void DataStore::act(Transport& transport, Instant now) {
  std::vector<std::shared_ptr<Question>> to_ask;
  {
    const std::lock_guard lock(mutex_);
    has_questions_.store(false, std::memory_order_relaxed);
    std::swap(to_ask, to_ask_);
  }
  if (!to_ask.empty()) last_asked_ = now;
  for (auto& question : to_ask) {
    question->asked = now;
    question->request.question = ++last_question_;
    question->request.last_bytes = last_bytes_;
    question->request.last_took = std::exchange(last_took_, Duration(0));  // told once
    const RankId home = question->home;
    const bool has_left = left_.contains(home);  // It left since this was asked.
    if (!has_left) transport.send(home, question->request);
    asked_[last_question_] = std::move(question);
    if (has_left) on_home_left(home);
  }
}

void DataStore::on_request(const DataRequest& request, RankId from, Transport& transport) {
  if (request.last_took > Duration::zero()) cost_.add(1, request.last_bytes, request.last_took);
  transport.send(from, home_.answer(request));
}

void DataStore::on_home_left(RankId home) {
  std::vector<std::uint64_t> unanswered;
  {
    const std::lock_guard lock(mutex_);
    left_.insert(home);
  }
  for (const auto& [number, question] : asked_) {
    if (question->home == home) unanswered.push_back(number);
  }
  std::ranges::sort(unanswered);
  for (const std::uint64_t number : unanswered) {
    on_answer({.question = number, .text = kHasLeft}, home, Instant{});
  }
}

void DataStore::on_answer(DataAnswer answer, RankId from, Instant now) {
  const auto found = asked_.find(answer.question);
  if (found == asked_.end()) return;
  const std::shared_ptr<Question> question = std::move(found->second);
  asked_.erase(found);
  const bool is_there = answer.number != 0;
  if (question->search != nullptr) {
    question->search->answer = std::move(answer);
    question->search->arrival->settle(FutureState::Status::kDone, from, {});
    return;
  }
  std::shared_ptr<Cached> cached = std::move(question->cached);
  cached->type = std::move(answer.text);
  cached->bytes = std::move(answer.data);
  const std::size_t byte_count = cached->bytes.bytes().size();
  {
    const std::lock_guard lock(mutex_);
    if (is_there) {
      counts_.fetched_bytes += byte_count;
    } else {
      // Who asks again may get another answer.
      const auto place = places_.find({cached->ref.home, cached->ref.number});
      if (place != places_.end() && *place->second == cached) drop(place->second);
    }
  }
  if (is_there) {
    last_bytes_ = byte_count;
    last_took_ = now - question->asked;
    cost_.add(1, last_bytes_, last_took_);
  }
  // Before anybody hears of it: it counts as in use for as long as this thread holds it.
  const std::shared_ptr<FutureState> arrival = cached->arrival;
  cached.reset();
  using Status = FutureState::Status;
  arrival->settle(is_there ? Status::kDone : Status::kFailed, from, {});
}

double DataStore::fetch_seconds(std::uint64_t byte_count) const {
  const auto bytes = static_cast<double>(byte_count);
  return cost_.is_known() ? cost_.seconds_of(bytes)
                          : kUsualLatency_s + bytes / kUsualBytesPerSecond;
}

void DataStore::abandon() {
  std::vector<std::shared_ptr<Question>> open;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    std::swap(open, to_ask_);
    has_questions_.store(false, std::memory_order_relaxed);
  }
  for (auto& one : asked_) open.push_back(std::move(one.second));
  asked_.clear();
  for (const auto& one : open) {
    one->arrival().settle(FutureState::Status::kAbandoned, kNoRank, {});
  }
}

}  // namespace weir
