// The C interface: every call is one of Session's, with what it throws as a code and a text.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/base/exception_text.hpp"
#include "runtime/base/time.hpp"
#include "runtime/library/weir/weir.h"
#include "runtime/session/session.hpp"

struct weir_result {
  weir::Bytes* bytes;
  std::string failure;
};

struct weir_session {
  weir::Session session;
  int class_count;
  std::size_t max_payload_bytes;
  std::set<int> kinds;
  bool started = false;
};

struct weir_future {
  weir::Future<weir::Bytes> future;
  // Once it has come, so that a caller whose place was too small can ask again.
  std::optional<weir::Bytes> result;
};

namespace weir {
namespace {

// Of the last call on this thread that failed: C has no other place for a text.
thread_local std::string last_error;
// Where there was no memory for it.
thread_local const char* last_fixed_error = nullptr;

int failed(int code, std::string text) {
  last_error = std::move(text);
  last_fixed_error = nullptr;
  return code;
}

// The code of the exception being handled, of which the text is kept.
int code_of_exception() {
  try {
    throw;
  } catch (const TaskCancelled& error) {
    return failed(WEIR_ERROR_CANCELLED, error.what());
  } catch (const TaskError& error) {
    return failed(WEIR_ERROR_TASK, error.what());
  } catch (const Error& error) {
    return failed(WEIR_ERROR_START, error.report());
  } catch (const std::logic_error& error) {
    return failed(WEIR_ERROR_STATE, error.what());
  } catch (const std::bad_alloc&) {
    throw;  // There may be none for a text.
  } catch (const std::exception& error) {
    return failed(WEIR_ERROR_INTERNAL, error.what());
  } catch (...) {
    return failed(WEIR_ERROR_INTERNAL, current_exception_text());
  }
}

// The whole of a call from C: nothing is thrown out of it, not even by the making of a text.
template <typename Call>
int guarded(const Call& call) noexcept {
  try {
    try {
      return call();
    } catch (...) {
      return code_of_exception();
    }
  } catch (...) {
    last_fixed_error = "there is no memory left";
    return WEIR_ERROR_INTERNAL;
  }
}

int null_argument(const char* name) {
  return failed(WEIR_ERROR_ARGUMENT, std::string(name) + " is null");
}

int must_be_started(const weir_session& session) {
  if (session.started) return WEIR_OK;
  return failed(WEIR_ERROR_STATE, "the session has not been started: call weir_start first");
}

SessionOptions session_options(const weir_session_options* given) {
  SessionOptions options;
  if (given == nullptr) return options;
  if (given->policy != nullptr) options.policy = given->policy;
  options.worker_count = given->worker_count;
  options.class_count = given->class_count;
  options.max_retries = given->max_retries;
  options.seed = given->seed;
  if (given->progress_thread != 0) options.progress = Progress::kThread;
  options.max_in_flight = given->max_in_flight;
  options.max_payload_bytes = given->max_payload_bytes;
  return options;
}

Payload payload_of(const void* argument, std::size_t byte_count) {
  const auto* first = static_cast<const std::byte*>(argument);
  return Payload(Bytes(first, first + byte_count));
}

// A task of C as one of weir.
TaskFunction task_function(weir_task function, void* user_data) {
  return [function, user_data](TaskContext&, const Payload& payload, Bytes& bytes) {
    const std::span<const std::byte> argument = payload.bytes();
    weir_result result{&bytes, {}};
    const int code = function(user_data, argument.data(), argument.size(), &result);
    if (code == WEIR_OK) return;
    if (result.failure.empty()) result.failure = "the task returned " + std::to_string(code);
    throw std::runtime_error(result.failure);
  };
}

// WEIR_OK, or what is wrong with the options.
int read_submit_options(const weir_session& session, const weir_submit_options* given,
                        SubmitOptions& options) {
  if (given == nullptr) return WEIR_OK;
  for (const int rank : {given->target, given->prefer}) {
    if (rank >= -1 && rank < session.session.rank_count()) continue;
    return failed(WEIR_ERROR_ARGUMENT, "there is no rank " + std::to_string(rank) +
                                           ": the session has " +
                                           std::to_string(session.session.rank_count()));
  }
  if (given->task_class < 0 || given->task_class >= session.class_count) {
    return failed(WEIR_ERROR_ARGUMENT, "there is no class " + std::to_string(given->task_class) +
                                           ": the session has " +
                                           std::to_string(session.class_count));
  }
  if (given->priority < 0 || given->priority > 255) {
    return failed(WEIR_ERROR_ARGUMENT,
                  "a priority is 0 to 255, not " + std::to_string(given->priority));
  }
  if (given->memory_domain < -1 || given->memory_domain >= int{weir::kAnyMemoryDomain}) {
    return failed(WEIR_ERROR_ARGUMENT,
                  "there is no memory domain " + std::to_string(given->memory_domain));
  }
  if (!(given->cost_hint_s >= 0 && given->cost_hint_s < 1e9)) {
    return failed(WEIR_ERROR_ARGUMENT,
                  "a cost hint is seconds, not " + std::to_string(given->cost_hint_s));
  }
  if (given->target >= 0) options.target = RankId(given->target);
  if (given->prefer >= 0) options.prefer = RankId(given->prefer);
  if (given->memory_domain != -1) options.memory_domain = given->memory_domain;
  options.task_class = ClassId(static_cast<std::uint8_t>(given->task_class));
  options.priority = static_cast<std::uint8_t>(given->priority);
  options.cost_hint = from_seconds(given->cost_hint_s);
  options.no_rerun = given->no_rerun != 0;
  return WEIR_OK;
}

// `submitted` is null where to wait for room; else it becomes 1 where there was some.
int submit(weir_session* session, int kind, const void* argument, std::size_t argument_bytes,
           const weir_submit_options* given, weir_future** future, int* submitted) {
  if (future != nullptr) *future = nullptr;
  if (session == nullptr) return null_argument("session");
  if (argument == nullptr && argument_bytes > 0) return null_argument("argument");
  if (const int code = must_be_started(*session); code != WEIR_OK) return code;
  if (!session->kinds.contains(kind)) {
    return failed(WEIR_ERROR_ARGUMENT, "there is no task kind " + std::to_string(kind));
  }
  if (argument_bytes > session->max_payload_bytes) {
    return failed(WEIR_ERROR_ARGUMENT, "an argument of " + std::to_string(argument_bytes) +
                                           " bytes: the session takes max_payload_bytes = " +
                                           std::to_string(session->max_payload_bytes));
  }
  SubmitOptions options;
  if (const int code = read_submit_options(*session, given, options); code != WEIR_OK) return code;
  const TaskKind<Bytes(Payload)> of{KindId(static_cast<std::uint16_t>(kind))};
  Payload payload = payload_of(argument, argument_bytes);
  if (future == nullptr && submitted == nullptr) {
    session->session.submit_detached(options, of.id, std::move(payload));
    return WEIR_OK;
  }
  // First, so that nothing can fail once the task is under way.
  auto made = std::make_unique<weir_future>();
  if (submitted == nullptr) {
    made->future = session->session.submit_raw(options, of, std::move(payload));
  } else {
    auto tried = session->session.try_submit_raw(options, of, std::move(payload));
    if (!tried) return WEIR_OK;
    made->future = std::move(*tried);
    *submitted = 1;
  }
  if (future != nullptr) *future = made.release();
  return WEIR_OK;
}

int create(MPI_Comm communicator, const weir_session_options* given, weir_session** session) {
  return guarded([&]() -> int {
    if (session == nullptr) return null_argument("session");
    *session = nullptr;
    if (communicator == MPI_COMM_NULL) {
      return failed(WEIR_ERROR_ARGUMENT, "the communicator is MPI_COMM_NULL");
    }
    const SessionOptions options = session_options(given);
    *session = new weir_session{Session(communicator, options), options.class_count,
                                options.max_payload_bytes};
    return WEIR_OK;
  });
}

}  // namespace
}  // namespace weir

