// flow-check: whether a model keeps what a flow promises, as a table, and exit 1 where it does not.
#include <algorithm>
#include <cmath>

#include "check/check.h"
#include "cli/context_options.h"
#include "core/text.h"
#include "model/rows.h"

using namespace flow;

namespace {

struct Options {
  std::string model, data;
  std::size_t rows = 4096;
  CheckSpec spec;
  cli::InputOptions input;
  cli::ContextOptions context;
};

// Of rows with missing cells there is no dense Jacobian: they are left out, and their number told.
std::size_t keep_whole(std::vector<double>& values, std::size_t columns) {
  std::size_t kept = 0;
  const std::size_t n = values.size() / columns;
  for (std::size_t i = 0; i < n; ++i) {
    const auto row = values.begin() + static_cast<std::ptrdiff_t>(i * columns);
    const auto end = row + static_cast<std::ptrdiff_t>(columns);
    if (std::any_of(row, end, [](double v) { return std::isnan(v); })) continue;
    std::copy(row, end, values.begin() + static_cast<std::ptrdiff_t>(kept++ * columns));
  }
  values.resize(kept * columns);
  return n - kept;
}

// Rows of the data, or of the model itself where there are none.
std::vector<real> rows_to_check(const cli::Program& program, const Options& o, const Model& model) {
  std::vector<real> rows;
  if (o.data.empty()) {
    require(model.data.context.empty(), Exit::usage,
            "the model is conditional; give DATA, whose contexts it can be checked for");
    rows.assign(o.rows * model.flow->width(), 1);  // a mask says that all is there
    draw_rows(model, o.spec, rows);
    return rows;
  }
  const auto reader = o.context.open(o.input, o.data, {"test", "x"}, model.data).rows;
  check_columns(model, reader->shape(), reader->name());
  const std::size_t columns = reader->shape().columns;
  std::vector<double> values(o.rows * columns);
  values.resize(reader->read(values) * columns);
  require(!values.empty(), Exit::data, reader->name() + ": no rows");
  const std::size_t gaps = model.data.marginal ? keep_whole(values, columns) : 0;
  require(!values.empty(), Exit::data,
          reader->name() + ": each of " + std::to_string(gaps) +
              " rows has a missing cell, and whole rows are checked; leave DATA out");
  if (gaps > 0)
    program.note(reader->name() + ": " + std::to_string(gaps) +
                 " rows with missing cells were left out");
  to_flow(model, values, 0, o.spec.seed, Noise::drawn, reader->name(), rows);
  return rows;
}

void run(const cli::Program& program, Options& o) {
  require(o.rows > 0, Exit::usage, "--rows: 0 leaves nothing to check; give 1 or more");
  if (o.data.empty()) {
    cli::InputOptions::refuse(program, "is for DATA, and none is named");
    cli::ContextOptions::refuse(program, "is for DATA, and none is named");
  }
  const Model model = load(o.model, o.input.trusted());
  o.spec.threads = program.threads().count;
  std::string table = format("%-10s %-12s %-10s %-7s %s\n", "check", "found", "bound", "", "");
  table += format("%-10s %-12s %-10s %-7s %s\n", "digest", model.digest.substr(0, 12).c_str(), "",
                  "ok", "SHA-256 over everything in the file");
  bool good = true;
  for (const Finding& f : check_model(model, rows_to_check(program, o, model), o.spec)) {
    const std::string bound = f.judged ? format("%.2g", f.bound) : "";
    table += format("%-10s %-12.3g %-10s %-7s %s\n", f.check.c_str(), f.value, bound.c_str(),
                    !f.judged ? ""
                    : f.holds ? "ok"
                              : "FAILED",
                    f.note.c_str());
    good = good && (f.holds || !f.judged);
  }
  cli::write_page(table);
  require(good, Exit::failed, o.model + ": does not keep what a flow promises; see the table");
}

}  // namespace

int main(int argc, char** argv) {
  cli::Program program("flow-check",
                       "Proves a model: its digest, its inverse, its log-determinants against the "
                       "dense Jacobian, its samples against its density, the integral of it.");
  Options o;
  program.operand("MODEL", o.model, "a model that flow-train wrote");
  program.operand("DATA", o.data, "rows to check it at (default: its own samples)", false);
  program.section("Checks");
  program.option("-n,--rows", o.rows, "N", "rows to check at (default 4096)");
  program.option("--tolerance", o.spec.round_trip, "E",
                 "of the inverse, relative to max(1, |x|) (default: 16 eps times the condition)");
  program.option("--log-det-tolerance", o.spec.log_det, "E",
                 "of log-determinants, in nats (default: by the number of columns)");
  program.option("--integral-tolerance", o.spec.integral, "E",
                 "of the integral, which is 1 (default 1e-3)");
  program.option("--seed", o.spec.seed, "N", "of samples and of noise (default 0)");
  o.input.add_to(program);
  o.context.add_to(program);
  program.example("flow-check m.h5 rows.csv", "is this model what it says?");
  return program.run(argc, argv, [&] { run(program, o); });
}
