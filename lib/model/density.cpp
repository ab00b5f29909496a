#include "model/density.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace flow {

namespace {

// log((1 / n) sum_i exp(a_i)), given one at a time: log(exp(sum) + exp(next)).
double log_add(double sum, double next) {
  const double top = std::max(sum, next);
  if (std::isinf(top) || std::isnan(top)) return top;
  return top + std::log1p(std::exp(std::min(sum, next) - top));
}

// Whether a row with its context holds numbers, and else only cells that may be missing.
bool is_whole(const DataSpec& data, std::span<const double> row) {
  for (std::size_t j = 0; j < row.size(); ++j) {
    const bool may_miss = data.marginal && j < data.shape.columns;
    if (!std::isfinite(row[j]) && !(may_miss && std::isnan(row[j]))) return false;
  }
  return true;
}

}  // namespace

void log_density(const Model& model, Evaluator& evaluator, std::span<const double> values,
                 RowNumbers at, std::uint64_t seed, const std::string& input,
                 std::vector<real>& seen, std::span<double> logp, std::uint32_t draw) {
  const std::size_t width = model.data.shape.columns + model.data.context.size();
  to_flow(model, values, at, seed, Noise::drawn, input, seen, draw);
  evaluator.log_density(seen.data(), logp.size(), logp);
  // A finite row so far out that the flow overflows has a density of 0 in its numbers.
  for (std::size_t i = 0; i < logp.size(); ++i)
    if (!is_whole(model.data, values.subspan(i * width, width)))
      logp[i] = NAN;
    else if (std::isnan(logp[i]))
      logp[i] = -INFINITY;
}

Density::Density(std::vector<Model> models, const std::vector<std::string>& paths,
                 std::size_t threads, const DataSpec* rows)
    : models_(std::move(models)) {
  for (std::size_t i = 0; i < models_.size(); ++i) {
    const Model& m = models_[i];
    translations_.emplace_back(rows ? *rows : first().data, m.data, paths[i]);
    evaluators_.emplace_back(*m.flow, m.table, m.theta, threads);
  }
}

void Density::log_density(std::span<const double> values, RowNumbers at, std::uint64_t seed,
                          const std::string& input, std::vector<double>& logp,
                          std::uint32_t draws) {
  const std::size_t width = first().data.shape.columns + first().data.context.size();
  logp.assign(values.size() / width, -INFINITY);
  std::vector<double> of_model;
  one_.resize(logp.size());
  for (std::size_t k = 0; k < models_.size(); ++k) {
    const std::uint32_t n = has_noise(models_[k].data) ? draws : 1;
    const std::span<const double> rows = translations_[k](values);
    of_model.assign(logp.size(), -INFINITY);
    for (std::uint32_t draw = 0; draw < n; ++draw) {
      flow::log_density(models_[k], evaluators_[k], rows, at, seed, input, rows_, one_, draw);
      for (std::size_t i = 0; i < one_.size(); ++i)
        of_model[i] = log_add(of_model[i], std::isnan(one_[i]) ? -INFINITY : one_[i]);
    }
    for (std::size_t i = 0; i < logp.size(); ++i)
      logp[i] = log_add(logp[i], of_model[i] - std::log(static_cast<double>(n)));
  }
  const double n = std::log(static_cast<double>(models_.size()));
  for (std::size_t i = 0; i < logp.size(); ++i)
    logp[i] = is_whole(first().data, values.subspan(i * width, width)) ? logp[i] - n : NAN;
}

void Density::log_density_by_layer(std::span<const double> values, RowNumbers at,
                                   std::uint64_t seed, const std::string& input,
                                   std::vector<double>& parts) {
  const std::size_t width = first().data.shape.columns + first().data.context.size(),
                    n = values.size() / width, each = first().flow->depth() + 1;
  to_flow(first(), values, at, seed, Noise::drawn, input, rows_);
  parts.resize(n * each);
  evaluators_[0].log_density_by_layer(rows_.data(), n, parts);
  for (std::size_t i = 0; i < n; ++i) {
    // NaN only where the row holds it: no column can hold the others.
    if (is_whole(first().data, values.subspan(i * width, width)))
      for (std::size_t k = 0; k < each; ++k)
        if (std::isnan(parts[i * each + k])) parts[i * each + k] = -INFINITY;
  }
}

void Density::log_density_by_column(std::span<const double> values, RowNumbers at,
                                    std::uint64_t seed, const std::string& input,
                                    Conditionals& conditionals, std::vector<double>& parts) {
  const DataSpec& data = first().data;
  const std::size_t d = data.shape.columns, width = d + data.context.size(),
                    n = values.size() / width, modelled = first().flow->columns();
  to_flow(first(), values, at, seed, Noise::drawn, input, rows_);
  one_.resize(n * modelled), parts.assign(n * d, 0);
  conditionals.log_density(rows_.data(), n, one_);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0, k = 0; j < d; ++j) {
      const double cell = values[i * width + j];
      if (data.columns.empty() || data.columns[j].modelled())
        parts[i * d + j] = one_[i * modelled + k++];
      // NaN only where the row holds it, as of whole rows.
      if (std::isnan(cell))
        parts[i * d + j] = NAN;
      else if (std::isnan(parts[i * d + j]))
        parts[i * d + j] = -INFINITY;
    }
}

double p_value(double logp, std::span<const double> reference) {
  const auto below = std::upper_bound(reference.begin(), reference.end(), logp) - reference.begin();
  return static_cast<double>(below + 1) / static_cast<double>(reference.size() + 1);
}

double mean_of(std::span<const double> reference) {
  double mean = 0;
  for (double r : reference) mean += r / static_cast<double>(reference.size());
  return mean;
}

double typicality(double logp, std::span<const double> reference, double mean) {
  const double distance = std::abs(logp - mean);
  const auto below =
      std::upper_bound(reference.begin(), reference.end(), mean - distance) - reference.begin();
  const auto above =
      reference.end() - std::lower_bound(reference.begin(), reference.end(), mean + distance);
  return static_cast<double>(below + above + 1) / static_cast<double>(reference.size() + 1);
}

}  // namespace flow
