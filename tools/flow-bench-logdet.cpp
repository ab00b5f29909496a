// flow-bench-logdet: what log |det J| costs, by dense and by triangular methods, and whether each
// is right.
#include <algorithm>
#include <cmath>

#include "cli/context_options.h"
#include "core/output.h"
#include "core/text.h"
#include "flow/evaluate.h"
#include "logdet/commit.h"
#include "logdet/lapack.h"
#include "logdet/matrix.h"
#include "logdet/plot.h"
#include "logdet/records.h"
#include "logdet/sizes.h"
#include "model/preset.h"
#include "model/rows.h"

using namespace flow;

namespace {

struct Options {
  std::string dims, rows = "128", methods = "usual", format = "auto", lapack, plot;
  std::string model, operand, preset, data;
  std::size_t hidden = 128, rank = 16, repeats = 7, model_rows = 16;
  std::optional<double> tolerance;
  cli::Seconds budget{50}, within{600};
  bool check = false, replace = false;
  cli::InputOptions input;
  cli::ContextOptions context;
};

std::vector<const Method*> parse_methods(const std::string& list) {
  std::vector<const Method*> chosen;
  for (const std::string& name : cli::split_list(list)) {
    const bool all = name == "all";
    if (all || name == "usual") {
      for (const Method& m : methods())
        if (m.scope.usual || all) chosen.push_back(&m);
    } else if (const Method* const m = find_method(name)) {
      chosen.push_back(m);
    } else {
      std::string names;
      for (const Method& known : methods()) names += std::string(" ") + known.name;
      throw Error(Exit::usage,
                  "--methods: there is no '" + name + "'; there are: usual all" + names);
    }
  }
  return chosen;
}

TableFormat parse_table_format(const std::string& name) {
  if (name == "auto") return is_terminal("-") ? TableFormat::markdown : TableFormat::tsv;
  return name == "md"     ? TableFormat::markdown
         : name == "tsv"  ? TableFormat::tsv
         : name == "csv"  ? TableFormat::csv
         : name == "json" ? TableFormat::json
                          : TableFormat::json_lines;
}

BenchPlan plan_of(const Options& o, std::size_t threads) {
  BenchPlan plan;
  plan.start = now();
  plan.methods = parse_methods(o.methods);
  if (!has_lapack()) std::erase(plan.methods, find_method("getrf"));
  plan.usual_sizes = o.dims.empty();
  plan.sizes = parse_sizes(
      o.dims.empty() ? "4,6,8,10,16,64,256,512,640,784,1024,1448,2048" : o.dims, "--dim");
  plan.rows = parse_sizes(o.rows, "--batch");
  require(plan.rows.back() <= 1u << 20, Exit::usage, "--batch: must be from 1 to 1048576");
  plan.size.hidden = o.hidden, plan.size.rank = o.rank, plan.size.threads = threads;
  plan.samples = o.repeats, plan.budget = o.budget.value;
  return plan;
}

void bench(const cli::Program& program, const Options& o, const Provenance& from, Table& table) {
  const BenchPlan plan = plan_of(o, from.threads);
  if (!has_lapack()) program.note("no LAPACK on this machine: getrf is left out");
  std::string off, steep;
  const auto measured = run_bench(
      plan,
      [&](const Measurement& m) {
        table.add(record_of(m));
        if (m.verdict == Verdict::off) off += format("%s at N = %zu, ", m.method->name, m.size.n);
      },
      [&](const std::string& text) { program.note(text); });
  const auto fits = fit_all(measured);
  for (const MethodFit& f : fits) {
    table.add(record_of(f));
    if (f.verdict == Verdict::off)
      steep += format("%s grows as N^%.2f, ", f.method->name, f.fit.slope);
  }
  if (const std::string line = at_784(measured); !line.empty()) program.note(line);
  if (!o.plot.empty()) write_plot(o.plot, o.replace, describe_short(from), measured, fits);
  require(!measured.empty(), Exit::usage, "--dim: no method takes any of these sizes");
  require(off.empty(), Exit::failed, off + "off by more than rounding allows");
  require(!o.check || !fits.empty(), Exit::usage,
          "--check: nothing to fit; take three sizes from 512 on");
  require(!o.check || steep.empty(), Exit::failed,
          "--check: " + steep + "and theory says otherwise");
}

// Rows to verify at, as the flow sees them: the first of a file without missing cells, or drawn.
std::vector<real> rows_for(const Options& o, const Model& model) {
  std::vector<real> rows(o.model_rows * model.flow->width());
  if (o.operand.empty()) {
    require(model.flow->context() == 0, Exit::usage,
            o.model + ": is conditional; name DATA, with its context");
    Evaluator(*model.flow, model.table, model.theta, 1)
        .sample(Random(0, Stream::sample), 0, o.model_rows, 1, rows.data());
    return rows;
  }
  const auto reader = o.context.open(o.input, o.operand, {"test", "x"}, model.data).rows;
  check_columns(model, reader->shape(), reader->name());
  std::vector<double> values, row(reader->shape().columns);
  while (values.size() < o.model_rows * row.size() && reader->read(row) > 0)
    if (std::none_of(row.begin(), row.end(), [](double v) { return std::isnan(v); }))
      values.insert(values.end(), row.begin(), row.end());
  require(!values.empty(), Exit::data, reader->name() + ": no row of which all cells are there");
  to_flow(model, values, 0, 0, Noise::drawn, reader->name(), rows);
  return rows;
}

StepCost cost_of(const Options& o, const Model& model, const std::vector<real>& rows,
                 std::size_t threads, const TrainSpec& spec) {
  const Dataset data(rows, model.flow->columns(), false, 0, {}, model.flow->context());
  const std::vector<real> theta =
      model.theta.empty() ? start_parameters(*model.flow, model.table, data) : model.theta;
  return measure_step({*model.flow, model.table, theta, spec}, data, threads, o.budget.value / 4);
}

void check_model(const cli::Program& program, const Options& o, std::size_t threads, Table& table) {
  Model model = load(o.model);
  const std::size_t d = model.flow->columns();
  const double tolerance = o.tolerance.value_or(rounding_bound(d));
  const std::vector<real> rows = rows_for(o, model);
  const ModelCheck c = verify(model, rows, tolerance,
                              [&](const RowCheck& r) { table.add(record_of(r, d, tolerance)); });
  TrainSpec spec = read_train_spec(model.config.map("train"));
  settle(spec, spec.batch, model.table.trained(), model.flow->couples_rows());
  table.add(record_of(cost_of(o, model, rows, threads, spec), o.model));
  program.note(
      format("%zu of %zu rows checked: |analytic - dense| log-det at worst %.3g, %.3g in the "
             "mean, %.3g nats allowed; a dense row takes %.3g s",
             c.rows - c.unchecked, c.rows, c.worst, c.mean, tolerance, c.seconds));
  require(c.rows > c.unchecked, Exit::failed,
          o.model + ": no row lies in the support of the model");
  require(c.good, Exit::failed,
          o.model + ": the log-det is not that of the dense Jacobian within --tolerance");
}

// What rows of so many columns are where no data say it: square images, if that can be.
RowShape shape_of(std::size_t columns) {
  const auto side = static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(columns))));
  RowShape shape;
  shape.columns = columns, shape.dims = {columns};
  if (side > 1 && side * side == columns) shape.dims = {side, side};
  return shape;
}

