#include "data/text.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <unordered_map>
#include <utility>

#include "config/scalar.h"
#include "core/error.h"
#include "data/cells.h"
#include "data/lines.h"

namespace flow {

namespace {

constexpr std::size_t piece = std::size_t{1} << 18;  // bytes written at a time

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t") == std::string_view::npos;
}

// A CR that ends no line.
bool has_lone_cr(std::string_view line) {
  for (std::size_t at = line.find('\r'); at < line.size(); at = line.find('\r', at + 1))
    if (at + 1 == line.size() || line[at + 1] != '\n') return true;
  return false;
}

class TextReader : public RowReader {
 public:
  TextReader(Input input, Vocabulary vocabulary)
      : lines_(std::move(input)), vocabulary_(std::move(vocabulary)) {}

  const RowShape& shape() const override { return shape_; }
  const std::string& name() const override { return lines_.name(); }
  std::size_t read(std::span<double> values) override;
  void want(const std::vector<bool>& wanted) override { wanted_ = wanted; }
  Words words() const override { return holds_words_ ? words_ : Words{}; }
  void know(const Words& words) override;
  void take_names(std::size_t j) override { names_ = j; }
  // Finds out what the file is like; before the first read.
  void open();

 private:
  bool next();
  void begin_words();
  void set_words(std::size_t j, const std::vector<std::string>& words);
  void parse(std::string_view line, std::uint64_t number, std::span<double> row);
  void parse_words(std::string_view line, std::span<double> row, std::size_t& wrong);
  double code(std::size_t j, const std::string& word);
  std::string column(std::size_t j) const;
  std::string without(std::size_t j) const;

