// From a configuration to a net.
#pragma once
#include "flow/site.h"
#include "nn/mlp.h"

namespace flow {

// What an mlp's entry says. usual: the activation, and hidden the layers, where it says nothing.
NetSpec net_spec(Config& net, Site& site, Activation usual, std::vector<std::size_t> hidden);

// Of an autoregressive layer: an mlp, or a residual net.
NetSpec masked_net_spec(Config& net, Site& site);

// A net of numbers. pairs: whether out is made of scales and shifts, so that a pair of nets can
// give them.
NetPointer build_net(const std::string& name, std::size_t in, std::size_t out, bool pairs,
                     Config& net, Site& site);

// Whether an entry describes a net of images.
bool is_image_net(Config& net);

// A net of images in pixel order, `in` channels to `out`.
NetPointer build_image_net(const std::string& name, ImageSize size, std::size_t in, std::size_t out,
                           Config& net, Site& site);

}  // namespace flow