using namespace weir;  // What follows is C's: names that have no namespace.

void weir_session_options_init(weir_session_options* options) {
  if (options == nullptr) return;
  const SessionOptions defaults;
  *options = {.policy = nullptr,
              .worker_count = defaults.worker_count,
              .class_count = defaults.class_count,
              .max_retries = defaults.max_retries,
              .seed = defaults.seed,
              .progress_thread = 0,
              .max_in_flight = defaults.max_in_flight,
              .max_payload_bytes = defaults.max_payload_bytes};
}

void weir_submit_options_init(weir_submit_options* options) {
  if (options == nullptr) return;
  *options = {.target = -1,
              .task_class = 0,
              .priority = 0,
              .cost_hint_s = 0,
              .no_rerun = 0,
              .prefer = -1,
              .memory_domain = -1};
}

const char* weir_error_message(void) {
  return last_fixed_error != nullptr ? last_fixed_error : last_error.c_str();
}

int weir_session_create(MPI_Comm communicator, const weir_session_options* options,
                        weir_session** session) {
  return create(communicator, options, session);
}

int weir_session_create_f(MPI_Fint communicator, const weir_session_options* options,
                          weir_session** session) {
  return create(MPI_Comm_f2c(communicator), options, session);
}

int weir_define(weir_session* session, const char* name, weir_task function, void* user_data,
                int* kind) {
  return guarded([&]() -> int {
    if (session == nullptr) return null_argument("session");
    if (name == nullptr) return null_argument("name");
    if (function == nullptr) return null_argument("function");
    if (kind == nullptr) return null_argument("kind");
    if (session->started) {
      return failed(WEIR_ERROR_STATE, "a task is defined before weir_start");
    }
    *kind = static_cast<int>(
        session->session.define_raw(name, task_function(function, user_data)).id.value());
    session->kinds.insert(*kind);
    return WEIR_OK;
  });
}

