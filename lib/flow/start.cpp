#include "flow/start.h"

#include <vector>

#include "core/aligned.h"
#include "core/parallel.h"
#include "flow/evaluate.h"

namespace flow {

void start_from_data(const Flow& flow, const ParamTable& table, Vec theta, Mat x, StartOf what,
                     std::size_t threads) {
  const Aligned<real> derived(table.derived_size());
  const std::size_t block = rows_of_block(flow);
  const FrameSize size = flow.evaluation_size(block);
  std::vector<Aligned<real>> kept, scratch;
  for (std::size_t t = 0; t < threads; ++t)
    kept.emplace_back(size.kept), scratch.emplace_back(size.scratch);
  for (std::size_t k = 0; k < flow.depth(); ++k) {
    const Layer& layer = flow.layer(k);
    if (what == StartOf::all || layer.couples_rows())
      layer.start_from(x.columns(0, flow.columns()), theta);
    layer.prepare(theta.data(), derived.data(), false);
    for_each_block((x.rows + block - 1) / block, threads, [&](std::size_t b, std::size_t t) {
      const Mat rows = x.from_row(b * block, std::min(block, x.rows - b * block));
      double unused[block_rows];
      const Frame f(rows.rows, theta.data(), derived.data(), nullptr, kept[t], scratch[t]);
      layer.forward(rows.columns(0, flow.columns()), {unused, rows.rows},
                    f.with_context(rows.columns(flow.columns(), flow.context())));
    });
  }
}

}  // namespace flow
