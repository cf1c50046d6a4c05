#include "tools/launch/pipe_relay.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "runtime/base/error.hpp"

namespace weir {

PipeRelay::PipeRelay(std::function<void(std::string_view)> pass)
    : pass_(std::move(pass)), ended_(::eventfd(0, EFD_CLOEXEC)) {
  if (ended_ < 0 || ::pipe2(pipe_.data(), O_CLOEXEC) != 0)
    throw Error("mpirun cannot be started", std::strerror(errno), "six more open files",
                "raising the limit of open files (ulimit -n)");
}

PipeRelay::~PipeRelay() {
  finish();
  for (const int end : {pipe_[0], pipe_[1], ended_}) ::close(end);
}

void PipeRelay::start() {
  thread_ = std::thread([this] { copy(); });
}

void PipeRelay::finish() {
  if (!thread_.joinable()) return;
  const std::uint64_t one = 1;
  if (::write(ended_, &one, sizeof one) != sizeof one) std::abort();
  thread_.join();
}

void PipeRelay::copy() {
  std::array<pollfd, 2> sources{{{pipe_[0], POLLIN, 0}, {ended_, POLLIN, 0}}};
  for (;;) {
    while (::poll(sources.data(), sources.size(), -1) < 0 && errno == EINTR) {
    }
    if ((sources[0].revents & POLLIN) == 0) return;
    std::array<char, 4096> piece{};
    const auto bytes = ::read(pipe_[0], piece.data(), piece.size());
    if (bytes <= 0) return;
    pass_({piece.data(), static_cast<std::size_t>(bytes)});
  }
}

int write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const auto bytes = ::write(file, text.data(), text.size());
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes <= 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(bytes));
  }
  return 0;
}

}  // namespace weir
