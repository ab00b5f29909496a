#include "laws/cases.h"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <ostream>
#include <vector>

#include "layers/actnorm.h"
#include "layers/autoregressive.h"
#include "layers/batch_norm.h"
#include "layers/columns.h"
#include "layers/coupling.h"
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
#include "layers/rotation.h"
#include "layers/standardise.h"
#include "nn/angle_net.h"
#include "nn/conditional.h"
#include "nn/mlp.h"
#include "nn/pair.h"
#include "nn/residual.h"

namespace flow::test {

namespace {

template <class L, class... Args>
auto plain(Args... args) {
  return [=](std::size_t d, ParamTable& t) { return std::make_unique<L>("l", d, args..., t); };
}

enum class Net { mlp, residual, pair };

std::unique_ptr<Conditioner> make_net(Net net, std::size_t in, std::size_t out, NetSpec spec,
                                      ParamTable& t) {
  if (net == Net::mlp) return std::make_unique<Mlp>("net", in, out, spec, t);
  if (net == Net::residual) return std::make_unique<ResidualMlp>("net", in, out, spec, t);
  NetSpec other = spec;
  other.activation = Activation::tanh;
  return std::make_unique<PairNet>(std::make_unique<Mlp>("scale", in, out / 2, other, t),
                                   std::make_unique<Mlp>("shift", in, out - out / 2, spec, t));
}

auto coupling(const Map Kernels::*map, MapSpec map_spec, Half half, Net net, NetSpec spec,
              std::size_t context = 0) {
  return [=](std::size_t d, ParamTable& t) {
    const Map& m = kernels().*map;
    const ColumnSplit s = split(d, half);
    const std::size_t points = s.a + context > 0 ? 2 * s.a : 1;
    auto n = make_net(net, (map_spec.circular ? points : s.a) + context, m.params(map_spec) * s.b,
                      spec, t);
    if (context > 0) n = std::make_unique<ConditionalNet>(context, std::move(n));
    if (map_spec.circular) n = std::make_unique<AngleNet>(s.a, map_spec.bound, std::move(n));
    return std::make_unique<Coupling>("l", s, m, map_spec, std::move(n), t);
  };
}

auto inverse_autoregressive(const Map Kernels::*map, MapSpec map_spec, NetSpec spec,
                            std::size_t context = 0) {
  return [=](std::size_t d, ParamTable& t) {
    return std::make_unique<InverseAutoregressive>("l", d, context, kernels().*map, map_spec, spec,
                                                   t);
  };
}

auto autoregressive(const Map Kernels::*map, MapSpec map_spec, NetSpec spec,
                    std::size_t context = 0) {
  return [=](std::size_t d, ParamTable& t) {
    return std::make_unique<Autoregressive>("l", d, context, kernels().*map, map_spec, spec, t);
  };
}

// make: of a layer of the columns that are no angles, d and the table to it.
template <class Make>
auto given_angles(std::size_t angles, std::size_t context, Make make) {
  return [=](std::size_t d, ParamTable& t) {
    return std::make_unique<GivenAngles>(d - angles, angles, context, make(d - angles, t));
  };
}

auto columns(std::vector<Column> types) {
  return [=](std::size_t d, ParamTable& t) {
    BOOST_REQUIRE(types.size() == d);
    return std::make_unique<Columns>("l", types, t);
  };
}

std::vector<Case> make_cases() {
  const NetSpec relu{.hidden = {9, 7}, .activation = Activation::relu, .number = 1};
  const NetSpec tanh{.hidden = {9}, .activation = Activation::tanh, .number = 2};
  const NetSpec silu{.hidden = {6, 5}, .activation = Activation::silu, .number = 3};
  const NetSpec none{.hidden = {}};
  const auto residual = [](NetSpec s, std::size_t blocks) {
    s.hidden = {11}, s.residual = true, s.blocks = blocks;
    return s;
  };
  const auto dropped = [](NetSpec s) { return s.dropout = 0.4, s; };
  const auto additive = &Kernels::additive, affine = &Kernels::affine, spline = &Kernels::spline;
  const auto logistics = &Kernels::logistics, gaussians = &Kernels::gaussians;
  const MapSpec bounded{.gain = Gain::bounded, .bound = 1.5}, learned{.gain = Gain::learned};
  const MapSpec sigmoid{.gain = Gain::sigmoid}, soft{.gain = Gain::soft_clip, .bound = 2};
  const MapSpec softplus{.gain = Gain::softplus, .least = real(0.01)};
  const MapSpec circular{.bound = 3, .bins = 4, .circular = true};
  const Half first = Half::first, second = Half::second;
  using Type = Column::Type;
  const Column real_column, robust{.robust = true}, positive{.type = Type::positive, .low = -1};
  const Column interval{.type = Type::interval, .low = -1, .high = 3};
  const Column integers{.type = Type::integer, .step = 0.5};
  const Column count{.type = Type::integer, .low = 7};
  const Column many{.type = Type::integer, .low = -2, .high = 4, .step = 0.01};
  const Column halves{.type = Type::integer, .low = 1, .high = 3.5, .step = 0.5};
  const Column hours{.type = Type::periodic, .low = 0, .step = 1, .period = 24};
  const Column angle{.type = Type::periodic, .low = -180, .step = 0, .period = 360};
  const Column categories{.type = Type::categorical, .values = {4, 1, 9}};
  return {
      {"actnorm", plain<ActNorm>()},
      {"diagonal", plain<Diagonal>()},
      {"standardise", plain<Standardise>()},
      {"rescale", [](std::size_t d,
                     ParamTable& t) { return std::make_unique<Standardise>("l", d, -1, 3, t); }},
      {"linear", plain<Linear>()},
      {"linear/dense", plain<DenseLinear>()},
      {"linear/rotation",
       [](std::size_t d, ParamTable& t) {
         return std::make_unique<Linear>("l", d, t, start_rotation(d));
       }},
      {"linear/qr", plain<Qr>(std::size_t{6})},
      {"orthogonal", plain<Orthogonal>(std::size_t{5}, Orthogonal::Begin::random)},
      {"orthogonal/few", plain<Orthogonal>(std::size_t{2}, Orthogonal::Begin::identity)},
      {"permute/reverse", plain<Permute>(Order::reverse)},
      {"permute/random", plain<Permute>(Order::random)},
      {"permute/interleave", plain<Permute>(Order::interleave)},
      {"batch-norm", plain<BatchNorm>(1e-5)},
      {"batch-norm/training", plain<BatchNorm>(1e-5), Domain::line, true},
      {"logit",
       [](std::size_t d, ParamTable&) {
         return std::make_unique<Logit>(d, Bounds{-1, 3, real(0.05)});
       },
       Domain::unit},
      {"log", [](std::size_t d, ParamTable&) { return std::make_unique<Log>(d, real(-1)); },
       Domain::positive},
      {"columns", columns({real_column, robust, positive, interval, integers}), Domain::unit},
      {"columns/discrete", columns({count, many, halves, categories, robust}), Domain::levels},
      {"columns/periodic", columns({hours, angle, real_column, angle, positive}), Domain::unit},
      {"given-angles/affine-coupling",
       given_angles(2, 2, coupling(affine, bounded, second, Net::mlp, silu, 6)), Domain::line,
       false, 2},
      {"given-angles/alone", given_angles(4, 0, coupling(spline, {}, first, Net::mlp, tanh, 8))},
      {"given-angles/autoregressive", given_angles(3, 0, autoregressive(affine, bounded, tanh, 6))},
      {"given-angles/inverse",
       given_angles(2, 0, inverse_autoregressive(affine, bounded, silu, 4))},
      {"part",
       [=](std::size_t, ParamTable& t) {
         return std::make_unique<Part>(1, 3,
                                       coupling(affine, bounded, first, Net::mlp, silu)(3, t));
       }},
      {"additive-coupling", coupling(additive, {}, first, Net::mlp, relu)},
      {"additive-coupling/second", coupling(additive, {}, second, Net::mlp, tanh)},
      {"affine-coupling/bounded", coupling(affine, bounded, first, Net::mlp, silu)},
      {"affine-coupling/learned", coupling(affine, learned, second, Net::pair, relu)},
      {"affine-coupling/sigmoid", coupling(affine, sigmoid, first, Net::mlp, tanh)},
      {"affine-coupling/soft-clip", coupling(affine, soft, second, Net::mlp, none)},
      {"affine-coupling/softplus", coupling(affine, softplus, first, Net::mlp, tanh)},
      {"affine-coupling/exp", coupling(affine, {.gain = Gain::exp}, first, Net::mlp, silu)},
      {"affine-coupling/shift-first",
       coupling(affine, {.gain = Gain::exp, .shift_first = true}, second, Net::pair, relu)},
      {"affine-coupling/sigmoid-least",
       coupling(affine, {.gain = Gain::sigmoid, .least = real(0.1), .shift_first = true}, first,
                Net::mlp, silu)},
      {"affine-autoregressive", autoregressive(affine, bounded, relu)},
      {"affine-autoregressive/wide",
       autoregressive(affine, soft, {.hidden = {40, 23}, .activation = Activation::silu})},
      {"affine-autoregressive/no-hidden", autoregressive(affine, bounded, none)},
      {"affine-autoregressive/context", autoregressive(affine, bounded, relu, 3), Domain::line,
       false, 3},
      {"affine-autoregressive/context-no-hidden", autoregressive(affine, bounded, none, 1),
       Domain::line, false, 1},
      {"affine-coupling/context", coupling(affine, bounded, second, Net::mlp, silu, 2),
       Domain::line, false, 2},
      {"affine-coupling/context-alone", coupling(affine, bounded, Half::none, Net::mlp, relu, 2),
       Domain::line, false, 2},
      {"affine-coupling/context-pair", coupling(affine, learned, first, Net::pair, relu, 2),
       Domain::line, false, 2},
      {"spline-coupling/context-residual",
       coupling(spline, {.bound = 3, .bins = 4}, first, Net::residual, silu, 1), Domain::line,
       false, 1},
      {"spline-autoregressive", autoregressive(spline, {.bound = 3, .bins = 4}, tanh)},
      {"affine-autoregressive/residual", autoregressive(affine, bounded, residual(tanh, 2))},
      {"affine-autoregressive/residual-relu", autoregressive(affine, soft, residual(relu, 1))},
      {"affine-autoregressive/residual-context", autoregressive(affine, soft, residual(silu, 3), 2),
       Domain::line, false, 2},
      {"spline-autoregressive/residual",
       autoregressive(spline, {.bound = 4, .bins = 3}, residual(tanh, 1))},
      {"affine-autoregressive/inverse-residual",
       inverse_autoregressive(affine, bounded, residual(silu, 2))},
      {"affine-autoregressive/inverse-residual-relu",
       inverse_autoregressive(affine, bounded, residual(relu, 2), 1), Domain::line, false, 1},
      {"affine-autoregressive/softplus", autoregressive(affine, softplus, silu)},
      {"affine-autoregressive/inverse-softplus", inverse_autoregressive(affine, softplus, tanh)},
      {"affine-autoregressive/inverse", inverse_autoregressive(affine, bounded, relu)},
      {"affine-autoregressive/inverse-wide",
       inverse_autoregressive(affine, soft, {.hidden = {40, 23}, .activation = Activation::silu})},
      {"affine-autoregressive/inverse-no-hidden", inverse_autoregressive(affine, sigmoid, none)},
      {"affine-autoregressive/inverse-context", inverse_autoregressive(affine, bounded, silu, 2),
       Domain::line, false, 2},
      {"spline-autoregressive/inverse",
       inverse_autoregressive(spline, {.bound = 5, .bins = 3}, tanh)},
      {"mixture-autoregressive/inverse", inverse_autoregressive(logistics, {.bins = 3}, silu)},
      {"spline-coupling", coupling(spline, {.bound = 3, .bins = 8}, first, Net::mlp, silu)},
      {"spline-coupling/few-bins",
       coupling(spline, {.bound = 1, .bins = 2}, second, Net::mlp, tanh)},
      {"spline-coupling/clip",
       coupling(spline, {.bound = 3, .bins = 5, .floor = 0, .clip = 4}, first, Net::mlp, silu)},
      {"spline-autoregressive/clip",
       autoregressive(spline, {.bound = 4, .bins = 3, .floor = 0, .clip = 2}, tanh)},
      {"spline-coupling/linear",
       coupling(spline, {.bound = 3, .bins = 5, .linear = true}, first, Net::mlp, silu)},
      {"spline-coupling/linear-circular",
       coupling(spline, {.bound = 3, .bins = 4, .circular = true, .linear = true}, second, Net::mlp,
                tanh),
       Domain::circle},
      {"spline-coupling/circular", coupling(spline, circular, first, Net::mlp, tanh),
       Domain::circle},
      {"spline-coupling/one-angle", coupling(spline, circular, first, Net::mlp, tanh),
       Domain::circle, false, 0, 1},
      {"spline-autoregressive/circular", autoregressive(spline, circular, silu), Domain::circle},
      {"mixture-coupling", coupling(logistics, {.bins = 4}, first, Net::mlp, silu)},
      {"mixture-coupling/one",
       coupling(logistics, {.bound = 2, .bins = 1}, second, Net::mlp, tanh)},
      {"mixture-coupling/normal", coupling(gaussians, {.bins = 4}, second, Net::mlp, silu)},
      {"mixture-autoregressive", autoregressive(logistics, {.bins = 3}, tanh)},
      {"mixture-autoregressive/normal", autoregressive(gaussians, {.bins = 3}, silu, 2),
       Domain::line, false, 2},
      {"mixture-autoregressive/one-normal", autoregressive(gaussians, {.bins = 1}, tanh)},
      {"mixture-autoregressive/inverse-normal",
       inverse_autoregressive(gaussians, {.bins = 2}, tanh)},
      {"affine-coupling/residual-relu", coupling(affine, bounded, first, Net::residual, relu)},
      {"affine-coupling/residual-silu", coupling(affine, bounded, first, Net::residual, silu)},
      {"affine-coupling/dropout-relu", coupling(affine, bounded, first, Net::mlp, dropped(relu)),
       Domain::line, true},
      {"affine-coupling/dropout-tanh", coupling(affine, bounded, first, Net::mlp, dropped(tanh)),
       Domain::line, true},
      {"affine-coupling/dropout-silu", coupling(affine, bounded, first, Net::mlp, dropped(silu)),
       Domain::line, true},
      {"affine-coupling/dropout-residual",
       coupling(affine, bounded, first, Net::residual, dropped(tanh)), Domain::line, true},
      {"affine-coupling/dropout-residual-silu",
       coupling(affine, bounded, second, Net::residual, dropped(silu)), Domain::line, true},
  };
}

}  // namespace

double Case::into_domain(double v) const {
  if (domain == Domain::unit) return -1 + 4 / (1 + std::exp(-v));  // (-1, 3)
  if (domain == Domain::levels) return 3 / (1 + std::exp(-v));     // (0, 3)
  if (domain == Domain::circle) return 3 * std::tanh(v / 3);       // (-3, 3)
  return domain == Domain::positive ? std::exp(v) - 1 : v;         // beyond -1
}

std::span<const Case> cases() {
  static const std::vector<Case> all = [] {
    std::vector<Case> made = make_cases(), images = image_cases();
    made.insert(made.end(), images.begin(), images.end());
    return made;
  }();
  return all;
}

std::ostream& operator<<(std::ostream& os, const Case& c) { return os << c.name; }

}  // namespace flow::test
