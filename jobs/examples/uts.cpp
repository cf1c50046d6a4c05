// Unbalanced Tree Search (S. Olivier et al., "UTS: an unbalanced tree search benchmark", LCPC
// 2006): counts the nodes of a tree whose shape nobody knows beforehand. A node is a hash; those of
// its children are hashes of it, and it says how many there are. Subtrees differ by factors of
// millions.
//
// A task walks through the tree as a plain loop does, with a stack of its own. Only when a worker
// somewhere is hungry it gives away the older half of its stack, where the large subtrees are.
//
//   mpirun -n 2 build/examples/uts T1 [ROUNDS]
//
// prints the count, the rate, and that of the plain loop on rank 0, in turns.

#include <mpi.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

#include <weir/weir.hpp>

namespace {

using Hash = std::array<std::uint32_t, 5>;

// SHA-1 (FIPS 180-4) of a message of at most 55 bytes, given as the words of its one block.
Hash sha1(std::array<std::uint32_t, 16> block) {
  Hash h{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  auto [a, b, c, d, e] = h;
  const auto step = [&](int t, std::uint32_t f, std::uint32_t k) {
    std::uint32_t& word = block[t & 15];
    if (t >= 16) {
      word = std::rotl(block[(t + 13) & 15] ^ block[(t + 8) & 15] ^ block[(t + 2) & 15] ^ word, 1);
    }
    const std::uint32_t next = std::rotl(a, 5) + f + e + k + word;
    e = d;
    d = c;
    c = std::rotl(b, 30);
    b = a;
    a = next;
  };
#pragma GCC unroll 20
  for (int t = 0; t < 20; ++t) step(t, d ^ (b & (c ^ d)), 0x5a827999);
#pragma GCC unroll 20
  for (int t = 20; t < 40; ++t) step(t, b ^ c ^ d, 0x6ed9eba1);
#pragma GCC unroll 20
  for (int t = 40; t < 60; ++t) step(t, (b & c) | (d & (b | c)), 0x8f1bbcdc);
#pragma GCC unroll 20
  for (int t = 60; t < 80; ++t) step(t, b ^ c ^ d, 0xca62c1d6);
  return {h[0] + a, h[1] + b, h[2] + c, h[3] + d, h[4] + e};
}

constexpr std::uint32_t kEnd = 0x80000000;  // of a message, in the padding

struct Node {
  Hash hash;
  std::int32_t depth = 0;

  template <typename Archive>
  void serialize(Archive& archive) {
    archive(hash, depth);
  }
};

// The root of the tree with that number: the hash of 16 zero bytes and the number.
Node root_node(std::uint32_t number) {
  return {sha1({0, 0, 0, 0, number, kEnd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20 * 8}), 0};
}

Node child_of(const Node& node, std::uint32_t index) {
  const Hash& h = node.hash;
  return {sha1({h[0], h[1], h[2], h[3], h[4], index, kEnd, 0, 0, 0, 0, 0, 0, 0, 0, 24 * 8}),
          node.depth + 1};
}

struct Tree {
  const char* name;
  bool is_geometric;
  double root_children;  // geometric: the mean of every node
  std::int32_t depth;    // geometric: no children from here on
  double parent_share;   // binomial: of nodes that have children
  int children;          // binomial: of those
  std::uint32_t root;
  long node_count;
};

// The sample trees of UTS 1.1.
constexpr std::array<Tree, 4> kTrees{{{"T1", true, 4, 10, 0, 0, 19, 4'130'071},
                                      {"T1L", true, 4, 13, 0, 0, 29, 102'181'082},
                                      {"T3", false, 2000, 0, 0.124875, 8, 42, 4'112'897},
                                      {"T3L", false, 2000, 0, 0.200014, 5, 7, 111'345'631}}};

int child_count(const Tree& tree, const Node& node) {
  constexpr int kMostChildren = 100;
  const double drawn = (node.hash[4] & 0x7fffffff) / 2147483648.0;
  if (!tree.is_geometric) {
    if (node.depth == 0) return static_cast<int>(tree.root_children);
    return drawn < tree.parent_share ? tree.children : 0;
  }
  if (node.depth >= tree.depth) return 0;
  const double stops = 1 / (1 + tree.root_children);
  return std::min(kMostChildren,
                  static_cast<int>(std::floor(std::log(1 - drawn) / std::log(1 - stops))));
}

// Takes the newest node off the stack and puts its children there.
void visit(const Tree& tree, std::vector<Node>& stack) {
  const Node node = stack.back();
  stack.pop_back();
  const int children = child_count(tree, node);
  for (int i = 0; i < children; ++i) {
    stack.push_back(child_of(node, static_cast<std::uint32_t>(i)));
  }
}

long count_in_a_plain_loop(const Tree& tree) {
  std::vector<Node> stack{root_node(tree.root)};
  long count = 0;
  for (; !stack.empty(); ++count) visit(tree, stack);
  return count;
}

class Search {
 public:
  explicit Search(const Tree& tree)
      : tree_(tree),
        session_(MPI_COMM_WORLD,
                 {.policy = "shortest_expected_delay+work_stealing", .worker_count = 1}),
        walk_(session_.define("walk", [this](weir::TaskContext& context, std::vector<Node> stack) {
          walk(context, stack);
        })) {
    session_.start();
  }

  bool is_first() const { return session_.rank().value() == 0; }
  int worker_count() const { return session_.rank_count() * session_.worker_count(); }

  // Nodes of the tree; on rank 0.
  long count() {
    count_here_ = 0;
    if (is_first()) session_.submit(walk_, std::vector<Node>{root_node(tree_.root)});
    session_.wait_all();
    long here = count_here_;
    long count = 0;
    MPI_Reduce(&here, &count, 1, MPI_LONG, MPI_SUM, 0, MPI_COMM_WORLD);
    return count;
  }
  // The other ranks sleep meanwhile.
  long count_alone() {
    const long count = is_first() ? count_in_a_plain_loop(tree_) : 0;
    session_.wait_all();
    return count;
  }

 private:
  void walk(weir::TaskContext& context, std::vector<Node>& stack) {
    constexpr std::size_t kLeastToSplit = 4;
    constexpr int kVisitsBetweenLooks = 32;
    long count = 0;
    while (!stack.empty()) {
      for (int i = 0; i < kVisitsBetweenLooks && !stack.empty(); ++i, ++count) {
        visit(tree_, stack);
      }
      if (stack.size() >= kLeastToSplit && context.hungry()) give_half_away(stack);
    }
    count_here_ += count;
  }

  void give_half_away(std::vector<Node>& stack) {
    const auto middle = stack.begin() + static_cast<std::ptrdiff_t>(stack.size() / 2);
    session_.submit(walk_, std::vector<Node>(stack.begin(), middle));
    stack.erase(stack.begin(), middle);
  }

  const Tree& tree_;
  weir::Session session_;
  weir::TaskKind<void(std::vector<Node>)> walk_;
  std::atomic<long> count_here_{0};
};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

// Whether all counts were right.
bool run(const Tree& tree, int rounds) {
  Search search(tree);
  std::vector<double> rates;
  std::vector<double> plain_rates;
  bool is_right = true;
  const auto measure = [&](std::vector<double>& into, auto count) {
    MPI_Barrier(MPI_COMM_WORLD);
    const auto began = std::chrono::steady_clock::now();
    const long found = count();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    into.push_back(1e-6 * static_cast<double>(tree.node_count) / took.count());
    if (!search.is_first()) return;
    is_right = is_right && found == tree.node_count;
  };
  for (int round = 0; round < rounds; ++round) {
    measure(rates, [&] { return search.count(); });
    measure(plain_rates, [&] { return search.count_alone(); });
  }
  if (search.is_first()) {
    std::printf("%s: %ld nodes%s, %d workers %.2f M/s, a plain loop %.2f M/s, ratio %.2f\n",
                tree.name, tree.node_count, is_right ? "" : " NOT FOUND", search.worker_count(),
                median(rates), median(plain_rates), median(rates) / median(plain_rates));
  }
  return is_right;
}

}  // namespace

int main(int argc, char** argv) {
  int provided = 0;
  MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
  const std::string_view name = argc > 1 ? argv[1] : "T1";
  const auto* tree = std::ranges::find(kTrees, name, &Tree::name);
  int code = 2;
  if (tree == kTrees.end()) {
    std::fprintf(stderr, "usage: mpirun -n 2 uts T1|T1L|T3|T3L [ROUNDS]\n");
  } else {
    code = run(*tree, argc > 2 ? std::max(1, std::atoi(argv[2])) : 1) ? 0 : 1;
  }
  MPI_Finalize();
  return code;
}
