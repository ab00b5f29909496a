// Bytes from a process that can do nothing else. libhdf5 dies of damaged files, and a hostile one
// may make it do worse; so it reads in a forked child that is confined (h5/sandbox.h), lives as
// long as the file is read, and puts plain bytes into the two halves of shared memory by turns. The
// parent copies each byte out once and looks at its copy only: values, never pointers, which it
// checks as it would those of a file. While it works on one half, the child fills the other.
//
// A child that dies, breaks the rules or keeps silent for too long means that the file is refused.
// The parent may have threads as long as none of them runs: they are parked between two calls of
// for_each_block, when they hold no lock that the child could miss. For the files of this folder.
#pragma once
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "core/error.h"

namespace flow {

// The child's end.
class ConfinedSink {
 public:
  explicit ConfinedSink(std::byte* window) : window_(window) {}

  void put(std::span<const std::byte> bytes);
  // put, but for the copy: f writes so many bytes to where it is told, or throws.
  template <class F>
  void fill(std::size_t bytes, F f) {
    if (std::byte* const place = room(bytes)) {
      f(place);
      used_ += bytes;
    } else {
      std::vector<std::byte> copied(bytes);
      f(copied.data());
      put(copied);
    }
  }
  void put(const std::string& text);
  template <class T>
  requires std::is_arithmetic_v<T>
  void put(T value) { put(std::as_bytes(std::span(&value, 1))); }
  void flush();
  // Ends the stream: the parent throws this line.
  void fail(const std::string& line);

 private:
  void send(std::uint32_t kind);
  std::byte* room(std::size_t bytes);  // null where there is never so much

  std::byte* window_;
  std::size_t used_ = 0;  // of the half that is being filled
  std::uint64_t sent_ = 0, taken_ = 0;
};

// The parent's end.
class ConfinedStream {
 public:
  // Forks. In the child `serve` reads from the descriptor that is given to it, the one given here
  // (-1: none), and puts what it finds; what it throws comes out of take as an Error with this
  // code. memory: how many more bytes than now it may take. work: of the file, bytes that it may
  // have to go through before it puts the next; it bounds how long a silence may be.
  using Serve = std::function<void(int descriptor, ConfinedSink&)>;
  ConfinedStream(std::string name, Exit code, int descriptor, std::uint64_t memory,
                 std::uint64_t work, const Serve& serve);
  ~ConfinedStream();
  ConfinedStream(const ConfinedStream&) = delete;
  ConfinedStream& operator=(const ConfinedStream&) = delete;

  // Just as many bytes as were put. Error for a refused file, and for one that serve refused.
  void take(std::span<std::byte> to);
  template <class T>
  requires std::is_arithmetic_v<T> T take() {
    T value;
    take(std::as_writable_bytes(std::span(&value, 1)));
    return value;
  }
  bool take_flag() { return take<std::uint8_t>() != 0; }
  std::string take_text();
  // A number that lies beyond what its place allows.
  void require(bool holds) {
    if (!holds) refuse("its reader sent what it may not");
  }
  // From now on silences are bounded by this much work.
  void expect(std::uint64_t work);

 private:
  void next_piece();
  void wait_for_piece();
  double seconds_of_child() const;
  [[noreturn]] void refuse(const std::string& why);
  void end();

  std::string name_;
  Exit code_;
  pid_t child_ = -1;
  int socket_ = -1;
  std::byte* window_;
  std::uint64_t pieces_ = 0;
  std::span<const std::byte> left_;  // of the piece that came last
  double allowed_ = 0, spent_ = 0;  // seconds of the child's processor: for a piece, until the last
};

}  // namespace flow
