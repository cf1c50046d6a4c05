#include "tools/exec/exec_command.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <semaphore>
#include <utility>

#include "runtime/base/error.hpp"
#include "runtime/mpi/mpi_context.hpp"
#include "runtime/process/child_environment.hpp"
#include "runtime/process/group_keeper.hpp"
#include "runtime/session/node_runtime.hpp"
#include "tools/command/stop_signal.hpp"
#include "tools/command/terminal.hpp"
#include "tools/exec/command_feed.hpp"
#include "tools/exec/command_output.hpp"
#include "tools/exec/command_runner.hpp"
#include "tools/exec/exec_ledger.hpp"
#include "tools/exec/exec_options.hpp"
#include "tools/exec/exec_progress.hpp"
#include "tools/exec/exec_reactor.hpp"
#include "tools/exec/exec_results.hpp"
#include "tools/exec/exec_source.hpp"
#include "tools/exec/standard_streams.hpp"
#include "tools/run/joint_refusal.hpp"
#include "tools/run/mpi_start.hpp"
#include "tools/run/start_limit.hpp"
#include "tools/run/survivors.hpp"
#include "tools/run/survivors_line.hpp"
#include "tools/settings/run_options.hpp"
#include "topology/discover.hpp"

namespace weir {
namespace {

const std::string kName = "weir-exec";
// As GNU parallel counts: beyond this many failures the exit code says only that there are more.
constexpr std::uint64_t kMostCounted = 100;

std::string spill_folder() {
  const char* folder = std::getenv("TMPDIR");
  return folder != nullptr && *folder != '\0' ? folder : "/tmp";
}

// What ranks tell each other before they begin.
struct RankFacts {
  std::string host;
  int worker_count = 0;
  ChildSurroundings surroundings;  // of rank 0
};

Bytes encode(const RankFacts& facts) {
  Bytes bytes;
  ByteWriter out(bytes);
  out.text(facts.host);
  out.number(facts.worker_count);
  out.text(facts.surroundings.folder);
  out.number(static_cast<std::uint32_t>(facts.surroundings.environment.size()));
  for (const std::string& entry : facts.surroundings.environment) out.text(entry);
  return bytes;
}

RankFacts decode_facts(const Bytes& bytes) {
  ByteReader in(bytes);
  RankFacts facts;
  facts.host = in.text();
  facts.worker_count = in.number<int>();
  facts.surroundings.folder = in.text();
  for (auto left = in.number<std::uint32_t>(); left > 0; --left)
    facts.surroundings.environment.push_back(in.text());
  return facts;
}

std::unique_ptr<CommandFeed> make_feed(const ExecOptions& options) {
  if (!options.words.empty() && options.values_file.empty())
    return std::make_unique<CommandFeed>(options.values);
  const bool is_list = options.words.empty();
  return std::make_unique<CommandFeed>(
      CommandFeedOptions{.path = is_list ? options.list : options.values_file,
                         .delimiter = options.nul_separated ? '\0' : '\n',
                         .skips_blank = is_list});
}

std::unique_ptr<CommandOutput> make_output(const ExecOptions& options) {
  if (!options.logs.empty()) return std::make_unique<LoggedOutput>();
  const bool goes_on = !options.ledger.empty();
  if (!options.output.empty()) return std::make_unique<IndexedOutput>(options.output, goes_on);
  const PrintedOutput printed(options.progress && !options.quiet);
  if (options.keep_order) return std::make_unique<OrderedOutput>(printed, spill_folder());
  return std::make_unique<PrintedOutput>(printed);
}

// Where output is printed the line would be in its way, and comes only when it is asked for.
bool shows_progress(const ExecOptions& options, const TerminalMode& terminal) {
  if (options.quiet) return false;
  const bool prints = options.logs.empty() && options.output.empty();
  return options.progress || (terminal.attached && !prints);
}

// One rank's part of `weir exec`, from the options to its result.
class ExecRun {
 public:
  ExecRun(MpiContext& mpi, GroupKeeper& keeper, ExecOptions options);

  // Opens what is read and written. False, on all ranks, when one of them cannot.
  bool prepare();
  // Once, after prepare(). The exit code.
  int execute(const StopSignal& stop, StartLimit& limit);

