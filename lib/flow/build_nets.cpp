#include "flow/build_nets.h"

#include "flow/choose.h"
#include "nn/convolution_net.h"
#include "nn/pair.h"
#include "nn/residual.h"
#include "nn/residual_convolution.h"

namespace flow {

NetSpec net_spec(Config& net, Site& site, Activation usual, std::vector<std::size_t> hidden) {
  static const Named<Activation> activations[] = {
      {"relu", Activation::relu}, {"tanh", Activation::tanh}, {"silu", Activation::silu}};
  const char* fallback = usual == Activation::tanh ? "tanh" : "relu";
  NetSpec spec;
  spec.hidden = net.counts("hidden", 1, 1 << 16, hidden);
  spec.activation = choose(net, "activation", activations, fallback);
  spec.dropout = net.number("dropout", 0, 0.95, 0);
  spec.start = net.number("start", 0, 1, 0);
  spec.hidden_start = net.number("hidden-start", 0, 1, 0);
  spec.number = site.nets++;
  return spec;
}

namespace {

NetPointer make_mlp(const std::string& name, std::size_t in, std::size_t out, Config& net,
                    Site& site) {
  return std::make_unique<Mlp>(name, in, out, net_spec(net, site, Activation::relu, {128, 128}),
                               site.table);
}

NetSpec residual_spec(Config& net, Site& site) {
  NetSpec spec = net_spec(net, site, Activation::relu, {128});
  if (spec.hidden.size() != 1) net.fail("hidden", "a residual net has one width; give one number");
  spec.blocks = net.count("blocks", 1, 64, 2);
  spec.residual = true;
  return spec;
}

NetPointer make_residual(const std::string& name, std::size_t in, std::size_t out, Config& net,
                         Site& site) {
  const NetSpec spec = residual_spec(net, site);
  return std::make_unique<ResidualMlp>(name, in, out, spec, site.table);
}

NetPointer make_pair(const std::string& name, std::size_t in, std::size_t out, Config& net,
                     Site& site) {
  Config &scale = net.map("scale"), &shift = net.map("shift");
  const NetSpec s = net_spec(scale, site, Activation::tanh, {128, 128});
  const NetSpec t = net_spec(shift, site, Activation::relu, {128, 128});
  return std::make_unique<PairNet>(
      std::make_unique<Mlp>(name + "/scale", in, out / 2, s, site.table),
      std::make_unique<Mlp>(name + "/shift", in, out / 2, t, site.table));
}

NetPointer make_convolution(const std::string& name, ImageSize size, std::size_t in,
                            std::size_t out, Config& net, Site& site) {
  const auto hidden = net.counts("hidden", 1, 1 << 14, std::vector<std::size_t>{128, 128});
  return std::make_unique<ConvolutionNet>(name, size, in, out, hidden, site.table);
}

NetPointer make_residual_convolution(const std::string& name, ImageSize size, std::size_t in,
                                     std::size_t out, Config& net, Site& site) {
  const std::size_t channels = net.count("channels", 1, 1 << 14, 64),
                    blocks = net.count("blocks", 1, 64, 2);
  return std::make_unique<ResidualConvolution>(name, size, in, out, channels, blocks, site.table);
}

using MakeNet = NetPointer (*)(const std::string&, std::size_t, std::size_t, Config&, Site&);
const Named<MakeNet> net_makers[] = {
    {"mlp", make_mlp}, {"residual", make_residual}, {"pair", make_pair}};

using MakeImageNet = NetPointer (*)(const std::string&, ImageSize, std::size_t, std::size_t,
                                    Config&, Site&);
const Named<MakeImageNet> image_net_makers[] = {
    {"convolution", make_convolution}, {"residual-convolution", make_residual_convolution}};

}  // namespace

NetSpec masked_net_spec(Config& net, Site& site) {
  const bool residual = net.choice("kind", {"mlp", "residual"}, "mlp") == "residual";
  return residual ? residual_spec(net, site) : net_spec(net, site, Activation::relu, {128, 128});
}

bool is_image_net(Config& net) {
  return net.has("kind") && std::any_of(std::begin(image_net_makers), std::end(image_net_makers),
                                        [&](const auto& m) { return net.text("kind") == m.kind; });
}

NetPointer build_net(const std::string& name, std::size_t in, std::size_t out, bool pairs,
                     Config& net, Site& site) {
  const MakeNet& make = choose(net, "kind", net_makers, "mlp");
  if (make == make_pair && !pairs)
    net.fail("kind",
             "a pair of nets gives scale and shift: only affine-coupling has both; use mlp");
  return make(name, in, out, net, site);
}

NetPointer build_image_net(const std::string& name, ImageSize size, std::size_t in, std::size_t out,
                           Config& net, Site& site) {
  return choose(net, "kind", image_net_makers, "convolution")(name, size, in, out, net, site);
}

}  // namespace flow
