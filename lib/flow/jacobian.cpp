#include "flow/jacobian.h"

#include "flow/evaluate.h"

namespace flow {

DenseJacobian::DenseJacobian(const Flow& flow, const ParamTable& table, CVec theta)
    : flow_(flow),
      theta_(theta),
      derived_(table.derived_size()),
      grad_(table.size()),
      kept_(flow.training_size(block_rows).kept),
      scratch_(flow.training_size(block_rows).scratch),
      x_(block_rows * flow.width()),
      dz_(block_rows * flow.columns()) {
  flow.prepare(theta, derived_, true, 1);
  std::fill_n(grad_.data(), grad_.size(), real(0));
}

double DenseJacobian::at(std::span<const real> row, std::span<real> out) {
  const std::size_t d = flow_.columns();
  const Mat all{x_.data(), block_rows, flow_.width(), block_rows},
      x = all.columns(0, d), dz{dz_.data(), block_rows, d, block_rows};
  const Frame f = Frame(block_rows, theta_.data(), derived_.data(), grad_.data(), kept_, scratch_)
                      .with_context(all.columns(d, flow_.context()));
  const double no_logdet[block_rows] = {};
  double logdet[block_rows] = {};
  rows_to_block(row.data(), 1, all);
  flow_.forward(x, logdet, f);
  const double analytic = logdet[0];
  for (std::size_t first = 0; first < d; first += block_rows) {
    if (first > 0) flow_.forward(x, logdet, f);  // backward undid it
    fill(dz, 0);
    const std::size_t n = std::min(block_rows, d - first);
    for (std::size_t i = 0; i < n; ++i) dz(i, first + i) = 1;
    flow_.backward(x, dz, no_logdet, f);
    for (std::size_t j = 0; j < d; ++j)
      for (std::size_t i = 0; i < n; ++i) out[j * d + first + i] = dz(i, j);
  }
  return analytic;
}

}  // namespace flow
