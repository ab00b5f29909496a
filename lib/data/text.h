// CSV, TSV and the like: rows of numbers as text (RFC 4180 quoting; delimiter and header are found
// out from the first lines).
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/input.h"
#include "core/output.h"
#include "core/rows.h"

namespace flow {

// How cells that are words become numbers.
struct Vocabulary {
  bool learns = false;  // columns whose first cell, but for missing ones, is a word: their words
                        // are numbered 0, 1, ... as they come
  std::vector<std::pair<std::string, std::vector<std::string>>> known = {};  // by column name;
                                                                             // others are -1
};

// Delimiters: tab ; | , or spaces. A byte order mark, comments (#) at the head, blank lines, CRLF
// and a missing last newline are taken; in a table of one column a blank line between two rows is a
// missing cell. A first line of which not all cells are numbers is the
// header. Empty cells, NA, NaN and null are NaN. Error(Exit::data): "x.csv:17: column 3 is 'abc';
// expected a number", "x.csv:17: 4 columns, expected 5", a line of more than 16 MiB.
std::unique_ptr<RowReader> open_text(Input input, const Vocabulary& vocabulary = {});

// Rows of another format that says what the numbers of its words stand for, as if they were text.
std::unique_ptr<RowReader> in_vocabulary(std::unique_ptr<RowReader> rows,
                                         const Vocabulary& vocabulary);

// The shortest text that reads back as the same number: as the same float32 with as_float.
class TextWriter : public RowWriter {
 public:
  // Names, if any, become the first line; numbers of words are written as words.
  TextWriter(const std::string& path, bool replace, const RowShape& shape, char delimiter,
             bool as_float);

  void write(std::span<const double> values) override;
  void flush() override;
  void set_words(const Words& words) override { words_ = words; }
  void finish() override;

 private:
  OutputFile file_;
  std::size_t columns_;
  Words words_;
  char delimiter_;
  bool as_float_;
  std::string text_;
};

}  // namespace flow
