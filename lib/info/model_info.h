// What a model is, for people and for programs.
#pragma once
#include <span>
#include <string>

#include "core/json.h"
#include "model/model.h"

namespace flow {

// One number an epoch: "train", "validation" ...; empty where the file has none.
std::span<const double> history_column(const Model& model, const std::string& name);

// A page: what it was trained on and how well it did, columns, the history as curves, and layers
// with their parameters. path: the file that it was read from; width: of the terminal,
// in letters, which no curve exceeds.
std::string describe(const Model& model, const std::string& path, bool ascii,
                     std::size_t width = 80);

// The same, every number and all columns: flow-info(1) lists the keys.
JsonLine json_of(const Model& model, const std::string& path);

}  // namespace flow
