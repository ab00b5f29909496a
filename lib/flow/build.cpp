#include "flow/build.h"

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <utility>

#include "flow/build_base.h"
#include "flow/build_coupling.h"
#include "flow/build_images.h"
#include "flow/build_nets.h"
#include "flow/choose.h"
#include "layers/actnorm.h"
#include "layers/autoregressive.h"
#include "layers/batch_norm.h"
#include "layers/columns.h"
#include "layers/dense_linear.h"
#include "layers/diagonal.h"
#include "layers/given_angles.h"
#include "layers/inverse_autoregressive.h"
#include "layers/linear.h"
#include "layers/log.h"
#include "layers/logit.h"
#include "layers/part.h"
#include "layers/permute.h"
#include "layers/qr.h"
#include "layers/reorder.h"
#include "layers/rotation.h"
#include "layers/standardise.h"

namespace flow {

namespace {

LayerPointer make_additive(const std::string& name, Config& config, Site& site) {
  return build_coupling(name, kernels().additive, {}, config, site);
}

LayerPointer make_affine(const std::string& name, Config& config, Site& site) {
  return build_coupling(name, kernels().affine, affine_spec(config, true), config, site);
}

LayerPointer make_spline(const std::string& name, Config& config, Site& site) {
  return build_coupling(name, kernels().spline, spline_spec(config, site), config, site);
}

LayerPointer make_mixture(const std::string& name, Config& config, Site& site) {
  const Map& map = mixture_map(config);
  return build_coupling(name, map, mixture_spec(config, map), config, site);
}

LayerPointer make_autoregressive(const std::string& name, const Map& map, MapSpec spec,
                                 Config& config, Site& site) {
  Config& net = net_of(config, site);
  const NetSpec nets = masked_net_spec(net, site);
  if (nets.dropout > 0) net.fail("dropout", "a masked net has none; remove it");
  const auto [d, context] = std::pair(site.columns, site.facts.context);
  spec.marginal = site.facts.marginal;
  const bool inverse = config.choice("direction", {"forward", "inverse"}, "forward") == "inverse";
  if (inverse && spec.marginal)
    config.fail("direction", "inverse mixes observed cells with missing ones; use forward");
  if (inverse)
    return std::make_unique<InverseAutoregressive>(name, d, context, map, spec, nets, site.table);
  return std::make_unique<Autoregressive>(name, d, context, map, spec, nets, site.table);
}

LayerPointer make_affine_autoregressive(const std::string& name, Config& config, Site& site) {
  return make_autoregressive(name, kernels().affine, affine_spec(config, false), config, site);
}

LayerPointer make_spline_autoregressive(const std::string& name, Config& config, Site& site) {
  return make_autoregressive(name, kernels().spline, spline_spec(config, site), config, site);
}

LayerPointer make_mixture_autoregressive(const std::string& name, Config& config, Site& site) {
  const Map& map = mixture_map(config);
  return make_autoregressive(name, map, mixture_spec(config, map), config, site);
}

// Even, so that a matrix can start as the identity.
std::size_t read_reflections(Config& config, std::size_t columns) {
  return config.count("reflections", 1, 1 << 16, round_up(columns, 2));
}

LayerPointer make_linear(const std::string& name, Config& config, Site& site) {
  return per_what(config, site, [&](std::size_t d) -> LayerPointer {
    const std::string how = config.choice("parameterisation", {"lu", "qr", "dense"}, "lu");
    if (how == "dense") return std::make_unique<DenseLinear>(name, d, site.table);
    if (how == "qr") return std::make_unique<Qr>(name, d, read_reflections(config, d), site.table);
    const bool rotation =
        config.choice("start", {"identity", "rotation"}, "identity") != "identity";
    return std::make_unique<Linear>(name, d, site.table,
                                    rotation ? start_rotation(d) : start_at(0));
  });
}

LayerPointer make_actnorm(const std::string& name, Config& config, Site& site) {
  return per_what(config, site, [&](std::size_t d) -> LayerPointer {
    return std::make_unique<ActNorm>(name, d, site.table);
  });
}

LayerPointer make_orthogonal(const std::string& name, Config& config, Site& site) {
  return std::make_unique<Orthogonal>(name, site.columns, read_reflections(config, site.columns),
                                      Orthogonal::Begin::random, site.table);
}

LayerPointer make_permute(const std::string& name, Config& config, Site& site) {
  static const Named<Order> orders[] = {
      {"reverse", Order::reverse}, {"random", Order::random}, {"interleave", Order::interleave}};
  return std::make_unique<Permute>(name, site.columns, choose(config, "order", orders, "random"),
                                   site.table);
}

LayerPointer make_batch_norm(const std::string& name, Config& config, Site& site) {
  return std::make_unique<BatchNorm>(name, site.columns, config.number("epsilon", 1e-12, 1, 1e-4),
                                     site.table);
}

LayerPointer make_logit(const std::string&, Config& config, Site& site) {
  const double inf = Config::infinity, low = site.facts.low, high = site.facts.high;
  Bounds r;
  r.low = static_cast<real>(config.number("low", -inf, inf, low));
  r.high = static_cast<real>(config.number("high", -inf, inf, high));
  r.alpha = static_cast<real>(config.number("alpha", 0, 0.49, 1e-6));
  if (!(r.low < r.high)) config.fail("high", "must lie above low");
  return std::make_unique<Logit>(site.columns, r);
}

LayerPointer make_rescale(const std::string& name, Config& config, Site& site) {
  const double inf = Config::infinity;
  const double low = config.number("low", -inf, inf, site.facts.low);
  const double high = config.number("high", -inf, inf, site.facts.high);
  if (!(low < high)) config.fail("high", "must lie above low");
  return std::make_unique<Standardise>(name, site.columns, low, high, site.table);
}

LayerPointer make_log(const std::string&, Config& config, Site& site) {
  const double low = config.number("low", -Config::infinity, Config::infinity, 0);
  return std::make_unique<Log>(site.columns, static_cast<real>(low));
}

template <class L>
LayerPointer make_plain(const std::string& name, Config&, Site& site) {
  return std::make_unique<L>(name, site.columns, site.table);
}

using MakeLayer = LayerPointer (*)(const std::string&, Config&, Site&);
const Named<MakeLayer> layer_makers[] = {
    {"actnorm", make_actnorm},
    {"additive-coupling", make_additive},
    {"affine-autoregressive", make_affine_autoregressive},
    {"affine-coupling", make_affine},
    {"batch-norm", make_batch_norm},
    {"diagonal", make_plain<Diagonal>},
    {"factor-out", build_factor_out},
    {"linear", make_linear},
    {"log", make_log},
    {"logit", make_logit},
    {"mixture-autoregressive", make_mixture_autoregressive},
    {"mixture-coupling", make_mixture},
    {"orthogonal", make_orthogonal},
    {"permute", make_permute},
    {"planes", build_planes},
    {"rescale", make_rescale},
    {"spline-autoregressive", make_spline_autoregressive},
    {"spline-coupling", make_spline},
    {"squeeze", build_squeeze},
    {"standardise", make_plain<Standardise>},
    {"variational-dequantise", build_variational_dequantise},
};

bool sees_context(const std::string& kind) {
  return kind.ends_with("-autoregressive") || kind.ends_with("-coupling");
}

void check_kind(Config& entry, const Site& site) {
  const std::string kind = entry.text("kind");
  // Layers that can leave missing cells out: each column goes its own way, given others.
  if (site.facts.marginal && kind != "permute" && !sees_context(kind))
    entry.fail("kind", kind +
                           " cannot leave missing cells out, as data.missing: marginal asks; "
                           "take couplings, autoregressive layers and permute");
  if (site.circle && kind != "permute" && kind != "spline-coupling")
    entry.fail("kind", kind + " is no map of angles; take spline-coupling and permute");
}

// A layer of the site's columns as one of all columns.
LayerPointer in_place(LayerPointer layer, const std::string& kind, std::size_t columns,
                      const Site& site) {
  if (site.angles > 0 && sees_context(kind))
    return std::make_unique<GivenAngles>(columns, site.angles, site.facts.context - 2 * site.angles,
                                         std::move(layer));
  if (columns == site.facts.columns) return layer;
  return std::make_unique<Part>(site.first, columns, std::move(layer));
}

void add_layers(Config& parent, const char* key, std::size_t depth, Flow& flow, Site& site) {
  for (Config* entry : parent.list(key)) {
    if (entry->kind() != Config::Kind::map)
      parent.fail(key, "each layer is a map, as in '- {kind: actnorm}'");
    if (entry->has("repeat")) {
      if (depth == 4) entry->fail("repeat", "repeats are nested too deeply; write the layers out");
      const std::size_t times = entry->count("repeat", 1, 1000);
      for (std::size_t i = 0; i < times; ++i) add_layers(*entry, "layers", depth + 1, flow, site);
      continue;
    }
    if (flow.depth() == 4096) entry->fail("kind", "more than 4096 layers; take fewer");
    const MakeLayer& make = choose(*entry, "kind", layer_makers, nullptr);
    check_kind(*entry, site);
    char number[8];
    std::snprintf(number, sizeof number, "%02zu", flow.depth());
    const std::string kind = entry->text("kind"), name = std::string(number) + "-" + kind;
    const std::size_t columns = site.columns;  // before the layer sets some of them aside
    LayerPointer layer = make("layers/" + name, *entry, site);
    flow.add(name, in_place(std::move(layer), kind, columns, site));
  }
}

// Periodic columns behind the others, as they were among themselves.
Places angles_last(const std::vector<Column>& types, std::size_t& angles) {
  Places places(types.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  const auto first = std::stable_partition(places.begin(), places.end(), [&](std::size_t j) {
    return types[j].type != Column::Type::periodic;
  });
  angles = static_cast<std::size_t>(places.end() - first);
  return places;
}

// The layers of the others, given the angles, and then those of the angles: p(t) p(x | t).
void add_all_layers(Config& model, const DataFacts& facts, std::size_t angles, Flow& flow,
                    ParamTable& table) {
  DataFacts given = facts;
  given.context += 2 * angles;
  Site site{given, table, model, facts.columns - angles, image_of(facts)};
  site.angles = angles;
  if (site.columns > 0)
    add_layers(model, "layers", 0, flow, site);
  else if (model.has("layers"))
    model.set("layers", "", "columns");  // no column is left for them
  if (angles == 0) return;
  Site circle{facts, table, model, angles, {}, site.nets, facts.columns - angles};
  circle.circle = true;
  if (!model.has("angles"))
    model.set("angles",
              "[{repeat: 3, layers: [{kind: spline-coupling}, {kind: spline-coupling, condition: "
              "second}, {kind: permute}]}]",
              "default");
  add_layers(model, "angles", 0, flow, circle);
}

}  // namespace

std::unique_ptr<Flow> build_flow(Config& model, const DataFacts& facts, ParamTable& table) {
  assert(!facts.marginal || !facts.types.empty());
  DataFacts seen = facts;
  if (facts.marginal) seen.context += facts.columns;  // the mask
  std::size_t angles = 0;
  const Places places = angles_last(seen.types, angles);
  auto flow = std::make_unique<Flow>(seen.columns, seen.context, seen.marginal);
  if (!seen.types.empty())
    flow->add("00-columns",
              std::make_unique<Columns>("layers/00-columns", seen.types, table, seen.marginal));
  if (angles > 0) flow->add("01-angles-last", std::make_unique<Reorder>(places));
  add_all_layers(model, seen, angles, *flow, table);
  flow->end_with(build_base(model, seen.columns, angles, seen.marginal, table));
  return flow;
}

std::vector<std::string> layer_kinds() {
  std::vector<std::string> kinds;
  for (const auto& entry : layer_makers) kinds.emplace_back(entry.kind);
  return kinds;
}

}  // namespace flow
