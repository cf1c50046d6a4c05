// The read-only data of one rank: what was put here (data_home.hpp), and a cache of what was
// fetched from other homes (decisions/013-read-only-data.md).
//
// Threads ask for data and wait for them by a future state; the control thread sends the questions
// and takes the answers. What has come stays bytes until the first thread that wants it makes a
// value of it.

#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/base/time.hpp"
#include "runtime/control/transfer_cost.hpp"
#include "runtime/environment/transport.hpp"
#include "runtime/protocol/message.hpp"
#include "runtime/session/data.hpp"
#include "runtime/session/data_home.hpp"
#include "runtime/session/future_state.hpp"

namespace weir {

struct DataStoreOptions {
  RankId self;
  int rank_count = 1;
  std::size_t max_cached_bytes = 0;
};

// Members without a remark are for any thread.
class DataStore {
 public:
  // `host` is that of the futures by which threads wait.
  DataStore(FutureHost& host, DataStoreOptions options)
      : host_(host), options_(options), home_(options.self) {}

  // What was put here.
  DataHome& home() { return home_; }
  // At its home nobody can fetch it any more; elsewhere it leaves the cache. Who has it keeps it.
  void forget(const DataRef& ref);

  // A value that is here, or one on its way, which stays in the cache for as long as this lives.
  struct Cached;
  struct Hold {
    DataValue value;                 // null: on its way, or not yet made of its bytes
    std::shared_ptr<Cached> cached;  // null: it was put here
  };
  // Begins to fetch what is not here; the control thread is to be woken where has_questions().
  // Throws Error for unknown data, another type, or more bytes than there is room for.
  Hold hold(const DataRef& ref, const DataType& type);
  static FutureState& arrival(const Hold& hold);
  // Once it has arrived. Throws Error where its home does not have it, or has another type, and
  // what making a value of its bytes throws.
  DataValue value_of(const Hold& hold, const DataType& type) const;

  // A question for the newest data of a name.
  struct Search;
  std::shared_ptr<Search> search(const std::string& name, RankId home);
  // Null: no need to wait.
  static FutureState* arrival(const Search& search);
  DataRef found(const Search& search, const DataType& type) const;

  DataCounts counts() const;
  // Whether act() has something to do.
  bool has_questions() const { return has_questions_.load(std::memory_order_acquire); }
  // Whoever waits is told that the session has ended. Nothing is asked from now on.
  void abandon();

  // These are for the control thread.
  void act(Transport& transport, Instant now);
  void on_request(const DataRequest& request, RankId from, Transport& transport);
  void on_answer(DataAnswer answer, RankId from, Instant now);
  // That home answers nothing more. What is here of its data stays.
  void on_home_left(RankId home);
  // When the last question left.
  Instant last_asked() const { return last_asked_; }
  // Expected for a fetch of that many bytes, by those that were.
  double fetch_seconds(std::uint64_t byte_count) const;

 private:
  struct Question;
  using Cache = std::list<std::shared_ptr<Cached>>;  // what was used last comes first

  void require_rank(RankId home, const std::string& name) const;
  void ask(std::shared_ptr<Question> question);
  void require_there(RankId home) const;
  // What leaves goes to `dropped`, to be destroyed without the lock.
  void make_room(const DataRef& ref, std::vector<std::shared_ptr<Cached>>& dropped);
  void drop(Cache::iterator place);
  std::shared_ptr<FutureState> new_state() const;

  FutureHost& host_;
  DataStoreOptions options_;
  DataHome home_;

  mutable std::mutex mutex_;
  Cache cache_;
  std::map<std::pair<RankId, std::uint64_t>, Cache::iterator> places_;  // by home and number
  DataCounts counts_;
  std::vector<std::shared_ptr<Question>> to_ask_;
  std::atomic<bool> has_questions_{false};
  std::set<RankId> left_;  // answer nothing more
  bool closed_ = false;

  // Of the control thread.
  std::unordered_map<std::uint64_t, std::shared_ptr<Question>> asked_;
  std::uint64_t last_question_ = 0;
  Instant last_asked_{};
  TransferCost cost_;
  std::uint64_t last_bytes_ = 0;
  Duration last_took_{0};
};

}  // namespace weir
