#include "model/preset.h"

#include <algorithm>
#include <filesystem>

#include "core/error.h"

namespace flow {

namespace {

namespace fs = std::filesystem;

// build/release/flow-train has them in ../../configs, PREFIX/bin/flow-train in ../share/...
std::vector<fs::path> preset_folders() {
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  return {program / "../share/exactflow/configs", program / "../../configs", FLOW_CONFIGS};
}

std::string known_presets() {
  std::string list;
  for (const auto& n : preset_names()) list += (list.empty() ? "" : ", ") + n;
  return list.empty() ? "none was found" : list;
}

}  // namespace

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& folder : preset_folders())
    for (const auto& entry : fs::directory_iterator(folder, ignored))
      if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

Config read_config(const std::string& name) {
  std::error_code ignored;
  const bool looks_like_file =
      name.find('/') != name.npos || name.ends_with(".yaml") || name.ends_with(".yml");
  if (looks_like_file || fs::is_regular_file(name, ignored)) return Config::read(name);
  for (const auto& folder : preset_folders()) {
    const fs::path file = folder / (name + ".yaml");
    if (fs::is_regular_file(file, ignored)) return Config::read(file.lexically_normal());
  }
  throw Error(Exit::usage, "-c " + name + ": no such file or preset; presets: " + known_presets());
}

void choose_size(Config& config, std::size_t rows, std::size_t columns) {
  if (!config.has("sizes")) return;
  Config then;
  bool chosen = false;
  for (Config* entry : config.list("sizes")) {
    if (entry->kind() != Config::Kind::map)
      config.fail("sizes", "each entry is a map, as in '- {rows: 1000, then: {...}}'");
    const auto bound = [&](const char* key) {
      return entry->has(key) ? entry->count(key, 1, Config::no_limit) : Config::no_limit;
    };
    const bool fits = bound("rows") >= rows && bound("columns") >= columns;
    Config& part = entry->map("then");
    if (fits && !chosen) then = part, chosen = true;
  }
  config.set("sizes", "", "sizes");
  config.merge(then);
}

}  // namespace flow
