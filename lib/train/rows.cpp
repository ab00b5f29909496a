#include "train/rows.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "data/columns.h"
#include "data/dequantise.h"
#include "data/policy.h"
#include "data/propose.h"
#include "data/split.h"
#include "layers/moments.h"
#include "model/columns.h"

namespace flow {

namespace {

std::vector<real> take(const std::vector<real>& rows, const std::vector<std::uint64_t>& which,
                       std::size_t d) {
  std::vector<real> out;
  out.reserve(which.size() * d);
  for (std::uint64_t i : which) {
    const auto first = rows.begin() + static_cast<std::ptrdiff_t>(i * d);
    out.insert(out.end(), first, first + static_cast<std::ptrdiff_t>(d));
  }
  return out;
}

std::string label(const RowShape& shape, std::size_t j) {
  const std::string number = std::to_string(j + 1);
  return shape.names.empty() ? number : number + " (" + shape.names[j] + ")";
}

// "column 3 (width) is constant", or of many the first few and their number.
std::string constant_columns(const TrainingRows& rows) {
  const std::size_t d = rows.shape.columns, n = rows.rows(rows.train);
  std::vector<real> column(n);
  std::string list;
  std::size_t found = 0;
  for (std::size_t j = 0; j < d; ++j) {
    for (std::size_t i = 0; i < n; ++i) column[i] = rows.train[i * d + j];
    if (!is_constant(moments(column.data(), n))) continue;
    if (++found <= 5) list += (found > 1 ? ", " : "") + label(rows.shape, j);
  }
  if (found == 0) return "";
  if (found > 5) list += " and " + std::to_string(found - 5) + " more";
  return (found > 1 ? "columns " : "column ") + list + (found > 1 ? " are" : " is") +
         " constant: scale 1, and a density that grows without bound there; leave out with "
         "--columns";
}

// The number of a word among others, and of one that is not there -1.
void renumber(std::vector<real>& rows, std::size_t columns, std::size_t j,
              const std::vector<std::string>& from, const std::vector<std::string>& to) {
  std::vector<real> number;
  for (const std::string& word : from) {
    const auto at = std::find(to.begin(), to.end(), word);
    number.push_back(at == to.end() ? real(-1) : static_cast<real>(at - to.begin()));
  }
  for (std::size_t at = j; at < rows.size(); at += columns)
    rows[at] = number[static_cast<std::size_t>(rows[at])];
}

// The validation rows have numbered their words as these came.
void join_words(const Words& theirs, TrainingRows& rows, const std::string& input) {
  for (std::size_t j = 0; j < theirs.size(); ++j) {
    if (theirs[j].empty()) continue;
    require(j < rows.words.size() && !rows.words[j].empty(), Exit::data,
            input + ": column " + label(rows.shape, j) +
                " holds words, and numbers in the training rows");
    std::vector<std::string>& ours = rows.words[j];
    for (const std::string& word : theirs[j])
      if (std::find(ours.begin(), ours.end(), word) == ours.end()) ours.push_back(word);
    renumber(rows.validation, theirs.size(), j, theirs[j], ours);
  }
}

// A column of words is categorical, whatever is proposed of the others.
void settle_words(const Config& config, TrainingRows& rows, std::size_t j,
                  std::optional<Column>& column, std::vector<std::string>& reasons) {
  const std::vector<std::string>& words = rows.words[j];
  if (column && column->words.empty())
    config.fail("columns", "column " + label(rows.shape, j) +
                               " holds words; its type is categorical, and its values are words");
  if (column) {
    renumber(rows.train, rows.shape.columns, j, words, column->words);
    renumber(rows.validation, rows.shape.columns, j, words, column->words);
    return;
  }
  column = Column{.type = Column::Type::categorical, .words = words};
  for (std::size_t k = 0; k < words.size(); ++k) column->values.push_back(static_cast<double>(k));
  reasons.push_back("column " + label(rows.shape, j) +
                    ": categorical: " + std::to_string(words.size()) + " words");
}

}  // namespace

TrainingRows collect(RowReader& train, RowReader* validation, double fraction, std::uint64_t seed,
                     std::uint64_t max_bytes) {
  TrainingRows r;
  r.shape = train.shape();
  const std::size_t d = r.shape.columns;
  std::vector<real> all = read_all(train, max_bytes);
  r.words = train.words();
  const std::size_t n = all.size() / d;
  require(n > 0, Exit::data, train.name() + ": no rows");
  if (validation) {
    require(validation->shape().columns == d, Exit::data,
            validation->name() + ": " + std::to_string(validation->shape().columns) +
                " columns, and the training rows have " + std::to_string(d));
    r.train = std::move(all);
    r.validation = read_all(*validation, max_bytes);
    require(!r.validation.empty(), Exit::data, validation->name() + ": no rows");
    join_words(validation->words(), r, validation->name());
    return r;
  }
  require(n >= 2, Exit::data, train.name() + ": 1 row is too few to train on; give at least 2");
  require(fraction > 0, Exit::usage,
          "data.validation: 0 leaves nothing to validate on; give --validation, or a share");
  Split split = split_rows(n, fraction, seed);
  r.train = take(all, split.train, d);
  r.validation = take(all, split.validation, d);
  r.train_at = std::move(split.train), r.validation_at = std::move(split.validation);
  return r;
}

std::vector<std::string> settle_columns(Config& config, TrainingRows& rows, DataSpec& spec) {
  auto declared = read_columns(config, rows.shape);
  std::vector<std::string> reasons;
  for (std::size_t j = 0; j < rows.words.size(); ++j)
    if (!rows.words[j].empty()) settle_words(config, rows, j, declared[j], reasons);
  Config& data = config.map("data");
  spec.dequantise = data.choice("dequantise", {"none", "uniform"}, "none") == "uniform";
  const bool proposes = data.choice("columns-from", {"config", "data"}, "config") == "data";
  if (proposes && !spec.dequantise) {
    std::vector<real> all = rows.train;
    all.insert(all.end(), rows.validation.begin(), rows.validation.end());
    for (std::size_t j = 0; j < rows.shape.columns; ++j) {
      if (declared[j]) continue;
      Proposal p = propose_column(all, rows.shape.columns, j);
      reasons.push_back("column " + label(rows.shape, j) + ": " + p.reason);
      declared[j] = std::move(p.column);
    }
  }
  spec.columns = known_columns(declared);
  if (!spec.columns.empty()) write_columns(spec.columns, rows.shape, config);
  return reasons;
}

std::vector<real> as_numbers(const DataSpec& spec, std::vector<real> part,
                             std::span<const std::uint64_t> at, const std::string& input) {
  if (spec.columns.empty()) return part;
  const std::size_t d = spec.columns.size(), n = part.size() / d;
  const std::size_t width = modelled(spec.columns).size();
  std::vector<real> out(n * width);
  std::vector<double> row(d);
  for (std::size_t i = 0; i < n; ++i) {
    std::copy_n(part.begin() + static_cast<std::ptrdiff_t>(i * d), d, row.begin());
    to_numbers(spec.columns, row, out.data() + i * width);
    require(!std::isnan(out[i * width]), Exit::data,
            input + ": row " + std::to_string((at.empty() ? i : at[i]) + 1) + ": " +
                misfit(spec.columns, spec.shape.names, row) + "; change its entry in columns");
  }
  return out;
}

std::vector<std::string> look_over(const TrainingRows& rows, const std::string& name,
                                   DataSpec& spec) {
  std::vector<std::string> warnings;
  const auto integers = looks_like_integers(std::span<const real>(rows.train));
  if (spec.dequantise) {
    require(
        integers.has_value(), Exit::data,
        name + ": data.dequantise adds noise to integers, and not all numbers here are; use none");
    spec.low = integers->min, spec.high = integers->max + 1;
    return warnings;
  }
  const auto [low, high] = std::minmax_element(rows.train.begin(), rows.train.end());
  spec.low = static_cast<double>(*low), spec.high = static_cast<double>(*high);
  if (!spec.columns.empty()) return warnings;
  if (const std::string constant = constant_columns(rows); !constant.empty())
    warnings.push_back(name + ": " + constant);
  if (integers)
    warnings.push_back(name +
                       ": all numbers are integers, on which a density can grow without bound; "
                       "-s data.dequantise=uniform makes it one of the integers plus noise");
  return warnings;
}

}  // namespace flow
