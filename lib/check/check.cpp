#include "check/check.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/text.h"
#include "data/columns.h"
#include "flow/condition.h"
#include "flow/evaluate.h"
#include "logdet/verify.h"

namespace flow {

namespace {

// Latents of rows, and the log-det of each.
struct Encoded {
  std::vector<real> rows;
  std::vector<double> logdet;
};

class Checker {
 public:
  Checker(const Model& model, const CheckSpec& spec)
      : model_(model),
        spec_(spec),
        flow_(*model.flow),
        periods_(periods(model.data.columns)),
        evaluator_(flow_, model.table, model.theta, spec.threads) {}

  std::size_t count(const std::vector<real>& rows) const { return rows.size() / flow_.width(); }

  Encoded encode(std::vector<real> rows) {
    const std::size_t n = count(rows);
    Encoded e{std::move(rows), std::vector<double>(n)};
    evaluator_.encode(e.rows.data(), n, e.logdet, flow_.depth());
    return e;
  }

  Finding inverse(const std::vector<real>& rows) {
    std::vector<real> back = encode(rows).rows;
    evaluator_.decode(back.data(), count(back), {}, flow_.depth());
    RoundTrip trip{.periods = periods_};
    trip.add(rows, back, flow_.width(), 0);
    condition_ = std::max(condition(evaluator_, flow_, rows, trip), model_.condition.value_or(0));
    const double bound =
        spec_.round_trip > 0 ? spec_.round_trip : round_trip_per_condition * condition_;
    return {"inverse",
            trip.worst,
            bound,
            std::isfinite(trip.worst) && trip.worst <= bound,
            true,
            format("rows to latents and back, %zu rows; the worst is row %zu; condition %.3g",
                   count(rows), static_cast<std::size_t>(trip.row + 1), condition_)};
  }

  Finding log_det(const std::vector<real>& rows) {
    const double bound = log_det_bound();
    constexpr std::size_t most = 16;
    const std::size_t n = std::min(most, count(rows));
    const ModelCheck c =
        verify(model_, std::span(rows).first(n * flow_.width()), bound, [](auto&) {});
    return {
        "log-det",
        c.worst,
        bound,
        c.good,
        c.unchecked < c.rows,
        format("against the dense Jacobian, %zu rows; mean %.2g", c.rows - c.unchecked, c.mean)};
  }

  // The way a sample was drawn: the base's log p less the log-det of the inverse. After inverse,
  // whose condition says what rounding does to z: a score takes linear layers as one product
  // (flow/linear_run.h) and a decoding does not, so the two have roundings of their own.
  Finding two_ways(std::vector<real> z) {
    const std::size_t n = count(z), parts = flow_.depth() + 1;
    std::vector<double> scored(n), logdet(n), by_layer(n * parts);
    std::vector<real> x = z;
    evaluator_.decode(x.data(), n, logdet, flow_.depth());
    evaluator_.log_density(x.data(), n, scored);
    evaluator_.log_density_by_layer(x.data(), n, by_layer);
    Finding f{"two ways", 0, 0, true, true, ""};
    // Of hundreds of samples, not 16 rows, one lies where the flow is steep: the rounding of x
    // counts there for ten times a usual row's (models of a dozen real tables: tests/bench/tables).
    constexpr double eps = static_cast<double>(std::numeric_limits<real>::epsilon());
    f.bound = 30 * log_det_bound() + eps * condition_;
    for (std::size_t i = 0; i < n; ++i) {
      const double drawn = by_layer[i * parts + parts - 1] - logdet[i];
      const double e = std::abs(drawn - scored[i]);
      if (!(e <= f.value)) f.value = e;
    }
    f.holds = f.value <= f.bound;
    f.note = format("log p of %zu samples as drawn and as scored", n);
    return f;
  }

  Finding latents(const std::vector<real>& rows, const std::vector<real>& base) {
    const std::vector<real> z = encode(rows).rows;
    Finding f{"latents", 0, 0, true, false, ""};
    std::size_t worst = 0;
    for (std::size_t j = 0; j < flow_.columns(); ++j) {
      const double distance = largest_distance(column(z, j), column(base, j));
      if (distance > f.value) f.value = distance, worst = j;
    }
    f.note = format(
        "of the rows against the base's draws: Kolmogorov-Smirnov, column %zu; chance "
        "alone gives about %.2g",
        worst + 1, 1.6 * std::sqrt(2 / static_cast<double>(count(rows))));
    return f;
  }

