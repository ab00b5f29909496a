// Configurations by name: `-c realnvp` is realnvp.yaml of the presets that come with the programs.
#pragma once
#include <string>
#include <vector>

#include "config/config.h"

namespace flow {

// A file where `name` is one, else a preset: beside the program's source or where it was installed.
// Error(Exit::usage) with the list of presets.
Config read_config(const std::string& name);

// Of all that are to be found, in order.
std::vector<std::string> preset_names();

}  // namespace flow
