#include "data/spool.h"

#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/error.h"

namespace flow {

namespace {

constexpr std::size_t most_held = 4096;  // numbers: many spools may be open

[[noreturn]] void fail(const char* what) {
  throw Error(Exit::failed, std::string("a temporary file cannot be ") + what + ": " +
                                std::strerror(errno) + "; set TMPDIR to a folder with room");
}

}  // namespace

void Spool::flush() {
  if (held_.empty()) return;
  if (!file_) file_.emplace(open_unnamed_file(), "a temporary file");
  const char* from = reinterpret_cast<const char*>(held_.data());
  for (std::size_t left = held_.size() * sizeof(double); left > 0;) {
    const ssize_t n = ::write(file_->descriptor(), from, left);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) fail("written");
    from += n, left -= static_cast<std::size_t>(n);
  }
  held_.clear();
}

void Spool::add(std::span<const double> values) {
  assert(!reading_ && values.size() % columns_ == 0);
  held_.insert(held_.end(), values.begin(), values.end());
  numbers_ += values.size();
  if (held_.size() >= most_held) flush();
}

std::size_t Spool::read(std::span<double> values) {
  if (!std::exchange(reading_, true)) {
    flush();
    if (file_ && lseek(file_->descriptor(), 0, SEEK_SET) != 0) fail("read again");
  }
  if (!file_) return 0;
  const std::size_t whole = values.size() / columns_ * columns_;
  return file_->read(values.data(), whole * sizeof(double)) / sizeof(double) / columns_;
}

}  // namespace flow
