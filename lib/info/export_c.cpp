#include "info/export_c.h"

#include <algorithm>
#include <cassert>
#include <cctype>

#include "core/error.h"
#include "info/c_layers.h"
#include "model/columns.h"

namespace flow {

void refuse_export(const std::string& what) {
  throw Error(Exit::usage, "--export-c: " + what +
                               " is not exported; score with flow-score, or "
                               "from C with libexactflow");
}

const ParamTable::Entry* CSite::find(const std::string& part) const {
  for (const auto& parameter : model.table.entries())
    if (parameter.name == name + "/" + part) return &parameter;
  return nullptr;
}

CVec CSite::values(const std::string& part) const {
  const auto* parameter = find(part);
  assert(parameter);
  return CVec(model.theta).subspan(parameter->param.offset, parameter->param.size());
}

std::string CSite::array(const std::string& part) const {
  return source.array(name + "/" + part, values(part));
}

namespace {

void check_rows(const DataSpec& data) {
  if (!data.context.empty()) refuse_export("a conditional model");
  if (data.marginal) refuse_export("a model of rows with missing cells");
  if (data.prepare != Preparation::none) refuse_export("a model with data.prepare");
  if (data.dequantise) refuse_export("a model of integers, which get noise,");
  for (std::size_t j = 0; j < data.columns.size(); ++j) {
    const Column& c = data.columns[j];
    using enum Column::Type;
    if (c.type != line && c.type != positive && c.type != interval)
      refuse_export("column " + label_of(data.shape, j) + ", " + describe(c) + ",");
  }
}

// The layers in their order; at: the number of the next.
void export_layers(Config& parent, const Model& model, Config& spec, std::size_t& at,
                   CSource& source) {
  for (Config* entry : parent.list("layers")) {
    if (entry->has("repeat")) {
      const std::size_t times = entry->count("repeat", 1, 1000);
      for (std::size_t i = 0; i < times; ++i) export_layers(*entry, model, spec, at, source);
      continue;
    }
    const std::string name = model.flow->name(at++);
    const WriteLayer write = c_layer(entry->text("kind"));
    if (!write) refuse_export("layer " + name);
    source.line("/* %s */", name.c_str());
    CSite site{model, spec, *entry, "layers/" + name, model.flow->columns(), source};
    write(site);
  }
}

std::string comment(const Model& model, const std::string& path, const std::string& name) {
  std::string columns;
  for (std::size_t j = 0; j < model.data.shape.columns && j < 100; ++j)
    columns += (j ? ", " : "") + label_of(model.data.shape, j);
  for (std::size_t at; (at = columns.find("*/")) != std::string::npos;) columns[at] = ' ';
  std::string file = path;
  for (std::size_t at; (at = file.find("*/")) != std::string::npos;) file[at] = ' ';
  const std::string d = std::to_string(model.data.shape.columns);
  return "/* The density of a normalizing flow, in C99 with <math.h> alone. Made by flow-info "
         "--export-c of " +
         file + ",\n   SHA-256 " + model.digest +
         ".\n\n"
         "   Declare, and link with this file and -lm:\n\n"
         "     double " +
         name + "_logp(const float x[" + d +
         "]);\n\n"
         "   x: a row of finite numbers, in units of the file that was trained on: " +
         columns +
         ".\n   Gives log p(x) in nats, -HUGE_VAL where the density is 0. Any number of threads "
         "may call it. */\n";
}

}  // namespace

std::string export_c(const Model& model, const std::string& path, const std::string& name) {
  const auto letter = [](unsigned char c) { return c < 128 && (std::isalnum(c) || c == '_'); };
  require(!name.empty() && name.size() < 64 && std::all_of(name.begin(), name.end(), letter) &&
              !std::isdigit(static_cast<unsigned char>(name[0])),
          Exit::usage, "--export-c: '" + name + "' is no name in C; take letters, digits and _");
  check_rows(model.data);
  Config config = model.config;
  Config& spec = config.map("model");
  CSource source;
  std::size_t at = 0;
  CSite ends{model, spec, spec, "layers/00-columns", model.flow->columns(), source};
  if (!model.data.columns.empty()) {
    source.line("/* %s */", model.flow->name(at++).c_str());
    export_columns(ends, model.data.columns);
  }
  export_layers(spec, model, spec, at, source);
  source.line("/* base */");
  ends.name = "base";
  export_base(ends);
  return comment(model, path, name) + source.text(name, model.flow->columns());
}

}  // namespace flow
