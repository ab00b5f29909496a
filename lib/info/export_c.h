// A trained model as C: one function, for programs that score rows without this library.
#pragma once
#include <string>

#include "model/model.h"

namespace flow {

// C99, with <math.h> alone, of `double NAME_logp(const float x[D])`; path: the file of the model.
// Error(Exit::usage) where NAME is no name of C, and for a model with a layer, a net, a base or
// columns that have no simple equations, or need noise, or a context.
std::string export_c(const Model& model, const std::string& path, const std::string& name);

}  // namespace flow
