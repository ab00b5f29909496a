// A flow from a few lines of YAML, with parameters away from where they start.
#pragma once
#include <cmath>
#include <string>
#include <vector>

#include "core/aligned.h"
#include "flow/build.h"
#include "flow/evaluate.h"
#include "flow/start.h"

namespace flow::test {

struct Model {
  ParamTable table;
  std::unique_ptr<Flow> flow;
  std::vector<real> theta;

  // Every trained parameter is moved by a normal number times `spread`.
  Model(const std::string& yaml, std::size_t columns, double spread, DataFacts facts = {}) {
    Config config = Config::parse(yaml, "model.yaml");
    facts.columns = columns;
    flow = build_flow(config, facts, table);
    config.reject_unread();
    theta.resize(table.size());
    table.start(theta, 1);
    std::vector<double> move(table.size());
    Random(5, Stream::test).normal(0, move);
    for (const auto& e : table.entries())
      for (std::size_t k = e.param.offset; k < e.param.offset + e.param.size(); ++k)
        if (e.role != Role::buffer) theta[k] += static_cast<real>(spread * move[k]);
  }
  std::vector<double> log_density(const std::vector<real>& rows, std::size_t threads = 1) const {
    std::vector<double> logp(rows.size() / flow->columns());
    Evaluator(*flow, table, theta, threads).log_density(rows.data(), logp.size(), logp);
    return logp;
  }
};

// Standard normal rows, scaled and shifted.
inline std::vector<real> normal_rows(std::size_t rows, std::size_t columns, double scale = 1,
                                     double shift = 0) {
  std::vector<double> z(rows * columns);
  Random(11, Stream::test).normal(0, z);
  std::vector<real> out;
  for (double v : z) out.push_back(static_cast<real>(scale * v + shift));
  return out;
}

// Every kind of layer that takes the whole line; dropout in its nets.
inline const char* const every_kind = R"(
base: diagonal-normal
net: {hidden: [12, 9], dropout: 0.3}
layers:
  - kind: standardise
  - repeat: 2
    layers:
      - kind: actnorm
      - {kind: permute, order: random}
      - kind: linear
      - {kind: affine-coupling, gain: learned, net: {kind: pair, scale: {hidden: [8]},
         shift: {hidden: [8]}}}
      - {kind: affine-coupling, condition: second, bound: 1.5,
         net: {kind: residual, hidden: [10], activation: silu}}
  - {kind: additive-coupling, net: {hidden: [7], activation: tanh, dropout: 0.2}}
  - {kind: affine-coupling, gain: soft-clip, bound: 1}
  - {kind: affine-coupling, gain: sigmoid, condition: second}
  - kind: batch-norm
  - kind: diagonal
)";

}  // namespace flow::test
