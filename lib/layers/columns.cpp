#include "layers/columns.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "kernels/kernels.h"
#include "layers/moments.h"
#include "layers/observed.h"
#include "layers/quantile.h"

namespace flow {

namespace {

constexpr double alpha = 1e-6;
constexpr double linear_reach = 4;  // w: in deviations
// Beyond that many levels float32 noise would cross from one into the next, and smooth maps do.
constexpr double most_levels = 256;

struct Spread {
  double centre, deviation;
};

// The median, and the deviation of a normal column with these quartiles.
Spread robust_spread(std::vector<real> values) {
  const auto quantile = [&](double share) {
    const auto at = values.begin() +
                    static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), at, values.end());
    return static_cast<double>(*at);
  };
  const double low = quantile(0.25), high = quantile(0.75), centre = quantile(0.5);
  return {centre, (high - low) / 1.349};
}

}  // namespace

// z at x, ln z', z', and the derivative of ln z'.
struct Columns::Local {
  double z, log_slope, slope, bend;
};

Columns::Margin Columns::margin_of(const Column& c) {
  const bool has_low = c.low > -std::numeric_limits<double>::infinity();
  const double levels = c.discrete() ? c.levels() : 0;
  Margin m{c.robust ? Map::asinh : Map::line};
  if (c.type == Column::Type::periodic) {
    m.map = Map::angle, m.period = c.period;
  } else if (levels > 0 && levels <= most_levels) {
    m.map = Map::levels, m.levels = static_cast<std::size_t>(levels);
    m.step = c.type == Column::Type::categorical ? 1 : c.step;
  } else if (levels > 0) {
    m.map = Map::logit, m.high = static_cast<real>(levels * c.step);
  } else if (c.type == Column::Type::interval) {
    m.map = Map::logit, m.low = static_cast<real>(c.low), m.high = static_cast<real>(c.high);
  } else if (c.type == Column::Type::positive) {
    m.map = Map::log, m.low = static_cast<real>(c.low);
  } else if (c.discrete() && has_low) {
    m.map = Map::log;
  }
  return m;
}

Columns::Columns(const std::string& name, std::span<const Column> columns, ParamTable& table,
                 bool marginal)
    : marginal_(marginal) {
  std::size_t levels = 0, knots = 0;
  std::vector<real> centre, deviation;
  for (const Column& c : columns) {
    Margin m = margin_of(c);
    m.first = levels, m.knots = knots;
    levels += m.levels, knots += m.map == Map::levels ? m.levels + 1 : 0;
    margins_.push_back(m);
    const bool circle = m.map == Map::angle;
    centre.push_back(circle ? static_cast<real>(m.period / 2) : 0);
    deviation.push_back(circle ? static_cast<real>(m.period / (2 * std::numbers::pi)) : 1);
  }
  const std::size_t d = columns.size();
  centre_ = table.add(name + "/centre", 1, d, Role::buffer, start_with(std::move(centre)));
  deviation_ = table.add(name + "/deviation", 1, d, Role::buffer, start_with(std::move(deviation)));
  if (levels > 0) log_share_ = table.add(name + "/log_share", 1, levels, Role::buffer, start_at(0));
  knots_ = table.reserve(knots);
}

void Columns::prepare(const real* theta, real* derived, bool) const {
  for (const Margin& m : margins_) {
    if (m.map != Map::levels) continue;
    const real* u = theta + log_share_.offset + m.first;
    real* knots = derived + knots_.offset + m.knots;
    const double most = static_cast<double>(*std::max_element(u, u + m.levels));
    double total = 0, sum = 0;
    for (std::size_t k = 0; k < m.levels; ++k) total += std::exp(static_cast<double>(u[k]) - most);
    for (std::size_t k = 0; k < m.levels; ++k) {
      knots[k] = static_cast<real>(sum / total);
      sum += std::exp(static_cast<double>(u[k]) - most);
    }
    knots[m.levels] = 1;
  }
}

