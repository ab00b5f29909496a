#include "data/header.h"

#include <cmath>

#include "config/scalar.h"
#include "data/cells.h"

namespace flow {

namespace {

// Years, or numbers of columns: names that are numbers.
bool counts_up(std::span<const double> numbers) {
  for (std::size_t k = 1; k < numbers.size(); ++k)
    if (numbers[k] != numbers[k - 1] + 1) return false;
  return numbers[0] == std::floor(numbers[0]);
}

}  // namespace

// Of rows without a header whose first has a word in it: 5.1,3.5,setosa.
std::string doubt_of_names(const std::vector<std::string>& names) {
  std::vector<double> numbers;
  std::string first;
  for (const std::string& name : names) {
    double value;
    if (!parse_cell(name, value) || std::isnan(value)) continue;
    if (numbers.empty()) first = name;
    numbers.push_back(value);
  }
  const std::size_t n = numbers.size();
  if (n == 0 || (n > 1 && counts_up(numbers))) return "";
  return "the first line is taken for the names of the columns, and has " +
         (n == 1 ? "a number among them, " + quoted(first)
                 : std::to_string(n) + " numbers among them, " + quoted(first) + " first") +
         "; if it is a row, put a line of names before it";
}

// Of a header that numbers the columns, as programs write it where they have no names.
std::string doubt_of_first_row(std::span<const real> row) {
  constexpr std::size_t telling = 3;  // fewer columns: 0,1 may well be a row
  const std::vector<double> numbers(row.begin(), row.end());
  if (row.size() < telling || !counts_up(numbers)) return "";
  return "row 1 counts up by ones from " + shortest(numbers[0]) +
         ", as a line of names would; if it is one, leave it out: tail -n +2";
}

}  // namespace flow
