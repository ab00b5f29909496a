// The processes that train one model together, ranks 0 .. size - 1: what moves bytes between them,
// and no arithmetic, so that results cannot depend on their number. Everything is built on one
// exchange of messages. One rank alone is the usual case, in which nothing moves.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "core/error.h"

namespace flow {

// Where part k of n begins among `count` things: shards of rows, ranks of shards.
inline std::size_t boundary(std::size_t count, std::size_t k, std::size_t n) {
  return count * k / n;
}

struct Message {
  std::size_t rank;  // who it goes to, or comes from
  std::span<std::byte> bytes;
};

class Comm {
 public:
  virtual ~Comm() = default;
  virtual std::size_t rank() const { return 0; }
  virtual std::size_t size() const { return 1; }
  // Sends and receives, in any order, and returns when all have arrived; messages between two ranks
  // keep their order. Error(Exit::failed) where another rank is gone, or silent for too long.
  virtual void exchange(std::span<const Message>, std::span<const Message>) {}
  // Leaves with an exit code, which is returned: once all ranks do, or, where this one has failed
  // by itself, at once, taking the others with it.
  virtual int leave(int code) { return code; }

  bool first() const { return rank() == 0; }
  bool failed_together() const { return together_; }

 private:
  friend void together(Comm& comm, const std::function<void()>& f);
  bool together_ = false;
};

// The ranks of this program's launcher: one alone, or, in flow-train-mpi, those of MPI.
// timeout: seconds that an exchange may wait; 0: for ever. Error(Exit::usage) for a launcher that
// started several programs, each of which is alone.
std::unique_ptr<Comm> join(double timeout);

// A comm of one rank, for who trains alone.
Comm& alone();

// The largest over the ranks.
std::uint64_t max_over(Comm& comm, std::uint64_t value);
double longest_over(Comm& comm, double seconds);  // not below 0

// `all` is cut at begin(0) = 0, begin(1), ..., begin(size) = all.size(), and each rank has filled
// its own part; then all have all. The messages of it, to be sent with others:
struct Gathering {
  std::vector<Message> out, in;
};
void add_gathering(const Comm& comm, std::span<std::byte> all,
                   const std::function<std::size_t(std::size_t rank)>& begin, Gathering& to);

template <class T>
void add_gathering(const Comm& comm, std::span<T> all,
                   const std::function<std::size_t(std::size_t rank)>& begin, Gathering& to) {
  static_assert(std::is_trivially_copyable_v<T>);
  add_gathering(
      comm, std::as_writable_bytes(all), [&](std::size_t rank) { return begin(rank) * sizeof(T); },
      to);
}
template <class T>
void gather(Comm& comm, std::span<T> all, const std::function<std::size_t(std::size_t)>& begin) {
  Gathering g;
  add_gathering(comm, all, begin, g);
  comm.exchange(g.out, g.in);
}

// A short text (64 bytes are kept) of each rank, in their order.
std::vector<std::string> texts_of(Comm& comm, const std::string& text);

// Calls f on all ranks. Where it throws an Error on some, all throw one of the same code: the first
// of those its own, the others one without words. So a user reads one line.
void together(Comm& comm, const std::function<void()>& f);

// Error(code), together, where a rank has another text than rank 0: "rank 2 on HOST <complaint>".
void require_same(Comm& comm, const std::string& text, Exit code, const std::string& complaint);

}  // namespace flow
