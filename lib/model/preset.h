// Configurations by name: `-c realnvp` is realnvp.yaml of the presets that come with the programs.
#pragma once
#include <string>
#include <vector>

#include "config/config.h"

namespace flow {

// A file where `name` is one, else a preset: beside the program's source or where it was installed.
// Error(Exit::usage) with the list of presets.
Config read_config(const std::string& name);

// Takes `sizes` out of a configuration, a list of {rows, columns, then}: the first entry whose rows
// and columns are not exceeded counts, and the part of a configuration that is its `then` is
// merged.
void choose_size(Config& config, std::size_t rows, std::size_t columns);

// Of all that are to be found, in order.
std::vector<std::string> preset_names();

}  // namespace flow