// The flow of a preset for such rows.
Model untrained(const std::string& preset, const RowShape& shape, const std::vector<real>& rows) {
  Model model;
  model.config = read_config(preset);
  model.data.shape.columns = shape.columns, model.data.shape.dims = shape.dims;
  const auto [low, high] = std::minmax_element(rows.begin(), rows.end());
  model.data.low = static_cast<double>(*low), model.data.high = static_cast<double>(*high) + 1;
  build(model);
  return model;
}

void advise(const cli::Program& program, const Options& o, std::size_t threads, Table& table) {
  std::vector<real> rows;
  std::vector<RowShape> shapes;
  for (const std::size_t n : parse_sizes(o.dims.empty() ? "784" : o.dims, "--dim"))
    shapes.push_back(shape_of(n));
  if (!o.data.empty()) {
    const auto reader = o.input.finite(o.input.open_selected(o.data, {"train/x", "train"}));
    rows = read_all(*reader, o.input.max_bytes());
    shapes = {reader->shape()};
    require(!rows.empty(), Exit::data, reader->name() + ": no rows");
  }
  for (const std::string& name : o.preset.empty() ? preset_names() : cli::split_list(o.preset))
    for (const RowShape& shape : shapes) try {
        const std::size_t n = shape.columns;
        const auto drawn = normal_numbers(n * 512, 1, 1);
        const std::vector<real> some(rows.empty() ? drawn.data() : rows.data(),
                                     rows.empty() ? drawn.data() + drawn.size()
                                                  : rows.data() + std::min(rows.size(), n * 4096));
        Model model = untrained(name, shape, some);
        TrainSpec spec = read_train_spec(model.config.map("train"));
        const std::size_t all = rows.empty() ? spec.batch : rows.size() / n * 9 / 10;
        settle(spec, std::max<std::size_t>(1, all), model.table.trained(),
               model.flow->couples_rows());
        const StepCost cost = cost_of(o, model, some, threads, spec);
        Record r = record_of(cost, name);
        if (!rows.empty()) add_run(r, cost, {all, spec.epochs, o.within.value});
        table.add(std::move(r));
      } catch (const Error& e) {
        if (!o.preset.empty() || e.code() == Exit::closed) throw;
        program.note(name + ": is not for this data: " + e.what());
      }
}

// Not the benchmark, but what a model or training costs.
bool looks_at_training(const Options& o) {
  return !o.model.empty() || !o.preset.empty() || !o.data.empty();
}

