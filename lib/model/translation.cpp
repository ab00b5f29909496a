#include "model/translation.h"

#include <algorithm>
#include <cmath>

#include "config/scalar.h"
#include "core/error.h"

namespace flow {

namespace {

struct Named {
  std::string name;
  std::vector<std::string> words;
};

std::vector<Named> columns_of(const DataSpec& data) {
  std::vector<Named> columns(data.shape.columns);
  for (std::size_t j = 0; j < columns.size(); ++j) {
    if (!data.shape.names.empty()) columns[j].name = data.shape.names[j];
    if (!data.columns.empty()) columns[j].words = data.columns[j].words;
  }
  return columns;
}

std::vector<Named> context_of(const DataSpec& data) {
  std::vector<Named> columns;
  for (const ContextColumn& c : data.context) columns.push_back({c.name, c.words});
  return columns;
}

std::string counts(const DataSpec& d) {
  return std::to_string(d.shape.columns) + " columns given " + std::to_string(d.context.size());
}

// The column of `from` that is column j of `to`: of the same name, where all have names.
std::size_t source_of(const std::vector<Named>& from, const std::vector<Named>& to, std::size_t j,
                      const std::string& path) {
  const auto nameless = [](const Named& c) { return c.name.empty(); };
  const auto alike = [](const Named& a, const Named& b) { return a.name == b.name; };
  if (std::any_of(from.begin(), from.end(), nameless) ||
      std::any_of(to.begin(), to.end(), nameless) ||
      std::equal(from.begin(), from.end(), to.begin(), to.end(), alike))
    return j;
  const auto at =
      std::find_if(from.begin(), from.end(), [&](const Named& c) { return c.name == to[j].name; });
  require(at != from.end(), Exit::model,
          path + ": its column " + quoted(to[j].name) +
              " is none of the first model's; give models of the same columns");
  return static_cast<std::size_t>(at - from.begin());
}

// What the numbers of words of `from` are in `to`; nothing where they are the same.
std::vector<double> codes_of(const Named& from, const Named& to, const std::string& path) {
  if (from.words == to.words) return {};
  require(from.words.empty() == to.words.empty(), Exit::model,
          path + ": its column " + quoted(to.name) + " holds " +
              (to.words.empty() ? "numbers, and words" : "words, and numbers") +
              " in the first model; give models of the same columns");
  for (const std::string& word : to.words)
    require(std::find(from.words.begin(), from.words.end(), word) != from.words.end(), Exit::model,
            path + ": knows the word " + quoted(word) + " in column " + quoted(to.name) +
                ", and the first model does not; give this model first");
  std::vector<double> codes;
  for (const std::string& word : from.words) {
    const auto at = std::find(to.words.begin(), to.words.end(), word);
    codes.push_back(at == to.words.end() ? -1 : static_cast<double>(at - to.words.begin()));
  }
  return codes;
}

// -1 of what is the number of no word.
double code(const std::vector<double>& codes, double value) {
  const bool known = value >= 0 && value < static_cast<double>(codes.size());
  const auto k = known ? static_cast<std::size_t>(value) : 0;
  return known && static_cast<double>(k) == value ? codes[k] : -1;
}

}  // namespace

Translation::Translation(const DataSpec& from, const DataSpec& to, const std::string& path) {
  require(counts(from) == counts(to), Exit::model,
          path + ": a model of " + counts(to) + ", and the first is of " + counts(from) +
              "; give models of the same columns");
  const auto add = [&](const std::vector<Named>& theirs, const std::vector<Named>& ours) {
    const std::size_t before = from_.size();
    for (std::size_t j = 0; j < ours.size(); ++j) {
      const std::size_t source = source_of(theirs, ours, j, path);
      from_.push_back(before + source);
      codes_.push_back(codes_of(theirs[source], ours[j], path));
    }
  };
  add(columns_of(from), columns_of(to));
  add(context_of(from), context_of(to));
  if (std::is_sorted(from_.begin(), from_.end()) &&
      std::all_of(codes_.begin(), codes_.end(), [](const auto& c) { return c.empty(); }))
    from_.clear();
}

std::span<const double> Translation::operator()(std::span<const double> rows) {
  if (from_.empty()) return rows;
  const std::size_t width = from_.size();
  rows_.resize(rows.size());
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const std::size_t j = k % width;
    const double value = rows[k - j + from_[j]];
    rows_[k] = codes_[j].empty() || std::isnan(value) ? value : code(codes_[j], value);
  }
  return rows_;
}

}  // namespace flow
