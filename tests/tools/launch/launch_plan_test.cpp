#include "tools/launch/launch_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "runtime/base/error.hpp"
#include "tests/support/refusal.hpp"

namespace weir {
namespace {

using Strings = std::vector<std::string>;

LaunchSurroundings plain() { return {.mpirun = "/bin/mpirun", .program = "/bin/weir"}; }

LaunchPlan plan(const Strings& arguments, const LaunchSurroundings& surroundings = plain()) {
  return plan_launch(parse_launch_options(arguments), surroundings);
}

// Whether the words stand in the command, in this order and next to each other.
bool has(const LaunchPlan& plan, const Strings& words) {
  return !std::ranges::search(plan.command, words).empty();
}

std::string refusal_of(const Strings& arguments) {
  return refusal([&] { plan(arguments); });
}

TEST(LaunchPlan, RunsTheSubcommandOfThisProgramWithAllItsWords) {
  const auto launch = plan({"-n", "3", "--", "run", "--seed", "7", "--", "x"});
  EXPECT_TRUE(has(launch, {"/bin/weir", "run", "--seed", "7", "--", "x"}));
  EXPECT_EQ(launch.command.back(), "x");
  EXPECT_TRUE(has(launch, {"/bin/mpirun", "-n", "3"}));
}

TEST(LaunchPlan, NeitherBindsNorCountsSlotsOnOneMachine) {
  const auto launch = plan({"-n", "3", "--", "run"});
  EXPECT_TRUE(has(launch, {"--bind-to", "none"}));
  EXPECT_TRUE(has(launch, {"--oversubscribe"}));
  EXPECT_FALSE(has(launch, {"btl_tcp_if_include"}));
}

TEST(LaunchPlan, KeepsTcpOnTheLoopbackOfOneMachine) {
  const Strings loopback = {"--mca", "btl_tcp_if_include", "lo"};
  EXPECT_TRUE(has(plan({"-n", "2", "--mca", "btl", "tcp,self", "--", "run"}), loopback));
  EXPECT_FALSE(has(plan({"-n", "2", "--mca", "btl", "^tcp", "--", "run"}), loopback));
  EXPECT_FALSE(has(plan({"-n", "2", "--mca", "btl", "tcp,self", "--mca", "btl_tcp_if_include",
                         "eth1", "--", "run"}),
                   loopback));
}

TEST(LaunchPlan, PutsOneRankOnEachHost) {
  const auto launch = plan({"-n", "2", "--hosts", "a,b:4", "--", "run"});
  EXPECT_TRUE(has(launch, {"--host", "a,b:4", "--map-by", "ppr:1:node"}));
  EXPECT_TRUE(launch.notes.empty());
}

TEST(LaunchPlan, NamesTheHostsItLeavesUnused) {
  const auto launch = plan({"-n", "1", "--hosts", "a,b,c", "--", "run"});
  ASSERT_EQ(launch.notes.size(), 1U);
  EXPECT_NE(launch.notes[0].find("b,c unused"), std::string::npos);
}

TEST(LaunchPlan, SpreadsMoreRanksThanHostsEvenly) {
  EXPECT_TRUE(has(plan({"-n", "5", "--hosts", "a,b", "--", "run"}),
                  {"--host", "a:3,b:3", "--map-by", "node"}));
}

TEST(LaunchPlan, ReachesHostsSoThatARunOutlivesThemWhereItIsTo) {
  const auto agent = [](const Strings& options, const std::string& value) {
    Strings words = {"-n", "2", "--hosts", "a,b"};
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), {"--", "run", "--survive"});
    return has(plan(words), {"--mca", "plm_rsh_agent", value});
  };
  EXPECT_TRUE(agent({}, "/bin/weir reach ssh -x -o ConnectTimeout=8"));
  EXPECT_TRUE(agent({"--rsh", "rsh -l me"}, "/bin/weir reach rsh -l me"));
  EXPECT_TRUE(agent({"--rsh", "ssh : rsh"}, "ssh : rsh"));
  EXPECT_FALSE(has(plan({"-n", "2", "--hosts", "a,b", "--", "run"}), {"plm_rsh_agent"}));
}

TEST(LaunchPlan, LetsRanksLiveOnWhereTheRunHeedsThatTheyMayDie) {
  const auto recovers = [](const Strings& subcommand, const std::string& variable = "") {
    auto surroundings = plain();
    if (!variable.empty()) surroundings.environment = {{"WEIR_SURVIVE", variable}};
    Strings words = {"-n", "2", "--"};
    words.insert(words.end(), subcommand.begin(), subcommand.end());
    const LaunchPlan launch = plan(words, surroundings);
    EXPECT_EQ(launch.survives, has(launch, {"--enable-recovery"}));
    return launch.survives;
  };
  EXPECT_TRUE(recovers({"run", "--survive"}));
  EXPECT_TRUE(recovers({"exec", "list", "--survive", "-j", "1"}));
  EXPECT_TRUE(recovers({"run"}, "yes"));
  EXPECT_FALSE(recovers({"run"}));
  EXPECT_FALSE(recovers({"run"}, "no"));
  EXPECT_FALSE(recovers({"exec", "list"}, "1")) << "it takes no options from there";
  EXPECT_FALSE(recovers({"exec", "--", "tool", "--survive"})) << "an option of the command";
}

