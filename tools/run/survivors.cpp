#include "tools/run/survivors.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <set>
#include <sstream>
#include <utility>

#include "tools/run/survivors_line.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

class LossObserver final : public RunObserver {
 public:
  LossObserver(std::string command, RankId self) : command_(std::move(command)), self_(self) {}
  Duration interval() const override { return 100ms; }
  void observe(const NodeAgent& agent, Instant now) override {
    const Membership& members = agent.survival()->members();
    const bool is_news = members.out().size() > told_.size();
    if (!is_news || members.self_is_out() || members.root() != self_) return;
    std::set<RankId> news;
    std::ranges::set_difference(members.out(), told_, std::inserter(news, news.end()));
    told_ = members.out();
    std::ostringstream line;
    line.precision(1);
    line << command_ << ": " << names_of_ranks(news) << (news.size() == 1 ? " gives" : " give")
         << " no sign of life and " << (news.size() == 1 ? "is" : "are") << " out at " << std::fixed
         << seconds_since_start(now) << " s; the others go on with the tasks\n";
    std::cerr << line.str() << std::flush;
  }

 private:
  std::string command_;
  RankId self_;
  std::set<RankId> told_;
};

}  // namespace

std::string warning_of_no_recovery(const std::function<std::string(const char*)>& value_of) {
  const bool by_open_mpi = !value_of("OMPI_COMM_WORLD_SIZE").empty();
  if (!by_open_mpi || value_of("OMPI_MCA_orte_enable_recovery") == "1") return {};
  return "--survive has no effect here: mpirun ends all ranks when one dies; weir launch does not "
         "where "
         "its own command line says --survive, nor does mpirun --enable-recovery";
}

std::string launch_word() {
  const char* const word = std::getenv("WEIR_LAUNCHED");
  return word == nullptr ? "" : word;
}

void tell_begun(const std::string& command, RankId self) {
  if (self != RankId(0) || launch_word().empty()) return;
  std::cerr << begin_line(command, launch_word()) << std::flush;
}

std::unique_ptr<RunObserver> observe_losses(std::string command, RankId self) {
  return std::make_unique<LossObserver>(std::move(command), self);
}

std::string fence_report(const std::string& command, const Survival& survival, RankId self) {
  const std::string name = command + ": rank " + std::to_string(self.value());
  if (survival.members().self_is_out()) {
    return name + " was silent for too long: the others go on with its tasks, and it ends\n";
  }
  return name + " has lost most of the others and ends: they may go on without it\n";
}

void leave_without_the_others(int exit_code) {
  std::cout << std::flush;
  std::cerr << std::flush;
  std::fflush(nullptr);
  ::_exit(exit_code);
}

}  // namespace weir
