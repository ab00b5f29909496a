// flow-info: what is in a model, or in a file of rows.
#include <filesystem>

#include "cli/context_options.h"
#include "core/output.h"
#include "core/terminal.h"
#include "h5/reader.h"
#include "info/curve.h"
#include "info/data_info.h"
#include "info/export_c.h"
#include "info/model_info.h"
#include "info/report.h"
#include "model/rows.h"

using namespace flow;

namespace {

struct Options {
  std::string file, plot, figure, data, function;
  bool json = false, replace = false;
  EvidenceSpec evidence;
  cli::InputOptions input;
  cli::ContextOptions context;
};

// The data sets of an HDF5 file; nothing for others.
std::vector<std::string> datasets_of(const std::string& file, bool trusted) {
  if (file == "-" || !std::filesystem::is_regular_file(file)) return {};
  Input input = open_input(file);
  return is_hdf5(input.peek(2048)) ? hdf5_datasets(file, trusted) : std::vector<std::string>{};
}

void show_data(const Options& o, std::vector<std::string> datasets) {
  const auto rows = o.input.open_selected(o.file, {"train/x", "train", "x"}, {.learns = true});
  DataInfo info = inspect(*rows);
  info.name = rows->name();
  info.datasets = std::move(datasets);
  if (o.json) return cli::write_stdout(json_of(info).line());
  cli::write_page(describe(info));
}

void draw_report(const cli::Program& program, Options& o, const Model& model) {
  o.evidence.threads = program.threads().count;
  std::unique_ptr<FiniteRows> rows;
  if (!o.data.empty()) {
    rows = o.context.open(o.input, o.data, {"test", "x"}, model.data).rows;
    check_columns(model, rows->shape(), rows->name());
  }
  write_report(o.plot, o.figure, o.replace, gather(model, o.file, rows.get(), o.evidence));
  if (rows && !rows->report().empty()) program.warn(rows->report());
}

void check_options(const cli::Program& program, const Options& o) {
  if (o.plot.empty())
    program.refuse({"data", "figure", "rows", "seed", "force"}, "is for --plot FILE");
  require(!o.plot.empty() + !o.function.empty() + o.json <= 1, Exit::usage,
          "--plot, --export-c and --json exclude each other");
  require(o.evidence.rows >= 10 && o.evidence.rows <= 100000, Exit::usage,
          "--rows: must be from 10 to 100000");
  if (!o.plot.empty()) check_report_path(o.plot, o.figure, o.replace);
}

void run(const cli::Program& program, Options& o) {
  check_options(program, o);
  require(std::filesystem::exists(split_dataset(o.file).file) || o.file == "-", Exit::data,
          o.file + ": there is no such file; check the name");
  const std::vector<std::string> datasets = datasets_of(o.file, o.input.trusted());
  const bool is_model =
      std::find(datasets.begin(), datasets.end(), "/reference/logp") != datasets.end();
  require(
      is_model || o.plot.empty(), Exit::usage,
      "--plot: draws a model, and " + o.file + " is none; for rows there is flow-data describe");
  require(is_model || o.function.empty(), Exit::usage,
          "--export-c: writes a model, and " + o.file + " is none; name one");
  if (o.data.empty()) cli::ContextOptions::refuse(program, "is for the rows of --data");
  if (o.data.empty()) program.refuse({"on-nan"}, "is for the rows of --data");
  if (!is_model) return show_data(o, datasets);
  if (o.data.empty())
    cli::InputOptions::refuse(program, "is for rows, and " + o.file + " is a model");
  const Model model = load(o.file, o.input.trusted());
  if (!o.plot.empty()) return draw_report(program, o, model);
  if (!o.function.empty()) return cli::write_stdout(export_c(model, o.file, o.function));
  if (o.json) return cli::write_stdout(json_of(model, o.file).line());
  cli::write_page(describe(model, o.file, wants_ascii(), terminal_width(STDOUT_FILENO)));
}

}  // namespace

int main(int argc, char** argv) {
  cli::Program program("flow-info", "Says what is in a model, or in a file of rows.");
  Options o;
  program.operand("FILE", o.file, "a model, or rows: FILE, FILE.h5:/data/set, a folder, or -");
  program.section("Pictures of a model");
  program.option("--plot", o.plot, "FILE",
                 "draw: all figures to FILE.html, one to FILE.svg or FILE.png");
  program.choice("--figure", o.figure, "NAME",
                 {"loss", "latents", "quantiles", "pairs", "scores", "samples"},
                 "which one, of FILE.svg and FILE.png");
  program.option("--data", o.data, "DATA", "rows to show the model at");
  program.option("-n,--rows", o.evidence.rows, "N",
                 "rows spread over DATA, and samples (default 2000)");
  program.option("--seed", o.evidence.seed, "N", "of samples and of noise (default 0)");
  program.flag("-f,--force", o.replace, "overwrite an existing FILE");
  program.section("Output");
  program.flag("--json", o.json, "one JSON object, with every number");
  program.option("--export-c", o.function, "NAME",
                 "C source of NAME_logp, which scores a row and needs no library");
  o.input.add_to(program);
  o.context.add_to(program);
  program.example("flow-info m.h5", "layers, columns, and how the training went");
  program.example("flow-info rows.csv", "what its columns seem to be");
  program.example("flow-info m.h5 --data rows.csv --plot report.html", "look at how it fits");
  program.example("flow-info m.h5 --export-c mine > mine.c", "mine_logp(x), for a program in C");
  return program.run(argc, argv, [&] { run(program, o); });
}
