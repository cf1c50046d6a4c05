// The dispatch of jobs/scenarios/fresh.ini against SimGrid's s4u interface, for
// tools/bench/simgrid_agreement: 50 nodes, Poisson arrivals, exponential sizes, one dispatcher that
// knows everything at once, no network. Prints one JSON object.
//
// An actor for each core takes tasks from the queue of its node and executes them; one without a
// task is suspended. A node is one SimGrid host with its cores, or, twice as fast and with the same
// result, a host for each core. Executions that the main program starts itself, and ends in a
// callback, would need no actors, but are slower than either: SimGrid looks through all of them
// each time one ends.

#include <simgrid/s4u.hpp>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <deque>
#include <random>
#include <string>
#include <vector>

namespace {

namespace sg = simgrid::s4u;

constexpr double kMeanWorkS = 0.114286;

struct Settings {
  std::string policy;
  double rate_per_s = 0;
  double duration_s = 0;
  double warm_up_s = 0;
  unsigned seed = 1;
  bool host_per_core = false;
};

struct Task {
  double arrived_s = 0;
  double work_s = 0;
};

// The tasks that wait for a core of a node, and the cores' actors that wait for a task.
struct Node {
  int cores = 0;
  double speed = 0;
  int tasks = 0;  // waiting or running
  std::deque<Task> queue;
  std::vector<sg::Actor*> idle;
};

class Dispatch {
 public:
  explicit Dispatch(const Settings& settings) : settings_(settings), random_(settings.seed) {
    sg::NetZone* zone = sg::create_full_zone("cluster");
    // Clusters of 10, as paper50 numbers its nodes.
    for (int cluster = 0; cluster < 5; ++cluster) {
      add_nodes(4, 24, 0.9);
      add_nodes(4, 32, 1.0);
      add_nodes(2, 44, 1.2);
    }
    sg::Host* front = zone->create_host("front", 1.0);
    for (Node& node : nodes_) add_cores(zone, node);
    zone->seal();
    sg::Actor::create("dispatcher", front, [this] { place_all(); });
  }

  double mean_response_s() const { return response_sum_s_ / static_cast<double>(counted_); }
  long task_count() const { return arrived_; }

 private:
  void add_nodes(int count, int cores, double speed) {
    for (int i = 0; i < count; ++i) nodes_.push_back({cores, speed, 0, {}, {}});
  }

  void add_cores(sg::NetZone* zone, Node& node) {
    const std::string name = "node" + std::to_string(&node - nodes_.data());
    sg::Host* host = nullptr;
    for (int core = 0; core < node.cores; ++core) {
      if (core == 0 || settings_.host_per_core) {
        host = zone->create_host(name + "_" + std::to_string(core), node.speed);
        if (!settings_.host_per_core) host->set_core_count(node.cores);
      }
      sg::Actor::create("core", host, [this, &node] { run_core(node); })->daemonize();
    }
  }

  double exponential(double mean) {
    return std::exponential_distribution<double>(1 / mean)(random_);
  }

  void place_all() {
    double next_s = exponential(1 / settings_.rate_per_s);
    for (; next_s < settings_.duration_s; next_s += exponential(1 / settings_.rate_per_s)) {
      // A shorter sleep is below SimGrid's precision.
      if (next_s - sg::Engine::get_clock() > 1e-9) sg::this_actor::sleep_until(next_s);
      Node& node = nodes_[choose()];
      ++arrived_;
      ++node.tasks;
      node.queue.push_back({next_s, exponential(kMeanWorkS)});
      if (node.idle.empty()) continue;
      sg::Actor* core = node.idle.back();
      node.idle.pop_back();
      core->resume();
    }
    while (completed_ < arrived_) sg::this_actor::sleep_for(0.1);
  }

  void run_core(Node& node) {
    for (;;) {
      while (node.queue.empty()) {
        node.idle.push_back(sg::Actor::self());
        sg::this_actor::suspend();
      }
      const Task task = node.queue.front();
      node.queue.pop_front();
      sg::this_actor::execute(task.work_s);
      --node.tasks;
      ++completed_;
      if (task.arrived_s < settings_.warm_up_s) continue;
      response_sum_s_ += sg::Engine::get_clock() - task.arrived_s;
      ++counted_;
    }
  }

  int choose() {
    const int count = static_cast<int>(nodes_.size());
    if (settings_.policy == "round_robin") return next_++ % count;
    const bool weighted = settings_.policy == "weighted_least_connections";
    int best = 0;
    double least = 0;
    for (int i = 0; i < count; ++i) {
      const Node& node = nodes_[i];
      const double load = weighted ? (node.tasks + 1) / (node.cores * node.speed) : node.tasks;
      if (i == 0 || load < least) {
        best = i;
        least = load;
      }
    }
    return best;
  }

  Settings settings_;
  std::mt19937_64 random_;
  std::vector<Node> nodes_;
  int next_ = 0;
  long arrived_ = 0;
  long completed_ = 0;
  long counted_ = 0;
  double response_sum_s_ = 0;
};

bool read(const char* text, double& number) {
  const char* end = text + std::strlen(text);
  const auto result = std::from_chars(text, end, number);
  return result.ec == std::errc() && result.ptr == end && number >= 0;
}

bool read(int argc, char** argv, Settings& settings) {
  double seed = 0;
  if ((argc != 6 && argc != 7) || !read(argv[2], settings.rate_per_s) ||
      !read(argv[3], settings.duration_s) || !read(argv[4], settings.warm_up_s) ||
      !read(argv[5], seed)) {
    return false;
  }
  settings.policy = argv[1];
  settings.seed = static_cast<unsigned>(seed);
  settings.host_per_core = argc == 7;
  if (argc == 7 && std::strcmp(argv[6], "host-per-core") != 0) return false;
  return settings.rate_per_s > 0 && settings.warm_up_s < settings.duration_s &&
         (settings.policy == "round_robin" || settings.policy == "join_shortest_queue" ||
          settings.policy == "weighted_least_connections");
}

}  // namespace

int main(int argc, char** argv) {
  sg::Engine engine(&argc, argv);
  Settings settings;
  if (!read(argc, argv, settings)) {
    std::fprintf(
        stderr,
        "usage: simgrid_dispatch round_robin|join_shortest_queue|"
        "weighted_least_connections TASKS_PER_S SECONDS WARM_UP_SECONDS SEED [host-per-core]\n");
    return 2;
  }
  const auto began = std::chrono::steady_clock::now();
  const std::clock_t cpu_began = std::clock();
  Dispatch dispatch(settings);
  engine.run();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - began;
  const double cpu_s = static_cast<double>(std::clock() - cpu_began) / CLOCKS_PER_SEC;
  const auto tasks = static_cast<double>(dispatch.task_count());
  std::printf(
      "{\"mean_response_ms\": %.4f, \"tasks\": %.0f, \"wall_s\": %.4f, \"cpu_s\": %.4f, "
      "\"tasks_per_wall_s\": %.0f, \"tasks_per_cpu_s\": %.0f}\n",
      1000 * dispatch.mean_response_s(), tasks, wall.count(), cpu_s, tasks / wall.count(),
      tasks / cpu_s);
  return 0;
}
