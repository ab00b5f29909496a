// The libraries whose flows can be read, one file each.
#pragma once
#include "torch/draft.h"

namespace flow {

// Adds all layers and the base of a flow of that library. Error(Exit::model) names what has no
// counterpart here.
void add_nflows(const TorchModule& flow, Draft& draft);
void add_normflows(const TorchModule& flow, Draft& draft);
void add_zuko(const TorchModule& flow, Draft& draft);

}  // namespace flow
