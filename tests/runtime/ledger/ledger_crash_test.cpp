// What a ledger has after the process that wrote it was killed, or its disk was full.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>

#include "runtime/ledger/ledger_folder.hpp"
#include "runtime/ledger/ledger_writer.hpp"
#include "tests/support/scratch_folder.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

const std::string kWork = "iot, seed 1";

std::set<std::uint64_t> written_ids(const std::filesystem::path& folder) {
  std::set<std::uint64_t> ids;
  LedgerFolder(folder).read(kWork, [&](const LedgerEnd& end) { ids.insert(end.id.value()); });
  return ids;
}

// Tells the pipe how many ends are written, whenever that changes.
[[noreturn]] void write_until_killed(const std::filesystem::path& folder, std::uint64_t first,
                                     int pipe) {
  LedgerWriter writer(folder, RankId(0), kWork, {.commit_interval = 1ms});
  std::uint64_t told = 0;
  for (std::uint64_t id = first;; ++id) {
    writer.note_end({.id = TaskId(id), .result = Bytes(16)});
    std::uint64_t written = writer.written();
    for (; id - first > written + 5000; written = writer.written()) std::this_thread::yield();
    if (written == told) continue;
    told = written;
    if (::write(pipe, &told, sizeof told) != sizeof told) ::_exit(1);
  }
}

// Kills a writer that has written some, and returns how many it knew to be written.
std::uint64_t killed_after_writing(const std::filesystem::path& folder, std::uint64_t first) {
  int pipe[2];
  EXPECT_EQ(::pipe(pipe), 0);
  const pid_t child = ::fork();
  if (child == 0) write_until_killed(folder, first, pipe[1]);
  ::close(pipe[1]);
  std::uint64_t told = 0;
  while (told < 2000 && ::read(pipe[0], &told, sizeof told) == sizeof told) continue;
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  while (::read(pipe[0], &told, sizeof told) == sizeof told) continue;
  ::close(pipe[0]);
  return told;
}

TEST(LedgerAfterAKill, HasAllThatWasWrittenInOneRow) {
  const ScratchFolder folder;
  std::uint64_t first = 0;
  for (int life = 0; life < 5; ++life) {
    const std::uint64_t told = killed_after_writing(folder.path(), first);
    ASSERT_GE(told, 2000);
    const auto ids = written_ids(folder.path());
    ASSERT_GE(ids.size(), first + told);
    EXPECT_EQ(*ids.rbegin(), ids.size() - 1) << "nothing is missing in between";
    first = ids.size();
  }
}

// A limit on the size of files, which acts as a full disk does.
TEST(LedgerOnAFullDisk, TellsSoAndKeepsWhatWasWritten) {
  const ScratchFolder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    LedgerWriter writer(folder.path(), RankId(0), kWork, {.commit_interval = 1ms});
    writer.note_end({.id = TaskId(0)});
    while (writer.written() < 1) std::this_thread::yield();
    const rlimit most{100'000, 100'000};
    ::setrlimit(RLIMIT_FSIZE, &most);
    std::uint64_t id = 1;
    while (!writer.failure()) writer.note_end({.id = TaskId(id++), .result = Bytes(1000)});
    ::_exit(writer.close() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(written_ids(folder.path()).contains(0));
}

}  // namespace
}  // namespace weir
