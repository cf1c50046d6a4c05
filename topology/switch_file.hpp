// Which hosts hang on which switch, as an administrator writes it for Slurm (topology.conf with
// TopologyPlugin=topology/tree):
//
//   SwitchName=s0 Nodes=n[0-3]       # a leaf switch
//   SwitchName=s1 Nodes=n[4-7]
//   SwitchName=top Switches=s[0-1]
//
// Keys in any case, one switch a line, a line that ends in \ goes on in the next. LinkSpeed is
// allowed and not looked at.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace weir {

class SwitchFile {
 public:
  // `name` stands for the file in reports. Throws Error, with the line, for whatever is malformed,
  // for a host or a switch at two places, and for switches that are missing or no tree.
  static SwitchFile parse(const std::string& text, const std::string& name);

  // All hosts, leaf by leaf, in the order of the file.
  const std::vector<std::string>& hosts() const { return hosts_; }
  // The number of its leaf switch, from 0 in the order of the file. A host that has a domain
  // ("n0.example.org") may stand without it. Nothing when it is not in the file.
  std::optional<int> leaf_of(const std::string& host) const;
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  std::vector<std::string> hosts_;
  std::map<std::string, int> leaf_of_;
};

// The text of the file. Throws Error if it is no plain file, longer than any list of switches, or
// cannot be read.
std::string read_switch_file(const std::string& path);

}  // namespace weir