  Lines lines_;
  Vocabulary vocabulary_;
  Words words_;
  std::vector<std::unordered_map<std::string, double>> numbers_;  // of each column's words
  std::size_t names_ = SIZE_MAX;
  std::vector<bool> is_words_;
  std::vector<std::size_t> open_;  // columns of which no cell was there yet: of numbers, or words
  std::vector<bool> wanted_;       // empty: all
  bool holds_words_ = false;
  RowShape shape_;
  char delimiter_ = '\0';
  std::string_view line_;  // the next one, where it is there
  bool is_there_ = false;
  std::uint64_t blanks_ = 0;          // lines before it, of which a table of one column makes rows
  std::optional<std::string> first_;  // of a file without a header
  std::uint64_t first_number_ = 0;
};

// The next line that is not blank. Those at the end of a file are nothing.
bool TextReader::next() {
  while (!is_there_ && lines_.next(line_)) {
    is_there_ = !is_blank(line_);
    blanks_ += !is_there_;
  }
  return is_there_;
}

void TextReader::open() {
  do {
    is_there_ = false;
    require(next(), Exit::data, name() + ": holds no rows; expected rows of numbers");
    require(line_.find('\0') == std::string::npos, Exit::data,
            name() + ": is neither HDF5 nor npy nor text; for bare numbers give --format raw and " +
                "--raw-columns");
    require(!has_lone_cr(line_), Exit::data,
            name() + ": its lines end in CR alone; put tr '\\r' '\\n' in front");
  } while (line_[line_.find_first_not_of(" \t")] == '#');
  const std::string first(line_);
  first_number_ = lines_.number(), is_there_ = false, blanks_ = 0;
  // Quotes can be told only by the delimiter, which this line tells.
  std::string_view second;
  bool has_second = false;
  for (; !has_second && lines_.next_as_it_stands(second); blanks_ += !has_second)
    has_second = !is_blank(second);
  const Layout layout = find_layout(first, has_second ? second : "");
  delimiter_ = layout.delimiter;
  lines_.split_at(delimiter_);
  if (has_second) lines_.put_back();
  std::vector<std::string> cells = split_cells(first, delimiter_);
  shape_.columns = cells.size();
  shape_.dims = {cells.size()};
  shape_.format = "text";
  if (layout.header) shape_.names = cells, begin_words();
  if (!layout.header) first_ = first;
}

// A table with words has a header: a first line of words is one.
void TextReader::begin_words() {
  is_words_.assign(shape_.columns, false);
  words_.resize(shape_.columns), numbers_.resize(shape_.columns);
  for (const auto& [name, words] : vocabulary_.known)
    for (std::size_t j = 0; j < shape_.columns; ++j)
      if (shape_.names[j] == name) set_words(j, words);
  for (std::size_t j = 0; vocabulary_.learns && j < shape_.columns; ++j)
    if (!is_words_[j]) open_.push_back(j);
}

void TextReader::set_words(std::size_t j, const std::vector<std::string>& words) {
  words_[j] = words, is_words_[j] = holds_words_ = true;
  for (std::size_t k = 0; k < words.size(); ++k)
    numbers_[j].emplace(words[k], static_cast<double>(k));
}

void TextReader::know(const Words& words) {
  for (std::size_t j = 0; j < std::min(words.size(), words_.size()); ++j) {
    if (words[j].empty()) continue;
    numbers_[j].clear(), set_words(j, words[j]);
    std::erase(open_, j);
  }
}

// "column 3 ('width')"
std::string TextReader::column(std::size_t j) const {
  const std::string number = "column " + std::to_string(j + 1);
  return shape_.names.empty() ? number : number + " (" + quoted(shape_.names[j]) + ")";
}

std::string TextReader::without(std::size_t j) const {
  if (shape_.columns == 1) return "a density is one of numbers";
  const auto range = [](std::size_t first, std::size_t last) {
    return std::to_string(first) + (first < last ? "-" + std::to_string(last) : "");
  };
  return "leave it out with --columns " + (j > 0 ? range(1, j) : "") +
         (j > 0 && j + 1 < shape_.columns ? "," : "") +
         (j + 1 < shape_.columns ? range(j + 2, shape_.columns) : "");
}

double TextReader::code(std::size_t j, const std::string& word) {
  if (const auto known = numbers_[j].find(word); known != numbers_[j].end()) return known->second;
  if (!vocabulary_.learns) return -1;
  constexpr std::size_t categories = 256, names = 1 << 20;
  const std::size_t n = words_[j].size();
  require(n < (j == names_ ? names : categories), Exit::data,
          name() + ": " + column(j) + " holds more than " + std::to_string(n) +
              " different words, too many for " +
              (j == names_ ? "groups; give these numbers" : "categories; " + without(j)));
  words_[j].push_back(word);
  return numbers_[j].emplace(word, static_cast<double>(n)).first->second;
}

void TextReader::parse_words(std::string_view line, std::span<double> row, std::size_t& wrong) {
  const std::vector<std::string> cells = split_cells(line, delimiter_);
  wrong = SIZE_MAX;
  for (std::size_t j = 0; j < row.size(); ++j) {
    const bool number = parse_cell(cells[j], row[j]);
    if (!wanted_.empty() && !wanted_[j]) continue;
    if (!number && std::find(open_.begin(), open_.end(), j) != open_.end())
      is_words_[j] = holds_words_ = true;
    if (is_words_[j] && !(number && std::isnan(row[j])))
      row[j] = code(j, cells[j]);
    else if (!number && wrong == SIZE_MAX)
      wrong = j;
  }
}

void TextReader::parse(std::string_view line, std::uint64_t number, std::span<double> row) {
  std::size_t wrong;
  const std::size_t cells = parse_line(line, delimiter_, row, wrong);
  const bool may_be_word =
      holds_words_ || (wrong != SIZE_MAX && !(open_.empty() && wanted_.empty()));
  if (may_be_word && cells == row.size()) parse_words(line, row, wrong);
  std::erase_if(open_, [&](std::size_t j) { return !std::isnan(row[j]); });
  if (cells == row.size() && wrong == SIZE_MAX) return;
  const std::string place = name() + ":" + std::to_string(number) + ": ";
  require(cells == row.size(), Exit::data,
          place + std::to_string(cells) + (cells == 1 ? " column" : " columns") + ", expected " +
              std::to_string(row.size()));
  throw Error(Exit::data, place + column(wrong) + " is " +
                              quoted(split_cells(line, delimiter_)[wrong]) + "; expected a number" +
                              (vocabulary_.learns
                                   ? ", as in the rows before; write NA where it is missing, or " +
                                         without(wrong)
                                   : ""));
}

std::size_t TextReader::read(std::span<double> values) {
  const std::size_t d = shape_.columns;
  std::size_t done = 0;
  for (; (done + 1) * d <= values.size(); ++done) {
    const std::span<double> row = values.subspan(done * d, d);
    if (first_) {
      parse(*std::exchange(first_, {}), first_number_, row);
    } else if (!next()) {
      break;
    } else if (d == 1 && blanks_ > 0) {
      row[0] = std::numeric_limits<double>::quiet_NaN(), --blanks_;
    } else {
      parse(line_, lines_.number(), row);
      is_there_ = false, blanks_ = 0;
    }
  }
  return done;
}

std::string csv_cell(const std::string& name, char delimiter) {
  const std::string special{delimiter, '"', '\n', '\r'};
  if (name.find_first_of(special) == std::string::npos) return name;
  std::string text = "\"";
  for (const char c : name) text += c == '"' ? "\"\"" : std::string(1, c);
  return text + '"';
}

void append(std::string& text, double value, bool as_float) {
  if (std::isnan(value)) {  // whatever its sign
    text += "nan";
    return;
  }
  char digits[32];
  const std::to_chars_result r =
      as_float ? std::to_chars(std::begin(digits), std::end(digits), static_cast<float>(value))
               : std::to_chars(std::begin(digits), std::end(digits), value);
  text.append(digits, r.ptr);
}

}  // namespace

