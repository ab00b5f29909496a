// Lines of an input, a line with a newline inside quotes (data/cells.h) being one. Used by the text
// reader (data/text.h).
#pragma once
#include <string>
#include <string_view>

#include "core/input.h"
#include "data/cells.h"

namespace flow {

class Lines {
 public:
  explicit Lines(Input input) : input_(std::move(input)) {}

  const std::string& name() const { return input_.name(); }
  std::uint64_t number() const { return number_; }  // of the line handed out last, from 1

  // Without its end, valid until the next call; false at the end of the input. Error(Exit::data)
  // for a quote that is not closed, and for a line of more than 16 MiB.
  bool next(std::string_view& line) { return next(line, true); }
  // The same, but up to the next newline, whatever the quotes.
  bool next_as_it_stands(std::string_view& line) { return next(line, false); }
  // The line handed out last is the next one again; once.
  void put_back() { at_ = last_, --number_, lines_in_last_ = 0; }
  // Where cells begin from the next line on: until then, at any delimiter.
  void split_at(char delimiter) { delimiter_ = delimiter; }

 private:
  bool next(std::string_view& line, bool by_quotes);
  const char* start() const { return buffer_.data() + at_; }
  // The first newline at or behind `from` of the current line; null at the end of the input.
  const char* find_newline(std::size_t from);
  bool refill();

  Input input_;
  std::string buffer_;
  std::size_t at_ = 0, last_ = 0;
  char delimiter_ = any_delimiter;
  std::uint64_t number_ = 0, lines_in_last_ = 0;
};

}  // namespace flow
