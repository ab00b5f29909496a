#include "h5/confined.h"

#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <new>

#include "h5/handle.h"
#include "h5/sandbox.h"

namespace flow {

namespace {

constexpr std::size_t half_bytes = std::size_t{1} << 20;
constexpr std::size_t max_text = std::size_t{1} << 16;
enum : std::uint32_t { data_piece = 1, error_piece = 2 };

struct Piece {
  std::uint32_t kind, bytes;
};

// Silence is measured in the child's own processor time, which a busy machine does not stretch; and
// in the clock's, for a child that waits for what never comes, as on a file server that is gone.
constexpr double base_seconds = 0.5, bytes_a_second = 3e6;
constexpr int slice_milliseconds = 50, max_slices = 60 * 1000 / slice_milliseconds;

template <class F>
auto retried(F call) {
  for (;;) {
    const auto result = call();
    if (result >= 0 || errno != EINTR) return result;
  }
}

// The child's whole life. No destructor of the parent's objects may run in it.
[[noreturn]] void live(const std::string& name, int descriptor, int socket, std::uint64_t memory,
                       std::byte* window, pid_t parent, const ConfinedStream::Serve& serve) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  const bool confined = confine(descriptor, socket, memory);
  ConfinedSink sink(window);
  try {
    require(confined, Exit::failed,
            name +
                ": this system cannot confine the reader of a file; if the file is your own, "
                "give --trusted");
    serve(descriptor < 0 ? -1 : confined_file, sink);
    sink.flush();
  } catch (const std::bad_alloc&) {
    sink.fail(name + ": refused: takes more than " + std::to_string(memory >> 20) +
              " MiB to read; if the file is your own, give --trusted");
  } catch (const std::exception& e) {
    sink.fail(e.what());
  }
  _exit(0);
}

// Signals that a program handles are the parent's: the child is killed when its parent ends.
pid_t fork_without_signals() {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t child = fork();
  if (child != 0) pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return child;
}

}  // namespace

void ConfinedSink::put(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const std::size_t n = std::min(bytes.size(), half_bytes - used_);
    std::memcpy(window_ + sent_ % 2 * half_bytes + used_, bytes.data(), n);
    used_ += n;
    bytes = bytes.subspan(n);
    if (used_ == half_bytes) flush();
  }
}

std::byte* ConfinedSink::room(std::size_t bytes) {
  if (bytes > half_bytes) return nullptr;
  if (bytes > half_bytes - used_) flush();
  return window_ + sent_ % 2 * half_bytes + used_;
}

void ConfinedSink::put(const std::string& text) {
  if (text.size() > max_text) throw Hdf5Failure("a name in it is too long");
  put(static_cast<std::uint32_t>(text.size()));
  put(std::as_bytes(std::span(text)));
}

void ConfinedSink::send(std::uint32_t kind) {
  const Piece piece{kind, static_cast<std::uint32_t>(used_)};
  used_ = 0;
  if (retried([&] { return ::send(confined_socket, &piece, sizeof piece, MSG_NOSIGNAL); }) < 0)
    _exit(1);
  // The other half is free once the parent has taken what was in it.
  for (++sent_; sent_ - taken_ >= 2; ++taken_) {
    char taken;
    if (retried([&] { return recv(confined_socket, &taken, 1, 0); }) != 1) _exit(1);
  }
}

void ConfinedSink::flush() {
  if (used_ > 0) send(data_piece);
}

void ConfinedSink::fail(const std::string& line) {
  flush();
  put(std::as_bytes(std::span(line)).first(std::min(line.size(), max_text)));
  send(error_piece);
}

