// From a configuration to the layers of image flows: planes, squeeze, factor-out, couplings split
// by channels or by a checkerboard, and layers that act on channels.
#pragma once
#include "flow/site.h"
#include "kernels/kernels.h"
#include "layers/per_pixel.h"

namespace flow {

// What rows of this shape are an image of: nothing for tables.
std::optional<ImageState> image_of(const DataFacts& facts);

// The image that layer `config` acts on, in planes. Error(Exit::usage) where there is none.
ImageState& image_in_planes(Config& config, Site& site);

LayerPointer build_planes(const std::string& name, Config& config, Site& site);
LayerPointer build_squeeze(const std::string& name, Config& config, Site& site);
LayerPointer build_variational_dequantise(const std::string& name, Config& config, Site& site);
// Sets the second half of the channels aside, given the first.
LayerPointer build_factor_out(const std::string& name, Config& config, Site& site);
LayerPointer build_image_coupling(const std::string& name, const Map& map, MapSpec spec,
                                  Config& config, Site& site);

// make(columns), or with `per: channel` make(channels) at every pixel.
template <class Make>
LayerPointer per_what(Config& config, Site& site, Make make) {
  if (config.choice("per", {"column", "channel"}, "column") == "column") return make(site.columns);
  const ImageState& image = image_in_planes(config, site);
  return std::make_unique<PerPixel>(image.size.pixels(), image.channels, make(image.channels));
}

}  // namespace flow
