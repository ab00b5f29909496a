// One line of text and its cells. Used by the text reader (data/text.h).
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace flow {

// As long as it is not known which one: a comma, a tab, a semicolon or a bar.
constexpr char any_delimiter = '\n';

// Follows a line, character by character, into quotes and out of them. Only a cell that begins with
// a quote, behind spaces, is in quotes (RFC 4180); in any other it is a character: 5" pipe.
class Quotes {
 public:
  explicit Quotes(char delimiter) : delimiter_(delimiter) {}
  bool open() const { return at_ == At::quoted; }
  // Whether a cell ends where c is the next character.
  bool ends(char c) const;
  void take(char c);

 private:
  enum class At { start, quoted, behind, plain };  // behind: a quote that may be the first of two
  char delimiter_;
  At at_ = At::start;
};

// Splits a line at a delimiter outside quotes; ' ' stands for runs of spaces and tabs. Cells are
// trimmed, and what was quoted is unquoted.
std::vector<std::string> split_cells(std::string_view line, char delimiter);

// A whole cell as a number: decimal, an optional +, inf; empty, NA, NaN and null are NaN.
bool parse_cell(std::string_view cell, double& value);

// Fills values from a line of numbers and returns how many cells the line has, which may be more
// than values. Stops at the first cell that is no number: its index goes to `wrong`.
std::size_t parse_line(std::string_view line, char delimiter, std::span<double> values,
                       std::size_t& wrong);

struct Layout {
  char delimiter = '\0';  // none: one column
  bool header = false;
};

// What the first two lines of a file (the second may be empty) show.
Layout find_layout(std::string_view first, std::string_view second);

}  // namespace flow
