#include "torch/draft.h"

#include <algorithm>
#include <cassert>
#include <cstdio>
#include <numeric>
#include <utility>

#include "core/error.h"

namespace flow {

namespace {

Columns numbered(std::size_t n) {
  Columns c(n);
  std::iota(c.begin(), c.end(), std::size_t{0});
  return c;
}

Columns joined(Columns a, const Columns& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

Draft::Draft(std::size_t columns, std::size_t context)
    : context_(context), order_(numbered(columns)) {}

Columns Draft::all() const { return numbered(columns()); }

void Draft::renumber(const Columns& of) {
  assert(of.size() == columns());
  Columns now(columns());
  for (std::size_t j = 0; j < columns(); ++j) now[of[j]] = j;
  for (std::size_t& c : order_) c = now[c];
}

void Draft::arrange(const Columns& wanted) {
  assert(wanted.size() == columns());
  std::vector<double> order;
  for (const std::size_t c : wanted)
    order.push_back(
        static_cast<double>(std::find(order_.begin(), order_.end(), c) - order_.begin()));
  if (wanted == order_) return;
  order_ = wanted;
  append("kind: permute", {{"order", order}});
}

void Draft::append(const std::string& layer, Parameters parameters) {
  const std::string kind = layer.substr(6, layer.find(',') - 6);
  char number[8];
  std::snprintf(number, sizeof number, "%02zu", layers_++);
  yaml_ += "    - {" + layer + "}\n";
  for (auto& [name, values] : parameters)
    parameters_["layers/" + std::string(number) + "-" + kind + "/" + name] = std::move(values);
}

void Draft::add(const std::string& layer, Parameters parameters) {
  assert(layer.starts_with("kind: "));
  append(layer, std::move(parameters));
}

void Draft::add_affine(std::vector<double> shift, std::vector<double> log_scale) {
  assert(shift.size() == columns() && log_scale.size() == columns());
  Parameters p;
  for (const std::size_t c : order_) {
    p["shift"].push_back(shift[c]);
    p["log_scale"].push_back(log_scale[c]);
  }
  append("kind: actnorm", std::move(p));
}

bool Draft::add_coupling(const std::string& layer, const Columns& kept, const Columns& moved,
                         const NetEntry& net) {
  const std::size_t first = (columns() + 1) / 2;
  if (kept.size() != first && moved.size() != first) return false;
  const bool keeps_first = kept.size() == first;
  arrange(keeps_first ? joined(kept, moved) : joined(moved, kept));
  add(layer + ", condition: " + (keeps_first ? "first" : "second"), net);
  return true;
}

void Draft::add(const std::string& layer, const NetEntry& net) {
  append(layer + ", net: " + net.yaml, net.parameters);
}

void Draft::set_base(const std::string& kind, Parameters parameters) {
  base_ = kind;
  for (auto& [name, values] : parameters) parameters_["base/" + name] = std::move(values);
}

Model Draft::finish(const std::string& comment) {
  arrange(all());
  Model model;
  model.given = "# " + comment + "\nmodel:\n  base: " + base_ +
                "\n  layers:" + (layers_ ? "\n" + yaml_ : " []\n");
  model.config = Config::parse(model.given, "flow-import");
  model.data.shape.columns = columns(), model.data.shape.dims = {columns()};
  model.data.context.resize(context_);
  write_data_spec(model.data, model.config);
  model.data = read_data_spec(model.config);
  build(model);
  model.theta.resize(model.table.size());
  for (const auto& e : model.table.entries()) {
    const auto found = parameters_.find(e.name);
    require(found != parameters_.end() && found->second.size() == e.param.size(), Exit::model,
            e.name + ": its numbers do not fit; the file does not hold together");
    std::transform(found->second.begin(), found->second.end(),
                   model.theta.begin() + static_cast<std::ptrdiff_t>(e.param.offset),
                   [](double v) { return static_cast<real>(v); });
    parameters_.erase(found);
  }
  return model;
}

}  // namespace flow
