#include "flow/evaluate.h"

#include <cmath>
#include <limits>
#include <type_traits>

#include "core/parallel.h"

namespace flow {

void rows_to_block(const real* rows, std::size_t count, Mat x) {
  assert(count > 0 && count <= x.rows);
  for (std::size_t i = 0; i < x.rows; ++i) {
    const real* row = rows + std::min(i, count - 1) * x.cols;
    for (std::size_t j = 0; j < x.cols; ++j) x(i, j) = row[j];
  }
}

void block_to_rows(CMat x, std::size_t count, real* rows) {
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t j = 0; j < x.cols; ++j) rows[i * x.cols + j] = x(i, j);
}

std::size_t rows_of_block(const Flow& flow) {
  constexpr std::size_t cached = (std::size_t{8} << 20) / sizeof(real);
  const FrameSize size = flow.evaluation_size(lanes);
  const std::size_t strips = cached / (size.kept + size.scratch + 1);  // of `lanes` rows
  return lanes * std::clamp<std::size_t>(strips, 1, block_rows / lanes);
}

Evaluator::Evaluator(const Flow& flow, const ParamTable& table, CVec theta, std::size_t threads)
    : flow_(flow),
      theta_(theta),
      threads_(threads),
      block_(rows_of_block(flow)),
      derived_(table.derived_size()) {
  flow.prepare(theta, derived_, false, threads);
  const FrameSize size = flow.evaluation_size(block_);
  const std::size_t scratch = std::max(size.scratch, block_ * flow.columns());
  for (std::size_t t = 0; t < threads; ++t)
    memory_.push_back(
        {Aligned<real>(size.kept), Aligned<real>(scratch), Aligned<real>(block_ * flow.width())});
}

const std::vector<LinearRun>& Evaluator::linear_runs() {
  if (!runs_) runs_ = find_linear_runs();
  return *runs_;
}

template <class R, class F>
void Evaluator::each_block(R* rows, std::size_t count, F f) {
  const std::size_t blocks = (count + block_ - 1) / block_, width = flow_.width();
  for_each_block(blocks, threads_, [&](std::size_t k, std::size_t thread) {
    const std::size_t first = k * block_, n = std::min(block_, count - first);
    const std::size_t padded = round_up(n, lanes);
    const Memory& m = memory_[thread];
    const Mat all{m.x.data(), padded, width, padded};
    rows_to_block(rows + first * width, n, all);
    const Frame frame(padded, theta_.data(), derived_.data(), nullptr, m.kept, m.scratch);
    f(all.columns(0, flow_.columns()),
      frame.with_valid(n).with_context(all.columns(flow_.columns(), flow_.context())), first, n);
    if constexpr (!std::is_const_v<R>) block_to_rows(all, n, rows + first * width);
  });
}

namespace {

// More columns would take longer to fold, O(D^3), than some rows gain.
constexpr std::size_t most_folded_columns = 256;

}  // namespace

// Each with a layer that mixes columns: what only moves or scales them is as quick by itself.
std::vector<LinearRun> Evaluator::find_linear_runs() {
  const std::size_t d = flow_.columns(), width = flow_.width();
  std::vector<LinearRun> runs;
  if (d > most_folded_columns || flow_.marginal()) return runs;
  for (std::size_t first = 0, last; first < flow_.depth(); first = last + 1) {
    bool mixes = false;
    for (last = first; last < flow_.depth() && flow_.layer(last).is_linear(); ++last)
      mixes = mixes || flow_.layer(last).reach() == Reach::all;
    if (!mixes) continue;
    std::vector<real> images(d * width, real(0));
    for (std::size_t j = 0; j < d; ++j) images[j * width + j] = 1;
    std::vector<double> log_det(d);
    convert(images.data(), d, log_det,
            [&](Mat x, LogDet l, Frame f) { flow_.encode(x, l, f, first, last); });
    if (std::all_of(images.begin(), images.end(), [](real v) { return std::isfinite(v); }))
      runs.emplace_back(first, last, d, width, images, log_det[0]);
  }
  return runs;
}

void Evaluator::forward(Mat x, LogDet logdet, Frame f, std::size_t first, std::size_t last) const {
  for (const LinearRun& run : *runs_) {
    if (run.first() < first || run.last() > last) continue;
    flow_.encode(x, logdet, f, first, run.first());
    run.forward(x, logdet, f);
    first = run.last();
  }
  flow_.encode(x, logdet, f, first, last);
}

namespace {

// Parameters are finite, so NaN for a row without one is Inf - Inf: z overflowed, and has density
// 0. So it did where NaN is a missing cell.
double settled(double logp, std::span<const real> row, bool marginal) {
  if (!std::isnan(logp)) return logp;
  const bool whole = std::none_of(row.begin(), row.end(), [](real v) { return std::isnan(v); });
  return whole || marginal ? -std::numeric_limits<double>::infinity() : logp;
}

}  // namespace

void Evaluator::log_density(const real* rows, std::size_t count, std::span<double> logp,
                            std::size_t first_layer) {
  linear_runs();  // before threads pass them
  each_block(rows, count, [&](Mat x, Frame f, std::size_t first, std::size_t n) {
    double block[block_rows] = {};
    const LogDet logdet(block, x.rows);
    forward(x, logdet, f, first_layer, flow_.depth());
    flow_.base().log_density(x, logdet, f);
    const std::size_t width = flow_.width();
    for (std::size_t i = 0; i < n; ++i)
      logp[first + i] = settled(block[i], {rows + (first + i) * width, width}, flow_.marginal());
  });
}

template <class F>
void Evaluator::convert(real* rows, std::size_t count, std::span<double> logdet, F pass) {
  each_block(rows, count, [&](Mat x, Frame f, std::size_t first, std::size_t n) {
    double block[block_rows] = {};
    pass(x, LogDet(block, x.rows), f);
    if (!logdet.empty()) std::copy_n(block, n, logdet.begin() + static_cast<std::ptrdiff_t>(first));
  });
}

void Evaluator::encode(real* rows, std::size_t count, std::span<double> logdet, std::size_t last) {
  convert(rows, count, logdet, [&](Mat x, LogDet l, Frame f) { flow_.encode(x, l, f, 0, last); });
}

void Evaluator::decode(real* rows, std::size_t count, std::span<double> logdet, std::size_t last,
                       std::size_t first) {
  convert(rows, count, logdet,
          [&](Mat z, LogDet l, Frame f) { flow_.decode(z, l, f, first, last); });
}

void Evaluator::log_density_by_layer(const real* rows, std::size_t count, std::span<double> out) {
  const std::size_t parts = flow_.depth() + 1;
  each_block(rows, count, [&](Mat x, Frame f, std::size_t first, std::size_t n) {
    for (std::size_t k = 0; k < parts; ++k) {
      double block[block_rows] = {};
      if (k < flow_.depth())
        flow_.encode(x, {block, x.rows}, f, k, k + 1);
      else
        flow_.base().log_density(x, {block, x.rows}, f);
      for (std::size_t i = 0; i < n; ++i) out[(first + i) * parts + k] = block[i];
    }
  });
}

void Evaluator::sample(const Random& random, std::uint64_t first_row, std::size_t count,
                       double temperature, real* rows) {
  each_block(rows, count, [&](Mat z, Frame f, std::size_t first, std::size_t) {
    flow_.base().sample(z, random, first_row + first, temperature, f);
    flow_.decode(z, {}, f, 0, flow_.depth());
  });
}

}  // namespace flow
