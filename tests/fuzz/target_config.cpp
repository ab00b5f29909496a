// A configuration from anybody: what parses is written and parses again to the same, and builds or
// is refused.
#include "fuzz/target.h"
#include "model/model.h"
#include "train/spec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return flow::fuzz::answer([&] {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    flow::Model model;
    model.config = flow::Config::parse(text, "x");
    const std::string yaml = model.config.to_yaml();
    if (flow::Config::parse(yaml, "x").to_yaml() != yaml) throw std::logic_error(yaml);
    flow::read_train_spec(model.config.map("train"));
    model.data = flow::read_data_spec(model.config);
    if (model.data.shape.columns > 64) return;
    flow::build(model);
    model.config.reject_unread();
  });
}
