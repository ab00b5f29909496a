// A configuration from anybody: what parses is written and parses again to the same, and builds or
// is refused; what was built is, with all its defaults, such a configuration too.
#include "fuzz/target.h"
#include "model/model.h"
#include "train/spec.h"

namespace {

std::string written(const flow::Config& config) {
  const std::string yaml = config.to_yaml();
  if (flow::Config::parse(yaml, "x").to_yaml() != yaml) throw std::logic_error(yaml);
  return yaml;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return flow::fuzz::answer([&] {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    flow::Model model;
    model.config = flow::Config::parse(text, "x");
    written(model.config);
    // What flow-train knows of the rows.
    const std::pair<const char*, const char*> rows[] = {
        {"shape", size % 2 == 0 ? "[4, 4, 2]" : "[6]"}, {"low", "0"}, {"high", "255"}};
    for (const auto& [key, value] : rows)
      if (!model.config.map("data").has(key))
        model.config.set(std::string("data.") + key, value, "");
    flow::read_train_spec(model.config.map("train"));
    model.data = flow::read_data_spec(model.config);
    if (model.data.shape.columns > 64) return;
    flow::build(model);
    model.config.reject_unread();
    written(model.config);
  });
}
