// A task that a running task spawned: a callable, kept in place where it is small, and what else is
// to know of it. It lies where its worker's FramePool put it and never moves; who runs it has its
// address.

#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>

#include "runtime/base/ids.hpp"

namespace weir {

class FramePool;
class TaskContext;
class TaskGroup;

template <typename Body>
inline constexpr bool kIsSpawnBody = std::is_invocable_v<std::decay_t<Body>&, TaskContext&>;

// Two lines of the cache, of which small bodies use one. Written by the thread that spawns, then
// read by the one thread that runs it.
struct alignas(64) SpawnFrame {
  static constexpr std::size_t kInlineBytes = 96;

  // Runs the body, unless there is no context, and ends its life in any case.
  void (*act)(SpawnFrame& frame, TaskContext* context) = nullptr;
  union {
    TaskGroup* group = nullptr;  // or none
    SpawnFrame* next;            // while it is free
  };
  FramePool* home = nullptr;
  ClassId task_class;
  std::uint16_t depth = 0;  // of the task that spawned it
  alignas(std::max_align_t) std::byte place[kInlineBytes];

  // Puts a callable body(TaskContext&) in place.
  template <typename Body>
  requires kIsSpawnBody<Body>
  void hold(Body&& body) {
    using Held = std::decay_t<Body>;
    if constexpr (sizeof(Held) <= kInlineBytes && alignof(Held) <= alignof(std::max_align_t)) {
      ::new (static_cast<void*>(place)) Held(std::forward<Body>(body));
      act = &act_in_place<Held>;
    } else {
      ::new (static_cast<void*>(place)) Held*(new Held(std::forward<Body>(body)));
      act = &act_on_heap<Held>;
    }
  }

 private:
  template <typename Held>
  static void act_in_place(SpawnFrame& frame, TaskContext* context) {
    struct Life {
      Held& held;
      ~Life() { held.~Held(); }
    };
    const Life life{*std::launder(reinterpret_cast<Held*>(frame.place))};
    if (context != nullptr) life.held(*context);
  }
  template <typename Held>
  static void act_on_heap(SpawnFrame& frame, TaskContext* context) {
    struct Life {
      Held* held;
      ~Life() { delete held; }
    };
    const Life life{*std::launder(reinterpret_cast<Held**>(frame.place))};
    if (context != nullptr) (*life.held)(*context);
  }
};

static_assert(sizeof(SpawnFrame) == 128);

}  // namespace weir
