// flow-sample: draws rows from a model.
#include <unistd.h>

#include "cli/rows_options.h"
#include "core/output.h"
#include "flow/evaluate.h"
#include "model/rows.h"
#include "picture/grid.h"
#include "picture/scatter.h"

using namespace flow;

namespace {

struct Options {
  std::string model, png;
  std::uint64_t rows = 100, seed = 0, row_offset = 0;
  double temperature = 1;
  bool trusted = false;
  cli::OutputOptions output;
};

// A grid of images, a scatter plot of two columns, or the pairs of more.
Picture draw(const Model& model, const std::vector<double>& rows) {
  const RowShape& shape = model.data.shape;
  if (shape.dims.size() >= 2) {
    const std::size_t channels = shape.dims.size() > 2 ? shape.dims[2] : 1;
    // Of dequantised data the brightest integer is one below the end of the range.
    return image_grid(rows, {shape.dims[0], shape.dims[1], channels}, model.data.low,
                      model.data.high - (model.data.dequantise ? 1 : 0));
  }
  require(shape.columns >= 2, Exit::usage, "--png: a model of one column has no picture yet");
  return shape.columns == 2 ? scatter(rows, shape.names)
                            : pair_plot(rows, shape.columns, shape.names);
}

// A picture needs no more rows than it can show.
constexpr std::size_t drawn_images = 1024, drawn_rows = 200'000;

void run(const cli::Program& program, const Options& o) {
  require(o.temperature >= 0, Exit::usage, "--temperature: must be 0 or more");
  if (!o.png.empty()) check_writable(o.png, o.output.replaces());
  const Model model = load(o.model, o.trusted);
  Evaluator evaluator(*model.flow, model.table, model.theta, program.threads().count);
  RowShape shape = model.data.shape;
  shape.rows = o.rows;
  // A picture is wanted alone, unless the rows have somewhere to go.
  const bool writes = o.png.empty() || o.output.path() != "-" || !isatty(STDOUT_FILENO);
  std::unique_ptr<RowWriter> writer;
  if (writes) writer = o.output.create(shape, Format::automatic);

  const Random random(o.seed, Stream::sample);
  const std::size_t d = shape.columns;
  std::vector<real> rows(stream_rows * d);
  std::vector<double> values;
  std::vector<double> drawn;
  const std::size_t most = d * (shape.dims.size() >= 2 ? drawn_images : drawn_rows);
  for (std::uint64_t done = 0; done < o.rows; done += stream_rows) {
    const std::size_t n = std::min<std::uint64_t>(stream_rows, o.rows - done);
    evaluator.sample(random, o.row_offset + done, n, o.temperature, rows.data());
    from_flow(model, std::span<const real>(rows).first(n * d), values);
    if (writer) writer->write(values);
    if (!o.png.empty() && drawn.size() < most)
      drawn.insert(drawn.end(), values.begin(),
                   values.begin() +
                       static_cast<std::ptrdiff_t>(std::min(values.size(), most - drawn.size())));
  }
  if (!o.png.empty()) write_png(o.png, o.output.replaces(), draw(model, drawn));
  if (writer) writer->finish();
}

}  // namespace

int main(int argc, char** argv) {
  cli::Program program("flow-sample", "Draws rows from a model.");
  Options o;
  program.operand("MODEL", o.model, "a model that flow-train wrote");
  program.section("Sample");
  program.option("-n,--rows", o.rows, "N", "how many (default 100)");
  cli::add_trusted(program, o.trusted);
  program.option("--temperature", o.temperature, "T",
                 "scale of the latent noise: below 1 more typical rows (default 1)");
  program.option("--seed", o.seed, "N", "row i depends on seed and i only (default 0)");
  program.option("--row-offset", o.row_offset, "N", "number of the first row (default 0)");
  program.option("--png", o.png, "FILE",
                 "a picture: a grid of images, a scatter of 2 columns, pairs of more");
  o.output.add_to(program);
  program.example("flow-sample m.h5 -n 64 --png grid.png", "look at samples");
  program.example("flow-sample m.h5 -n 1000000 -o rows.npy", "rows for another program");
  program.example("flow-sample m.h5 -O csv | head -3", "rows to read");
  return program.run(argc, argv, [&] { run(program, o); });
}