TEST(LaunchPlan, RefusesMoreRanksThanTheHostsHaveSlots) {
  const auto report = refusal_of({"-n", "6", "--hosts", "a:2,b:3", "--", "run"});
  EXPECT_NE(report.find("found   5 slots: a:2,b:3"), std::string::npos) << report;
  EXPECT_NE(report.find("needed  6, from -n"), std::string::npos) << report;
}

TEST(LaunchPlan, UsesTheNodesOfASlurmAllocationAndWarnsAboutIdleOnes) {
  auto slurm = plain();
  slurm.environment = {{"SLURM_JOB_NUM_NODES", "4"}, {"SLURM_JOB_NODELIST", "n[01-04]"}};
  EXPECT_TRUE(plan({"-n", "4", "--", "run"}, slurm).notes.empty());
  const auto launch = plan({"-n", "3", "--", "run"}, slurm);
  EXPECT_TRUE(has(launch, {"--map-by", "ppr:1:node"}));
  ASSERT_EQ(launch.notes.size(), 1U);
  EXPECT_NE(launch.notes[0].find("4 nodes (n[01-04])"), std::string::npos);
}

TEST(LaunchPlan, TellsTheRanksAboutTheTerminalAndPassesWeirVariablesOn) {
  auto terminal = plain();
  terminal.terminal_columns = 123;
  terminal.environment = {{"WEIR_POLICY", "random"}, {"HOME", "/"}};
  const auto launch = plan({"-n", "1", "--", "run"}, terminal);
  EXPECT_TRUE(has(launch, {"-x", "WEIR_POLICY"}));
  EXPECT_TRUE(has(launch, {"-x", "WEIR_TERMINAL_COLUMNS"}));
  EXPECT_FALSE(has(launch, {"-x", "HOME"}));
  const std::pair<std::string, std::string> columns = {"WEIR_TERMINAL_COLUMNS", "123"};
  EXPECT_EQ(std::ranges::count(launch.environment, columns), 1);
}

TEST(LaunchPlan, AllowsRootAndSaysSo) {
  auto root = plain();
  root.root = true;
  const auto launch = plan({"-n", "1", "--", "run"}, root);
  EXPECT_EQ(launch.notes.size(), 1U);
  const std::pair<std::string, std::string> confirm = {"OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"};
  EXPECT_EQ(std::ranges::count(launch.environment, confirm), 1);

  root.environment = {{"OMPI_ALLOW_RUN_AS_ROOT", "1"}};
  EXPECT_TRUE(plan({"-n", "1", "--", "run"}, root).notes.empty());
}

TEST(LaunchPlan, ReachesOtherHostsThroughTheGivenProgram) {
  EXPECT_TRUE(has(plan({"-n", "2", "--hosts", "a,b", "--rsh", "/bin/agent", "--", "run"}),
                  {"--mca", "plm_rsh_agent", "/bin/agent"}));
}

TEST(LaunchPlan, KeepsTheDomainsOfHostsThatHaveThem) {
  const Strings keep = {"--mca", "orte_keep_fqdn_hostnames", "1"};
  EXPECT_TRUE(has(plan({"-n", "2", "--hosts", "a.one.org,a.two.org", "--", "run"}), keep));
  EXPECT_FALSE(has(plan({"-n", "2", "--hosts", "a,10.0.0.2", "--", "run"}), keep));
  EXPECT_FALSE(has(plan({"-n", "1", "--hosts", "a.one.org", "--mca", "orte_keep_fqdn_hostnames",
                         "0", "--", "run"}),
                   keep));
}

TEST(LaunchPlan, WarnsOfAWayToOtherHostsWhenThereAreNone) {
  EXPECT_EQ(plan({"-n", "2", "--rsh", "/bin/agent", "--", "run"}).notes.size(), 1U);
  EXPECT_TRUE(plan({"-n", "1", "--hosts", "a", "--rsh", "/bin/agent", "--", "run"}).notes.empty());
}

TEST(LaunchPlan, RefusesToNestInAJobOfMpirun) {
  auto rank = plain();
  rank.environment = {{"OMPI_COMM_WORLD_RANK", "1"}};
  EXPECT_THROW(plan({"-n", "1", "--", "run"}, rank), Error);
}

TEST(LaunchPlan, RefusesBadInputWithWhatIsNeeded) {
  EXPECT_NE(refusal_of({"--", "run"}).find("needed  -n RANKS"), std::string::npos);
  for (const char* number : {"0", "-1", "two", "", "3x", "10001", "99999999999"})
    EXPECT_NE(refusal_of({"-n", number, "--", "run"}).find("from 1 to 10000"), std::string::npos);
  EXPECT_NE(refusal_of({"-n", "2"}).find("found   no --"), std::string::npos);
  EXPECT_NE(refusal_of({"-n", "2", "--"}).find("nothing after --"), std::string::npos);
  EXPECT_NE(refusal_of({"-n", "2", "run"}).find("found   run"), std::string::npos);
  EXPECT_NE(refusal_of({"-n"}).find("lacks its value"), std::string::npos);
  EXPECT_NE(refusal_of({"-n", "2", "--mca", "btl", "--", "run"}).find("lacks its value"),
            std::string::npos);
  for (const char* hosts : {"", "a,,b", "a,a", ":3", "a:0", "a,b,"})
    EXPECT_NE(refusal_of({"-n", "2", "--hosts", hosts, "--", "run"}), kNothingRefused) << hosts;
}

}  // namespace
}  // namespace weir
