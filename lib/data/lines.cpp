#include "data/lines.h"

#include <algorithm>
#include <cstring>

#include "core/error.h"

namespace flow {

namespace {

constexpr std::size_t max_line = std::size_t{1} << 24;
constexpr std::size_t piece = std::size_t{1} << 16;  // bytes read at a time: a full pipe

}  // namespace

bool Lines::next(std::string_view& line, bool by_quotes) {
  number_ += lines_in_last_;
  std::size_t length = 0, lines = 0;
  Quotes quotes(delimiter_);
  while (true) {
    const char* newline = find_newline(length);
    ++lines;
    const std::size_t looked_at = length;
    length = newline ? static_cast<std::size_t>(newline - start()) : buffer_.size() - at_;
    if (!newline && length == 0) return false;
    if (by_quotes && std::memchr(start() + looked_at, '"', length - looked_at))
      std::for_each(start() + looked_at, start() + length, [&](char c) { quotes.take(c); });
    if (!quotes.open()) break;
    if (!newline)
      throw Error(Exit::data, name() + ":" + std::to_string(number_ + 1) +
                                  ": a quote is not closed; end it with \"");
    ++length;
  }
  line = {start(), length};
  last_ = at_;
  at_ = std::min(at_ + length + 1, buffer_.size());
  lines_in_last_ = lines - 1;
  ++number_;
  if (line.ends_with('\r')) line.remove_suffix(1);
  return true;
}

const char* Lines::find_newline(std::size_t from) {
  while (true) {
    const std::size_t held = buffer_.size() - at_;
    if (held > from) {
      if (const void* p = std::memchr(start() + from, '\n', held - from))
        return static_cast<const char*>(p);
    }
    require(
        held < max_line, Exit::data,
        name() + ":" + std::to_string(number_ + 1) + ": a line of more than 16 MiB; is this text?");
    from = held;
    if (!refill()) return nullptr;
  }
}

bool Lines::refill() {
  buffer_.erase(0, at_);
  at_ = 0;
  const std::size_t held = buffer_.size();
  buffer_.resize(held + piece);
  buffer_.resize(held + input_.read_at_hand(buffer_.data() + held, piece));
  return buffer_.size() > held;
}

}  // namespace flow
