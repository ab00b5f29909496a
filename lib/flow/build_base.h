// From a configuration to a base density.
#pragma once
#include <memory>

#include "config/config.h"
#include "flow/base.h"

namespace flow {

// model: {base: KIND, base-bound: B, base-components: K}, the last two where the kind takes them.
// marginal: cells may be missing; Error(Exit::usage) for a base that cannot leave them out.
std::unique_ptr<Base> build_base(Config& model, std::size_t columns, bool marginal,
                                 ParamTable& table);

}  // namespace flow
