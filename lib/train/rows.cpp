#include "train/rows.h"

#include <algorithm>
#include <cmath>
#include <numeric>

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

std::vector<std::uint64_t> everything(std::size_t n) {
  std::vector<std::uint64_t> all(n);
  std::iota(all.begin(), all.end(), std::uint64_t{0});
  return all;
}

// Cut in two: the first d columns, and those behind.
void take(const std::vector<real>& rows, const std::vector<std::uint64_t>& which, std::size_t width,
          std::size_t d, TrainingPart& to) {
  to.rows.reserve(which.size() * d), to.context.reserve(which.size() * (width - d));
  for (std::uint64_t i : which) {
    const real* row = rows.data() + i * width;
    to.rows.insert(to.rows.end(), row, row + d);
    to.context.insert(to.context.end(), row + d, row + width);
  }
}

std::string label(const RowShape& shape, std::size_t j) {
  const std::string number = std::to_string(j + 1);
  return shape.names.empty() ? number : number + " (" + shape.names[j] + ")";
}

// "column 3 (width) is constant", or of many the first few and their number.
std::string constant_columns(const TrainingRows& rows) {
  const std::size_t d = rows.shape.columns, n = rows.count(rows.train);
  std::vector<real> column(n);
  std::string list;
  std::size_t found = 0;
  for (std::size_t j = 0; j < d; ++j) {
    for (std::size_t i = 0; i < n; ++i) column[i] = rows.train.rows[i * d + j];
    if (!is_constant(moments(column.data(), n))) continue;
    if (++found <= 5) list += (found > 1 ? ", " : "") + label(rows.shape, j);
  }
  if (found == 0) return "";
  if (found > 5) list += " and " + std::to_string(found - 5) + " more";
  return (found > 1 ? "columns " : "column ") + list + (found > 1 ? " are" : " is") +
         " constant: scale 1, and a density that grows without bound there; leave out with "
         "--columns";
}

std::vector<real> as_numbers(const DataSpec& spec, TrainingPart& part) {
  if (spec.columns.empty()) return std::move(part.rows);
  const std::size_t d = spec.columns.size(), n = part.rows.size() / d;
  const std::size_t width = modelled(spec.columns).size();
  std::vector<real> out(n * width);
  std::vector<double> row(d);
  for (std::size_t i = 0; i < n; ++i) {
    std::copy_n(part.rows.begin() + static_cast<std::ptrdiff_t>(i * d), d, row.begin());
    to_numbers(spec.columns, row, out.data() + i * width);
    require(!std::isnan(out[i * width]), Exit::data,
            part.input + ": row " + std::to_string((part.at.empty() ? i : part.at[i]) + 1) + ": " +
                misfit(spec.columns, spec.shape.names, row) + "; change its entry in columns");
  }
  part.rows.clear();
  return out;
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
void join_words(const Words& theirs, const RowShape& shape, const std::string& input, Words& words,
                std::vector<real>& validation) {
  for (std::size_t j = 0; j < theirs.size(); ++j) {
    if (theirs[j].empty()) continue;
    require(
        j < words.size() && !words[j].empty(), Exit::data,
        input + ": column " + label(shape, j) + " holds words, and numbers in the training rows");
    std::vector<std::string>& ours = words[j];
    for (const std::string& word : theirs[j])
      if (std::find(ours.begin(), ours.end(), word) == ours.end()) ours.push_back(word);
    renumber(validation, theirs.size(), j, theirs[j], ours);
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
    renumber(rows.train.rows, rows.shape.columns, j, words, column->words);
    renumber(rows.validation.rows, rows.shape.columns, j, words, column->words);
    return;
  }
  column = Column{.type = Column::Type::categorical, .words = words};
  for (std::size_t k = 0; k < words.size(); ++k) column->values.push_back(static_cast<double>(k));
  reasons.push_back("column " + label(rows.shape, j) +
                    ": categorical: " + std::to_string(words.size()) + " words");
}

}  // namespace

TrainingRows collect(RowReader& train, RowReader* validation, const RowShape& shape,
                     double fraction, std::uint64_t seed, std::uint64_t max_bytes) {
  TrainingRows r;
  r.shape = shape;
  const std::size_t width = train.shape().columns;
  const std::vector<real> all = read_all(train, max_bytes);
  r.words = train.words();
  const std::size_t n = all.size() / width;
  require(n > 0, Exit::data, train.name() + ": no rows");
  r.train.input = r.validation.input = train.name();
  if (validation) {
    require(validation->shape().columns == width, Exit::data,
            validation->name() + ": " + std::to_string(validation->shape().columns) +
                " columns, and the training rows have " + std::to_string(width));
    std::vector<real> held_out = read_all(*validation, max_bytes);
    require(!held_out.empty(), Exit::data, validation->name() + ": no rows");
    join_words(validation->words(), train.shape(), validation->name(), r.words, held_out);
    r.validation.input = validation->name();
    take(all, everything(n), width, shape.columns, r.train);
    take(held_out, everything(held_out.size() / width), width, shape.columns, r.validation);
    return r;
  }
  require(n >= 2, Exit::data, train.name() + ": 1 row is too few to train on; give at least 2");
  require(fraction > 0, Exit::usage,
          "data.validation: 0 leaves nothing to validate on; give --validation, or a share");
  Split split = split_rows(n, fraction, seed);
  take(all, split.train, width, shape.columns, r.train);
  take(all, split.validation, width, shape.columns, r.validation);
  r.train.at = std::move(split.train), r.validation.at = std::move(split.validation);
  return r;
}

std::vector<std::string> settle_columns(Config& config, TrainingRows& rows, DataSpec& spec) {
  auto declared = read_columns(config, rows.shape);
  std::vector<std::string> reasons;
  for (std::size_t j = 0; j < rows.shape.columns && j < rows.words.size(); ++j)
    if (!rows.words[j].empty()) settle_words(config, rows, j, declared[j], reasons);
  Config& data = config.map("data");
  spec.dequantise = data.choice("dequantise", {"none", "uniform"}, "none") == "uniform";
  const bool proposes = data.choice("columns-from", {"config", "data"}, "config") == "data";
  if (proposes && !spec.dequantise) {
    std::vector<real> all = rows.train.rows;
    all.insert(all.end(), rows.validation.rows.begin(), rows.validation.rows.end());
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

std::vector<real> flow_rows(const DataSpec& spec, TrainingPart& part) {
  std::vector<real> numbers = as_numbers(spec, part);
  if (spec.context.empty()) return numbers;
  const std::vector<real> context = to_context(spec.context, part.context, 0, part.input);
  const std::size_t c = width(spec.context), n = context.size() / c, d = numbers.size() / n;
  std::vector<real> out;
  out.reserve(numbers.size() + context.size());
  for (std::size_t i = 0; i < n; ++i) {
    out.insert(out.end(), numbers.data() + i * d, numbers.data() + (i + 1) * d);
    out.insert(out.end(), context.data() + i * c, context.data() + (i + 1) * c);
  }
  return out;
}

std::vector<std::string> look_over(const TrainingRows& rows, const std::string& name,
                                   DataSpec& spec) {
  std::vector<std::string> warnings;
  const auto integers = looks_like_integers(std::span<const real>(rows.train.rows));
  if (spec.dequantise) {
    require(
        integers.has_value(), Exit::data,
        name + ": data.dequantise adds noise to integers, and not all numbers here are; use none");
    spec.low = integers->min, spec.high = integers->max + 1;
    return warnings;
  }
  const auto [low, high] = std::minmax_element(rows.train.rows.begin(), rows.train.rows.end());
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
