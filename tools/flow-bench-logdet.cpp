// flow-bench-logdet: what log |det J| costs, by dense and by triangular methods, and whether each
// is right.
#include <algorithm>

#include "cli/program.h"
#include "core/output.h"
#include "logdet/bench.h"
#include "logdet/commit.h"
#include "logdet/lapack.h"
#include "logdet/sizes.h"
#include "logdet/table.h"

using namespace flow;

namespace {

struct Options {
  std::string dims, rows = "128", methods = "usual", budget = "60s", format = "auto", lapack;
  std::size_t hidden = 128, rank = 16, repeats = 7;
  bool check = false;
};

std::vector<const Method*> parse_methods(const std::string& list) {
  std::vector<const Method*> chosen;
  if (list == "usual" || list == "all") {
    for (const Method& m : methods())
      if (m.scope.usual || list == "all") chosen.push_back(&m);
    return chosen;
  }
  for (std::size_t first = 0; first <= list.size();) {
    const std::size_t comma = std::min(list.find(',', first), list.size());
    const std::string name = list.substr(first, comma - first);
    const Method* const m = find_method(name);
    if (!m) {
      std::string names;
      for (const Method& known : methods()) names += std::string(" ") + known.name;
      throw Error(Exit::usage,
                  "--methods: there is no '" + name + "'; there are: usual all" + names);
    }
    chosen.push_back(m);
    first = comma + 1;
  }
  return chosen;
}

// One thread, unless the user says otherwise: rows are what threads share.
cli::Threads threads_of(const cli::Program& program) {
  const cli::Threads t = program.threads();
  const bool asked =
      t.source == "--threads" || t.source == "FLOW_THREADS" || t.source == "OMP_NUM_THREADS";
  return asked ? t : cli::Threads{1, "default"};
}

TableFormat parse_table_format(const std::string& name) {
  if (name == "auto") return is_terminal("-") ? TableFormat::markdown : TableFormat::tsv;
  return name == "md"     ? TableFormat::markdown
         : name == "tsv"  ? TableFormat::tsv
         : name == "csv"  ? TableFormat::csv
         : name == "json" ? TableFormat::json
                          : TableFormat::json_lines;
}

Record record_of(const Measurement& m) {
  Record r{"case", {}};
  r.set("method", m.method->name).set("n", m.size.n);
  if (m.method->scope.batched) r.set("rows", m.size.rows);
  r.set("seconds", m.timing.median)
      .set("mad", m.timing.mad)
      .set("least", m.timing.least)
      .set("bytes", m.bytes);
  r.set("value", m.value);
  if (m.verdict != Verdict::unchecked)
    r.set("reference", m.reference).set("error", m.error).set("bound", m.bound);
  if (m.deviation > 0) r.set("noise", m.deviation);
  r.set("verdict", name_of(m.verdict));
  if (!m.note.empty()) r.set("note", m.note);
  return r.set("samples", m.timing.samples);
}

Record record_of(const MethodFit& f) {
  Record r{"fit", {}};
  r.set("method", f.method->name);
  if (f.method->scope.batched) r.set("rows", f.rows);
  r.set("cost", f.method->cost).set("slope", f.fit.slope);
  r.set("slope_low", f.fit.low).set("slope_high", f.fit.high);
  return r.set("n_from", f.from).set("n_to", f.to).set("verdict", name_of(f.verdict));
}

BenchPlan plan_of(const Options& o, std::size_t threads) {
  BenchPlan plan;
  plan.start = now();
  plan.methods = parse_methods(o.methods);
  if (!has_lapack()) std::erase(plan.methods, find_method("getrf"));
  plan.usual_sizes = o.dims.empty();
  plan.sizes =
      parse_sizes(o.dims.empty() ? "4,6,8,10,16,64,256,512,784,1024,1448,2048" : o.dims, "--dim");
  plan.rows = parse_sizes(o.rows, "--batch");
  require(plan.rows.back() <= 1u << 20, Exit::usage, "--batch: must be from 1 to 1048576");
  plan.size.hidden = o.hidden, plan.size.rank = o.rank, plan.size.threads = threads;
  plan.samples = o.repeats, plan.budget = parse_seconds(o.budget, "--budget");
  return plan;
}

void run(const cli::Program& program, const Options& o) {
  load_lapack(o.lapack);
  const cli::Threads threads = threads_of(program);
  const BenchPlan plan = plan_of(o, threads.count);
  if (!has_lapack()) program.note("no LAPACK on this machine: getrf is left out");
  Table table(parse_table_format(o.format), provenance(threads.count, threads.source, commit),
              cli::write_stdout);
  std::vector<std::string> off;
  const auto measured = run_bench(
      plan,
      [&](const Measurement& m) {
        table.add(record_of(m));
        if (m.verdict == Verdict::off)
          off.push_back(std::string(m.method->name) + " at N = " + std::to_string(m.size.n));
      },
      [&](const std::string& text) { program.note(text); });
  std::vector<std::string> steep;
  for (const MethodFit& f : fit_all(measured)) {
    table.add(record_of(f));
    if (f.verdict == Verdict::off) steep.push_back(f.method->name);
  }
  table.finish();
  require(!measured.empty(), Exit::usage, "--dim: no method takes any of these sizes");
  require(off.empty(), Exit::failed,
          off.empty()
              ? ""
              : off.front() + ": off by more than rounding allows" +
                    (off.size() > 1 ? ", and " + std::to_string(off.size() - 1) + " others" : ""));
  require(!o.check || steep.empty(), Exit::failed,
          steep.empty() ? "" : "--check: the slope of " + steep.front() + " is not that of theory");
}

}  // namespace

int main(int argc, char** argv) {
  cli::Program program("flow-bench-logdet",
                       "Measures what log |det J| costs by dense and by triangular methods, and "
                       "checks each against a reference in double precision.");
  Options o;
  program.section("Benchmark");
  program.option("--dim", o.dims, "LIST", "numbers in a row: 16,784 or 16-4096*2 or 64-512+64");
  program.option("--methods", o.methods, "LIST", "usual, all, or names with commas between");
  program.option("--batch", o.rows, "LIST", "rows in a batch, of whole layers (default 128)");
  program.option("--hidden", o.hidden, "H", "width of the layers' nets (default 128)");
  program.option("--rank", o.rank, "M", "of the determinant lemma (default 16)");
  program.option("-r,--repeats", o.repeats, "R",
                 "timed runs, of which the median counts (default 7)");
  program.option("--budget", o.budget, "TIME",
                 "leave out the largest sizes that would take longer: 90s, 2m (default 60s)");
  program.flag("--check", o.check, "fail where a method grows otherwise than theory says");
  program.option("--lapack", o.lapack, "LIBRARY",
                 "whose getrf runs beside (default: OpenBLAS or LAPACK where there is one)");
  program.section("Output");
  program.choice("-O,--output-format", o.format, "FORMAT",
                 {"auto", "md", "tsv", "csv", "json", "jsonl"},
                 "md on a terminal, else tsv, unless said otherwise");
  program.example("flow-bench-logdet", "the whole table");
  program.example("flow-bench-logdet --dim 784", "a 28x28 image");
  return program.run(argc, argv, [&] {
    require(o.hidden >= 1 && o.hidden <= 8192, Exit::usage, "--hidden: must be from 1 to 8192");
    require(o.rank >= 1 && o.rank <= 8192, Exit::usage, "--rank: must be from 1 to 8192");
    require(o.repeats >= 1 && o.repeats <= 1000, Exit::usage, "--repeats: must be from 1 to 1000");
    run(program, o);
  });
}
