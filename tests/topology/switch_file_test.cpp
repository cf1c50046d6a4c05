#include "topology/switch_file.hpp"

#include <gtest/gtest.h>

#include "runtime/base/error.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

SwitchFile parsed(const std::string& text) { return SwitchFile::parse(text, "net.conf"); }

std::string refusal_of(const std::string& text) {
  return refusal([&] { parsed(text); });
}

TEST(SwitchFile, TellsTheLeafSwitchOfEachHost) {
  const SwitchFile file = parsed(
      "SwitchName=s0 Nodes=n[0-1]\n"
      "SwitchName=s1 Nodes=n[2-3],login\n"
      "SwitchName=top Switches=s[0-1]\n");
  EXPECT_EQ(file.hosts(), (std::vector<std::string>{"n0", "n1", "n2", "n3", "login"}));
  EXPECT_EQ(file.leaf_of("n0"), 0);
  EXPECT_EQ(file.leaf_of("n1"), 0);
  EXPECT_EQ(file.leaf_of("n3"), 1);
  EXPECT_EQ(file.leaf_of("login"), 1);
  EXPECT_EQ(file.leaf_of("n4"), std::nullopt);
  EXPECT_EQ(file.leaf_of("top"), std::nullopt);
}

TEST(SwitchFile, FindsAHostWithoutItsDomain) {
  const SwitchFile file = parsed("SwitchName=a Nodes=n0\nSwitchName=b Nodes=n1.cluster.org\n");
  EXPECT_EQ(file.leaf_of("n0.cluster.org"), 0);
  EXPECT_EQ(file.leaf_of("n1.cluster.org"), 1);
  EXPECT_EQ(file.leaf_of("n1"), std::nullopt);
}

TEST(SwitchFile, TakesKeysInAnyCaseAndOrderCommentsAndLinesThatGoOn) {
  const SwitchFile file = parsed(
      "# the machine room\n"
      "\n"
      "nodes=n0 SWITCHNAME=s0 LinkSpeed=10 # old\r\n"
      "SwitchName=s1 \\\n"
      "   Nodes=n1 \n"
      "SwitchName=top switches=s0,s1");
  EXPECT_EQ(file.leaf_of("n0"), 0);
  EXPECT_EQ(file.leaf_of("n1"), 1);
}

TEST(SwitchFile, NeedsNoSwitchAboveTheLeaves) {
  EXPECT_EQ(refusal_of("SwitchName=a Nodes=n0\nSwitchName=b Nodes=n1\n"), kNothingRefused);
}

TEST(SwitchFile, IsRefusedWithItsLineAndWhatIsWrong) {
  const std::string good = "SwitchName=s0 Nodes=n[0-3]\n";
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"SwitchName=s1 Nodes=m[0-\n", "line 2: Nodes=m[0-"},
      {"\n\nSwitchName=s1 Nodes=n3\n", "line 4: host n3 at s1 and at s0"},
      {"SwitchName=s1 Nodes=m,m\n", "line 2: host m at s1, twice"},
      {"SwitchName=s0 Nodes=m\n", "line 2: switch s0, which line 1 has, too"},
      {"SwitchName=s1\n", "line 2: switch s1 with neither"},
      {"SwitchName=s1 Nodes=m Switches=s0\n", "line 2: switch s1 with both"},
      {"Nodes=m\n", "line 2: Nodes=m"},
      {"SwitchName=s[1-2] Nodes=m\n", "line 2: SwitchName=s[1-2]"},
      {"SwitchName=s1 Nodes=m Nodes=o\n", "line 2: \"Nodes=o\", a second time"},
      {"SwitchName=s1 Nodes=\n", "line 2: \"Nodes=\""},
      {"SwitchName=s1 Nodes m\n", "line 2: \"Nodes\""},
      {"SwitchName=s1 Hosts=m\n", "line 2: \"Hosts=m\""},
      {"BlockName=b1 Nodes=m\n", "line 2: \"BlockName=b1\""},
      {"SwitchName=top Switches=s[0-1]\n", "line 2: switch s1, which has no line of its own"},
      {"SwitchName=a Switches=s0\nSwitchName=b Switches=s0\n",
       "line 3: switch s0 below b and below a"},
      {"SwitchName=a Switches=b\nSwitchName=b Switches=a\n",
       "line 2: switch a in a circle of switches"},
      {"SwitchName=a Switches=a\n", "line 2: switch a in a circle of switches"},
  };
  for (const auto& [line, found] : wrong) {
    EXPECT_NE(refusal_of(good + line).find("found   net.conf, " + found), std::string::npos)
        << line << refusal_of(good + line);
  }
}

TEST(SwitchFile, IsRefusedWithoutALeaf) {
  EXPECT_NE(refusal_of("# nothing\n").find("no switch with Nodes="), std::string::npos);
}

TEST(SwitchFile, IsReadFromAPlainFileOnly) {
  const ScratchFolder folder;
  const auto path = folder.write("net.conf", "SwitchName=s0 Nodes=n0\n");
  EXPECT_EQ(read_switch_file(path.string()), "SwitchName=s0 Nodes=n0\n");
  for (const std::string& other :
       {path.string() + ".gone", path.parent_path().string(), std::string("/dev/zero")}) {
    EXPECT_THROW(read_switch_file(other), Error) << other;
  }
}

}  // namespace
}  // namespace weir
