#include "model/model.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "config/scalar.h"
#include "core/error.h"
#include "data/columns.h"
#include "data/split.h"
#include "kernels/kernels.h"
#include "model/columns.h"

namespace flow {

namespace {

constexpr const char* format_name = "exactflow model";
constexpr std::int64_t format_version = 2;  // 1: programs that passed over unknown keys read it

// A list in YAML's flow style, each element in double quotes where it is text.
template <class T, class F>
std::string yaml_list(const std::vector<T>& values, F element) {
  std::string out = "[";
  for (const T& v : values) out += (out.size() > 1 ? ", " : "") + element(v);
  return out + "]";
}

void read_parameters(const Archive& archive, const std::string& path, Model& model) {
  std::set<std::string> known;
  // All are there before room is made for what a configuration asks.
  for (const auto& e : model.table.entries()) {
    const std::string name = "/parameters/" + e.name;
    require(archive.has(name), Exit::model,
            path + ": " + name + " is missing; the file does not hold what its configuration says");
    const auto& dims = archive.dims(name);
    require(dims == std::vector{e.param.rows, e.param.cols}, Exit::model,
            path + ": " + name + " is not " + std::to_string(e.param.rows) + " x " +
                std::to_string(e.param.cols) + " as its configuration says");
  }
  model.theta.resize(model.table.size());
  for (const auto& e : model.table.entries()) {
    const std::string name = "/parameters/" + e.name;
    const auto values = archive.array<real>(name);
    const bool finite =
        std::all_of(values.begin(), values.end(), [](real v) { return std::isfinite(v); });
    require(finite, Exit::model,
            path + ": " + name + " holds a number that is not finite; train it again");
    std::copy(values.begin(), values.end(),
              model.theta.begin() + static_cast<std::ptrdiff_t>(e.param.offset));
    known.insert(name);
  }
  for (const std::string& name : archive.names())
    require(!name.starts_with("/parameters/") || known.contains(name), Exit::model,
            path + ": " + name + " belongs to no layer of its configuration");
}

}  // namespace

DataSpec told_of_rows(Config& config) {
  Config& data = config.map("data");
  DataSpec s;
  if (data.choice("prepare", {"none", "patches"}, "none") == "patches")
    s.prepare = Preparation::patches;
  s.marginal = data.choice("missing", {"fail", "marginal"}, "fail") == "marginal";
  return s;
}

void read_levels(Config& data, DataSpec& s) {
  s.dequantise = data.choice("dequantise", {"none", "uniform"}, "none") == "uniform";
  if (data.has("levels")) s.levels.stored = data.count("levels", 2, 65536);
  if (data.has("bits")) {
    s.levels.bits = data.count("bits", 1, 8);
    if (s.levels.stored == 0) s.levels.stored = 256;
    if (s.levels.stored != 256) data.fail("bits", "are those of bytes, which have 256 levels");
  }
  if (s.levels.declared() && !s.dequantise)
    data.fail(data.has("bits") ? "bits" : "levels", "needs data.dequantise: uniform");
}

DataSpec read_data_spec(Config& config) {
  DataSpec s = told_of_rows(config);
  Config& data = config.map("data");
  const double inf = Config::infinity;
  s.shape.dims = data.counts("shape", 1, 1u << 24);
  s.shape.columns = 1;
  for (std::size_t d : s.shape.dims) {
    if (d > (1u << 24) / s.shape.columns) data.fail("shape", "more than 16777216 columns");
    s.shape.columns *= d;
  }
  s.shape.names = data.texts("names", std::vector<std::string>{});
  read_levels(data, s);
  s.low = data.number("low", -inf, inf);
  s.high = data.number("high", -inf, inf);
  s.context = read_context(data);
  s.columns = known_columns(read_columns(config, s.shape));
  for (const Column& c : s.columns) s.shape.words.push_back(c.words);
  if (s.marginal && s.levels.declared())
    data.fail("missing", "marginal does not go with levels; give the columns types");
  if (s.dequantise && !s.columns.empty())
    data.fail("dequantise", "the columns have types of their own; give integer columns theirs");
  return s;
}

void write_data_spec(const DataSpec& s, Config& config) {
  const std::string origin = "data";
  config.set("data.shape", yaml_list(s.shape.dims, [](std::size_t d) { return std::to_string(d); }),
             origin);
  if (!s.shape.names.empty()) config.set("data.names", yaml_list(s.shape.names, in_quotes), origin);
  if (s.levels.declared()) config.set("data.levels", std::to_string(s.levels.stored), origin);
  config.set("data.low", shortest(s.low), origin);
  config.set("data.high", shortest(s.high), origin);
  write_context(s.context, config);
}

void build(Model& model) {
  DataFacts facts;
  facts.low = static_cast<real>(model.data.low), facts.high = static_cast<real>(model.data.high);
  facts.context = width(model.data.context);
  facts.types = modelled(model.data.columns);
  facts.marginal = model.data.marginal;
  if (facts.marginal && facts.types.empty()) facts.types.resize(model.data.shape.columns);
  facts.dims = model.data.shape.dims;
  facts.columns = facts.types.empty() ? model.data.shape.columns : facts.types.size();
  model.flow = build_flow(model.config.map("model"), facts, model.table);
}

void check_savable(const std::string& path, bool replace) {
  require(!path.empty(), Exit::usage, "-o MODEL is missing");
  refuse_terminal(path, "a model is binary; name a file, or pipe it on");
  check_writable(path, replace);
}

void save(const Model& model, const std::string& path, bool replace) {
  ArchiveWriter out(path, replace);
  out.attribute("format", format_name);
  out.attribute("format_version", format_version);
  out.attribute("created_by", "exactflow " FLOW_VERSION);
  out.attribute("kernels", kernels().isa);
  if (!model.run.empty()) out.attribute("run", model.run);
  if (!model.trained_on.digest.empty()) {
    out.attribute("data", model.trained_on.digest);
    out.attribute("rows", static_cast<std::int64_t>(model.trained_on.rows));
    out.attribute("validation_rows", static_cast<std::int64_t>(model.trained_on.validation_rows));
  }
  out.text("/config/given", model.given);
  out.text("/config/resolved", model.config.to_yaml());
  for (const auto& e : model.table.entries())
    out.array("/parameters/" + e.name, {e.param.rows, e.param.cols},
              std::span<const real>(model.theta).subspan(e.param.offset, e.param.size()));
  for (const auto& [name, values] : model.history)
    out.array("/training/" + name, {values.size()}, std::span<const double>(values));
  out.array("/reference/logp", {model.reference.size()}, std::span<const double>(model.reference));
  const auto number = [&](const char* name, const std::optional<double>& value) {
    if (value) out.array(name, {1}, std::span<const double>(&*value, 1));
  };
  number("/reference/round_trip", model.round_trip);
  number("/reference/condition", model.condition);
  out.finish();
}

namespace {

// What is not known would be another flow, or other rows; the keys of training are passed over.
void reject_unknown(Config& config) {
  read_split_spec(config.map("data"), 0);
  config.map("data").text("columns-from", "config");
  config.reject_unread("train");
}

// The attributes that say where a model comes from.
void read_origin(const Archive& archive, Model& model) {
  const auto text = [&](const char* name, std::string& to) {
    if (archive.has_attribute(name)) to = archive.text_attribute(name);
  };
  text("run", model.run), text("created_by", model.created_by), text("kernels", model.kernels);
  TrainedOn& t = model.trained_on;
  text("data", t.digest);
  if (t.digest.empty()) return;
  t.rows = static_cast<std::uint64_t>(archive.integer_attribute("rows"));
  t.validation_rows = static_cast<std::uint64_t>(archive.integer_attribute("validation_rows"));
}

}  // namespace

Model load(const std::string& path, bool trusted) {
  const Archive archive = Archive::open(path, trusted);
  require(archive.has_attribute("format") && archive.text_attribute("format") == format_name,
          Exit::model, path + ": not a model of exactflow; flow-train writes one");
  const std::int64_t version = archive.integer_attribute("format_version");
  require(version <= format_version, Exit::model,
          path + ": format version " + std::to_string(version) +
              " is newer than this program reads (" + std::to_string(format_version) +
              "); use a newer exactflow");
  Model model;
  model.given = archive.text("/config/given");
  try {
    model.config = Config::parse(archive.text("/config/resolved"), path + ":/config/resolved",
                                 Config::longest_resolved);
    model.data = read_data_spec(model.config);
    build(model);
    reject_unknown(model.config);
  } catch (const Error& e) {
    throw Error(Exit::model, e.what());
  }
  read_parameters(archive, path, model);
  for (const std::string& name : archive.names())
    if (name.starts_with("/training/"))
      model.history.emplace_back(name.substr(10), archive.array<double>(name));
  read_origin(archive, model);
  if (archive.has("/reference/logp")) model.reference = archive.array<double>("/reference/logp");
  const auto number = [&](const char* name, std::optional<double>& value) {
    if (!archive.has(name)) return;
    const auto read = archive.array<double>(name);
    if (read.size() == 1) value = read[0];
  };
  number("/reference/round_trip", model.round_trip);
  number("/reference/condition", model.condition);
  require(std::is_sorted(model.reference.begin(), model.reference.end()), Exit::model,
          path + ": /reference/logp is not ascending; the file is damaged");
  model.digest = archive.digest();
  return model;
}

}  // namespace flow