ConfinedStream::ConfinedStream(std::string name, Exit code, int descriptor, std::uint64_t memory,
                               std::uint64_t work, const Serve& serve)
    : name_(std::move(name)), code_(code) {
  expect(work);
  void* const shared =
      mmap(nullptr, 2 * half_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) throw std::bad_alloc();
  window_ = static_cast<std::byte*>(shared);
  int ends[2] = {-1, -1};
  const pid_t parent = getpid();
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0) {
    child_ = fork_without_signals();
    if (child_ == 0) live(name_, descriptor, ends[1], memory, window_, parent, serve);
    close(ends[1]);
    socket_ = ends[0];
  }
  if (child_ < 0) {
    end();
    throw Error(Exit::failed, name_ + ": no process can be started to read it: " +
                                  std::strerror(errno) + "; wait until the machine has room");
  }
}

ConfinedStream::~ConfinedStream() { end(); }

void ConfinedStream::end() {
  if (child_ > 0) {
    kill(child_, SIGKILL);
    retried([&] { return waitpid(child_, nullptr, 0); });
  }
  child_ = -1;
  if (socket_ >= 0) close(socket_);
  socket_ = -1;
  if (window_) munmap(window_, 2 * half_bytes);
  window_ = nullptr;
  left_ = {};
}

void ConfinedStream::refuse(const std::string& why) {
  throw Error(code_, name_ + ": refused: damaged or hostile file, " + why + "; copy it again");
}

void ConfinedStream::expect(std::uint64_t work) {
  allowed_ = base_seconds + static_cast<double>(work) / bytes_a_second;
}

double ConfinedStream::seconds_of_child() const {
  clockid_t clock;
  timespec t{};
  if (clock_getcpuclockid(child_, &clock) != 0 || clock_gettime(clock, &t) != 0) return spent_;
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

void ConfinedStream::wait_for_piece() {
  // Slices and not an end: a program that is stopped and goes on has not waited meanwhile.
  for (int slices = 0; slices < max_slices; ++slices) {
    pollfd socket{socket_, POLLIN, 0};
    const int ready = retried([&] { return poll(&socket, 1, slice_milliseconds); });
    if (ready != 0) return;
    if (seconds_of_child() - spent_ > allowed_) break;
  }
  kill(child_, SIGKILL);
  refuse("its reader came to no end");
}

void ConfinedStream::next_piece() {
  wait_for_piece();
  Piece piece{};
  const ssize_t n = retried([&] { return recv(socket_, &piece, sizeof piece, 0); });
  if (n <= 0) {  // less: what it was told last is unread
    int status = 0;
    const bool known = retried([&] { return waitpid(child_, &status, 0); }) == child_;
    child_ = -1;
    refuse(known && WIFSIGNALED(status)
               ? "its reader died: " + std::string(strsignal(WTERMSIG(status)))
               : "its reader ended early");
  }
  require(n == sizeof piece && piece.bytes <= half_bytes);
  const std::span<const std::byte> half(window_ + pieces_++ % 2 * half_bytes, half_bytes);
  if (piece.kind == error_piece) {
    std::string line(std::min<std::size_t>(piece.bytes, max_text), '\0');
    std::memcpy(line.data(), half.data(), line.size());
    throw Error(code_, line);
  }
  require(piece.kind == data_piece && piece.bytes > 0);
  left_ = half.first(piece.bytes);
  spent_ = seconds_of_child();
}

void ConfinedStream::take(std::span<std::byte> to) {
  while (!to.empty()) {
    if (left_.empty()) next_piece();
    const std::size_t n = std::min(to.size(), left_.size());
    std::memcpy(to.data(), left_.data(), n);
    to = to.subspan(n);
    left_ = left_.subspan(n);
    const char taken = 0;  // a child that has ended does not mind
    if (left_.empty()) retried([&] { return send(socket_, &taken, 1, MSG_NOSIGNAL); });
  }
}

std::string ConfinedStream::take_text() {
  const auto size = take<std::uint32_t>();
  require(size <= max_text);
  std::string text(size, '\0');
  take(std::as_writable_bytes(std::span(text)));
  return text;
}

}  // namespace flow
