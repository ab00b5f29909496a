// From a configuration to a base density.
#pragma once
#include <memory>

#include "config/config.h"
#include "flow/base.h"

namespace flow {

// model: {base: KIND, base-bound: B, base-components: K}, the last two where the kind takes them.
// angles: so many of the columns, the last ones, are uniform on a circle whatever the KIND.
// marginal: cells may be missing; Error(Exit::usage) for a base that cannot leave them out.
std::unique_ptr<Base> build_base(Config& model, std::size_t columns, std::size_t angles,
                                 bool marginal, ParamTable& table);

}  // namespace flow
