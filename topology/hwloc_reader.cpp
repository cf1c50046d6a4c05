#include "topology/hwloc_reader.hpp"

#include <hwloc.h>

#include <algorithm>
#include <memory>
#include <type_traits>
#include <vector>

namespace weir {
namespace {

struct DestroyTopology {
  void operator()(hwloc_topology_t topology) const { hwloc_topology_destroy(topology); }
};
using Topology = std::unique_ptr<std::remove_pointer_t<hwloc_topology_t>, DestroyTopology>;

struct FreeBitmap {
  void operator()(hwloc_bitmap_t bitmap) const { hwloc_bitmap_free(bitmap); }
};
using Bitmap = std::unique_ptr<std::remove_pointer_t<hwloc_bitmap_t>, FreeBitmap>;

// Graphics drivers take a rank time and memory to start, only to name devices that nobody asked
// for; libpciaccess leaks, and Linux itself knows where the network cards are. A component that is
// not installed is refused here, which is as good.
void leave_out_drivers(hwloc_topology_t topology) {
  for (const char* component : {"pci", "opencl", "gl", "cuda", "nvml", "rsmi", "levelzero"}) {
    hwloc_topology_set_components(topology, HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST, component);
  }
}

Topology load(HwlocSource source, const std::string& text) {
  hwloc_topology_t raw = nullptr;
  if (hwloc_topology_init(&raw) != 0) return nullptr;
  Topology topology(raw);
  int status = 0;
  if (source == HwlocSource::kXmlText) {
    status = hwloc_topology_set_xmlbuffer(raw, text.c_str(), static_cast<int>(text.size()) + 1);
  } else if (source == HwlocSource::kSynthetic) {
    status = hwloc_topology_set_synthetic(raw, text.c_str());
  }
  // After a refused source, loading would describe this host instead.
  if (status != 0) return nullptr;
  leave_out_drivers(raw);
  // Network cards are wanted, the other devices are not in the way.
  hwloc_topology_set_io_types_filter(raw, HWLOC_TYPE_FILTER_KEEP_IMPORTANT);
  // What others of this host use is shown too; `allowed` tells it apart.
  hwloc_topology_set_flags(raw, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
  if (hwloc_topology_load(raw) != 0) return nullptr;
  return topology;
}

Cpuset cpuset_of(hwloc_const_bitmap_t bitmap) {
  Cpuset cpuset;
  if (bitmap == nullptr) return cpuset;
  const int last = hwloc_bitmap_last(bitmap);
  for (int i = hwloc_bitmap_first(bitmap); i >= 0 && i <= last && i <= Cpuset::kMaxIndex;
       i = hwloc_bitmap_next(bitmap, i)) {
    cpuset.add(i);
  }
  return cpuset;
}

std::vector<hwloc_obj_t> objects(hwloc_topology_t topology, hwloc_obj_type_t type) {
  std::vector<hwloc_obj_t> found;
  for (hwloc_obj_t object = hwloc_get_next_obj_by_type(topology, type, nullptr); object != nullptr;
       object = hwloc_get_next_obj_by_type(topology, type, object)) {
    found.push_back(object);
  }
  return found;
}

std::string info_of(hwloc_obj_t object, const char* name) {
  const char* value = hwloc_obj_get_info_by_name(object, name);
  if (value == nullptr) return "";
  std::string text = value;
  text.erase(text.find_last_not_of(' ') + 1);  // Processors pad their names with blanks.
  return text;
}

int os_index_of(hwloc_obj_t object) {
  return object->os_index == HWLOC_UNKNOWN_INDEX ? static_cast<int>(object->logical_index)
                                                 : static_cast<int>(object->os_index);
}

// The position of the part with the smallest cpuset around `inner`; the first of equals, -1 if
// none.
template <typename Part>
int smallest_around(const std::vector<Part>& parts, const Cpuset& inner) {
  int best = -1;
  for (int i = 0; i < static_cast<int>(parts.size()); ++i) {
    if (!parts[i].cpuset.includes(inner)) continue;
    if (best < 0 || parts[i].cpuset.count() < parts[best].cpuset.count()) best = i;
  }
  return best;
}

void read_packages(hwloc_topology_t topology, Machine& machine) {
  const std::string root_model = info_of(hwloc_get_root_obj(topology), "CPUModel");
  for (hwloc_obj_t object : objects(topology, HWLOC_OBJ_PACKAGE)) {
    std::string model = info_of(object, "CPUModel");
    machine.packages.push_back({.os_index = os_index_of(object),
                                .model = model.empty() ? root_model : std::move(model),
                                .cpuset = cpuset_of(object->cpuset)});
  }
  // Synthetic machines and some virtual ones name no package.
  if (machine.packages.empty()) {
    machine.packages.push_back({.os_index = 0, .model = root_model, .cpuset = machine.online});
  }
}

std::optional<double> memory_attribute(hwloc_topology_t topology, hwloc_memattr_id_t id,
                                       hwloc_obj_t domain, double unit) {
  hwloc_location location{};
  location.type = HWLOC_LOCATION_TYPE_CPUSET;
  location.location.cpuset = domain->cpuset;
  hwloc_uint64_t value = 0;
  if (hwloc_memattr_get_value(topology, id, domain, &location, 0, &value) != 0) return std::nullopt;
  return static_cast<double>(value) * unit;
}

void read_numa_domains(hwloc_topology_t topology, Machine& machine) {
  constexpr double kMebibyte = 1024.0 * 1024.0;
  for (hwloc_obj_t object : objects(topology, HWLOC_OBJ_NUMANODE)) {
    NumaDomain domain{.os_index = os_index_of(object), .cpuset = cpuset_of(object->cpuset)};
    domain.package = smallest_around(machine.packages, domain.cpuset);
    const std::uint64_t bytes = object->attr->numanode.local_memory;
    if (bytes > 0) domain.memory_bytes = bytes;
    domain.bandwidth_bytes_per_s =
        memory_attribute(topology, HWLOC_MEMATTR_ID_BANDWIDTH, object, kMebibyte);
    domain.latency_ns = memory_attribute(topology, HWLOC_MEMATTR_ID_LATENCY, object, 1.0);
    machine.numa.push_back(std::move(domain));
  }
}

// Takes the first matrix that covers every domain of the machine; firmware rarely gives more.
void read_numa_distances(hwloc_topology_t topology, Machine& machine) {
  unsigned count = 1;
  hwloc_distances_s* matrix = nullptr;
  const unsigned long kind = HWLOC_DISTANCES_KIND_MEANS_LATENCY;
  if (hwloc_distances_get_by_type(topology, HWLOC_OBJ_NUMANODE, &count, &matrix, kind, 0) != 0 ||
      count == 0) {
    return;
  }
  const auto size = machine.numa.size();
  if (matrix->nbobjs == size) {
    for (std::size_t i = 0; i < size; ++i) {
      NumaDomain& from = machine.numa[matrix->objs[i]->logical_index];
      from.distances.assign(size, 0);
      for (std::size_t j = 0; j < size; ++j) {
        from.distances[matrix->objs[j]->logical_index] =
            static_cast<int>(matrix->values[i * size + j]);
      }
    }
  }
  hwloc_distances_release(topology, matrix);
}

void read_caches(hwloc_topology_t topology, Machine& machine) {
  for (const hwloc_obj_type_t type :
       {HWLOC_OBJ_L1CACHE, HWLOC_OBJ_L2CACHE, HWLOC_OBJ_L3CACHE, HWLOC_OBJ_L4CACHE}) {
    for (hwloc_obj_t object : objects(topology, type)) {
      machine.caches.push_back({.level = static_cast<int>(object->attr->cache.depth),
                                .bytes = object->attr->cache.size,
                                .cpuset = cpuset_of(object->cpuset)});
    }
  }
}

std::string kind_name(int position, int count, const std::string& core_type) {
  if (count == 1) return "uniform";
  if (core_type == "IntelAtom") return "efficiency";
  if (core_type == "IntelCore") return "performance";
  return "kind " + std::to_string(position);
}

void read_core_kinds(hwloc_topology_t topology, Machine& machine) {
  const int count = hwloc_cpukinds_get_nr(topology, 0);
  for (int i = 0; i < count; ++i) {
    const Bitmap bitmap(hwloc_bitmap_alloc());
    unsigned info_count = 0;
    hwloc_info_s* infos = nullptr;
    int efficiency = 0;
    if (hwloc_cpukinds_get_info(topology, i, bitmap.get(), &efficiency, &info_count, &infos, 0) !=
        0) {
      continue;
    }
    std::string core_type;
    for (unsigned k = 0; k < info_count; ++k) {
      if (std::string(infos[k].name) == "CoreType") core_type = infos[k].value;
    }
    machine.core_kinds.push_back(
        {.name = kind_name(i, count, core_type), .cpuset = cpuset_of(bitmap.get())});
  }
  Cpuset known;
  for (const CoreKind& kind : machine.core_kinds) known = known | kind.cpuset;
  // A description that leaves cores out is no ground to tell any apart.
  if (machine.core_kinds.size() < 2 || !known.includes(machine.online)) {
    machine.core_kinds.assign(1, {.name = "uniform", .cpuset = machine.online});
  }
}

// ARM servers group a few cores around a cache directory, between L2 and L3.
int cluster_of(hwloc_obj_t core) {
  for (hwloc_obj_t around = core->parent; around != nullptr; around = around->parent) {
    const bool named = around->type == HWLOC_OBJ_GROUP && around->subtype != nullptr;
    if (named && std::string(around->subtype) == "Cluster") {
      return static_cast<int>(around->logical_index);
    }
  }
  return -1;
}

void link_caches(const Machine& machine, Core& core) {
  for (int i = 0; i < static_cast<int>(machine.caches.size()); ++i) {
    const Cache& cache = machine.caches[i];
    if (!cache.cpuset.includes(core.cpuset)) continue;
    if (cache.level == 2) core.l2 = i;
    if (cache.level == 3) core.l3 = i;
  }
}

void read_cores(hwloc_topology_t topology, Machine& machine) {
  std::vector<hwloc_obj_t> cores = objects(topology, HWLOC_OBJ_CORE);
  // Some virtual machines name PUs only: each is a core then.
  if (cores.empty()) cores = objects(topology, HWLOC_OBJ_PU);
  for (hwloc_obj_t object : cores) {
    Core core{.os_index = os_index_of(object), .cpuset = cpuset_of(object->cpuset)};
    core.package = std::max(0, smallest_around(machine.packages, core.cpuset));
    core.numa = smallest_around(machine.numa, core.cpuset);
    core.kind = std::max(0, smallest_around(machine.core_kinds, core.cpuset));
    core.cluster = cluster_of(object);
    link_caches(machine, core);
    for (const int pu : core.cpuset.indices()) {
      machine.pus.push_back({.os_index = pu, .core = static_cast<int>(machine.cores.size())});
    }
    machine.cores.push_back(std::move(core));
  }
}

void read_network_cards(hwloc_topology_t topology, Machine& machine) {
  for (hwloc_obj_t object : objects(topology, HWLOC_OBJ_OS_DEVICE)) {
    const auto type = object->attr->osdev.type;
    if (type != HWLOC_OBJ_OSDEV_NETWORK && type != HWLOC_OBJ_OSDEV_OPENFABRICS) continue;
    const hwloc_obj_t around = hwloc_get_non_io_ancestor_obj(topology, object);
    NetworkCard card{.name = object->name == nullptr ? "?" : object->name,
                     .kind = type == HWLOC_OBJ_OSDEV_NETWORK ? NetworkCard::Kind::kNetwork
                                                             : NetworkCard::Kind::kOpenFabrics,
                     .near = cpuset_of(around == nullptr ? nullptr : around->cpuset)};
    for (int i = 0; i < static_cast<int>(machine.numa.size()); ++i) {
      if (machine.numa[i].cpuset.intersects(card.near)) card.numa.push_back(i);
    }
    machine.network_cards.push_back(std::move(card));
  }
}

}  // namespace

std::optional<Machine> read_with_hwloc(HwlocSource source, const std::string& text) {
  const Topology topology = load(source, text);
  if (!topology) return std::nullopt;

  Machine machine;
  machine.host = info_of(hwloc_get_root_obj(topology.get()), "HostName");
  machine.online = cpuset_of(hwloc_topology_get_topology_cpuset(topology.get()));
  machine.allowed = machine.online & cpuset_of(hwloc_topology_get_allowed_cpuset(topology.get()));
  if (machine.allowed.empty()) return std::nullopt;

  read_packages(topology.get(), machine);
  read_numa_domains(topology.get(), machine);
  read_numa_distances(topology.get(), machine);
  read_caches(topology.get(), machine);
  read_core_kinds(topology.get(), machine);
  read_cores(topology.get(), machine);
  read_network_cards(topology.get(), machine);
  return machine;
}

}  // namespace weir