  // The midpoint rule: over a box that holds all but the tails it converges faster than any power.
  Finding integral(const std::vector<real>& samples) {
    const std::size_t d = flow_.columns(), steps = d == 1 ? 1'000'000 : 1500;
    std::vector<Axis> axes;
    for (std::size_t j = 0; j < d; ++j) axes.push_back(axis(samples, j, steps));
    double sum = 0;
    const std::size_t lines = d == 1 ? 1 : steps;
    std::vector<real> row(steps * d);
    std::vector<double> logp(steps);
    for (std::size_t k = 0; k < lines; ++k) {
      for (std::size_t i = 0; i < steps; ++i) {
        row[i * d] = static_cast<real>(axes[0].at(static_cast<double>(i) + 0.5));
        if (d == 2) row[i * d + 1] = static_cast<real>(axes[1].at(static_cast<double>(k) + 0.5));
      }
      evaluator_.log_density(row.data(), steps, logp);
      const double height = d == 2 ? axes[1].width(k) : 1;
      for (std::size_t i = 0; i < steps; ++i) sum += std::exp(logp[i]) * axes[0].width(i) * height;
    }
    return {
        "integral",     std::abs(sum - 1),
        spec_.integral, std::abs(sum - 1) <= spec_.integral,
        true,           format("the density over a box is %.7f, %zu points a column", sum, steps)};
  }

  // Samples for the contexts of rows, in their place.
  void draw(std::uint64_t seed, std::vector<real>& rows) {
    evaluator_.sample(Random(seed, Stream::sample), 0, count(rows), 1, rows.data());
  }

 private:
  double log_det_bound() const {
    if (spec_.log_det > 0) return spec_.log_det;
    return sizeof(real) == 4 ? 1e-5 + 1e-6 * static_cast<double>(flow_.columns()) : 1e-9;
  }

  std::vector<real> column(const std::vector<real>& rows, std::size_t j) const {
    std::vector<real> out(count(rows));
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = rows[i * flow_.width() + j];
    std::erase_if(out,
                  [](real v) { return std::isnan(v); });  // of --on-nan keep: they have no order
    return out;
  }

  // The points of an integral: evenly spaced, or so in their logarithms above an origin.
  struct Axis {
    double low = 0, step = 1, origin = -std::numeric_limits<double>::infinity();
    double at(double k) const {
      return std::isfinite(origin) ? origin + std::exp(low + k * step) : low + k * step;
    }
    double width(std::size_t i) const {
      const double k = static_cast<double>(i);
      return std::isfinite(origin) ? at(k + 1) - at(k) : step;
    }
  };
  Axis axis(const std::vector<real>& samples, std::size_t j, std::size_t steps) const {
    Axis a;
    if (!periods_.empty() && periods_[j] > 0) {
      a.step = periods_[j] / static_cast<double>(steps);
      return a;
    }
    const std::vector<real> x = column(samples, j);
    const auto [least, most] = std::minmax_element(x.begin(), x.end());
    double low = static_cast<double>(*least), high = static_cast<double>(*most);
    if (!model_.data.columns.empty()) {
      const Column c = modelled(model_.data.columns)[j];
      if (c.type == Column::Type::positive) a.origin = c.low;  // some have six decades
    }
    if (std::isfinite(a.origin)) low = std::log(low - a.origin), high = std::log(high - a.origin);
    a.low = low - 0.4 * (high - low), a.step = 1.8 * (high - low) / static_cast<double>(steps);
    return a;
  }

  // Of two empirical distributions.
  static double largest_distance(std::vector<real> a, std::vector<real> b) {
    std::sort(a.begin(), a.end()), std::sort(b.begin(), b.end());
    double worst = 0;
    for (std::size_t i = 0, k = 0; i < a.size() && k < b.size();) {
      const real at = std::min(a[i], b[k]);
      while (i < a.size() && a[i] <= at) ++i;
      while (k < b.size() && b[k] <= at) ++k;
      worst = std::max(worst, std::abs(static_cast<double>(i) / static_cast<double>(a.size()) -
                                       static_cast<double>(k) / static_cast<double>(b.size())));
    }
    return worst;
  }

  const Model& model_;
  const CheckSpec& spec_;
  const Flow& flow_;
  const std::vector<double> periods_;
  Evaluator evaluator_;
  double condition_ = 0;
};

}  // namespace

void draw_rows(const Model& model, const CheckSpec& spec, std::vector<real>& rows) {
  Checker(model, spec).draw(spec.seed, rows);
}

std::vector<Finding> check_model(const Model& model, const std::vector<real>& rows,
                                 const CheckSpec& spec) {
  Checker c(model, spec);
  std::vector<real> samples = rows;
  c.draw(spec.seed + 1, samples);  // others than the rows, where those are the model's own
  const std::vector<real> base = c.encode(samples).rows;
  std::vector<Finding> found{c.inverse(rows), c.log_det(rows), c.two_ways(base)};
  if (model.flow->columns() <= 2 && model.flow->context() == 0)
    found.push_back(c.integral(samples));
  found.push_back(c.latents(rows, base));
  return found;
}

}  // namespace flow
