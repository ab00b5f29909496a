#include "torch/import.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/text.h"
#include "flow/condition.h"
#include "flow/evaluate.h"
#include "flow/round_trip.h"
#include "torch/libraries.h"

namespace flow {

namespace {

struct Library {
  const char* name;
  void (*add)(const TorchModule& flow, Draft& draft);
  bool takes_context;
};
const Library libraries[] = {
    {"nflows", add_nflows, false}, {"zuko", add_zuko, true}, {"normflows", add_normflows, false}};

const Library& library_of(const TorchModule& flow) {
  const std::string package = flow.text("library");
  std::string names;
  for (const Library& l : libraries) {
    if (package == l.name || package.starts_with(std::string(l.name) + ".")) return l;
    names += (names.empty() ? "" : ", ") + std::string(l.name);
  }
  flow.refuse("is of " + package + "; give the flow itself, of one of these: " + names);
}

// The file's own rows, each with its context behind it, and what the library gives for them.
struct Rows {
  std::size_t count, columns, context;
  std::vector<real> x;
  std::vector<double> logp;
};

// A matrix of the file that has as many rows as logp.
std::vector<real> matrix_of(const TorchFile& file, const char* name, std::size_t rows,
                            std::size_t& columns) {
  const auto& dims = file.archive.dims(name);
  require(dims.size() == 2 && dims[0] == rows && rows > 0 && dims[1] > 0, Exit::model,
          file.path + ": " + name + " and /logp are not rows and a number for each");
  columns = dims[1];
  return file.archive.array<real>(name);
}

Rows rows_of(const TorchFile& file) {
  Rows r{0, 0, 0, {}, file.archive.array<double>("/logp")};
  r.count = r.logp.size();
  const std::vector<real> x = matrix_of(file, "/x", r.count, r.columns);
  std::vector<real> context;
  if (file.archive.has("/context")) context = matrix_of(file, "/context", r.count, r.context);
  for (std::size_t i = 0; i < r.count; ++i) {
    const auto add = [&](const std::vector<real>& from, std::size_t n) {
      const auto row = from.begin() + static_cast<std::ptrdiff_t>(i * n);
      r.x.insert(r.x.end(), row, row + static_cast<std::ptrdiff_t>(n));
    };
    add(x, r.columns), add(context, r.context);
  }
  const auto finite = [](auto v) { return std::isfinite(v); };
  require(std::all_of(r.x.begin(), r.x.end(), finite) &&
              std::all_of(r.logp.begin(), r.logp.end(), finite),
          Exit::model,
          file.path + ": /x, /context or /logp holds a number that is not finite; take other rows");
  return r;
}

constexpr std::size_t most_reference = 10000;  // flow-model(5)

// Compares, and leaves with the model what flow-score and flow-info tell of held-out rows.
double compare(const TorchFile& file, const Rows& rows, double tolerance, std::size_t threads,
               Model& model) {
  Evaluator evaluator(*model.flow, model.table, model.theta, threads);
  model.reference.resize(rows.count);
  evaluator.log_density(rows.x.data(), rows.count, model.reference);
  double worst = 0;
  for (std::size_t i = 0; i < rows.count; ++i) {
    const double here = model.reference[i], there = rows.logp[i];
    const double off = std::abs(here - there) / std::max(1.0, std::abs(there));
    require(off <= tolerance, Exit::model,
            format("%s: row %zu of /x has the log-density %.6g here, and %.6g in the file; was the "
                   "flow in training mode (call its eval()), or is its version another?",
                   file.path.c_str(), i + 1, here, there));
    worst = std::max(worst, off);
  }
  model.reference.resize(std::min(rows.count, most_reference));
  std::sort(model.reference.begin(), model.reference.end());
  std::vector<real> back = rows.x;
  evaluator.encode(back.data(), rows.count, {}, model.flow->depth());
  evaluator.decode(back.data(), rows.count, {}, model.flow->depth());
  RoundTrip trip;
  trip.add(rows.x, back, rows.columns + rows.context, 0);
  if (std::isfinite(trip.worst)) model.round_trip = trip.worst;
  const double c = condition(evaluator, *model.flow, rows.x);
  if (std::isfinite(c)) model.condition = c;
  return worst;
}

}  // namespace

Imported import_torch(const std::string& path, bool trusted, double tolerance,
                      std::size_t threads) {
  TorchFile file = open_torch(path, trusted);
  const Rows rows = rows_of(file);
  try {
    const TorchModule flow(file);
    const Library& library = library_of(flow);
    require(rows.context == 0 || library.takes_context, Exit::model,
            path + ": a flow of " + library.name + " with a context is not here; of zuko it is");
    Draft draft(rows.columns, rows.context);
    library.add(flow, draft);
    Imported made{draft.finish("flow-import from " + std::string(library.name)), library.name,
                  rows.count, 0};
    made.worst = compare(file, rows, tolerance, threads, made.model);
    return made;
  } catch (const Error& e) {  // what the configuration refuses is bad as a model
    throw Error(Exit::model, e.what());
  }
}

}  // namespace flow