 private:
  NodeRuntimeOptions runtime_options() const;
  KindTable make_kinds();
  void gather_facts();
  void open_files();
  bool halts() const;
  std::vector<std::unique_ptr<RunObserver>> observers();
  std::optional<double> expected_now();
  ExecProgress progress(Instant now);
  int report(bool interrupted);
  int end_without(const Survival& survival, bool interrupted);
  std::string summary(bool interrupted);

  bool submits() const { return mpi_.rank() == RankId(0); }

  MpiContext& mpi_;
  ExecOptions options_;
  CommandRunner runner_;
  KindId run_kind_;
  KindId end_kind_;
  KindTable kinds_;
  NodeRuntime runtime_;
  std::vector<std::string> hosts_;  // by rank
  int total_workers_ = 0;
  ChildSurroundings surroundings_;

  // Of the rank that submits.
  std::unique_ptr<CommandFeed> feed_;
  OpenCommands open_;
  std::optional<ExecLedger> ledger_;
  std::uint64_t held_ = 0;  // taken from the feed, and then no task
  std::string refused_;     // why the ledger could not go with the commands, as a report
  std::optional<ExecResults> results_;
};

ExecRun::ExecRun(MpiContext& mpi, GroupKeeper& keeper, ExecOptions options)
    : mpi_(mpi),
      options_(std::move(options)),
      runner_(keeper),
      kinds_(make_kinds()),
      runtime_(mpi_, kinds_, runtime_options()) {}

KindTable ExecRun::make_kinds() {
  KindTable kinds;
  run_kind_ =
      kinds.add("run_command", [this](TaskContext& context, const Payload& payload, Bytes& result) {
        runner_.run(context, payload, result);
      });
  end_kind_ =
      kinds.add("end_commands", [this](TaskContext&, const Payload&, Bytes&) { runner_.end_all(); },
                {.immediate = true});
  return kinds;
}

NodeRuntimeOptions ExecRun::runtime_options() const {
  NodeRuntimeOptions options;
  options.policy = options_.policy;
  options.worker_count = options_.workers;
  options.workers_wait_for_children = true;
  options.dispatcher_count = 1;
  options.class_count = kMaxClasses;
  options.max_retries = options_.retries;
  if (options_.survive) {
    options.suspicion = SuspicionOptions{};
    options.survival = SurvivalOptions{};
  }
  options.settings = "workers=" + std::to_string(options_.workers) +
                     "\nretries=" + std::to_string(options_.retries);
  return options;
}

void ExecRun::gather_facts() {
  RankFacts mine{.host = host_name(), .worker_count = runtime_.worker_count(), .surroundings = {}};
  if (submits())
    mine.surroundings = {std::filesystem::current_path().string(),
                         without_launch_variables(own_environment())};
  for (const Bytes& bytes : mpi_.gather_to_all(encode(mine))) {
    RankFacts facts = decode_facts(bytes);
    if (hosts_.empty()) surroundings_ = std::move(facts.surroundings);
    hosts_.push_back(std::move(facts.host));
    total_workers_ += facts.worker_count;
  }
}

void ExecRun::open_files() {
  std::string logs = options_.logs;
  if (!logs.empty()) logs = (std::filesystem::path(surroundings_.folder) / logs).string();
  runner_.open({.surroundings = surroundings_,
                .time_limit = options_.time_limit,
                .logs = logs,
                .spill_folder = spill_folder(),
                .worker_count = std::max(1, runtime_.worker_count()),
                .retries = options_.retries});
  if (!submits()) return;
  feed_ = make_feed(options_);
  if (!options_.ledger.empty()) ledger_.emplace(options_.ledger);
  std::optional<JobLog> job_log;
  if (!options_.job_log.empty()) job_log.emplace(options_.job_log, ledger_.has_value());
  results_.emplace(open_, make_output(options_), std::move(job_log), hosts_,
                   ledger_ ? &*ledger_ : nullptr);
}

bool ExecRun::prepare() {
  gather_facts();
  if (any_refuses(mpi_, refusal_of([this] { open_files(); }), kName)) return false;
  if (!submits()) return true;
  for (const std::string& warning : runtime_.warnings())
    std::cerr << kName << ": warning: " << warning << std::endl;
  return true;
}

bool ExecRun::halts() const {
  const std::uint64_t limit = options_.halt.fail_count;
  return limit > 0 && results_->counts().failed >= limit;
}

// Of what is left to this job.
std::optional<double> ExecRun::expected_now() {
  const auto all = feed_->expected_count();
  if (!all) return {};
  return *all - static_cast<double>(results_->counts().earlier);
}

ExecProgress ExecRun::progress(Instant now) {
  return {.counts = results_->counts(),
          .under_way = open_.count(),
          .expected = expected_now(),
          .elapsed = now.time_since_epoch()};
}

std::vector<std::unique_ptr<RunObserver>> ExecRun::observers() {
  std::vector<std::unique_ptr<RunObserver>> all;
  const TerminalMode terminal = terminal_mode(weir_environment());
  if (submits() && shows_progress(options_, terminal)) {
    all.push_back(std::make_unique<ExecProgressLine>(
        terminal.columns, [this](Instant now) { return progress(now); }, std::cerr));
  }
  if (options_.survive) all.push_back(observe_losses(kName, mpi_.rank()));
  return all;
}

// For ranks that submit nothing.
class NoCompletions final : public CompletionSink {
 public:
  void on_completed(CompletedTask, Instant) override {}
};

int ExecRun::execute(const StopSignal& stop, StartLimit& limit) {
  NoCompletions none;
  std::optional<ExecSource> source;
  if (submits()) {
    source.emplace(ExecSourceOptions{.kind = run_kind_,
                                     .words = options_.words,
                                     .memory_bytes = options_.memory_bytes,
                                     .worker_count = total_workers_},
                   *feed_, open_, ledger_ ? &*ledger_ : nullptr, &*results_);
  }
  CompletionSink& sink = submits() ? static_cast<CompletionSink&>(*results_) : none;
  NodeAgent& agent = runtime_.begin(sink, source ? &*source : nullptr);
  agent.finish_after_epoch();
  limit.met();
  if (!source) agent.close_epoch();
  bool halted = false;
  {
    const ExecOrders orders{
        .no_more =
            [&] {
              halted =
                  submits() && (halts() || results_->output_failed() || !source->failure().empty());
              return stop.requested() || halted;
            },
        .end_all =
            [&] {
              return stop.requested_twice() || (submits() && options_.halt.ends_running && halts());
            },
        .end_kind = end_kind_};
    ExecReactor reactor(agent, runner_, source ? &*source : nullptr, orders, observers());
    runtime_.drive(reactor);
    stop.on_request([this] { runtime_.wake(); });
    if (feed_) feed_->start([this] { runtime_.wake(); });
    runtime_.loop().run();
    stop.on_request({});
    runtime_.drive(agent);
  }
  if (submits()) refused_ = source->failure();
  if (submits()) held_ = source->held();
  const bool interrupted = stop.requested() || (agent.stopped() && !halted);
  const Survival* const survival = agent.survival();
  if (survival != nullptr && !survival->members().out().empty()) {
    return end_without(*survival, interrupted);
  }
  const int code = submits() ? report(interrupted) : 0;
  if (survival != nullptr) limit_the_end(code);
  return code;
}

// Nothing here waits for the others: some are dead. Does not return, but where report() throws.
int ExecRun::end_without(const Survival& survival, bool interrupted) {
  int code = 0;
  if (survival.is_fenced()) {
    std::cerr << fence_report(kName, survival, mpi_.rank());
    code = static_cast<int>(!survival.members().self_is_out());
  } else if (submits()) {
    code = report(interrupted);
  } else if (survival.members().is_out(RankId(0))) {
    code = EXIT_FAILURE;
  }
  if (!survival.is_fenced() && survival.members().root() == mpi_.rank()) {
    if (!submits()) {
      std::cerr << kName << ": rank 0 has died, and with it the list\n  found   the others alive\n"
                << "  needed  rank 0, which reads the commands\n  try     the same again; with "
                << "--ledger it does only what is left" << std::endl;
    }
    std::cerr << survivors_line(kName, survival.members().out(), code);
    if (!launch_word().empty()) std::cerr << exit_line(kName, launch_word(), code);
  }
  runner_.end_all();
  runtime_.finish_sending();
  leave_without_the_others(code);
}

std::string ExecRun::summary(bool interrupted) {
  const ExecCounts& counts = results_->counts();
  std::string text = std::to_string(counts.done) + (counts.done == 1 ? " command" : " commands") +
                     " done, " + std::to_string(counts.failed) + " failed";
  if (counts.earlier > 0) text += ", " + std::to_string(counts.earlier) + " done before";
  const auto expected = feed_->expected_count();
  const double rest = expected ? *expected - static_cast<double>(feed_->taken()) : 0;
  const auto not_run = counts.not_run + held_ + static_cast<std::uint64_t>(std::max(0.0, rest));
  if (not_run > 0)
    text += (feed_->all_read() ? ", " : ", about ") + std::to_string(not_run) + " not run";
  if (!expected) text += ", the rest of the input not read";
  return text + (interrupted ? " (interrupted)" : "");
}

int ExecRun::report(bool interrupted) {
  const std::string unwritten = results_->finish();
  const ExecCounts& counts = results_->counts();
  const std::string feed_failure = refused_.empty() ? feed_->failure() : refused_;
  const bool went_well =
      counts.failed == 0 && counts.not_run == 0 && !interrupted && feed_->ended();
  const bool began = counts.done > 0 || feed_failure.empty();
  if (!options_.quiet && began && (!went_well || !feed_failure.empty()))
    std::cerr << kName << ": " << summary(interrupted) << std::endl;
  if (!unwritten.empty()) {
    throw Error("the output could not be written", unwritten, "room for it",
                "writing it to another place");
  }
  if (!feed_failure.empty()) {
    std::cerr << kName << ": " << feed_failure << std::endl;
    return kExitBadInput;
  }
  if (interrupted) return kExitInterrupted;
  return static_cast<int>(std::min(counts.failed, kMostCounted + 1));
}

int print_commands(const ExecOptions& options) {
  const auto feed = make_feed(options);
  std::counting_semaphore<> news(1);
  feed->start([&news] { news.release(); });
  do {
    news.acquire();
    while (feed->ready()) {
      std::string text = feed->take();
      std::cout << text_of(command_of(options.words, std::move(text), feed->taken())) << '\n';
    }
  } while (!feed->ended());
  const std::string failure = feed->failure();
  if (!failure.empty()) std::cerr << kName << ": " << failure << std::endl;
  return failure.empty() ? EXIT_SUCCESS : kExitBadInput;
}

void require_input(const ExecOptions& options, bool has_input) {
  if (has_input || (options.list != "-" && options.values_file != "-")) return;
  throw Error("there is no standard input to read", "a standard input that is closed",
              "commands or values in it", "weir exec FILE, or ... | weir exec -");
}

}  // namespace

int exec_command(const std::vector<std::string>& arguments) {
  ExecOptions options;
  std::optional<GroupKeeper> keeper;
  const bool has_input = open_standard_streams();
  const std::string refusal = refusal_of([&] {
    options = parse_exec_options(arguments);
    require_input(options, has_input);
    if (!options.help) keeper.emplace();  // While this process has one thread.
  });
  if (options.help) {
    std::cout << exec_help();
    return EXIT_SUCCESS;
  }
  check_mpi_start();
  const StopSignal stop({.second = SecondStop::kIsRemembered});
  // Whoever reads the output may go; that is told by the write that fails.
  std::signal(SIGPIPE, SIG_IGN);
  // Children have to be waited for, whatever the launcher has done with them.
  std::signal(SIGCHLD, SIG_DFL);
  StartLimit limit(options.survive ? kLongestStart : std::chrono::seconds(0));
  const auto mpi = MpiContext::start(MpiThreads::kFunneled);
  end_all_ranks_on_failure();
  if (any_refuses(*mpi, refusal, kName)) return kExitBadInput;
  tell_begun(kName, mpi->rank());
  if (options.dry_run) return mpi->rank() == RankId(0) ? print_commands(options) : EXIT_SUCCESS;
  ExecRun run(*mpi, *keeper, std::move(options));
  if (!run.prepare()) return kExitBadInput;
  return run.execute(stop, limit);
}

}  // namespace weir
