#include "flow/build_coupling.h"

#include <numbers>

#include "flow/build_images.h"
#include "flow/build_nets.h"
#include "flow/choose.h"
#include "layers/coupling.h"
#include "nn/angle_net.h"
#include "nn/conditional.h"

namespace flow {

MapSpec affine_spec(Config& config, bool coupling) {
  static const Named<Gain> gains[] = {{"bounded", Gain::bounded},   {"learned", Gain::learned},
                                      {"sigmoid", Gain::sigmoid},   {"soft-clip", Gain::soft_clip},
                                      {"softplus", Gain::softplus}, {"exp", Gain::exp}};
  MapSpec spec;
  spec.gain = choose(config, "gain", gains, "bounded");
  if (spec.gain == Gain::learned && !coupling)
    config.fail("gain", "learned is for couplings; use bounded, sigmoid, soft-clip or softplus");
  const bool bounded = spec.gain == Gain::bounded;
  if (bounded || spec.gain == Gain::soft_clip)
    spec.bound = static_cast<real>(config.number("bound", 1e-3, 20, bounded ? 1 : 6.9));
  const bool softplus = spec.gain == Gain::softplus;
  if (softplus || spec.gain == Gain::sigmoid)
    spec.least =
        static_cast<real>(config.number("least", softplus ? 1e-6 : 0, 1, softplus ? 1e-3 : 0));
  spec.shift_first = config.choice("shift", {"after", "before"}, "after") == "before";
  return spec;
}

MapSpec spline_spec(Config& config, const Site& site) {
  MapSpec spec;
  spec.bins = config.count("bins", 2, most_spline_bins, 8);
  spec.circular = site.circle;
  spec.linear =
      config.choice("pieces", {"rational-quadratic", "linear"}, "rational-quadratic") == "linear";
  spec.bound = std::numbers::pi_v<real>;
  if (site.circle) return spec;
  spec.bound = static_cast<real>(config.number("bound", 1e-3, 1e6, 5));
  spec.circular = config.choice("spline", {"line", "circular"}, "line") == "circular";
  spec.clip = static_cast<real>(config.number("clip", 0, 40, 0));
  if (spec.clip > 0) spec.floor = 0;
  return spec;
}

const Map& mixture_map(Config& config) {
  const bool normal = config.choice("distribution", {"logistic", "normal"}, "logistic") == "normal";
  return normal ? kernels().gaussians : kernels().logistics;
}

MapSpec mixture_spec(Config& config, const Map& map) {
  MapSpec spec;
  spec.bins = config.count("components", 1, most_components, 8);
  if (&map == &kernels().gaussians) return spec;  // it ends in no affine map
  spec.bound = static_cast<real>(config.number("bound", 1e-3, 20, 1));
  return spec;
}

LayerPointer build_coupling(const std::string& name, const Map& map, MapSpec spec, Config& config,
                            Site& site) {
  const std::size_t d = site.columns;
  if (d < 2 && site.facts.context == 0 && !spec.circular)
    config.fail("kind", "a coupling needs at least 2 columns of data, and there is 1");
  static const Named<Half> halves[] = {
      {"first", Half::first}, {"second", Half::second}, {"context", Half::none}};
  if (config.choice("split", {"columns", "channels", "checkerboard"}, "columns") != "columns") {
    if (site.facts.marginal)
      config.fail("split", "of rows with missing cells only columns is known");
    return build_image_coupling(name, map, spec, config, site);
  }
  const Half half = choose(config, "condition", halves, "first");
  if (half == Half::none && site.facts.context == 0)
    config.fail("condition", "there is no context; give flow-train --context, or use first");
  const ColumnSplit s = split(d, half);
  const std::size_t context = site.facts.context, out = map.params(spec) * s.b,
                    points = s.a + context > 0 ? 2 * s.a : 1, in = spec.circular ? points : s.a;
  auto conditioner = build_net(name + "/net", in + context, out, map.params(spec) == 2,
                               net_of(config, site), site);
  spec.marginal = site.facts.marginal;
  if (context > 0)
    conditioner = std::make_unique<ConditionalNet>(context, std::move(conditioner), spec.marginal);
  if (spec.circular)
    conditioner = std::make_unique<AngleNet>(s.a, spec.bound, std::move(conditioner));
  return std::make_unique<Coupling>(name, s, map, spec, std::move(conditioner), site.table);
}

}  // namespace flow
