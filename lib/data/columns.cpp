#include "data/columns.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "config/scalar.h"

namespace flow {

namespace {

using Type = Column::Type;

// Files of float32 hold most decimal fractions only nearly.
bool same(double a, double b) { return static_cast<float>(a) == static_cast<float>(b); }

std::string text(double value) {
  char digits[32];
  return {digits, std::to_chars(digits, std::end(digits), static_cast<float>(value)).ptr};
}

double origin(const Column& c) { return std::isinf(c.low) ? 0 : c.low; }

// How far a value of a periodic column lies beyond low, from 0 to below period.
double wrapped(const Column& c, double beyond) {
  const double r = beyond - std::floor(beyond / c.period) * c.period;
  return r >= 0 && r < c.period ? r : 0;
}

// Which value of a discrete column this is, counted from 0; NaN: none.
double code(const Column& c, double value) {
  double k = NAN;
  if (c.type == Type::categorical) {
    const auto at = std::find_if(c.values.begin(), c.values.end(),
                                 [&](double known) { return same(known, value); });
    if (at != c.values.end()) k = static_cast<double>(at - c.values.begin());
    return k;
  }
  const bool periodic = c.type == Type::periodic;
  const double beyond = value - origin(c);
  const double steps = (periodic ? wrapped(c, beyond) : beyond) / c.step, near = std::round(steps);
  const double tolerance = 1e-6 * (1 + std::abs(value / c.step));
  const bool fits = std::abs(steps - near) <= tolerance && (std::isinf(c.low) || near >= 0) &&
                    (c.levels() == 0 || near < c.levels());
  if (periodic && near == c.levels()) return 0;
  return fits ? near : k;
}

bool holds(const Column& c, double value, std::span<const double> row) {
  switch (c.type) {
    case Type::line:
      return std::isfinite(value);
    case Type::positive:
      return static_cast<float>(value) > static_cast<float>(c.low);
    case Type::interval:
      return static_cast<float>(value) >= static_cast<float>(c.low) &&
             static_cast<float>(value) <= static_cast<float>(c.high);
    case Type::constant:
      return same(value, c.values[0]);
    case Type::duplicate:
      return same(value, row[c.of]);
    case Type::periodic:
      return std::isfinite(value) && (!c.discrete() || !std::isnan(code(c, value)));
    default:
      return !std::isnan(code(c, value));
  }
}

// Nothing is known of a duplicate where the other is missing.
bool is_missing(const Column& c, std::span<const double> row, std::size_t j) {
  return std::isnan(row[j]) || (c.type == Type::duplicate && std::isnan(row[c.of]));
}

std::string described(const Column& c, std::span<const double> row) {
  switch (c.type) {
    case Type::positive:
      return "numbers above " + shortest(c.low);
    case Type::interval:
      return "numbers from " + shortest(c.low) + " to " + shortest(c.high);
    case Type::constant:
      return shortest(c.values[0]) + " alone";
    case Type::duplicate:
      return "what column " + std::to_string(c.of + 1) + " holds, " + text(row[c.of]);
    case Type::categorical: {
      std::vector<std::string> names;
      for (std::size_t k = 0; k < std::min<std::size_t>(12, c.values.size()); ++k)
        names.push_back(c.words.empty() ? shortest(c.values[k]) : quoted(c.words[k]));
      if (names.size() < c.values.size()) names.push_back("...");
      return one_of(names);
    }
    default:
      break;
  }
  std::string text =
      c.step == 1 && c.type == Type::integer ? "integers" : "multiples of " + shortest(c.step);
  if (!std::isinf(c.low)) text += " from " + shortest(c.low);
  if (!std::isinf(c.high)) text += " to " + shortest(c.high);
  if (c.type == Type::periodic) text += ", once round " + shortest(c.period);
  return text;
}

// The value of a column that is modelled, for the flow's number.
double value_of(const Column& c, real number) {
  const double v = static_cast<double>(number);
  if (std::isnan(v)) return v;
  switch (c.type) {
    case Type::positive:
      return std::max<double>(v, std::nextafter(static_cast<float>(c.low), INFINITY));
    case Type::interval:
      return std::clamp(v, c.low, c.high);
    case Type::integer:
    case Type::categorical: {
      const bool bounded = !std::isinf(c.low) || c.type == Type::categorical;
      double k = std::floor(v / c.step);
      if (bounded) k = std::max(k, 0.0);
      if (c.levels() > 0) k = std::min(k, c.levels() - 1);
      return c.type == Type::integer ? origin(c) + k * c.step
                                     : c.values[static_cast<std::size_t>(k)];
    }
    case Type::periodic: {
      const double r = wrapped(c, v),
                   at = c.low + (c.discrete() ? std::floor(r / c.step) * c.step : r);
      // Written as float32 it is still below the end.
      return static_cast<float>(at) < static_cast<float>(c.low + c.period) ? at : c.low;
    }
    default:
      return v;
  }
}

}  // namespace

std::vector<Column> modelled(std::span<const Column> columns) {
  std::vector<Column> out;
  std::copy_if(columns.begin(), columns.end(), std::back_inserter(out),
               [](const Column& c) { return c.modelled(); });
  return out;
}

std::vector<real> noise_steps(std::span<const Column> columns) {
  std::vector<real> steps;
  for (const Column& c : columns)
    if (c.modelled()) steps.push_back(c.discrete() ? static_cast<real>(c.step) : 0);
  return steps;
}

std::vector<double> periods(std::span<const Column> columns) {
  std::vector<double> out;
  for (const Column& c : columns)
    if (c.modelled()) out.push_back(c.type == Type::periodic ? c.period : 0);
  return out;
}

void to_numbers(std::span<const Column> columns, std::span<const double> row, real* numbers,
                bool marginal) {
  bool fits = true;
  std::size_t at = 0;
  for (std::size_t j = 0; j < columns.size(); ++j) {
    const Column& c = columns[j];
    fits = fits && ((marginal && is_missing(c, row, j)) || holds(c, row[j], row));
    if (!c.modelled()) continue;
    double number = row[j];
    if (c.discrete())
      number = code(c, number) * c.step;
    else if (c.type == Type::periodic)
      number = wrapped(c, number - c.low);
    numbers[at++] = static_cast<real>(number);
  }
  using limits = std::numeric_limits<real>;
  if (!fits) std::fill_n(numbers, at, marginal ? limits::infinity() : limits::quiet_NaN());
}

void from_numbers(std::span<const Column> columns, const real* numbers, std::span<double> row) {
  for (std::size_t j = 0; j < columns.size(); ++j)
    if (columns[j].modelled()) row[j] = value_of(columns[j], *numbers++);
  for (std::size_t j = 0; j < columns.size(); ++j) {
    if (columns[j].type == Type::constant) row[j] = columns[j].values[0];
    if (columns[j].type == Type::duplicate) row[j] = row[columns[j].of];
  }
}

std::string misfit(std::span<const Column> columns, std::span<const std::string> names,
                   std::span<const double> row) {
  for (std::size_t j = 0; j < columns.size(); ++j) {
    if (!std::isfinite(row[j]) || is_missing(columns[j], row, j) || holds(columns[j], row[j], row))
      continue;
    return "column " + std::to_string(j + 1) +
           (names.empty() ? "" : " (" + quoted(names[j]) + ")") + " is " +
           (columns[j].words.empty() ? text(row[j]) : "another word") + "; it holds " +
           described(columns[j], row);
  }
  return "";
}

}  // namespace flow
