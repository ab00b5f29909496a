#include "data/cells.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

namespace flow {

namespace {

constexpr std::size_t none = SIZE_MAX;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

bool is_space(char c) { return c == ' ' || c == '\t'; }

std::string_view trim(std::string_view s) {
  while (!s.empty() && is_space(s.front())) s.remove_prefix(1);
  while (!s.empty() && is_space(s.back())) s.remove_suffix(1);
  return s;
}

// Where the cell that starts at `from` ends: at a delimiter outside quotes, or at the line's end.
std::size_t cell_end(std::string_view line, std::size_t from, char delimiter) {
  Quotes quotes(delimiter);
  for (std::size_t i = from; i < line.size(); ++i) {
    if (quotes.ends(line[i])) return i;
    quotes.take(line[i]);
  }
  return line.size();
}

std::string unquote(std::string_view cell) {
  if (cell.size() < 2 || cell.front() != '"' || cell.back() != '"') return std::string(cell);
  std::string text;
  for (std::size_t i = 1; i + 1 < cell.size(); ++i) {
    text += cell[i];
    if (cell[i] == '"' && cell[i + 1] == '"') ++i;
  }
  return text;
}

bool is_missing(std::string_view cell) {
  return cell.empty() || cell == "NA" || cell == "N/A" || cell == "null" || cell == "NULL";
}

// The number that starts the text, after spaces and a +. Returns its end, or null.
const char* parse_number(const char* from, const char* end, double& value) {
  if (from < end && *from == '+' && ++from < end && *from == '-') return nullptr;
  const auto [stop, error] = std::from_chars(from, end, value);
  if (error == std::errc{}) return stop;
  if (error != std::errc::result_out_of_range) return nullptr;
  // Too small for a double is 0; too large is no number that we can take.
  const std::string_view text(from, static_cast<std::size_t>(stop - from));
  const std::size_t exponent = text.find_first_of("eE");
  if (exponent == std::string_view::npos || text[exponent + 1] != '-') return nullptr;
  value = *from == '-' ? -0.0 : 0.0;
  return stop;
}

bool all_numbers(const std::vector<std::string>& cells) {
  double value;
  for (const std::string& cell : cells) {
    if (!parse_cell(cell, value)) return false;
  }
  return true;
}

// The delimiter that splits the line into more than one number; failing that '\0' for one number.
bool find_delimiter(std::string_view line, char& delimiter) {
  double value;
  delimiter = '\0';
  if (parse_cell(trim(line), value)) return true;
  for (const char candidate : {'\t', ';', '|', ',', ' '}) {
    const std::vector<std::string> cells = split_cells(line, candidate);
    if (cells.size() < 2 || !all_numbers(cells)) continue;
    delimiter = candidate;
    return true;
  }
  return false;
}

}  // namespace

bool Quotes::ends(char c) const {
  if (open() || delimiter_ == '\0') return false;
  if (delimiter_ == any_delimiter) return c == ',' || c == '\t' || c == ';' || c == '|';
  return delimiter_ == ' ' ? is_space(c) : c == delimiter_;
}

void Quotes::take(char c) {
  if (open())
    at_ = c == '"' ? At::behind : At::quoted;
  else if (c == '"' && at_ != At::plain)
    at_ = At::quoted;
  else if (ends(c))
    at_ = At::start;
  else if (at_ != At::start || !is_space(c))
    at_ = At::plain;
}

std::vector<std::string> split_cells(std::string_view line, char delimiter) {
  if (delimiter == ' ') line = trim(line);
  std::vector<std::string> cells;
  for (std::size_t at = 0;;) {
    const std::size_t end = cell_end(line, at, delimiter);
    cells.push_back(unquote(trim(line.substr(at, end - at))));
    if (end == line.size()) return cells;
    at = end + 1;
    while (delimiter == ' ' && is_space(line[at])) ++at;
  }
}

bool parse_cell(std::string_view cell, double& value) {
  value = nan;
  if (is_missing(cell)) return true;
  const char* end = cell.data() + cell.size();
  return parse_number(cell.data(), end, value) == end;
}

std::size_t parse_line(std::string_view line, char delimiter, std::span<double> values,
                       std::size_t& wrong) {
  if (delimiter == ' ') line = trim(line);
  const char* const end = line.data() + line.size();
  const char* at = line.data();
  wrong = none;
  for (std::size_t cell = 0;; ++cell) {
    double value = nan;
    while (at < end && is_space(*at) && *at != delimiter) ++at;
    const char* stop = parse_number(at, end, value);
    while (stop && stop < end && is_space(*stop) && *stop != delimiter && delimiter != ' ') ++stop;
    const bool plain =
        stop && (stop == end || *stop == delimiter || (delimiter == ' ' && is_space(*stop)));
    if (!plain) {  // empty, quoted, a word, or wrong
      const std::size_t start = static_cast<std::size_t>(at - line.data());
      const std::size_t stops = cell_end(line, start, delimiter);
      stop = line.data() + stops;
      if (!parse_cell(unquote(trim(line.substr(start, stops - start))), value) && wrong == none) {
        wrong = cell;
      }
    }
    if (cell < values.size()) values[cell] = value;
    if (stop == end) return cell + 1;
    at = stop + 1;
    while (delimiter == ' ' && is_space(*at)) ++at;
  }
}

// Where the first line is a header its words may hold any character: the row below decides.
Layout find_layout(std::string_view first, std::string_view second) {
  Layout layout;
  if (find_delimiter(first, layout.delimiter)) return layout;
  layout.header = true;
  if (!trim(second).empty() && find_delimiter(second, layout.delimiter)) return layout;
  for (const char candidate : {'\t', ';', '|', ',', ' '}) {
    if (split_cells(first, candidate).size() < 2) continue;
    layout.delimiter = candidate;
    return layout;
  }
  return layout;
}

}  // namespace flow