std::unique_ptr<RowReader> open_text(Input input, const Vocabulary& vocabulary) {
  const std::span<const std::byte> head = input.peek(3);
  require(head.size() < 2 || (head[0] != std::byte{0xff} && head[0] != std::byte{0xfe}), Exit::data,
          input.name() + ": is UTF-16 text; put iconv -f UTF-16 -t UTF-8 in front");
  constexpr std::array mark{std::byte{0xef}, std::byte{0xbb}, std::byte{0xbf}};
  if (std::ranges::equal(head, mark)) input.skip(mark.size());
  auto reader = std::make_unique<TextReader>(std::move(input), vocabulary);
  reader->open();
  return reader;
}

TextWriter::TextWriter(const std::string& path, bool replace, const RowShape& shape, char delimiter,
                       bool as_float)
    : file_(path, replace),
      columns_(shape.columns),
      words_(shape.words),
      delimiter_(delimiter),
      as_float_(as_float) {
  for (std::size_t j = 0; j < shape.names.size(); ++j) {
    if (j > 0) text_ += delimiter;
    text_ += csv_cell(shape.names[j], delimiter);
  }
  if (!text_.empty()) text_ += '\n';
}

void TextWriter::write(std::span<const double> values) {
  assert(values.size() % columns_ == 0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t j = i % columns_;
    const bool words = j < words_.size() && !words_[j].empty();
    if (words && values[i] >= 0 && values[i] < static_cast<double>(words_[j].size()))
      text_ += csv_cell(words_[j][static_cast<std::size_t>(values[i])], delimiter_);
    else if (words && std::isnan(values[i]))
      text_ += "NA";  // elsewhere nan would be a word
    else
      append(text_, values[i], as_float_);
    text_ += (i + 1) % columns_ == 0 ? '\n' : delimiter_;
    if (text_.size() >= piece) flush();
  }
}

void TextWriter::flush() {
  file_.write(text_.data(), text_.size());
  text_.clear();
}

void TextWriter::finish() {
  flush();
  file_.commit();
}

}  // namespace flow
