// normflows (Stimper and others): its flows go from noise to data, and their inverse is what a
// layer here does forward, from the last flow to the first.
#include <algorithm>
#include <cmath>

#include "torch/libraries.h"
#include "torch/nsf.h"

namespace flow {

namespace {

// inverse: z = (x - t) exp(-s).
void add_constant_affine(const TorchModule& m, Draft& draft) {
  std::vector<double> shift = vector_of(m, "t", draft.columns()),
                      log_scale = vector_of(m, "s", draft.columns());
  for (double& v : shift) v = -v;
  for (double& v : log_scale) v = -v;
  draft.add_affine(shift, log_scale);
}

// inverse: column j is what was inv_perm[j]; or the halves change places.
void add_permute(const TorchModule& m, Draft& draft) {
  const std::size_t d = draft.columns();
  if (m.text("mode") == "shuffle") return draft.renumber(permutation_of(m, "inv_perm", d));
  m.require(m.text("mode") == "swap", "its mode is not here; shuffle and swap are");
  Columns of;
  for (std::size_t j = 0; j < d; ++j) of.push_back((j + (d + 1) / 2) % d);
  draft.renumber(of);
}

void add_lu_permute(const TorchModule& m, Draft& draft) {
  add_permutation(m.at("permutation"), draft);
  add_lu(m.at("linear"), draft);
}

// inverse: z = x W.
void add_invertible_affine(const TorchModule& m, Draft& draft) {
  m.require(!m.flag("use_lu"), "its LU factors are not here; use_lu=False is, and LULinearPermute");
  const std::size_t d = draft.columns();
  const Tensor w = m.tensor("W");
  m.require(w.dims == std::vector{d, d}, "W does not fit");
  std::vector<double> turned;
  for (std::size_t i = 0; i < d; ++i)
    for (std::size_t j = 0; j < d; ++j) turned.push_back(w.values[j * d + i]);
  draft.arrange(draft.all());
  draft.add("kind: linear, parameterisation: dense", Parameters{{"weight", turned}});
}

NetWeights net_of(const TorchModule& net) {
  if (net.type() == "MLP") return mlp_of(net.at("net"));
  if (net.type() == "Sequential") return mlp_of(net);
  if (net.type() == "ResidualNet") return residual_net_of(net);
  net.refuse("is not here; MLP, ResidualNet and Sequential are");
}

// The first of the halves that chunk(2) gives is the larger one.
Halves chunks_of(const TorchModule& split, std::size_t d) {
  const std::string mode = split.text("mode");
  split.require(mode == "channel" || mode == "channel_inv",
                "its mode is not here; channel and channel_inv are");
  Columns first, second;
  for (std::size_t j = 0; j < d; ++j) (j < (d + 1) / 2 ? first : second).push_back(j);
  return mode == "channel" ? Halves{first, second} : Halves{second, first};
}

// inverse: z = (x - t) exp(-s), or (x - t) sigmoid(s + 2); the net gives t and s by turns.
void add_coupling_block(const TorchModule& m, Draft& draft) {
  const auto parts = m.at("flows").elements();
  m.require(parts.size() == 3, "is not of Split, AffineCoupling and Merge");
  const TorchModule& coupling = parts[1];
  const Halves h = chunks_of(parts[0], draft.columns());
  NetWeights net = net_of(coupling.at("param_map"));
  const std::size_t n = h.moved.size();
  const bool scales = coupling.flag("scale");
  coupling.require(net.layers.back().outputs == (scales ? 2 * n : n) &&
                       net.layers.front().inputs == h.kept.size(),
                   "its param_map does not fit its halves");
  std::string layer = "kind: additive-coupling";
  std::vector<OutputOf> outputs;
  if (scales) {
    const std::string map = coupling.text("scale_map");
    coupling.require(map == "exp" || map == "sigmoid",
                     "its scale_map is not here; exp and sigmoid are");
    layer = "kind: affine-coupling, shift: before, gain: " + map;
    for (std::size_t j = 0; j < n; ++j) outputs.push_back({2 * j + 1, map == "exp" ? -1.0 : 1.0});
  }
  for (std::size_t j = 0; j < n; ++j) outputs.push_back({scales ? 2 * j : j, -1});
  take_outputs(net, outputs);
  if (!draft.add_coupling(layer, h.kept, h.moved, net)) refuse_mask(m);
}

// The net `name` of a masked flow, of the kept columns alone and for the moved ones, negative;
// zeros where there is none.
NetWeights masked_flow_net(const TorchModule& m, const std::string& name, const Halves& h) {
  const auto net = m.child(name);
  if (!net) return constant_net(h.kept.size(), std::vector<double>(h.moved.size(), 0));
  NetWeights weights = net_of(*net);
  const std::size_t d = h.kept.size() + h.moved.size();
  net->require(weights.layers.front().inputs == d && weights.layers.back().outputs == d,
               "does not fit " + std::to_string(d) + " columns");
  std::vector<OutputOf> outputs;
  for (const std::size_t j : h.moved) outputs.push_back({j, -1});
  take_inputs(weights, h.kept);
  take_outputs(weights, outputs);
  return weights;
}

// inverse, where b = 0: z = (x - t(b x)) exp(-s(b x)).
void add_masked_affine(const TorchModule& m, Draft& draft) {
  Halves h;
  const auto b = vector_of(m, "b", draft.columns());
  for (std::size_t j = 0; j < b.size(); ++j) {
    m.require(b[j] == 0 || b[j] == 1, "b is no mask");
    (b[j] == 1 ? h.kept : h.moved).push_back(j);
  }
  const NetEntry nets = pair_of(masked_flow_net(m, "s", h), masked_flow_net(m, "t", h));
  if (!draft.add_coupling("kind: affine-coupling, shift: before, gain: exp", h.kept, h.moved, nets))
    refuse_mask(m);
}

// forward, the way that goes column after column here: x = z (sigmoid(s + 2) + 0.001) + t.
void add_inverse_maf(const TorchModule& m, Draft& draft) {
  add_affine_autoregressive(m, ", direction: inverse, gain: sigmoid, least: 0.001", draft);
}

void add_flow(const TorchModule& m, Draft& draft) {
  struct Known {
    const char* type;
    void (*add)(const TorchModule&, Draft&);
  };
  static const Known known[] = {
      {"AffineConstFlow", add_constant_affine},
      {"ActNorm", add_constant_affine},
      {"Permute", add_permute},
      {"LULinearPermute", add_lu_permute},
      {"InvertibleAffine", add_invertible_affine},
      {"AffineCouplingBlock", add_coupling_block},
      {"MaskedAffineFlow", add_masked_affine},
      {"MaskedAffineAutoregressive", add_inverse_maf},
      {"CoupledRationalQuadraticSpline",
       [](const TorchModule& f, Draft& d) { add_spline_coupling(f.at("prqct"), d); }},
      {"AutoregressiveRationalQuadraticSpline",
       [](const TorchModule& f, Draft& d) { add_spline_autoregressive(f.at("mprqat"), d); }},
  };
  std::string names;
  for (const Known& k : known) {
    if (m.type() == k.type) return k.add(m, draft);
    names += (names.empty() ? "" : ", ") + std::string(k.type);
  }
  m.refuse("has no counterpart here; of normflows there are " + names);
}

}  // namespace

void add_normflows(const TorchModule& flow, Draft& draft) {
  auto flows = flow.at("flows").elements();
  std::reverse(flows.begin(), flows.end());
  for (const TorchModule& f : flows) add_flow(f, draft);
  const TorchModule base = flow.at("q0");
  base.require(base.type() == "DiagGaussian", "is no base that is here; DiagGaussian is");
  base.require(!base.has("temperature"), "has a temperature; set it to None");
  const std::size_t d = draft.columns();
  draft.set_base("diagonal-normal", {{"mean", vector_of(base, "loc", d)},
                                     {"log_deviation", vector_of(base, "log_scale", d)}});
}

}  // namespace flow
