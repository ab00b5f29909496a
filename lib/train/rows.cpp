#include "train/rows.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/missing.h"
#include "data/columns.h"
#include "data/dequantise.h"
#include "data/policy.h"
#include "data/propose.h"
#include "layers/moments.h"
#include "model/columns.h"
#include "model/rows.h"
#include "train/collect.h"

namespace flow {

namespace {

// The numbers of every step-th cell from `first` on that are there.
std::vector<real> observed(const std::vector<real>& cells, std::size_t first, std::size_t step) {
  std::vector<real> out;
  for (std::size_t at = first; at < cells.size(); at += step)
    if (!std::isnan(cells[at])) out.push_back(cells[at]);
  return out;
}

void check_observed(const TrainingRows& rows) {
  for (std::size_t j = 0; j < rows.shape.columns; ++j)
    require(!observed(rows.train.rows, j, rows.shape.columns).empty(), Exit::data,
            rows.train.input + ": column " + label(rows.shape, j) +
                " has no number in any row to train on; leave it out with --columns");
}

// "column 3 (width) is constant", or of many the first few and their number.
std::string constant_columns(const TrainingRows& rows) {
  const std::size_t d = rows.shape.columns;
  std::string list;
  std::size_t found = 0;
  for (std::size_t j = 0; j < d; ++j) {
    const std::vector<real> column = observed(rows.train.rows, j, d);
    if (!is_constant(moments(column.data(), column.size()))) continue;
    if (++found <= 5) list += (found > 1 ? ", " : "") + label(rows.shape, j);
  }
  if (found == 0) return "";
  if (found > 5) list += " and " + std::to_string(found - 5) + " more";
  return (found > 1 ? "columns " : "column ") + list + (found > 1 ? " are" : " is") +
         " constant: scale 1, and a density that grows without bound there; leave out with "
         "--columns";
}

std::vector<real> as_numbers(const DataSpec& spec, TrainingPart& part) {
  if (spec.columns.empty() && !spec.levels.declared()) return std::move(part.rows);
  const std::size_t d = spec.shape.columns, n = part.rows.size() / d;
  const std::size_t width = spec.columns.empty() ? d : modelled(spec.columns).size();
  // In place: a row of the flow is no wider than that of the file.
  std::vector<real> out = std::move(part.rows);
  std::vector<double> row(d);
  for (std::size_t i = 0; i < n; ++i) {
    std::copy_n(out.begin() + static_cast<std::ptrdiff_t>(i * d), d, row.begin());
    to_numbers(spec, row, std::span(out).subspan(i * width, width));
    const real first = out[i * width];
    if (spec.marginal ? std::isinf(first) : std::isnan(first))
      throw Error(Exit::data, part.input + ": row " + std::to_string(part.at[i] + 1) + ": " +
                                  misfit(spec, row) + "; change " +
                                  (spec.columns.empty() ? "data.levels" : "its entry in columns"));
  }
  out.resize(n * width);
  return out;
}

// A column of words is categorical, whatever is proposed of the others.
void settle_words(const Config& config, TrainingRows& rows, std::size_t j,
                  std::optional<Column>& column, std::string& reason) {
  const std::vector<std::string>& words = rows.words[j];
  if (column && column->words.empty())
    config.fail("columns", "column " + label(rows.shape, j) +
                               " holds words; its type is categorical, and its values are words");
  if (column && rows.streamed > 0)
    config.fail("columns", "column " + label(rows.shape, j) +
                               " lists its words, and rows that are streamed number them as they "
                               "come; leave its entry out, or give more --max-memory");
  if (column) {
    renumber(rows.train.rows, rows.shape.columns, j, words, column->words);
    renumber(rows.validation.rows, rows.shape.columns, j, words, column->words);
    return;
  }
  column = Column{.type = Column::Type::categorical, .words = words};
  for (std::size_t k = 0; k < words.size(); ++k) column->values.push_back(static_cast<double>(k));
  reason = "column " + label(rows.shape, j) + ": categorical: " + std::to_string(words.size()) +
           " words";
}

// Bytes of which half would do may hold anything: digits of 17 levels, or masks.
bool are_images_of_bytes(const TrainingRows& rows) {
  const std::vector<real>& values = rows.train.rows;
  return rows.shape.bytes && rows.shape.dims.size() >= 2 &&
         std::any_of(values.begin(), values.end(), [](real v) { return v > 127; });
}

}  // namespace

std::string label(const RowShape& shape, std::size_t j) {
  const std::string number = std::to_string(j + 1);
  return shape.names.empty() || shape.names[j].empty() ? number
                                                       : number + " (" + shape.names[j] + ")";
}

std::size_t working_columns(const TrainingRows& rows) {
  const std::size_t d = rows.shape.columns, n = rows.count(rows.train);
  const real* x = rows.train.rows.data();
  const auto differ = [&](std::size_t j, std::size_t other, std::size_t step) {
    for (std::size_t i = 0; i < n; ++i)
      if (x[i * d + j] != x[i * step + other]) return true;
    return false;
  };
  std::size_t first = d;
  bool more = !rows.train.context.empty();
  for (std::size_t j = 0; j < d && !more; ++j) {
    if (!differ(j, j, 0)) continue;  // from the first row: constant
    if (first == d)
      first = j;
    else
      more = differ(j, first, d);
  }
  return more ? d + rows.train.context.size() / n : 1;
}

std::vector<std::string> settle_columns(Config& config, TrainingRows& rows, DataSpec& spec) {
  spec = told_of_rows(config);
  if (spec.marginal) check_observed(rows);
  auto declared = read_columns(config, rows.shape);
  std::vector<std::string> reasons(rows.shape.columns);  // one a column, where there is one
  for (std::size_t j = 0; j < rows.shape.columns && j < rows.words.size(); ++j)
    if (!rows.words[j].empty()) settle_words(config, rows, j, declared[j], reasons[j]);
  Config& data = config.map("data");
  read_levels(data, spec);
  if (spec.dequantise && !spec.levels.declared() && are_images_of_bytes(rows)) {
    spec.levels.stored = 256;
    reasons.push_back("images of bytes: levels are 0 to 255; data.levels can say otherwise");
  }
  const bool proposes = data.choice("columns-from", {"config", "data"}, "config") == "data";
  if (proposes && !spec.dequantise) {
    std::vector<real> all = rows.train.rows;
    all.insert(all.end(), rows.validation.rows.begin(), rows.validation.rows.end());
    for (std::size_t j = 0; j < rows.shape.columns; ++j) {
      if (declared[j]) continue;
      Proposal p = propose_column(all, rows.shape.columns, j);
      reasons[j] = "column " + label(rows.shape, j) + ": " + p.reason;
      declared[j] = std::move(p.column);
    }
    require(std::any_of(declared.begin(), declared.end(),
                        [](const auto& c) { return !c || c->modelled(); }),
            Exit::data,
            rows.train.input + ": every column is constant or a copy; there is nothing to model");
  }
  spec.columns = known_columns(declared);
  if (!spec.columns.empty()) write_columns(spec.columns, rows.shape, config);
  std::erase(reasons, "");
  return reasons;
}

std::vector<real> flow_rows(const DataSpec& spec, TrainingPart& part) {
  std::vector<real> numbers = as_numbers(spec, part);
  if (spec.context.empty() && !spec.marginal) return numbers;
  const std::vector<real> context = to_context(spec.context, part.context, 0, part.input);
  const std::size_t n = part.at.size(), c = width(spec.context), d = numbers.size() / n,
                    all = d + c + (spec.marginal ? d : 0);
  std::vector<real> out(n * all);
  for (std::size_t i = 0; i < n; ++i) {
    real* row = out.data() + i * all;
    std::copy_n(numbers.data() + i * d, d, row);
    std::copy_n(context.data() + i * c, c, row + d);
    if (spec.marginal) mark_observed({row, d}, row + d + c);
  }
  return out;
}

Dataset dataset_of(const Model& model, std::uint64_t seed, TrainingPart& part) {
  return {flow_rows(model.data, part),     model.flow->columns(), model.data.dequantise, seed,
          noise_steps(model.data.columns), model.flow->context(), part.weights};
}

std::vector<std::string> look_over(const TrainingRows& rows, const std::string& name,
                                   DataSpec& spec) {
  std::vector<std::string> warnings;
  if (spec.levels.declared()) {
    spec.low = 0, spec.high = static_cast<double>(spec.levels.kept());
    return warnings;
  }
  const std::vector<real> cells = observed(rows.train.rows, 0, 1);
  const auto integers = looks_like_integers(std::span<const real>(cells));
  if (spec.dequantise) {
    require(
        integers.has_value(), Exit::data,
        name + ": data.dequantise adds noise to integers, and not all numbers here are; use none");
    spec.low = integers->min, spec.high = integers->max + 1;
    return warnings;
  }
  const auto [low, high] = std::minmax_element(cells.begin(), cells.end());
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
