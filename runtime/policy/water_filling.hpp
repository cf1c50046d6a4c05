// Pours an amount over vessels that already hold some: the level it reaches.

#pragma once

#include <cstddef>
#include <vector>

namespace weir {

class WaterFilling {
 public:
  void clear() { vessels_.clear(); }

  // A vessel whose content stands `height` high. width > 0.
  void add(double height, double width) { vessels_.push_back({height, width}); }

  // The level L at which sum width (L - height)^+ = amount; that of the lowest vessel for amount 0.
  // There is a vessel; amount >= 0. Sorts the vessels: n log n.
  double level(double amount);

 private:
  struct Vessel {
    double height;
    double width;
  };
  std::vector<Vessel> vessels_;
};

}  // namespace weir
