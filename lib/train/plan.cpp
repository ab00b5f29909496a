#include "train/plan.h"

#include "core/text.h"
#include "flow/evaluate.h"

namespace flow {

Plan plan(const Flow& flow, const ParamTable& table, const TrainSpec& spec,
          std::size_t training_rows, std::size_t validation_rows, std::size_t threads) {
  Plan p;
  double weights = 0;
  for (const auto& e : table.entries()) {
    (e.role == Role::buffer ? p.buffers : p.trained) += e.param.size();
    if (e.role == Role::weight) weights += static_cast<double>(e.param.size()) * e.uses;
  }
  p.flops_score = 2 * weights, p.flops_train = 6 * weights;

  const std::size_t shard = round_up((spec.batch + spec.shards - 1) / spec.shards, lanes);
  const std::size_t block = flow.couples_rows() ? shard : std::min(shard, rows_of_block(flow));
  const FrameSize training = flow.training_size(block),
                  validation = flow.evaluation_size(rows_of_block(flow));
  const auto size = [](FrameSize s) { return static_cast<double>(s.kept + s.scratch); };
  const double arrays = 6 + 2 * (spec.average > 0)  // theta, two moments, the best, what is
                                                    // validated and saved; averages
                        + 3 + (spec.average > 0)    // the last good state
                        + static_cast<double>(spec.shards);
  const double workers = static_cast<double>(std::min(threads, spec.shards));
  constexpr double program = 17e6;  // resident before any data is read
  p.memory = program + sizeof(real) * (arrays * static_cast<double>(table.size()) +
                                       2 * static_cast<double>(table.derived_size()) +
                                       workers * size(training) +
                                       static_cast<double>(threads) * size(validation) +
                                       // validation works on a copy
                                       static_cast<double>(training_rows + 2 * validation_rows) *
                                           static_cast<double>(flow.width()));
  return p;
}

std::string describe(const Flow& flow, const ParamTable& table, const TrainSpec& spec,
                     const Plan& p) {
  std::string out = format("%-24s %12s %12s  %s\n", "layer", "trained", "fixed", "shapes");
  std::size_t entry = 0;
  const auto& entries = table.entries();
  const auto line = [&](const std::string& name, const std::string& prefix) {
    std::size_t trained = 0, buffers = 0;
    std::string shapes;
    for (; entry < entries.size() && entries[entry].name.starts_with(prefix); ++entry) {
      const auto& e = entries[entry];
      (e.role == Role::buffer ? buffers : trained) += e.param.size();
      shapes += format("%s%s %zux%zu", shapes.empty() ? "" : ", ", e.name.c_str() + prefix.size(),
                       e.param.rows, e.param.cols);
    }
    out += format("%-24s %12zu %12zu  ", name.c_str(), trained, buffers) + shapes + "\n";
  };
  for (std::size_t k = 0; k < flow.depth(); ++k) line(flow.name(k), "layers/" + flow.name(k) + "/");
  line("base", "base/");
  out += format("%-24s %12zu %12zu\n\n", "total", p.trained, p.buffers);
  out += format("columns          %zu\n", flow.columns());
  out += format("batch            %zu rows in %zu shards, %zu epochs\n", spec.batch, spec.shards,
                spec.epochs);
  out += format("a row            %.3g MFLOP to train, %.3g MFLOP to score\n", 1e-6 * p.flops_train,
                1e-6 * p.flops_score);
  out += format("memory           about %.3g MB\n", 1e-6 * p.memory);
  return out;
}

}  // namespace flow