Columns::Local Columns::local(std::size_t j, real x, Frame f) const {
  const Margin& m = margins_[j];
  if (m.map == Map::asinh) {
    const double s = static_cast<double>(f.theta(deviation_)[j]);
    const double ws = linear_reach * s;
    const double t = static_cast<double>(x - f.theta(centre_)[j]) / ws, r = 1 + t * t;
    return {linear_reach * std::asinh(t), -std::log(s) - std::log(r) / 2, 1 / (s * std::sqrt(r)),
            -t / (ws * r)};
  }
  const real* knots = f.derived(knots_) + m.knots;
  const double t = static_cast<double>(x) / m.step, last = static_cast<double>(m.levels - 1);
  const double k = std::clamp(std::floor(t), 0.0, last);
  const auto at = static_cast<std::size_t>(k >= 0 ? k : 0);  // NaN is no index
  const double from = static_cast<double>(knots[at]);
  const double p = static_cast<double>(knots[at + 1]) - from;
  const double v = alpha + (1 - 2 * alpha) * (from + p * (t - k));
  if (!(v > 0 && v < 1)) return {0, -std::numeric_limits<double>::infinity(), 0, 0};
  const double z = normal_quantile(v);
  const double log_slope = std::log((1 - 2 * alpha) * p / m.step) - normal_log_density(z);
  const double slope = std::exp(log_slope);
  return {z, log_slope, slope, z * slope};
}

real Columns::back(std::size_t j, real z, Frame f) const {
  const Margin& m = margins_[j];
  if (m.map == Map::asinh)
    return static_cast<real>(linear_reach * std::sinh(static_cast<double>(z) / linear_reach)) *
               f.theta(deviation_)[j] +
           f.theta(centre_)[j];
  const real* knots = f.derived(knots_) + m.knots;
  const double v = (normal_share(static_cast<double>(z)) - alpha) / (1 - 2 * alpha);
  const real* above = std::upper_bound(knots + 1, knots + m.levels, static_cast<real>(v));
  const auto k = static_cast<std::size_t>(above - knots) - 1;
  const double from = static_cast<double>(knots[k]), p = static_cast<double>(knots[k + 1]) - from;
  return static_cast<real>((static_cast<double>(k) + (v - from) / p) * m.step);
}

void Columns::forward(std::size_t j, Mat x, LogDet logdet, Frame f) const {
  const Margin& m = margins_[j];
  if (m.by_number()) {
    for (std::size_t i = 0; i < x.rows; ++i) {
      const Local here = local(j, x(i, 0), f);
      x(i, 0) = static_cast<real>(here.z), logdet[i] += here.log_slope;
    }
    return;
  }
  if (m.map == Map::log) kernels().log(x, m.low, logdet.data());
  if (m.map == Map::logit)
    kernels().logit(x, m.low, m.high, static_cast<real>(alpha), logdet.data());
  const real s = f.theta(deviation_)[j];
  kernels().standardise(x, &f.theta(centre_)[j], &s);
  add_to_all(-std::log(static_cast<double>(s)), logdet);
}

void Columns::forward(Mat x, LogDet logdet, Frame f) const {
  copy(x, f.keep(x.cols));
  for (std::size_t j = 0; j < x.cols; ++j) {
    const Mat column = x.columns(j, 1);
    if (!marginal_) {
      forward(j, column, logdet, f);
      continue;
    }
    for_observed(column, logdet, [&](std::size_t first, std::size_t n, LogDet part) {
      forward(j, column.from_row(first, n), part, f);
    });
  }
}

