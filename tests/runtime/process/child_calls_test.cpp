#include "runtime/process/child_calls.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace weir {
namespace {

Bytes bytes_of(std::string_view text) {
  const auto view = std::as_bytes(std::span(text));
  return {view.begin(), view.end()};
}

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

enum Function : std::uint32_t {
  kReverse,
  kThrow,        // its argument
  kCrash,        // by the signal whose number is the argument
  kExit,         // with code 5
  kTellProcess,  // its number
  kTellPlace,    // number of cores, one of them, priority
  kAnswerRubbish,
  kAnswerHalf,
  kNeverEnd,
};

// Where a child has its way to the caller.
constexpr int kSocket = 3;

std::string place_of_this_process() {
  cpu_set_t cores;
  ::sched_getaffinity(0, sizeof cores, &cores);
  int one = 0;
  while (!CPU_ISSET(one, &cores)) ++one;
  return std::to_string(CPU_COUNT(&cores)) + ' ' + std::to_string(one) + ' ' +
         std::to_string(::getpriority(PRIO_PROCESS, 0));
}

// As a function that writes where it must not.
void answer(std::string_view bytes) {
  EXPECT_EQ(::write(kSocket, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
}

void run(std::uint32_t number, std::span<const std::byte> argument, Bytes& result) {
  switch (number) {
    case kReverse:
      result.assign(argument.rbegin(), argument.rend());
      break;
    case kThrow:
      throw std::runtime_error(text_of(argument));
    case kCrash: {
      const int signal = std::stoi(text_of(argument));
      std::signal(signal, SIG_DFL);
      std::raise(signal);
      break;
    }
    case kExit:
      ::_exit(5);
    case kTellProcess:
      result = bytes_of(std::to_string(::getpid()));
      break;
    case kTellPlace:
      result = bytes_of(place_of_this_process());
      break;
    case kAnswerRubbish:
      answer(std::string(64, 'x'));
      break;
    case kAnswerHalf:
      answer(std::string(5, '\0'));
      ::_exit(EXIT_SUCCESS);
    case kNeverEnd:
      ::pause();
      break;
    default:
      throw std::invalid_argument("no such function");
  }
}

struct Called {
  CallEnd end;
  std::string result;
  friend bool operator==(const Called&, const Called&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Called& called) {
    return out << static_cast<int>(called.end) << ' ' << called.result.substr(0, 200);
  }
};

class ChildCallsTest : public testing::Test {
 protected:
  Called call(int place, Function function, std::string_view argument = "") {
    Bytes result;
    const CallEnd end = calls_.call(place, function, bytes_of(argument), result);
    return {end, text_of(result)};
  }

  Zygote zygote_{[](int socket) { answer_calls(socket, run); }};
  ChildCalls calls_{zygote_};
};

Called died(const std::string& how) { return {CallEnd::kDied, "the child process " + how}; }

TEST_F(ChildCallsTest, ReturnWhatTheFunctionMakes) {
  calls_.open(1);
  EXPECT_EQ(call(0, kReverse, "stressed"), (Called{CallEnd::kReturned, "desserts"}));
  EXPECT_EQ(call(0, kReverse, ""), (Called{CallEnd::kReturned, ""}));
  EXPECT_EQ(call(0, kReverse, std::string("a\0b", 3)),
            (Called{CallEnd::kReturned, std::string("b\0a", 3)}));
}

TEST_F(ChildCallsTest, TakeArgumentsAndResultsOfAnyLength) {
  calls_.open(1);
  for (const std::size_t length : {1U << 12, (1U << 18) + 1, 1U << 24}) {
    std::string argument(length, 'm');
    argument.front() = 'a';
    std::string reversed = argument;
    std::ranges::reverse(reversed);
    EXPECT_EQ(call(0, kReverse, argument), (Called{CallEnd::kReturned, reversed}));
  }
}

TEST_F(ChildCallsTest, CarryTheTextOfAnExceptionAndKeepTheChild) {
  calls_.open(1);
  const Called process = call(0, kTellProcess);
  EXPECT_EQ(call(0, kThrow, "no such book"),
            (Called{CallEnd::kThrew, "std::runtime_error: no such book"}));
  EXPECT_EQ(call(0, kTellProcess), process);
}

TEST_F(ChildCallsTest, SayHowAChildDied) {
  calls_.open(1);
  EXPECT_EQ(call(0, kCrash, std::to_string(SIGSEGV)),
            died("was ended by signal 11 (Segmentation fault)"));
  EXPECT_EQ(call(0, kCrash, std::to_string(SIGABRT)), died("was ended by signal 6 (Aborted)"));
  EXPECT_EQ(call(0, kCrash, std::to_string(SIGKILL)), died("was ended by signal 9 (Killed)"));
  EXPECT_EQ(call(0, kExit), died("ended with exit code 5"));
}

TEST_F(ChildCallsTest, HaveANewChildAfterACrashAndLeaveOthersTheirs) {
  calls_.open(2);
  const Called first = call(0, kTellProcess);
  const Called second = call(1, kTellProcess);
  EXPECT_EQ(call(0, kCrash, "11").end, CallEnd::kDied);
  EXPECT_NE(call(0, kTellProcess), first);
  EXPECT_EQ(call(1, kTellProcess), second);
  EXPECT_EQ(call(0, kReverse, "ab"), (Called{CallEnd::kReturned, "ba"}));
}

TEST_F(ChildCallsTest, NoticeAChildThatDiesBetweenTwoCalls) {
  calls_.open(1);
  ::kill(std::stoi(call(0, kTellProcess).result), SIGKILL);
  EXPECT_EQ(call(0, kReverse, std::string(1 << 20, 'x')), died("was ended by signal 9 (Killed)"));
  EXPECT_EQ(call(0, kReverse, "ab"), (Called{CallEnd::kReturned, "ba"}));
}

TEST_F(ChildCallsTest, GiveUpAChildWhoseAnswersMakeNoSense) {
  calls_.open(1);
  EXPECT_EQ(call(0, kAnswerRubbish), died("gave an answer that makes no sense"));
  EXPECT_EQ(call(0, kReverse, "ab"), (Called{CallEnd::kReturned, "ba"}));
  EXPECT_EQ(call(0, kAnswerHalf), died("ended with exit code 0"));
  EXPECT_EQ(call(0, kReverse, "ab"), (Called{CallEnd::kReturned, "ba"}));
}

TEST_F(ChildCallsTest, RunOnTheCoresAndWithThePriorityOfTheCaller) {
  calls_.open(2);
  std::string place;
  Called called{};
  Called called_later{};
  std::thread([&] {
    cpu_set_t all;
    ::sched_getaffinity(0, sizeof all, &all);
    int last = CPU_SETSIZE - 1;
    while (!CPU_ISSET(last, &all)) --last;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(last, &one);
    ::sched_setaffinity(0, sizeof one, &one);
    ::setpriority(PRIO_PROCESS, 0, 7);
    place = place_of_this_process();
    called = call(1, kTellPlace);
    call(1, kExit);
    called_later = call(1, kTellPlace);
  }).join();
  EXPECT_EQ(called, (Called{CallEnd::kReturned, place}));
  EXPECT_EQ(called_later, (Called{CallEnd::kReturned, place}));
  EXPECT_EQ(call(0, kTellPlace).result, place_of_this_process());
}

TEST_F(ChildCallsTest, GoOnManyThreadsWhileSomeOfThemCrash) {
  constexpr int kThreads = 4;
  constexpr int kCalls = 300;
  calls_.open(kThreads);
  std::atomic<int> returned{0};
  std::atomic<int> crashed{0};
  std::vector<std::thread> threads;
  for (int place = 0; place < kThreads; ++place) {
    threads.emplace_back([&, place] {
      for (int i = 0; i < kCalls; ++i) {
        if (i % 10 == place) {
          crashed +=
              call(place, kCrash, "11") == died("was ended by signal 11 (Segmentation fault)");
          continue;
        }
        const std::string number = std::to_string(1000 * place + i);
        returned +=
            call(place, kReverse, number).result == std::string(number.rbegin(), number.rend());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(crashed, kThreads * kCalls / 10);
  EXPECT_EQ(returned, kThreads * kCalls * 9 / 10);
}

TEST_F(ChildCallsTest, SayThatThereIsNoChildOnceTheirZygoteIsGone) {
  calls_.open(1);
  ::kill(zygote_.process(), SIGKILL);
  EXPECT_EQ(call(0, kNeverEnd), died("is gone, and so is its parent"));
  EXPECT_EQ(call(0, kReverse, "ab"),
            (Called{CallEnd::kNotStarted, "no child process: No such process"}));
}

}  // namespace
}  // namespace weir
