#include "data/propose.h"

#include <algorithm>
#include <cmath>

#include "config/scalar.h"
#include "core/text.h"

namespace flow {

namespace {

using Type = Column::Type;

constexpr double steps[] = {1.0, 0.5, 0.1, 0.05, 0.01, 0.001};  // each divides those before it

bool is_multiple(double v, double step) {
  const double k = v / step;
  return std::abs(k - std::round(k)) <= 1e-6 * std::abs(k);  // float32 has 2^-24
}

struct Facts {
  std::vector<double> sorted;
  std::size_t distinct = 1;
  double skew = 0;

  double min() const { return sorted.front(); }
  double max() const { return sorted.back(); }
  double quantile(double share) const {
    return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
  }
  // Whether the values end at both ends, and do not just become rare there.
  bool ends() const {
    const auto [low, high] = std::pair(std::upper_bound(sorted.begin(), sorted.end(), min()),
                                       std::lower_bound(sorted.begin(), sorted.end(), max()));
    const double fewest = 0.1 * static_cast<double>(sorted.size()) / static_cast<double>(distinct);
    return static_cast<double>(std::min(low - sorted.begin(), sorted.end() - high)) >= fewest;
  }
  // How far out the farthest value lies, in deviations of a normal column with these quartiles.
  double reach() const {
    const double middle = quantile(0.5), spread = (quantile(0.75) - quantile(0.25)) / 1.349;
    return spread > 0 ? std::max(max() - middle, middle - min()) / spread : 0;
  }
};

// The third standardised moment.
template <class F>
double skewness(const std::vector<double>& values, F map) {
  const double n = static_cast<double>(values.size());
  double mean = 0, square = 0, cube = 0;
  for (double v : values) mean += map(v) / n;
  for (double v : values) {
    const double d = map(v) - mean;
    square += d * d / n, cube += d * d * d / n;
  }
  return square > 0 ? cube / std::pow(square, 1.5) : 0;
}

Facts facts_of(std::vector<double> values) {
  Facts f{std::move(values)};
  std::sort(f.sorted.begin(), f.sorted.end());
  for (std::size_t i = 1; i < f.sorted.size(); ++i) f.distinct += f.sorted[i] != f.sorted[i - 1];
  f.skew = skewness(f.sorted, [](double v) { return v; });
  return f;
}

// The largest step of which all values are multiples; 0: none that matters.
double find_step(const Facts& f) {
  for (const double step : steps) {
    const bool repeats = f.distinct < f.sorted.size() / 4;
    if ((step < 1 && !repeats) || std::max(f.max(), -f.min()) / step > 1e6) return 0;
    const auto fits = [&](double v) { return is_multiple(v, step); };
    if (std::all_of(f.sorted.begin(), f.sorted.end(), fits)) return step;
  }
  return 0;
}

// Whether logarithms of the values, all moved up by `up`, are more symmetric.
bool wants_logarithm(const Facts& f, double up, std::string& why) {
  if (f.min() + up <= 0) return false;
  const double skew = skewness(f.sorted, [&](double v) { return std::log(v + up); });
  if (!(std::abs(skew) < std::abs(f.skew))) return false;
  why += format(", skew %.2g, of the logarithms %.2g", f.skew, skew);
  return true;
}

void add_robustness(const Facts& f, Column& c, std::string& why) {
  c.robust = f.reach() > 10;
  if (c.robust) why += format(", one %.0f deviations out: robust", f.reach());
}

// A step of round numbers, as of 50, 60, 80, 100, that makes them neighbours; 0: there is none.
double wider_step(const Facts& f) {
  for (const double step : {1000., 100., 10., 5.}) {
    const auto fits = [&](double v) { return std::fmod(v, step) == 0; };
    if (std::all_of(f.sorted.begin(), f.sorted.end(), fits) &&
        (f.max() - f.min()) / step + 1 <= 4 * static_cast<double>(f.distinct))
      return step;
  }
  return 0;
}

Proposal propose_discrete(const Facts& f, double step, const std::string& given) {
  Column c{.type = Type::integer, .step = step};
  const std::string what = step == 1 ? "integer" : "integer of step " + shortest(step);
  std::string why = given + ", " + std::to_string(f.distinct) + " distinct";
  const double levels = std::round((f.max() - f.min()) / step) + 1;
  const bool yes_or_no = levels == 2 && f.sorted.size() >= 10;
  if ((f.distinct <= few && f.distinct * 10 <= f.sorted.size()) || yes_or_no) {
    if (yes_or_no || (f.ends() && levels <= 4 * static_cast<double>(f.distinct))) {
      // Of float32 0.3 becomes 0.30000001: the multiple is meant.
      c.low = std::round(f.min() / step) * step, c.high = std::round(f.max() / step) * step;
      return {c, what + " between bounds: " + why};
    }
    if (levels > 4 * static_cast<double>(f.distinct)) {
      if (const double wider = wider_step(f); wider > step)
        return propose_discrete(f, wider, given);
      c.type = Type::categorical, c.step = 1, c.values = f.sorted;
      c.values.erase(std::unique(c.values.begin(), c.values.end()), c.values.end());
      return {c, "categorical: " + why + ", far apart"};
    }
  }
  if (f.min() >= 0 && wants_logarithm(f, step / 2, why)) {
    c.low = 0;
    return {c, what + " from 0: " + why};
  }
  add_robustness(f, c, why);
  return {c, what + ": " + why};
}

Proposal propose(const Facts& f) {
  const std::size_t n = f.sorted.size();
  if (f.distinct == 1)
    return {Column{.type = Type::constant, .values = {f.min()}},
            "constant: every value is " + shortest(f.min()) + "; not modelled"};
  std::string why = format("%zu values from %.6g to %.6g", n, f.min(), f.max());
  if (const double step = find_step(f); step > 0) return propose_discrete(f, step, why);
  if (f.min() >= 0 && f.max() <= 1 && f.max() - f.min() > 0.5)
    return {Column{.type = Type::interval, .low = 0, .high = 1}, "interval from 0 to 1: " + why};
  if (wants_logarithm(f, 0, why))
    return {Column{.type = Type::positive, .low = 0}, "positive: " + why};
  Column c;
  add_robustness(f, c, why);
  return {c, "real: " + why};
}

}  // namespace

std::size_t fineness(double v) {
  static_assert(finest == std::size(steps));
  std::size_t k = 0;
  while (k < finest && !is_multiple(v, steps[k])) ++k;
  return k;
}

Proposal propose_column(std::span<const real> rows, std::size_t columns, std::size_t j) {
  std::vector<double> values;
  for (std::size_t at = j; at < rows.size(); at += columns)
    if (!std::isnan(rows[at])) values.push_back(static_cast<double>(rows[at]));
  const Facts facts = facts_of(std::move(values));
  const auto same = [](real a, real b) { return a == b || (std::isnan(a) && std::isnan(b)); };
  for (std::size_t k = 0; k < j && facts.distinct > 1; ++k) {
    bool equal = true;
    for (std::size_t at = 0; at < rows.size() && equal; at += columns)
      equal = same(rows[at + k], rows[at + j]);
    if (equal)
      return {Column{.type = Type::duplicate, .of = k},
              "duplicate of column " + std::to_string(k + 1) + "; not modelled"};
  }
  return propose(facts);
}

}  // namespace flow