// What each of the three uses of the program does without.
void check_options(const cli::Program& program, const Options& o) {
  if (looks_at_training(o))
    program.refuse({"methods", "batch", "hidden", "rank", "repeats", "check", "lapack", "plot"},
                   "is for the benchmark, without --model, --preset and --data");
  if (o.plot.empty()) program.refuse({"force"}, "is for --plot");
  if (!o.data.empty() || (!o.model.empty() && o.preset.empty()))
    program.refuse({"dim"}, "the rows say how many numbers they have");
  if (o.model.empty()) program.refuse({"rows", "tolerance"}, "is for --model");
  if (o.data.empty()) program.refuse({"within"}, "is for --data");
  if (o.operand.empty()) {
    cli::ContextOptions::refuse(program, "is for DATA, and none is named");
    if (o.data.empty()) cli::InputOptions::refuse(program, "is for rows, and none are named");
  }
}

void run(const cli::Program& program, const Options& o) {
  check_options(program, o);
  require(o.operand.empty() || !o.model.empty(), Exit::usage,
          "'" + o.operand + "': DATA stands behind --model; --data asks what rows would cost");
  if (!o.plot.empty()) check_plot_path(o.plot, o.replace);
  load_lapack(o.lapack);
  cli::Threads threads = program.threads();
  const bool asked = threads.source == "--threads" || threads.source == "FLOW_THREADS" ||
                     threads.source == "OMP_NUM_THREADS";
  // Rows are what threads share, so one of them is timed on one thread; training uses all.
  if (!looks_at_training(o) && !asked) threads = {1, "default"};
  const Provenance from = provenance(threads.count, threads.source, commit);
  Table table(parse_table_format(o.format), from, cli::write_stdout);
  try {
    if (!o.model.empty()) check_model(program, o, threads.count, table);
    if (!o.preset.empty() || !o.data.empty()) advise(program, o, threads.count, table);
    if (!looks_at_training(o)) bench(program, o, from, table);
  } catch (const Error& e) {
    if (e.code() == Exit::failed) table.finish();
    throw;
  }
  table.finish();
}

}  // namespace

int main(int argc, char** argv) {
  cli::Program program("flow-bench-logdet",
                       "Measures what log |det J| costs by dense and by triangular methods, and "
                       "checks each against a reference in double precision; verifies a model.");
  Options o;
  program.operand("DATA", o.operand, "rows to verify --model at: FILE, FILE.h5:/data/set, or -",
                  false);
  program.section("Benchmark");
  program.option("--dim", o.dims, "LIST", "numbers in a row: 16,784 or 16-4096*2 or 64-512+64");
  program.option("--methods", o.methods, "LIST", "usual, all, or names with commas between");
  program.option("--batch", o.rows, "LIST", "rows in a batch, of whole layers (default 128)");
  program.option("--hidden", o.hidden, "H", "width of the layers' nets (default 128)");
  program.option("--rank", o.rank, "M", "of the determinant lemma (default 16)");
  program.option("-r,--repeats", o.repeats, "R",
                 "timed runs, of which the median counts (default 7)");
  program.option("--budget", o.budget, "TIME",
                 "leave out the largest sizes that would take longer (default 50s)");
  program.flag("--check", o.check, "fail where a method grows otherwise than theory says");
  program.option("--lapack", o.lapack, "LIBRARY",
                 "whose getrf runs beside (default: OpenBLAS or LAPACK where there is one)");
  program.section("A model, and training");
  program.option("--model", o.model, "MODEL", "verify it at the rows of DATA, or at samples");
  program.option("--rows", o.model_rows, "N", "rows to verify at (default 16)");
  program.option("--tolerance", o.tolerance, "NATS",
                 "error allowed of a row (default: what rounding makes)");
  program.option("--preset", o.preset, "LIST", "what a training step of these flows costs");
  program.option("--data", o.data, "DATA", "what training on these rows costs, flow by flow");
  program.option("--within", o.within, "TIME", "with --data: time for training (default 10m)");
  o.input.add_to(program);
  o.context.add_to(program);
  program.section("Output");
  program.choice("-O,--output-format", o.format, "FORMAT",
                 {"auto", "md", "tsv", "csv", "json", "jsonl"},
                 "md on a terminal, else tsv, unless said otherwise");
  program.option("--plot", o.plot, "FILE", "draw times over N: FILE.svg or FILE.png");
  program.flag("-f,--force", o.replace, "overwrite an existing FILE");
  program.example("flow-bench-logdet", "the whole table");
  program.example("flow-bench-logdet --dim 784", "a 28x28 image");
  program.example("flow-bench-logdet --model m.h5 rows.csv", "is this density exact?");
  return program.run(argc, argv, [&] {
    require(o.hidden >= 1 && o.hidden <= 8192, Exit::usage, "--hidden: must be from 1 to 8192");
    require(o.rank >= 1 && o.rank <= 8192, Exit::usage, "--rank: must be from 1 to 8192");
    require(o.repeats >= 1 && o.repeats <= 1000, Exit::usage, "--repeats: must be from 1 to 1000");
    require(o.model_rows >= 1 && o.model_rows <= 1000000, Exit::usage,
            "--rows: must be from 1 to 1000000");
    run(program, o);
  });
}
