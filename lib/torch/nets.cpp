#include "torch/nets.h"

#include <algorithm>
#include <cmath>

namespace flow {

DenseWeights dense_of(const TorchModule& linear) {
  Tensor w = linear.tensor("weight");
  linear.require(w.dims.size() == 2, "weight is no matrix");
  DenseWeights d{w.dims[0], w.dims[1], std::move(w.values), {}};
  d.bias = linear.has_tensor("bias") ? linear.vector("bias") : std::vector<double>(d.outputs, 0);
  linear.require(d.bias.size() == d.outputs, "bias does not fit weight");
  if (!linear.has_tensor("mask")) return d;
  const Tensor mask = linear.tensor("mask");
  linear.require(mask.values.size() == d.weight.size(), "mask does not fit weight");
  for (std::size_t i = 0; i < d.weight.size(); ++i) d.weight[i] *= mask.values[i];
  return d;
}

std::string activation_named(const TorchModule& activation) {
  const std::string type = activation.type();
  if (type == "ReLU" || (type == "LeakyReLU" && activation.number("negative_slope") == 0))
    return "relu";
  if (type == "Tanh") return "tanh";
  return type == "SiLU" ? "silu" : "";
}

std::string activation_of(const TorchModule& owner, const std::string& attribute) {
  const auto module = owner.child(attribute);
  std::string name;
  if (module) {
    name = activation_named(*module);
  } else {
    using F = double (*)(double);
    const std::pair<const char*, F> known[] = {
        {"relu", [](double v) { return std::max(v, 0.0); }},
        {"tanh", [](double v) { return std::tanh(v); }},
        {"silu", [](double v) { return v / (1 + std::exp(-v)); }}};
    const std::vector<double> values = owner.function(attribute);
    for (const auto& [kind, f] : known) {
      bool same = true;
      for (int k = 0; k < 7; ++k)
        same = same && std::abs(values[static_cast<std::size_t>(k)] - f(k - 3)) < 1e-5;
      if (same) name = kind;
    }
  }
  owner.require(!name.empty(), "its " + attribute + " is not here; ReLU, tanh and SiLU are");
  return name;
}

NetWeights mlp_of(const TorchModule& sequence) {
  NetWeights net{false, "", {}};
  for (const TorchModule& m : sequence.elements()) {
    if (m.type() == "Dropout") continue;
    if (m.has_tensor("weight")) {
      net.layers.push_back(dense_of(m));
      continue;
    }
    const std::string activation = activation_named(m);
    if (activation.empty())
      m.refuse("is not here; nets of linear layers with ReLU, tanh or SiLU between them are");
    m.require(net.activation.empty() || net.activation == activation, "two kinds of activation");
    net.activation = activation;
  }
  const std::size_t last = sequence.elements().size();
  sequence.require(last > 0 && sequence.elements().back().has_tensor("weight"),
                   "does not end in a linear layer; such a net is not here");
  return net;
}

NetWeights residual_net_of(const TorchModule& net) {
  net.require(net.type() == "ResidualNet", "is not here; a ResidualNet is");
  net.require(!net.has("context_features"), "its context is not here; a flow without one is");
  net.require(!net.has("preprocessing") && !net.child("preprocessing"),
              "its preprocessing is not here");
  NetWeights out{true, "relu", {dense_of(net.at("initial_layer"))}};
  for (const TorchModule& block : net.at("blocks").elements()) {
    block.require(!block.flag("use_batch_norm"), "batch norm within a net is not here");
    out.activation = activation_of(block, "activation");
    for (const TorchModule& l : block.at("linear_layers").elements())
      out.layers.push_back(dense_of(l));
  }
  out.layers.push_back(dense_of(net.at("final_layer")));
  net.require(out.layers.size() % 2 == 0 && out.layers.size() > 2, "has no blocks of two layers");
  return out;
}

void take_outputs(NetWeights& net, const std::vector<OutputOf>& outputs) {
  const DenseWeights from = net.layers.back();
  DenseWeights& to = net.layers.back();
  to = {outputs.size(), from.inputs, {}, {}};
  for (const OutputOf& o : outputs) {
    const auto row = from.weight.begin() + static_cast<std::ptrdiff_t>(o.from * from.inputs);
    for (std::size_t k = 0; k < from.inputs; ++k)
      to.weight.push_back(row[static_cast<std::ptrdiff_t>(k)] * o.scale);
    to.bias.push_back(from.bias[o.from] * o.scale + o.offset);
  }
}

void take_inputs(NetWeights& net, const std::vector<std::size_t>& places) {
  const DenseWeights from = net.layers.front();
  DenseWeights& to = net.layers.front();
  to.inputs = places.size(), to.weight.clear();
  for (std::size_t o = 0; o < from.outputs; ++o)
    for (const std::size_t k : places) to.weight.push_back(from.weight[o * from.inputs + k]);
}

namespace {

std::string hidden_of(const NetWeights& net) {
  std::string widths;
  const std::size_t n = net.residual ? 1 : net.layers.size() - 1;
  for (std::size_t l = 0; l < n; ++l)
    widths += (l ? ", " : "") + std::to_string(net.layers[l].outputs);
  return "hidden: [" + widths + "]" +
         (net.activation.empty() ? "" : ", activation: " + net.activation);
}

void put(const NetWeights& net, const std::string& name, Parameters& parameters) {
  for (std::size_t l = 0; l < net.layers.size(); ++l) {
    std::string layer = std::to_string(l);
    if (net.residual) {
      const std::string block = "block-" + std::to_string((l + 1) / 2 - 1);
      layer = l == 0 ? "in" : l + 1 == net.layers.size() ? "out" : block + (l % 2 ? "/u" : "/v");
    }
    parameters[name + "/" + layer + "/weight"] = net.layers[l].weight;
    parameters[name + "/" + layer + "/bias"] = net.layers[l].bias;
  }
}

}  // namespace

NetEntry entry_of(const NetWeights& net) {
  const std::string kind =
      net.residual ? "residual, blocks: " + std::to_string(net.layers.size() / 2 - 1) : "mlp";
  NetEntry e{"{kind: " + kind + ", " + hidden_of(net) + "}", {}};
  put(net, "net", e.parameters);
  return e;
}

NetEntry pair_of(const NetWeights& scale, const NetWeights& shift) {
  NetEntry e{"{kind: pair, scale: {" + hidden_of(scale) + "}, shift: {" + hidden_of(shift) + "}}",
             {}};
  put(scale, "net/scale", e.parameters);
  put(shift, "net/shift", e.parameters);
  return e;
}

NetWeights constant_net(std::size_t inputs, std::vector<double> outputs) {
  const std::size_t n = outputs.size();
  return {false, "", {{n, inputs, std::vector<double>(n * inputs, 0), std::move(outputs)}}};
}

}  // namespace flow
