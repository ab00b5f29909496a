// flow-info: what is in a model, or in a file of rows.
#include <filesystem>

#include "cli/rows_options.h"
#include "core/output.h"
#include "h5/reader.h"
#include "info/curve.h"
#include "info/data_info.h"
#include "info/model_info.h"

using namespace flow;

namespace {

struct Options {
  std::string file;
  bool json = false;
  cli::InputOptions input;
};

// The data sets of an HDF5 file; nothing for others.
std::vector<std::string> datasets_of(const std::string& file, bool trusted) {
  if (!std::filesystem::is_regular_file(file)) return {};
  Input input = open_input(file);
  return is_hdf5(input.peek(2048)) ? hdf5_datasets(file, trusted) : std::vector<std::string>{};
}

void show_data(const Options& o, std::vector<std::string> datasets) {
  auto rows = o.input.open_selected(o.file, {"train/x", "train", "x"}, {.learns = true});
  FiniteRows finite(std::move(rows), OnNan::skip);
  DataInfo info = inspect(finite);
  info.name = finite.name(), info.format = found_format(o.file);
  info.datasets = std::move(datasets);
  cli::write_stdout(o.json ? json_of(info).line() : describe(info));
}

void run(const Options& o) {
  require(std::filesystem::exists(split_dataset(o.file).file) || o.file == "-", Exit::data,
          o.file + ": does not exist");
  const std::vector<std::string> datasets = datasets_of(o.file, o.input.trusted());
  const bool is_model =
      std::find(datasets.begin(), datasets.end(), "/reference/logp") != datasets.end();
  if (!is_model) return show_data(o, datasets);
  const Model model = load(o.file, o.input.trusted());
  cli::write_stdout(o.json ? json_of(model, o.file).line()
                           : describe(model, o.file, wants_ascii()));
}

}  // namespace

int main(int argc, char** argv) {
  cli::Program program("flow-info", "Says what is in a model, or in a file of rows.");
  Options o;
  program.operand("FILE", o.file, "a model, or rows: FILE, FILE.h5:/data/set, a folder, or -");
  program.section("Output");
  program.flag("--json", o.json, "one JSON object, with every number");
  o.input.add_source_to(program);
  program.example("flow-info m.h5", "layers, columns, and how the training went");
  program.example("flow-info rows.csv", "what its columns seem to be");
  return program.run(argc, argv, [&] { run(o); });
}
