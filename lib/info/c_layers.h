// The layers of a model as C. Internal to export_c.
#pragma once
#include <span>

#include "core/columns.h"
#include "info/c_site.h"

namespace flow {

// The writer of a kind of layer: lines that turn z and add to logp; null for a kind that has none.
using WriteLayer = void (*)(CSite&);
WriteLayer c_layer(const std::string& kind);

// The layer that stands in front where the columns have types.
void export_columns(CSite& site, std::span<const Column> columns);

// The base: adds log p(z).
void export_base(CSite& site);

}  // namespace flow
