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

}  // namespace

void Spool::flush() {
  if (held_.empty()) return;
  if (!file_) file_.emplace(open_unnamed_file(), "a temporary file");
  write_unnamed(file_->descriptor(), std::as_bytes(std::span(held_)),
                "a temporary file cannot be written");
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
    require(!file_ || lseek(file_->descriptor(), 0, SEEK_SET) == 0, Exit::failed,
            std::string("a temporary file cannot be read again: ") + std::strerror(errno) +
                "; set TMPDIR to a folder with room");
  }
  if (!file_) return 0;
  const std::size_t whole = values.size() / columns_ * columns_;
  return file_->read(values.data(), whole * sizeof(double)) / sizeof(double) / columns_;
}

}  // namespace flow
