// Descriptions of machines for tests: a small one written here, and real ones where they are at
// hand.

#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

namespace weir {

// Two packages of two cores with one PU each; PU 3 is not allowed; a network card at package 1.
// `version` is that of hwloc, which decides what `device_type` means.
inline std::string small_machine_xml(const std::string& version, const std::string& device_type) {
  const auto sets = [](const std::string& cpus, const std::string& nodes) {
    return " cpuset=\"" + cpus + "\" complete_cpuset=\"" + cpus + "\" nodeset=\"" + nodes +
           "\" complete_nodeset=\"" + nodes + "\"";
  };
  std::string id = "100";
  const auto object = [&id](const std::string& type, const std::string& attributes) {
    id = std::to_string(std::stoi(id) + 1);
    return "<object type=\"" + type + "\" gp_index=\"" + id + "\" " + attributes;
  };
  std::string xml =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE topology SYSTEM \"hwloc2.dtd\">\n"
      "<topology version=\"" +
      version + "\">\n";
  xml += object("Machine", "os_index=\"0\" allowed_cpuset=\"0x7\" allowed_nodeset=\"0x3\"" +
                               sets("0xf", "0x3") + ">\n");
  for (int package = 0; package < 2; ++package) {
    const std::string number = std::to_string(package);
    const std::string node = package == 0 ? "0x1" : "0x2";
    const std::string cpus = package == 0 ? "0x3" : "0xc";
    xml += object("Package", "os_index=\"" + number + "\"" + sets(cpus, node) + ">\n");
    xml += "<info name=\"CPUModel\" value=\"Test Processor  \"/>\n";
    xml += object("NUMANode", "os_index=\"" + number + "\" local_memory=\"8589934592\"" +
                                  sets(cpus, node) + "/>\n");
    xml += object("L3Cache",
                  "cache_size=\"4194304\" depth=\"3\" cache_linesize=\"64\" "
                  "cache_associativity=\"0\" cache_type=\"0\"" +
                      sets(cpus, node) + ">\n");
    for (int core = 2 * package; core < 2 * package + 2; ++core) {
      const std::string cpu = "0x" + std::to_string(1 << core);
      const std::string index = "os_index=\"" + std::to_string(core) + "\"";
      xml += object("Core", index + sets(cpu, node) + ">\n");
      xml += object("PU", index + sets(cpu, node) + "/>\n") + "</object>\n";
    }
    xml += "</object>\n";
    if (package == 1) {
      xml += object("Bridge", "bridge_type=\"0-1\" depth=\"0\" bridge_pci=\"0000:[80-84]\">\n");
      xml += object("PCIDev",
                    "pci_busid=\"0000:81:00.0\" pci_type=\"0200 [8086:1521] [00d9:0021] "
                    "01 00\" pci_link_speed=\"0.000000\">\n");
      xml += object("OSDev", "name=\"eth7\" osdev_type=\"" + device_type + "\"/>\n");
      xml += "</object>\n</object>\n";
    }
    xml += "</object>\n";
  }
  return xml +
         "</object>\n"
         "<distances2 type=\"NUMANode\" nbobjs=\"2\" kind=\"5\" name=\"NUMALatency\" "
         "indexing=\"os\">\n<indexes length=\"4\">0 1 </indexes>\n"
         "<u64values length=\"12\">10 21 21 10 </u64values>\n</distances2>\n"
         "<cpukind cpuset=\"0x3\" forced_efficiency=\"0\"><info name=\"CoreType\" "
         "value=\"IntelAtom\"/></cpukind>\n"
         "<cpukind cpuset=\"0xc\" forced_efficiency=\"1\"><info name=\"CoreType\" "
         "value=\"IntelCore\"/></cpukind>\n"
         "<info name=\"HostName\" value=\"tiny\"/>\n"
         "</topology>\n";
}

// The XML files of real machines below $WEIR_TRACES_DIR, else in the traces beside the source tree;
// none where there are no traces. Sorted.
inline std::vector<std::filesystem::path> real_machine_files() {
  const char* given = std::getenv("WEIR_TRACES_DIR");
  const std::filesystem::path traces =
      given != nullptr ? std::filesystem::path(given)
                       : std::filesystem::path(WEIR_SOURCE_DIR) / ".." / "shared" / "traces";
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (const auto& entry :
       std::filesystem::directory_iterator(traces / "node_level" / "hwloc", error)) {
    if (entry.path().extension() == ".xml") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace weir
