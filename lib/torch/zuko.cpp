// zuko (Rozet and others): a flow's transforms go from data to noise, as here.
#include <algorithm>
#include <cmath>

#include "config/scalar.h"
#include "kernels/kernels.h"
#include "torch/libraries.h"
#include "torch/masked.h"
#include "torch/nsf.h"

namespace flow {

namespace {

// The value of "name=0.001" in what Python says of a partial function.
double keyword(const std::string& said, const std::string& name, double fallback) {
  const std::size_t at = said.find(name + "=");
  if (at == std::string::npos) return fallback;
  const std::size_t begin = at + name.size() + 1;
  const auto value = parse_number(said.substr(begin, said.find_first_of(",)", begin) - begin));
  return value.value_or(NAN);
}

// What is done to each column: the kind of layer and its options, and which number of the net's
// for a column comes where.
struct Univariate {
  std::string kind, options;
  Columns params;
};

// A minimal slope e^-c is asked for by a soft clip c.
std::string clip_of(const TorchModule& m, const std::string& said) {
  const double slope = keyword(said, "slope", 1e-3);
  m.require(slope > 1e-8 && slope < 0.9, "its slope is not from 1e-8 to 0.9");
  return shortest(-std::log(slope));
}

Univariate univariate_of(const TorchModule& m) {
  const std::string said = m.text("univariate");
  const std::size_t total = m.count("total", 1, 3 * most_spline_bins);
  if (said.find(".MonotonicAffineTransform'") != std::string::npos && total == 2)
    return {"affine", ", gain: soft-clip, bound: " + clip_of(m, said), {1, 0}};
  if (said.find(".MonotonicRQSTransform'") != std::string::npos && total % 3 == 2 && total > 4) {
    Columns params(total);
    for (std::size_t q = 0; q < total; ++q) params[q] = q;
    return {"spline",
            ", bins: " + std::to_string((total + 1) / 3) +
                ", bound: " + shortest(keyword(said, "bound", 5)) + ", clip: " + clip_of(m, said),
            params};
  }
  m.refuse(
      "its univariate transformation is not here; MonotonicAffineTransform and "
      "MonotonicRQSTransform are");
}

// The outputs for these columns, of a net whose outputs for column j stand together.
std::vector<OutputOf> outputs_for(const Columns& columns, const Univariate& u) {
  std::vector<OutputOf> outputs;
  for (const std::size_t q : u.params)
    for (const std::size_t j : columns) outputs.push_back({j * u.params.size() + q});
  return outputs;
}

// Where the first columns depend on nothing and the others on all of those: two couplings.
bool add_as_coupling(const Univariate& u, const MaskedNet& masked, Draft& draft) {
  const auto sides = sides_of(masked);
  if (!sides) return false;
  const auto& [kept, moved] = *sides;
  NetWeights net = masked.net;
  take_inputs(net, kept);
  take_outputs(net, outputs_for(moved, u));
  const std::string layer = "kind: " + u.kind + "-coupling" + u.options;
  if (!draft.add_coupling(layer, kept, moved, net)) return false;
  std::vector<double> constants;
  for (const OutputOf& o : outputs_for(kept, u))
    constants.push_back(masked.net.layers.back().bias[o.from]);
  return draft.add_coupling(layer, moved, kept, constant_net(moved.size(), constants));
}

// The context stands behind `inputs` columns.
void require_context(const TorchModule& hyper, std::size_t inputs, const Draft& draft) {
  hyper.require(hyper.number("in_features") == static_cast<double>(inputs + draft.context()),
                "reads " + shortest(hyper.number("in_features")) + " columns, and there are " +
                    std::to_string(inputs) + " of the rows and " + std::to_string(draft.context()) +
                    " of a context; give save() both");
}

void add_autoregressive(const TorchModule& m, Draft& draft) {
  const TorchModule hyper = m.at("hyper");
  const std::size_t d = draft.columns();
  const Univariate u = univariate_of(m);
  require_context(hyper, d, draft);
  std::vector<TorchModule> layers;
  for (const TorchModule& l : hyper.elements())
    if (l.has_tensor("weight")) layers.push_back(l);
  const std::string activation = mlp_of(hyper).activation;
  const MaskedNet masked =
      masked_net(hyper, false, activation, layers, {d, draft.context(), u.params.size()});
  if (!add_as_coupling(u, masked, draft))
    add_masked(
        m, "kind: " + u.kind + "-autoregressive" + u.options, masked,
        [&](const Columns& order) { return outputs_for(order, u); }, draft);
}

void add_coupling(const TorchModule& m, Draft& draft) {
  const Tensor mask = m.tensor("mask");
  m.require(mask.values.size() == draft.columns(), "its mask does not fit");
  Columns kept, moved, places;
  for (std::size_t j = 0; j < draft.columns(); ++j)
    (mask.values[j] > 0 ? kept : moved).push_back(j);
  for (std::size_t j = 0; j < moved.size(); ++j) places.push_back(j);
  const Univariate u = univariate_of(m);
  NetWeights net = mlp_of(m.at("hyper"));
  require_context(m.at("hyper"), kept.size(), draft);
  m.require(net.layers.back().outputs == moved.size() * u.params.size(),
            "its net does not fit its mask");
  take_outputs(net, outputs_for(places, u));
  if (!draft.add_coupling("kind: " + u.kind + "-coupling" + u.options, kept, moved, net))
    refuse_mask(m);
}

void add_transform(const TorchModule& m, Draft& draft) {
  if (m.type() == "LazyComposedTransform") {
    for (const TorchModule& t : m.at("transforms").elements()) add_transform(t, draft);
  } else if (m.type() == "MaskedAutoregressiveTransform") {
    add_autoregressive(m, draft);
  } else if (m.type() == "GeneralCouplingTransform") {
    add_coupling(m, draft);
  } else {
    m.refuse(
        "has no counterpart here; of zuko there are MaskedAutoregressiveTransform and "
        "GeneralCouplingTransform, as in MAF, NSF, NICE and RealNVP");
  }
}

void set_base(const TorchModule& base, Draft& draft) {
  const std::size_t d = draft.columns();
  base.require(base.has_tensor("loc") && base.has_tensor("scale"),
               "is no base that is here; a DiagNormal is");
  std::vector<double> mean = vector_of(base, "loc", d), log_deviation;
  bool standard = true;
  for (const double s : vector_of(base, "scale", d)) {
    base.require(s > 0, "scale is not above 0");
    log_deviation.push_back(std::log(s));
    standard = standard && s == 1;
  }
  for (const double m : mean) standard = standard && m == 0;
  if (!standard)
    draft.set_base("diagonal-normal", {{"mean", mean}, {"log_deviation", log_deviation}});
}

}  // namespace

void add_zuko(const TorchModule& flow, Draft& draft) {
  add_transform(flow.at("transform"), draft);
  set_base(flow.at("base"), draft);
}

}  // namespace flow
