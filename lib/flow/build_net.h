// From a configuration to a conditioner.
#pragma once
#include <memory>
#include <string>

#include "config/config.h"
#include "nn/mlp.h"

namespace flow {

// What the nets of a flow share: where their parameters go, and how many there are so far.
struct NetSite {
  ParamTable& table;
  std::uint32_t count = 0;
};

// {hidden: [W, ...], activation: KIND, ...}: the part that all kinds of net have.
NetSpec read_net_spec(Config& net, NetSite& site, Activation usual = Activation::relu,
                      std::vector<std::size_t> hidden = {128, 128});

// {kind: mlp | residual | pair, ...}. pairs: whether outputs are scale and shift, which a pair
// gives.
std::unique_ptr<Conditioner> build_net(const std::string& name, std::size_t in, std::size_t out,
                                       Config& net, NetSite& site, bool pairs);

}  // namespace flow
