// A task that a running task spawned: a callable, kept in place where it is small.

#pragma once

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

#include "runtime/base/ids.hpp"

namespace weir {

class TaskContext;

// Holds one callable body(TaskContext&). Moves without throwing; cannot be copied, so that bodies
// may own what they work on (std::function would demand copies).
class SpawnBody {
 public:
  static constexpr std::size_t kInlineBytes = 48;

  SpawnBody() = default;
  template <typename Body>
  requires(!std::is_same_v<std::remove_cvref_t<Body>, SpawnBody> &&
           std::is_invocable_v<std::decay_t<Body>&, TaskContext&>) explicit SpawnBody(Body&& body) {
    using Held = std::decay_t<Body>;
    if constexpr (fits<Held>()) {
      ::new (static_cast<void*>(place_)) Held(std::forward<Body>(body));
      actions_ = &kInlineActions<Held>;
    } else {
      ::new (static_cast<void*>(place_)) Held*(new Held(std::forward<Body>(body)));
      actions_ = &kHeapActions<Held>;
    }
  }
  SpawnBody(SpawnBody&& other) noexcept { take(other); }
  SpawnBody& operator=(SpawnBody&& other) noexcept {
    if (this != &other) {
      clear();
      take(other);
    }
    return *this;
  }
  ~SpawnBody() { clear(); }

  explicit operator bool() const { return actions_ != nullptr; }
  void operator()(TaskContext& context) { actions_->call(place_, context); }

 private:
  struct Actions {
    void (*call)(void* place, TaskContext& context);
    void (*move)(void* from, void* to) noexcept;  // and ends the life of `from`
    void (*destroy)(void* place) noexcept;
  };

  template <typename Held>
  static constexpr bool fits() {
    return sizeof(Held) <= kInlineBytes && alignof(Held) <= alignof(std::max_align_t) &&
           std::is_nothrow_move_constructible_v<Held>;
  }
  template <typename Held>
  static Held& at(void* place) {
    return *std::launder(static_cast<Held*>(place));
  }

  template <typename Held>
  static constexpr Actions kInlineActions{
      [](void* place, TaskContext& context) { at<Held>(place)(context); },
      [](void* from, void* to) noexcept {
        ::new (to) Held(std::move(at<Held>(from)));
        at<Held>(from).~Held();
      },
      [](void* place) noexcept { at<Held>(place).~Held(); }};
  template <typename Held>
  static constexpr Actions kHeapActions{
      [](void* place, TaskContext& context) { (*at<Held*>(place))(context); },
      [](void* from, void* to) noexcept { ::new (to) Held*(at<Held*>(from)); },
      [](void* place) noexcept { delete at<Held*>(place); }};

  void take(SpawnBody& other) noexcept {
    if (other.actions_ != nullptr) other.actions_->move(other.place_, place_);
    actions_ = std::exchange(other.actions_, nullptr);
  }
  void clear() noexcept {
    if (actions_ != nullptr) actions_->destroy(place_);
    actions_ = nullptr;
  }

  alignas(std::max_align_t) std::byte place_[kInlineBytes];
  const Actions* actions_ = nullptr;
};

struct SpawnedTask {
  SpawnBody body;
  ClassId task_class;
};

}  // namespace weir
