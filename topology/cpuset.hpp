// A set of processing units (PUs), named by the numbers the operating system gives them.

#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

// A plain value; as large as its highest number needs.
class Cpuset {
 public:
  // Numbers beyond this are refused: no machine has them, a typing error does.
  static constexpr int kMaxIndex = 65535;

  Cpuset() = default;
  Cpuset(std::initializer_list<int> indices);

  // first..last, both included; empty when last < first.
  static Cpuset range(int first, int last);
  // Reads the list syntax of Linux, "0-3,8"; blanks around the text and the empty text are fine.
  // Throws Error on anything else.
  static Cpuset parse(std::string_view list);

  // The list syntax; "" for the empty set.
  std::string to_string() const;

  bool empty() const { return words_.empty(); }
  int count() const;
  bool contains(int index) const;
  bool includes(const Cpuset& other) const;
  bool intersects(const Cpuset& other) const;
  // The lowest number, -1 for the empty set.
  int first() const;
  // Ascending.
  std::vector<int> indices() const;

  // 0 <= index <= kMaxIndex.
  void add(int index);

  friend Cpuset operator|(const Cpuset& a, const Cpuset& b);
  friend Cpuset operator&(const Cpuset& a, const Cpuset& b);
  friend Cpuset operator-(const Cpuset& a, const Cpuset& b);
  friend bool operator==(const Cpuset&, const Cpuset&) = default;

 private:
  void drop_empty_tail();

  std::vector<std::uint64_t>
      words_;  // The last word is never zero, so equal sets are equal vectors.
};

}  // namespace weir
