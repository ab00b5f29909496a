#include "torch/nsf.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "config/scalar.h"
#include "core/text.h"
#include "kernels/kernels.h"

namespace flow {

namespace {

double softplus(double v) { return std::max(v, 0.0) + std::log1p(std::exp(-std::abs(v))); }

// The floor of a spline, which both have, and c with softplus(c) + floor = 1: here a slope's
// parameter counts from c on, there from 0 on.
const double least = static_cast<double>(MapSpec{}.floor);
const double slope_offset = std::log(std::expm1(1 - least));

void check_spline(const TorchModule& m) {
  m.require(m.has("tails") && m.text("tails") == "linear",
            "its tails are not linear; only splines with tails='linear' are here");
  for (const char* const floor : {"min_bin_width", "min_bin_height", "min_derivative"})
    m.require(std::abs(m.number(floor) - least) < 1e-9,
              format("%s is not %g, the only one that is here", floor, least));
}

std::size_t bins_of(const TorchModule& m) { return m.count("num_bins", 2, most_spline_bins); }

std::string spline_layer(const TorchModule& m, const std::string& kind) {
  return "kind: " + kind + ", bins: " + std::to_string(bins_of(m)) +
         ", bound: " + shortest(m.number("tail_bound"));
}

// The outputs for these columns, of a net that gives K widths, K heights and K - 1 slopes for one
// column after the other. Widths and heights are divided by the root of the net's width, where it
// tells it.
std::vector<OutputOf> spline_outputs(const Columns& columns, std::size_t bins,
                                     const TorchModule& net) {
  const std::size_t params = 3 * bins - 1;
  const double divisor = net.has("hidden_features") ? std::sqrt(net.number("hidden_features")) : 1;
  net.require(divisor > 0, "its hidden_features are none");
  std::vector<OutputOf> outputs;
  for (std::size_t q = 0; q < params; ++q)
    for (const std::size_t j : columns) {
      const bool slope = q >= 2 * bins;
      outputs.push_back({j * params + q, slope ? 1 : 1 / divisor, slope ? -slope_offset : 0});
    }
  return outputs;
}

void require_outputs(const TorchModule& m, const NetWeights& net, std::size_t n) {
  m.require(net.layers.back().outputs == n, "its net has " +
                                                std::to_string(net.layers.back().outputs) +
                                                " outputs, not " + std::to_string(n));
}

// The spline of the kept columns, whose parameters are learned and depend on nothing: a coupling
// the other way round, of a net that is constant.
void add_kept_spline(const TorchModule& coupling, const Halves& h, Draft& draft) {
  const auto spline = coupling.child("unconditional_transform");
  if (!spline) return;
  check_spline(coupling);
  const std::size_t bins = bins_of(coupling);
  const std::size_t n = h.kept.size(), sizes[] = {bins, bins, bins - 1};
  const char* const names[] = {"unnormalized_widths", "unnormalized_heights",
                               "unnormalized_derivatives"};
  std::vector<double> outputs;
  for (std::size_t part = 0; part < 3; ++part) {
    const Tensor t = spline->tensor(names[part]);
    spline->require(t.dims == std::vector{n, sizes[part]},
                    std::string(names[part]) + " does not fit");
    for (std::size_t q = 0; q < sizes[part]; ++q)
      for (std::size_t j = 0; j < n; ++j)
        outputs.push_back(t.values[j * sizes[part] + q] - (part == 2 ? slope_offset : 0));
  }
  if (!draft.add_coupling(spline_layer(coupling, "spline-coupling"), h.moved, h.kept,
                          constant_net(h.moved.size(), outputs)))
    refuse_mask(coupling);
}

}  // namespace

std::vector<double> vector_of(const TorchModule& m, const std::string& name, std::size_t n) {
  std::vector<double> v = m.vector(name);
  m.require(v.size() == n, name + " is not of " + std::to_string(n) + " numbers");
  return v;
}

Columns permutation_of(const TorchModule& m, const std::string& name, std::size_t n) {
  const Columns order = m.places(name);
  Columns sorted = order;
  std::sort(sorted.begin(), sorted.end());
  bool whole = order.size() == n;
  for (std::size_t j = 0; whole && j < n; ++j) whole = sorted[j] == j;
  m.require(whole, name + " is no permutation of " + std::to_string(n) + " columns");
  return order;
}

void add_permutation(const TorchModule& m, Draft& draft) {
  draft.renumber(permutation_of(m, "_permutation", draft.columns()));
}

void add_lu(const TorchModule& m, Draft& draft) {
  const std::size_t d = draft.columns(), triangle = d * (d - 1) / 2;
  const auto lower = triangle ? vector_of(m, "lower_entries", triangle) : std::vector<double>{};
  const auto upper = triangle ? vector_of(m, "upper_entries", triangle) : std::vector<double>{};
  const auto diagonal = vector_of(m, "unconstrained_upper_diag", d), bias = vector_of(m, "bias", d);
  std::vector<double> lu;
  std::size_t at_lower = 0, at_upper = 0;
  for (std::size_t i = 0; i < d; ++i)
    for (std::size_t j = 0; j < d; ++j)
      lu.push_back(j < i    ? lower[at_lower++]
                   : j == i ? std::log(softplus(diagonal[i]) + m.number("eps"))
                            : upper[at_upper++]);
  draft.arrange(draft.all());
  draft.add("kind: linear", {{"lu", lu}});
  draft.add_affine(bias, std::vector<double>(d, 0));
}

Halves halves_of(const TorchModule& m, const Draft& draft) {
  Halves h{m.places("identity_features"), m.places("transform_features")};
  Columns both = h.kept;
  both.insert(both.end(), h.moved.begin(), h.moved.end());
  std::sort(both.begin(), both.end());
  m.require(both == draft.all(),
            "its mask does not fit " + std::to_string(draft.columns()) + " columns");
  return h;
}

void add_spline_coupling(const TorchModule& m, Draft& draft) {
  check_spline(m);
  const std::size_t bins = bins_of(m);
  const Halves h = halves_of(m, draft);
  const TorchModule net = m.at("transform_net");
  NetWeights weights = residual_net_of(net);
  const std::size_t n = h.moved.size();
  require_outputs(m, weights, n * (3 * bins - 1));
  Columns moved(n);
  std::iota(moved.begin(), moved.end(), std::size_t{0});
  take_outputs(weights, spline_outputs(moved, bins, net));
  if (!draft.add_coupling(spline_layer(m, "spline-coupling"), h.kept, h.moved, weights))
    refuse_mask(m);
  add_kept_spline(m, h, draft);
}

MaskedNet made_of(const TorchModule& made, std::size_t columns, std::size_t params) {
  made.require(!made.child("context_layer"), "has a context; only flows without one are here");
  const auto preprocessing = made.child("preprocessing");
  made.require(!preprocessing || preprocessing->type() == "Identity",
               "its preprocessing is not here");
  const auto blocks = made.at("blocks").elements();
  const bool residual = !blocks.empty() && blocks.front().child("linear_layers").has_value();
  // normflows has no activation behind the first layer where blocks are none of residuals.
  made.require(residual || made.has("use_residual_blocks"),
               "has no residual blocks; of normflows only such are here");
  std::vector<TorchModule> layers{made.at("initial_layer")};
  for (const TorchModule& block : blocks) {
    block.require(!block.flag("use_batch_norm") && !block.child("batch_norm"),
                  "batch norm within a net is not here");
    const auto pair = block.child("linear_layers");
    block.require(pair.has_value() == residual, "is of another kind than the block before");
    if (!pair) layers.push_back(block.at("linear"));
    if (!pair) continue;
    const auto linear = pair->elements();
    block.require(linear.size() == 2, "has not two layers");
    layers.insert(layers.end(), linear.begin(), linear.end());
  }
  layers.push_back(made.at("final_layer"));
  const TorchModule& owner = blocks.empty() ? made : blocks.front();
  return masked_net(made, residual, activation_of(owner, "activation"), layers,
                    {columns, 0, params});
}

void add_spline_autoregressive(const TorchModule& m, Draft& draft) {
  check_spline(m);
  const std::size_t bins = bins_of(m);
  const TorchModule net = m.at("autoregressive_net");
  add_masked(
      m, spline_layer(m, "spline-autoregressive"), made_of(net, draft.columns(), 3 * bins - 1),
      [&](const Columns& order) { return spline_outputs(order, bins, net); }, draft);
}

void add_affine_autoregressive(const TorchModule& m, const std::string& options, Draft& draft) {
  const auto outputs = [](const Columns& order) {
    std::vector<OutputOf> of;
    for (std::size_t q = 0; q < 2; ++q)
      for (const std::size_t j : order) of.push_back({2 * j + q});
    return of;
  };
  add_masked(m, "kind: affine-autoregressive" + options,
             made_of(m.at("autoregressive_net"), draft.columns(), 2), outputs, draft);
}

}  // namespace flow
