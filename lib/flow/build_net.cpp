#include "flow/build_net.h"

#include "flow/choose.h"
#include "nn/pair.h"
#include "nn/residual.h"

namespace flow {

NetSpec read_net_spec(Config& net, NetSite& site, Activation usual,
                      std::vector<std::size_t> hidden) {
  static const Named<Activation> activations[] = {
      {"relu", Activation::relu}, {"tanh", Activation::tanh}, {"silu", Activation::silu}};
  const char* fallback = usual == Activation::tanh ? "tanh" : "relu";
  NetSpec spec;
  spec.hidden = net.counts("hidden", 1, 1 << 16, hidden);
  spec.activation = choose(net, "activation", activations, fallback);
  spec.dropout = net.number("dropout", 0, 0.95, 0);
  spec.start = net.number("start", 0, 1, 0);
  spec.hidden_start = net.number("hidden-start", 0, 1, 0);
  spec.number = site.count++;
  return spec;
}

namespace {

using NetPointer = std::unique_ptr<Conditioner>;

NetPointer make_mlp(const std::string& name, std::size_t in, std::size_t out, Config& net,
                    NetSite& site) {
  return std::make_unique<Mlp>(name, in, out, read_net_spec(net, site), site.table);
}

NetPointer make_residual(const std::string& name, std::size_t in, std::size_t out, Config& net,
                         NetSite& site) {
  NetSpec spec = read_net_spec(net, site, Activation::relu, {128});
  if (spec.hidden.size() != 1) net.fail("hidden", "a residual net has one width; give one number");
  spec.blocks = net.count("blocks", 1, 64, 2);
  return std::make_unique<ResidualMlp>(name, in, out, spec, site.table);
}

NetPointer make_pair(const std::string& name, std::size_t in, std::size_t out, Config& net,
                     NetSite& site) {
  Config &scale = net.map("scale"), &shift = net.map("shift");
  const NetSpec s = read_net_spec(scale, site, Activation::tanh);
  const NetSpec t = read_net_spec(shift, site);
  return std::make_unique<PairNet>(
      std::make_unique<Mlp>(name + "/scale", in, out / 2, s, site.table),
      std::make_unique<Mlp>(name + "/shift", in, out / 2, t, site.table));
}

using MakeNet = NetPointer (*)(const std::string&, std::size_t, std::size_t, Config&, NetSite&);
const Named<MakeNet> net_makers[] = {
    {"mlp", make_mlp}, {"residual", make_residual}, {"pair", make_pair}};

}  // namespace

NetPointer build_net(const std::string& name, std::size_t in, std::size_t out, Config& net,
                     NetSite& site, bool pairs) {
  const MakeNet& make = choose(net, "kind", net_makers, "mlp");
  if (make == make_pair && !pairs)
    net.fail("kind",
             "a pair of nets gives scale and shift: only affine-coupling has both; use mlp");
  return make(name, in, out, net, site);
}

}  // namespace flow