void Columns::inverse(std::size_t j, Mat z, LogDet logdet, Frame f) const {
  const Margin& m = margins_[j];
  if (m.by_number()) {
    for (std::size_t i = 0; i < z.rows; ++i) {
      z(i, 0) = back(j, z(i, 0), f);
      if (!logdet.empty()) logdet[i] -= local(j, z(i, 0), f).log_slope;
    }
    return;
  }
  const CVec s = f.theta(deviation_).subspan(j, 1);
  kernels().scale_shift(z, s.data(), &f.theta(centre_)[j]);
  add_to_all(std::log(static_cast<double>(s[0])), logdet);
  if (m.map == Map::log) kernels().log_inverse(z, m.low, logdet.data());
  if (m.map == Map::logit)
    kernels().logit_inverse(z, m.low, m.high, static_cast<real>(alpha), logdet.data());
}

void Columns::inverse(Mat z, LogDet logdet, Frame f) const {
  for (std::size_t j = 0; j < z.cols; ++j) {
    const Mat column = z.columns(j, 1);
    if (!marginal_) {
      inverse(j, column, logdet, f);
      continue;
    }
    for_observed(column, logdet, [&](std::size_t first, std::size_t n, LogDet part) {
      inverse(j, column.from_row(first, n), part, f);
    });
  }
}

void Columns::backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const {
  copy(f.keep(z.cols), z);
  for (std::size_t j = 0; j < z.cols; ++j) {
    const Margin& m = margins_[j];
    const Mat x = z.columns(j, 1), dx = dz.columns(j, 1);
    if (m.by_number()) {
      for (std::size_t i = 0; i < z.rows; ++i) {
        const Local here = local(j, x(i, 0), f);
        dx(i, 0) =
            static_cast<real>(here.slope * static_cast<double>(dx(i, 0)) + here.bend * dlogdet[i]);
      }
      continue;
    }
    const real zero = 0;
    kernels().standardise(dx, &zero, &f.theta(deviation_)[j]);
    if (m.map == Map::log) kernels().log_backward(x, dx, m.low, dlogdet.data());
    if (m.map == Map::logit)
      kernels().logit_backward(x, dx, m.low, m.high, static_cast<real>(alpha), dlogdet.data());
  }
  if (marginal_) clear_missing(z, dz);
}

FrameSize Columns::frame_size(std::size_t rows) const {
  return {.kept = rows * margins_.size(), .scratch = 0};
}

void Columns::start_column(std::size_t j, std::vector<real> values, Vec theta) const {
  const Margin& m = margins_[j];
  if (m.map == Map::angle) return;
  const std::size_t n = values.size();
  if (m.map == Map::levels) {
    // Half a row is added to each, so that a level without rows keeps a density.
    std::vector<double> count(m.levels, 0.5);
    for (real v : values)
      count[std::min(m.levels - 1, static_cast<std::size_t>(static_cast<double>(v) / m.step))]++;
    const double all = static_cast<double>(n) + 0.5 * static_cast<double>(m.levels);
    for (std::size_t k = 0; k < m.levels; ++k)
      theta[log_share_.offset + m.first + k] = static_cast<real>(std::log(count[k] / all));
    return;
  }
  values.resize(round_up(n, lanes), values.front());
  std::vector<double> unused(values.size());
  const Mat column{values.data(), values.size(), 1, values.size()};
  if (m.map == Map::log) kernels().log(column, m.low, unused.data());
  if (m.map == Map::logit)
    kernels().logit(column, m.low, m.high, static_cast<real>(alpha), unused.data());
  values.resize(n);
  const Moments plain = moments(values.data(), n);
  Spread spread{plain.mean, safe_deviation(plain)};
  if (m.map == Map::asinh)
    if (const Spread robust = robust_spread(values); robust.deviation > 0) spread = robust;
  theta[centre_.offset + j] = static_cast<real>(spread.centre);
  theta[deviation_.offset + j] = static_cast<real>(spread.deviation);
}

void Columns::start_from(CMat x, Vec theta) const {
  for (std::size_t j = 0; j < x.cols; ++j) {
    std::vector<real> values(x.col(j), x.col(j) + x.rows);
    std::erase_if(values, [](real v) { return std::isnan(v); });
    if (!values.empty()) start_column(j, std::move(values), theta);
  }
}

}  // namespace flow
