#include "logdet/bench.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/text.h"
#include "logdet/sizes.h"

namespace flow {

namespace {

// From here on the term of the theory counts: products run at the processor's speed, and what does
// not grow with N is small.
constexpr std::size_t fit_from = 512;
constexpr double steady = 0.3;  // a slope's interval is narrower on a quiet machine

std::string label(const Method& m, std::size_t n) {
  return std::string(m.name) + " at N = " + std::to_string(n);
}

void judge(Trial& trial, Measurement& m) {
  const Trial::Spread spread = trial.spread();
  m.bound = rounding_bound(m.size.n);
  if (spread.estimates > 0) {
    m.value = spread.mean, m.deviation = spread.deviation;
    m.bound += 5 * spread.deviation / std::sqrt(static_cast<double>(spread.estimates));
  }
  m.reference = trial.reference();
  if (std::isnan(m.reference)) return;
  const bool singular = std::isinf(m.value) && m.value == m.reference;
  if (singular) m.note = "singular";
  m.error = singular ? 0 : std::abs(m.value - m.reference);
  m.verdict = m.error <= m.bound ? Verdict::good : Verdict::off;
}

void look_again(const BenchPlan& plan, std::vector<Measurement>& all) {
  for (const MethodFit& f : fit_all(all)) {
    if (f.fit.high - f.fit.low <= steady && f.verdict == Verdict::good) continue;
    for (Measurement& m : all) {
      if (m.method != f.method || m.size.rows != f.rows || m.size.n < fit_from) continue;
      if (now() + m.spent > plan.start + plan.budget) return;
      const Timing again = measure(*m.method, m.size, plan.samples, false).timing;
      m.timing.least = std::min(m.timing.least, again.least);
    }
  }
}

// The sizes of one method, and what became of the budget.
class Run {
 public:
  Run(const BenchPlan& plan, const Method& method) : plan_(plan), method_(method) {}

  bool takes(std::size_t n) const {
    const auto [least, most] = plan_.usual_sizes ? method_.scope.usual_sizes : method_.scope.sizes;
    return n >= least && n <= most;
  }
  // Seconds that the next size will take, from the last.
  double expected(std::size_t n) const {
    if (last_ == 0) return 0;
    const double power = method_.band.high > 0 ? std::ceil(method_.band.low) : 10;
    return seconds_ * std::pow(static_cast<double>(n) / static_cast<double>(last_), power);
  }
  double left() const { return plan_.start + plan_.budget - now(); }
  Measurement at(std::size_t n, std::size_t rows) {
    Size size = plan_.size;
    size.n = n, size.rows = rows;
    const double start = now();
    Measurement m = measure(method_, size, plan_.samples, n <= plan_.checked_up_to);
    seconds_ = m.spent = now() - start, last_ = n;
    return m;
  }

 private:
  const BenchPlan& plan_;
  const Method& method_;
  std::size_t last_ = 0;
  double seconds_ = 0;
};

}  // namespace

const char* name_of(Verdict v) {
  return v == Verdict::good ? "ok" : v == Verdict::off ? "OFF" : "unchecked";
}

Measurement measure(const Method& method, const Size& size, std::size_t samples, bool check) {
  Measurement m;
  m.method = &method, m.size = size, m.bytes = method.bytes(size);
  // The reference is a matrix in double, and its copy.
  const double n = static_cast<double>(size.n), needed = m.bytes + (check ? 16 * n * n : 0);
  require(needed <= available_memory(), Exit::failed,
          label(method, size.n) + ": takes " + in_bytes(needed) + " of memory, and " +
              in_bytes(available_memory()) + " are free; choose a smaller --dim");
  const std::unique_ptr<Trial> trial = method.make(size);
  const double per = 1 / static_cast<double>(trial->log_dets());
  m.timing = time_calls(
      samples, size.threads, [&] { trial->restore(); }, [&] { m.value = trial->run(); });
  m.timing.median *= per, m.timing.mad *= per, m.timing.least *= per;
  for (double& s : m.timing.samples) s *= per;
  if (check) judge(*trial, m);
  return m;
}

std::vector<Measurement> run_bench(const BenchPlan& plan,
                                   const std::function<void(const Measurement&)>& found,
                                   const std::function<void(const std::string&)>& note) {
  std::vector<Measurement> all;
  for (const Method* method : plan.methods) {
    for (const std::size_t rows : plan.rows) {
      Run run(plan, *method);
      for (const std::size_t n : plan.sizes) {
        if (!run.takes(n)) continue;
        if (run.left() < run.expected(n) || run.left() < 0) {
          note(
              label(*method, n) + " and above: left out, since " +
              format("about %.1f s are more than the budget has left (%.1f s); --budget gives more",
                     run.expected(n), std::max(0.0, run.left())));
          break;
        }
        all.push_back(run.at(n, rows));
        found(all.back());
      }
      if (!method->scope.batched) break;
    }
  }
  for (int look = 0; look < 2; ++look) look_again(plan, all);
  return all;
}

std::vector<MethodFit> fit_all(const std::vector<Measurement>& measured) {
  std::vector<MethodFit> fits;
  for (auto first = measured.begin(); first != measured.end();) {
    const auto same = [&](const Measurement& m) {
      return m.method == first->method && m.size.rows == first->size.rows;
    };
    const auto last = std::find_if_not(first, measured.end(), same);
    const Method& method = *first->method;
    std::vector<double> n, t;
    for (; first != last; ++first)
      if (first->size.n >= fit_from)
        n.push_back(static_cast<double>(first->size.n)), t.push_back(first->timing.least);
    if (method.band.high == 0 || n.size() < 3) continue;
    MethodFit f{.method = &method, .rows = (last - 1)->size.rows, .fit = fit_power(n, t)};
    f.from = static_cast<std::size_t>(n.front()), f.to = static_cast<std::size_t>(n.back());
    f.verdict = f.fit.slope >= method.band.low && f.fit.slope <= method.band.high ? Verdict::good
                                                                                  : Verdict::off;
    fits.push_back(f);
  }
  return fits;
}

}  // namespace flow
