// How a function of an application becomes a task: its signature, and the call with arguments that
// come as an object or as bytes.

#pragma once

#include <functional>
#include <type_traits>
#include <utility>

#include "runtime/base/ids.hpp"
#include "runtime/exec/kind_table.hpp"
#include "runtime/exec/task_context.hpp"
#include "runtime/protocol/task.hpp"
#include "runtime/session/arguments.hpp"

namespace weir {

// A defined task: copy it freely; valid for the session that defined it.
template <typename Signature>
struct TaskKind {
  KindId id;
};

namespace session_detail {

// The signature R(A...) of a call, without a leading TaskContext&.
template <typename R, typename... A>
struct Call {
  using type = R(std::remove_cvref_t<A>...);
  static constexpr bool takes_context = false;
};
template <typename R, typename... A>
struct Call<R, TaskContext&, A...> {
  using type = R(std::remove_cvref_t<A>...);
  static constexpr bool takes_context = true;
};

// How a function pointer is called.
template <typename Pointer>
struct CallOf;
template <typename R, typename... A, bool kNoexcept>
struct CallOf<R (*)(A...) noexcept(kNoexcept)> : Call<R, A...> {};

// How a member function is called: on an object that stays, or on one that is an argument.
template <typename Member>
struct MemberCallOf;
template <typename R, typename C, typename... A, bool kNoexcept>
struct MemberCallOf<R (C::*)(A...) noexcept(kNoexcept)> {
  using OnFunctor = Call<R, A...>;
  using OnArgument = Call<R, C, A...>;
};
template <typename R, typename C, typename... A, bool kNoexcept>
struct MemberCallOf<R (C::*)(A...) const noexcept(kNoexcept)> : MemberCallOf<R (C::*)(A...)> {};
template <typename R, typename C, typename... A, bool kNoexcept>
struct MemberCallOf<R (C::*)(A...)& noexcept(kNoexcept)> : MemberCallOf<R (C::*)(A...)> {};
template <typename R, typename C, typename... A, bool kNoexcept>
struct MemberCallOf<R (C::*)(A...) const& noexcept(kNoexcept)> : MemberCallOf<R (C::*)(A...)> {};

template <typename F>
auto call_of(const F&) {
  if constexpr (std::is_pointer_v<F>) {
    return CallOf<F>{};
  } else if constexpr (std::is_member_function_pointer_v<F>) {
    return typename MemberCallOf<F>::OnArgument{};
  } else {
    return typename MemberCallOf<decltype(&F::operator())>::OnFunctor{};
  }
}

template <typename Function, typename... Given>
decltype(auto) run(const Function& function, Given&... given) {
  if constexpr (std::is_invocable_v<const Function&, Given&...>) {
    return std::invoke(function, given...);
  } else {
    static_assert(std::is_invocable_v<Function&, Given&...>,
                  "a task takes its arguments by value or const reference; a member function that "
                  "is one is const");
    Function own = function;  // A mutable one: several run at a time.
    return std::invoke(own, given...);
  }
}

template <typename Result, typename... Arguments>
constexpr void require_serializable() {
  static_assert((kCanTravel<Arguments> && ...),
                "weir: an argument of this task cannot travel between ranks: it needs a default "
                "constructor and cereal's serialize() or save() and load(); session.run_here() "
                "takes what cannot be serialized or copied");
  static_assert(kCanTravel<Result>,
                "weir: the result of this task cannot travel between ranks: it needs a default "
                "constructor and cereal's serialize() or save() and load(); session.run_here() "
                "returns what cannot be serialized or copied");
}

// `most` bytes are all that its result may have.
template <bool kTakesContext, typename Function, typename Result, typename... Arguments>
TaskFunction wrap(Function function, std::size_t most, std::type_identity<Result(Arguments...)>) {
  require_serializable<Result, Arguments...>();
  return [function, most](TaskContext& context, const Payload& payload, Bytes& result) {
    if (!may_start<Arguments...>(payload)) return;
    const auto call = [&](const Arguments&... arguments) -> Result {
      if constexpr (kTakesContext) {
        return run(function, context, arguments...);
      } else {
        return run(function, arguments...);
      }
    };
    if constexpr (std::is_void_v<Result>) {
      with_arguments<Arguments...>(payload, call);
    } else {
      result = to_bytes(with_arguments<Arguments...>(payload, call));
      refuse_more_bytes("the result of a task", result.size(), most);
    }
  };
}

// Of a function that may want the TaskContext& first, or not.
template <typename Function, typename... Given>
decltype(auto) call_here(Function& function, TaskContext& context, Given&&... given) {
  if constexpr (std::is_invocable_v<Function&, Given&&...>) {
    return std::invoke(function, std::forward<Given>(given)...);
  } else {
    return std::invoke(function, context, std::forward<Given>(given)...);
  }
}
template <typename Function, typename... Given>
using ResultHere = std::remove_cvref_t<decltype(call_here(
    std::declval<Function&>(), std::declval<TaskContext&>(), std::declval<Given>()...))>;

}  // namespace session_detail
}  // namespace weir
