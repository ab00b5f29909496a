#include "logdet/verify.h"

#include <cmath>

#include "flow/jacobian.h"
#include "logdet/matrix.h"

namespace flow {

namespace {

RowCheck check_row(DenseJacobian& jacobian, std::span<const real> row, const Square<real>& j,
                   std::span<real> memory, double tolerance) {
  RowCheck r;
  const std::size_t d = j.view().cols;
  const double start = now();
  r.analytic = jacobian.at(row, memory);
  copy_matrix<real>(CMat{memory.data(), d, d, d}, j.view());
  r.dense = log_det_in_double<real>(j.view());
  r.seconds = now() - start;
  if (!std::isfinite(r.analytic)) {
    r.note = "outside of the support";
    return r;
  }
  if (std::isinf(r.dense)) r.note = "the dense Jacobian is singular to rounding";
  r.error = std::abs(r.analytic - r.dense);
  r.verdict = r.error <= tolerance ? Verdict::good : Verdict::off;
  return r;
}

}  // namespace

ModelCheck verify(const Model& model, std::span<const real> rows, double tolerance,
                  const std::function<void(const RowCheck&)>& found) {
  const std::size_t d = model.flow->columns(), width = model.flow->width();
  DenseJacobian jacobian(*model.flow, model.table, model.theta);
  const Square<real> j(d);
  const Aligned<real> memory(d * d);
  ModelCheck all;
  std::vector<double> seconds;
  for (std::size_t i = 0; i < rows.size() / width; ++i) {
    RowCheck r = check_row(jacobian, rows.subspan(i * width, width), j, memory, tolerance);
    r.row = i;
    found(r);
    ++all.rows;
    seconds.push_back(r.seconds);
    if (r.verdict == Verdict::unchecked) {
      ++all.unchecked;
      continue;
    }
    all.good = all.good && r.verdict == Verdict::good;
    all.worst = std::max(all.worst, r.error);
    all.mean += (r.error - all.mean) / static_cast<double>(all.rows - all.unchecked);
  }
  if (!seconds.empty()) all.seconds = median_of(seconds);
  return all;
}

}  // namespace flow
