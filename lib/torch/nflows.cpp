// nflows (Durkan, Bekasov, Murray, Papamakarios): transforms go from data to noise, as here.
#include <cmath>

#include "torch/libraries.h"
#include "torch/nsf.h"

namespace flow {

namespace {

void add_transform(const TorchModule& transform, Draft& draft);

void add_composite(const TorchModule& m, Draft& draft) {
  for (const TorchModule& t : m.at("_transforms").elements()) add_transform(t, draft);
}

// z = x scale + shift.
void add_scale_shift(const std::vector<double>& log_scale, const std::vector<double>& shift,
                     Draft& draft) {
  std::vector<double> before;
  for (std::size_t j = 0; j < draft.columns(); ++j)
    before.push_back(shift[j] * std::exp(-log_scale[j]));
  draft.add_affine(before, log_scale);
}

void add_actnorm(const TorchModule& m, Draft& draft) {
  const std::size_t d = draft.columns();
  add_scale_shift(vector_of(m, "log_scale", d), vector_of(m, "shift", d), draft);
}

// z = W x + b.
void add_naive_linear(const TorchModule& m, Draft& draft) {
  const std::size_t d = draft.columns();
  const Tensor w = m.tensor("_weight");
  m.require(w.dims == std::vector{d, d}, "_weight does not fit");
  draft.arrange(draft.all());
  draft.add("kind: linear, parameterisation: dense", Parameters{{"weight", w.values}});
  draft.add_affine(vector_of(m, "bias", d), std::vector<double>(d, 0));
}

// A number for each column, or one for all.
std::vector<double> each_column(const TorchModule& m, const std::string& name, std::size_t d) {
  const Tensor t = m.tensor(name);
  if (t.values.size() == 1) return std::vector<double>(d, t.values[0]);
  return vector_of(m, name, d);
}

void add_pointwise_affine(const TorchModule& m, Draft& draft) {
  std::vector<double> log_scale;
  for (const double a : each_column(m, "_scale", draft.columns())) {
    m.require(a > 0, "its scale is not above 0; that is not here");
    log_scale.push_back(std::log(a));
  }
  add_scale_shift(log_scale, each_column(m, "_shift", draft.columns()), draft);
}

// In evaluation: z = (x - mean) w / sqrt(variance + eps) + b.
void add_batch_norm(const TorchModule& m, Draft& draft) {
  const std::size_t d = draft.columns();
  const auto weight = vector_of(m, "unconstrained_weight", d), bias = vector_of(m, "bias", d);
  const auto mean = vector_of(m, "running_mean", d), variance = vector_of(m, "running_var", d);
  const double eps = m.number("eps");
  std::vector<double> log_scale, shift;
  for (std::size_t j = 0; j < d; ++j) {
    const double w = std::log1p(std::exp(weight[j])) + eps;
    log_scale.push_back(std::log(w) - std::log(variance[j] + eps) / 2);
    shift.push_back(bias[j] * std::exp(-log_scale[j]) - mean[j]);
  }
  draft.add_affine(shift, log_scale);
}

// How the scale is made of the net's output.
std::string gain_of(const TorchModule& m) {
  const std::vector<double> values = m.function("scale_activation");
  double off = 0;
  for (int k = 0; k < 7; ++k) {
    const double here = 1 / (1 + std::exp(-(k - 3.0) - 2)) + 1e-3;
    off = std::max(off, std::abs(values[static_cast<std::size_t>(k)] - here));
  }
  m.require(off < 1e-5, "its scale_activation is not here; DEFAULT_SCALE_ACTIVATION is");
  return ", gain: sigmoid, least: 0.001";
}

// The net gives all shifts, then all scales; here it is the other way round.
void add_affine_coupling(const TorchModule& m, Draft& draft) {
  m.require(!m.child("unconditional_transform"), "its unconditional_transform is not here");
  const Halves h = halves_of(m, draft);
  NetWeights net = residual_net_of(m.at("transform_net"));
  const std::size_t n = h.moved.size();
  const bool additive = m.type() == "AdditiveCouplingTransform";
  m.require(net.layers.back().outputs == n * (additive ? 1 : 2), "its net does not fit its mask");
  std::vector<OutputOf> outputs;
  for (std::size_t j = 0; j < 2 * n; ++j) outputs.push_back({(j + n) % (2 * n)});
  if (!additive) take_outputs(net, outputs);
  const std::string layer =
      additive ? "kind: additive-coupling" : "kind: affine-coupling" + gain_of(m);
  if (!draft.add_coupling(layer, h.kept, h.moved, net)) refuse_mask(m);
}

void add_maf(const TorchModule& m, Draft& draft) {
  add_affine_autoregressive(m, ", gain: softplus, least: 0.001", draft);
}

struct Known {
  const char* type;
  void (*add)(const TorchModule&, Draft&);
};
const Known known[] = {
    {"CompositeTransform", add_composite},
    {"IdentityTransform", [](const TorchModule&, Draft&) {}},
    {"Permutation", add_permutation},
    {"RandomPermutation", add_permutation},
    {"ReversePermutation", add_permutation},
    {"LULinear", add_lu},
    {"NaiveLinear", add_naive_linear},
    {"ActNorm", add_actnorm},
    {"BatchNorm", add_batch_norm},
    {"PointwiseAffineTransform", add_pointwise_affine},
    {"AffineTransform", add_pointwise_affine},
    {"AffineScalarTransform", add_pointwise_affine},
    {"AffineCouplingTransform", add_affine_coupling},
    {"AdditiveCouplingTransform", add_affine_coupling},
    {"PiecewiseRationalQuadraticCouplingTransform", add_spline_coupling},
    {"MaskedAffineAutoregressiveTransform", add_maf},
    {"MaskedPiecewiseRationalQuadraticAutoregressiveTransform", add_spline_autoregressive},
};

void add_transform(const TorchModule& m, Draft& draft) {
  for (const Known& k : known)
    if (m.type() == k.type) return k.add(m, draft);
  std::string names;
  for (const Known& k : known) names += (names.empty() ? "" : ", ") + std::string(k.type);
  m.refuse("has no counterpart here; of nflows there are " + names);
}

void set_base(const TorchModule& base, Draft& draft) {
  const std::string type = base.type();
  if (type == "StandardNormal") return;
  if (type != "DiagonalNormal")
    base.refuse("is no base that is here; StandardNormal and DiagonalNormal are");
  const std::size_t d = draft.columns();
  draft.set_base("diagonal-normal", {{"mean", vector_of(base, "mean_", d)},
                                     {"log_deviation", vector_of(base, "log_std_", d)}});
}

}  // namespace

void add_nflows(const TorchModule& flow, Draft& draft) {
  add_transform(flow.at("_transform"), draft);
  set_base(flow.at("_distribution"), draft);
}

}  // namespace flow
