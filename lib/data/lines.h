// Lines of an input, a line with a newline inside quotes being one. Used by the text reader
// (data/text.h).
#pragma once
#include <string>
#include <string_view>

#include "core/input.h"

namespace flow {

class Lines {
 public:
  explicit Lines(Input input) : input_(std::move(input)) {}

  const std::string& name() const { return input_.name(); }
  std::uint64_t number() const { return number_; }  // of the line handed out last, from 1

  // Without its end, valid until the next call; false at the end of the input. Error(Exit::data)
  // for a quote that is not closed, and for a line of more than 16 MiB.
  bool next(std::string_view& line);

 private:
  const char* start() const { return buffer_.data() + at_; }
  // The first newline at or behind `from` of the current line; null at the end of the input.
  const char* find_newline(std::size_t from);
  bool refill();
  bool has_odd_quotes(std::size_t from, std::size_t to) const;

  Input input_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::uint64_t number_ = 0, lines_in_last_ = 0;
};

}  // namespace flow
