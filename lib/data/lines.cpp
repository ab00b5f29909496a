#include "data/lines.h"

#include <algorithm>
#include <cstring>

#include "core/error.h"

namespace flow {

namespace {

constexpr std::size_t max_line = std::size_t{1} << 24;
constexpr std::size_t piece = std::size_t{1} << 16;  // bytes read at a time: a full pipe

}  // namespace

bool Lines::next(std::string_view& line) {
  number_ += lines_in_last_;
  std::size_t length = 0, lines = 0;
  bool quote_is_open = false;
  while (true) {
    const char* newline = find_newline(length);
    ++lines;
    const std::size_t looked_at = length;
    length = newline ? static_cast<std::size_t>(newline - start()) : buffer_.size() - at_;
    if (!newline && length == 0) return false;
    if (has_odd_quotes(looked_at, length)) quote_is_open = !quote_is_open;
    if (!quote_is_open) break;
    if (!newline)
      throw Error(Exit::data, name() + ":" + std::to_string(number_ + 1) +
                                  ": a quote is not closed; end it with \"");
    ++length;
  }
  line = {start(), length};
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

bool Lines::has_odd_quotes(std::size_t from, std::size_t to) const {
  if (!std::memchr(start() + from, '"', to - from)) return false;
  return std::count(start() + from, start() + to, '"') % 2 != 0;
}

}  // namespace flow