int weir_start(weir_session* session) {
  return guarded([&]() -> int {
    if (session == nullptr) return null_argument("session");
    if (session->started) return failed(WEIR_ERROR_STATE, "the session was started before");
    session->session.start();
    session->started = true;
    return WEIR_OK;
  });
}

int weir_submit(weir_session* session, int kind, const void* argument, size_t argument_bytes,
                const weir_submit_options* given, weir_future** future) {
  return guarded(
      [&] { return submit(session, kind, argument, argument_bytes, given, future, nullptr); });
}

int weir_try_submit(weir_session* session, int kind, const void* argument, size_t argument_bytes,
                    const weir_submit_options* given, weir_future** future, int* submitted) {
  return guarded([&]() -> int {
    if (submitted == nullptr) return null_argument("submitted");
    *submitted = 0;
    return submit(session, kind, argument, argument_bytes, given, future, submitted);
  });
}

int weir_cancel(weir_future* future, int* cancelled) {
  return guarded([&]() -> int {
    if (future == nullptr) return null_argument("future");
    if (cancelled == nullptr) return null_argument("cancelled");
    *cancelled = !future->result && future->future.cancel() ? 1 : 0;
    return WEIR_OK;
  });
}

int weir_ready(weir_future* future, int* ready) {
  return guarded([&]() -> int {
    if (future == nullptr) return null_argument("future");
    if (ready == nullptr) return null_argument("ready");
    *ready = future->result || future->future.ready() ? 1 : 0;
    return WEIR_OK;
  });
}

int weir_wait(weir_future** future, void* result, size_t capacity, size_t* result_bytes) {
  return guarded([&]() -> int {
    if (future == nullptr || *future == nullptr) return null_argument("future");
    if (result == nullptr && capacity > 0) return null_argument("result");
    weir_future& one = **future;
    const int code = guarded([&]() -> int {
      if (!one.result) one.result = one.future.get();
      const Bytes& bytes = *one.result;
      if (result_bytes != nullptr) *result_bytes = bytes.size();
      if (bytes.size() > capacity) {
        return failed(WEIR_ERROR_TRUNCATED, "the result has " + std::to_string(bytes.size()) +
                                                " bytes, the place for it " +
                                                std::to_string(capacity));
      }
      if (!bytes.empty()) std::memcpy(result, bytes.data(), bytes.size());
      return WEIR_OK;
    });
    const bool can_be_asked_again = code == WEIR_ERROR_TRUNCATED || code == WEIR_ERROR_STATE;
    if (!can_be_asked_again) weir_future_free(future);
    return code;
  });
}

int weir_future_free(weir_future** future) {
  return guarded([&]() -> int {
    if (future == nullptr) return null_argument("future");
    delete std::exchange(*future, nullptr);
    return WEIR_OK;
  });
}

int weir_progress(weir_session* session) {
  return guarded([&]() -> int {
    if (session == nullptr) return null_argument("session");
    if (const int code = must_be_started(*session); code != WEIR_OK) return code;
    session->session.progress();
    return WEIR_OK;
  });
}

int weir_wait_all(weir_session* session) {
  return guarded([&]() -> int {
    if (session == nullptr) return null_argument("session");
    if (const int code = must_be_started(*session); code != WEIR_OK) return code;
    session->session.wait_all();
    return WEIR_OK;
  });
}

int weir_session_free(weir_session** session) {
  return guarded([&]() -> int {
    if (session == nullptr) return null_argument("session");
    delete std::exchange(*session, nullptr);
    return WEIR_OK;
  });
}

int weir_rank(const weir_session* session, int* rank) {
  return guarded([&]() -> int {
    if (session == nullptr) return null_argument("session");
    if (rank == nullptr) return null_argument("rank");
    *rank = session->session.rank().value();
    return WEIR_OK;
  });
}

int weir_rank_count(const weir_session* session, int* rank_count) {
  return guarded([&]() -> int {
    if (session == nullptr) return null_argument("session");
    if (rank_count == nullptr) return null_argument("rank_count");
    *rank_count = session->session.rank_count();
    return WEIR_OK;
  });
}

int weir_result_set(weir_result* result, const void* bytes, size_t byte_count) {
  return guarded([&]() -> int {
    if (result == nullptr) return null_argument("result");
    if (bytes == nullptr && byte_count > 0) return null_argument("bytes");
    const auto* first = static_cast<const std::byte*>(bytes);
    result->bytes->assign(first, first + byte_count);
    return WEIR_OK;
  });
}

int weir_result_fail(weir_result* result, const char* text) {
  return guarded([&]() -> int {
    if (result == nullptr) return null_argument("result");
    if (text == nullptr) return null_argument("text");
    result->failure = text;
    return WEIR_OK;
  });
}
