// From a configuration to what it fixes of a map, and to a coupling over it.
#pragma once
#include "flow/site.h"
#include "kernels/kernels.h"

namespace flow {

// coupling: of a coupling, which knows the learned gain.
MapSpec affine_spec(Config& config, bool coupling);
MapSpec spline_spec(Config& config, const Site& site);

// A map of mixtures and what fixes it.
const Map& mixture_map(Config& config);
MapSpec mixture_spec(Config& config, const Map& map);

LayerPointer build_coupling(const std::string& name, const Map& map, MapSpec spec, Config& config,
                            Site& site);

}  // namespace flow
