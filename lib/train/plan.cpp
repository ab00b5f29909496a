#include "train/plan.h"

#include "core/text.h"
#include "flow/evaluate.h"
#include "train/gradient.h"

namespace flow {

Plan plan(const Flow& flow, const ParamTable& table, const TrainSpec& spec,
          std::size_t training_rows, std::size_t validation_rows, std::size_t threads) {
  Plan p;
  double weights = 0;
  for (const auto& e : table.entries())
    if (e.role == Role::weight) weights += static_cast<double>(e.param.size()) * e.uses;
  p.flops_score = 2 * weights, p.flops_train = 6 * weights;

  const FrameSize training = flow.training_size(training_block(flow, spec)),
                  validation = flow.evaluation_size(rows_of_block(flow));
  const auto size = [](FrameSize s) { return static_cast<double>(s.kept + s.scratch); };
  const double arrays = 6 + 2 * (spec.average > 0)  // theta, two moments, the best, what is
                                                    // validated and saved; averages
                        + 3 + (spec.average > 0)    // the last good state
                        + static_cast<double>(spec.shards);
  const double workers = static_cast<double>(std::min(threads, spec.shards));
  // Of streamed rows two windows, and a sample of up to half of one.
  const std::size_t held = spec.window > 0 ? 2 * spec.window + spec.window / 2 : training_rows;
  constexpr double program = 17e6;  // resident before any data is read
  p.memory = program + sizeof(real) * (arrays * static_cast<double>(table.size()) +
                                       2 * static_cast<double>(table.derived_size()) +
                                       workers * size(training) +
                                       static_cast<double>(threads) * size(validation) +
                                       // validation works on a copy
                                       static_cast<double>(held + 2 * validation_rows) *
                                           static_cast<double>(flow.width()));
  return p;
}

std::vector<LayerSize> layer_sizes(const Flow& flow, const ParamTable& table) {
  std::vector<LayerSize> sizes;
  std::size_t entry = 0;
  const auto& entries = table.entries();
  const auto add = [&](const std::string& name, const std::string& prefix) {
    LayerSize size{name};
    for (; entry < entries.size() && entries[entry].name.starts_with(prefix); ++entry) {
      const auto& e = entries[entry];
      (e.role == Role::buffer ? size.fixed : size.trained) += e.param.size();
      size.shapes += format("%s%s %zux%zu", size.shapes.empty() ? "" : ", ",
                            e.name.c_str() + prefix.size(), e.param.rows, e.param.cols);
    }
    sizes.push_back(std::move(size));
  };
  for (std::size_t k = 0; k < flow.depth(); ++k) add(flow.name(k), "layers/" + flow.name(k) + "/");
  add("base", "base/");
  return sizes;
}

std::string describe_layers(const Flow& flow, const ParamTable& table) {
  std::string out = format("%-24s %12s %12s  %s\n", "layer", "trained", "fixed", "shapes");
  const auto line = [&](const LayerSize& s) {
    return format("%-24s %12zu %12zu", s.name.c_str(), s.trained, s.fixed);
  };
  LayerSize total{"total"};
  for (const LayerSize& s : layer_sizes(flow, table)) {
    out += line(s) + "  " + s.shapes + "\n";
    total.trained += s.trained, total.fixed += s.fixed;
  }
  return out + line(total) + "\n";
}

std::string describe(const Flow& flow, const ParamTable& table, const TrainSpec& spec,
                     const Plan& p) {
  std::string out = describe_layers(flow, table) + "\n";
  out += format("columns          %zu\n", flow.columns());
  out += format("batch            %zu rows in %zu shards, %zu epochs\n", spec.batch, spec.shards,
                spec.epochs);
  if (spec.window > 0)
    out += format("window           %zu rows, two of them in memory; all are read in each epoch\n",
                  spec.window);
  out += format("a row            %.3g MFLOP to train, %.3g MFLOP to score\n", 1e-6 * p.flops_train,
                1e-6 * p.flops_score);
  out += format("memory           about %.3g MB\n", 1e-6 * p.memory);
  return out;
}

}  // namespace flow
