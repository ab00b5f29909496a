// The nets of couplings as they are in PyTorch, and what turns them into those of this library.
#pragma once
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "torch/modules.h"

namespace flow {

// Numbers by the name of a parameter: "net/0/weight".
using Parameters = std::map<std::string, std::vector<double>>;

struct DenseWeights {
  std::size_t outputs, inputs;
  std::vector<double> weight, bias;  // weight: outputs x inputs, row by row
};

struct NetWeights {
  bool residual;                     // nn/residual.h: in, then u and v of each block, then out
  std::string activation;            // relu, tanh, silu; empty of a net of one layer
  std::vector<DenseWeights> layers;  // from the input to the output
};

// Of a torch.nn.Linear, or of a masked one: the weight where its mask is.
DenseWeights dense_of(const TorchModule& linear);

// What a module calls an activation: a function, or a module.
std::string activation_of(const TorchModule& owner, const std::string& attribute);
// The same of a module that is one; empty where it is none.
std::string activation_named(const TorchModule& activation);

// A torch.nn.Sequential of linear layers with one activation between them.
NetWeights mlp_of(const TorchModule& sequence);
// ResidualNet of nflows and normflows.
NetWeights residual_net_of(const TorchModule& net);

// Output o becomes what was output from of it, times scale, plus offset.
struct OutputOf {
  std::size_t from;
  double scale = 1, offset = 0;
};
void take_outputs(NetWeights& net, const std::vector<OutputOf>& outputs);
// Input k becomes what was input places[k]; the others go.
void take_inputs(NetWeights& net, const std::vector<std::size_t>& places);

// A layer's net as an entry of a configuration, "{kind: mlp, ...}", and as its parameters.
struct NetEntry {
  std::string yaml;
  Parameters parameters;
};
NetEntry entry_of(const NetWeights& net);
NetEntry pair_of(const NetWeights& scale, const NetWeights& shift);

// Numbers that do not depend on anything: a net without hidden layers, of weights that are 0.
NetWeights constant_net(std::size_t inputs, std::vector<double> outputs);

}  // namespace flow
