// flow-sample: draws rows from a model.
#include <unistd.h>

#include "cli/context_options.h"
#include "core/output.h"
#include "data/columns.h"
#include "data/policy.h"
#include "flow/evaluate.h"
#include "model/impute.h"
#include "model/rows.h"
#include "picture/grid.h"
#include "picture/scatter.h"

using namespace flow;

namespace {

struct Options {
  std::string model, png, given, impute;
  std::optional<std::uint64_t> rows;  // for each context, where there are some
  std::uint64_t seed = 0, row_offset = 0;
  double temperature = 1;
  cli::InputOptions input;
  cli::ContextOptions context;
  cli::OutputOptions output;
};

// What to condition on, as the nets see it, row by row: of --context or --given.
std::vector<real> contexts(const Options& o, const Model& model) {
  const ContextSpec& spec = model.data.context;
  const bool some = o.context.given() || !o.given.empty();
  require(some || spec.empty(), Exit::usage,
          "the model is conditional on " + std::to_string(spec.size()) +
              (spec.size() == 1 ? " column" : " columns") +
              "; give values with --given, or rows of them with --context");
  require(!some || !spec.empty(), Exit::usage,
          "--context: the model is not conditional on anything; leave it out");
  if (spec.empty()) return {};
  require(o.context.given() == o.given.empty(), Exit::usage, "--context and --given: give one");
  std::vector<real> rows;
  std::string input = "--given";
  std::size_t columns = 0;
  if (o.given.empty()) {
    const auto reader = o.context.open_contexts(o.input);
    require(reader != nullptr, Exit::usage, "--context DATA is missing");
    rows = read_all(*reader, o.input.max_bytes());
    input = reader->name(), columns = reader->shape().columns;
  } else {
    for (std::size_t at = 0; at <= o.given.size(); ++columns) {
      const std::size_t comma = std::min(o.given.find(',', at), o.given.size());
      rows.push_back(cli::parse_number<real>(o.given.substr(at, comma - at), "--given"));
      at = comma + 1;
    }
  }
  require(columns == spec.size(), Exit::data,
          input + ": " + std::to_string(columns) + " columns of context, and the model has " +
              std::to_string(spec.size()));
  return to_context(spec, rows, 0, input);
}

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

// The rows of --impute, each as often as there are draws of it, their missing cells filled.
void impute(const cli::Program& program, const Options& o, const Model& model) {
  require(model.data.marginal, Exit::usage,
          "--impute: the model knows no missing cells; train one with --missing marginal");
  require(o.png.empty() && o.given.empty() && o.temperature == 1, Exit::usage,
          "--impute: takes neither --png, nor --given, nor a --temperature");
  const auto reader = o.context.open(o.input, o.impute, {"test", "x"}, model.data).rows;
  check_columns(model, reader->shape(), reader->name());
  const std::uint64_t each = o.rows.value_or(1);
  RowShape shape = model.data.shape;
  if (reader->shape().rows && !o.input.skips()) shape.rows = *reader->shape().rows * each;
  const auto writer = o.output.create(shape, Format::automatic);
  Imputer imputer(model, Random(o.seed, Stream::sample), program.threads().count);
  const std::size_t d = shape.columns, read = reader->shape().columns, wide = model.flow->width();
  std::vector<double> values(256 * read), drawn;
  std::vector<real> rows, copies;
  std::uint64_t row = o.row_offset;
  while (const std::size_t n = reader->read(values)) {
    to_flow(model, std::span<const double>(values).first(n * read), row, o.seed, Noise::drawn,
            reader->name(), rows);
    for (std::size_t i = 0; i < n; ++i) {
      const std::string why = misfit(model.data.columns, shape.names, {&values[i * read], d});
      require(why.empty(), Exit::data,
              reader->name() + ": row " + std::to_string(row + i + 1) + ": " + why);
    }
    copies.clear();
    for (std::size_t i = 0; i < n * each; ++i)
      copies.insert(copies.end(), &rows[i / each * wide], &rows[i / each * wide] + wide);
    imputer.fill(copies, row * each);
    from_flow(model, copies, drawn);
    for (std::size_t k = 0; k < drawn.size(); ++k) {
      const std::size_t i = k / d / each;
      // What was there stays as it was.
      if (const double known = values[i * read + k % d]; !std::isnan(known)) drawn[k] = known;
      require(!std::isnan(drawn[k]), Exit::data,
              reader->name() + ": row " + std::to_string(row + i + 1) +
                  ": what is there has density 0 under the model, and nothing follows from it");
    }
    writer->write(drawn);
    row += n;
  }
  writer->finish();
  if (!reader->report().empty()) program.warn(reader->report());
}

// A picture needs no more rows than it can show.
constexpr std::size_t drawn_images = 1024, drawn_rows = 200'000;

void run(const cli::Program& program, const Options& o) {
  require(o.temperature >= 0, Exit::usage, "--temperature: must be 0 or more");
  if (!o.png.empty()) check_writable(o.png, o.output.replaces());
  const Model model = load(o.model, o.input.trusted());
  if (!o.impute.empty()) return impute(program, o, model);
  Evaluator evaluator(*model.flow, model.table, model.theta, program.threads().count);
  RowShape shape = model.data.shape;
  const std::vector<real> given = contexts(o, model);
  const std::size_t c = width(model.data.context), each = o.rows.value_or(c ? 1 : 100);
  const std::uint64_t all = each * (c ? given.size() / c : 1);
  shape.rows = all;
  // A picture is wanted alone, unless the rows have somewhere to go.
  const bool writes = o.png.empty() || o.output.path() != "-" || !isatty(STDOUT_FILENO);
  std::unique_ptr<RowWriter> writer;
  if (writes) writer = o.output.create(shape, Format::automatic);

  const Random random(o.seed, Stream::sample);
  const std::size_t d = shape.columns, wide = model.flow->width(), columns = model.flow->columns();
  std::vector<real> rows(stream_rows * wide, real(1));  // a mask says that all is there
  std::vector<double> values;
  std::vector<double> drawn;
  const std::size_t most = d * (shape.dims.size() >= 2 ? drawn_images : drawn_rows);
  for (std::uint64_t done = 0; done < all; done += stream_rows) {
    const std::size_t n = std::min<std::uint64_t>(stream_rows, all - done);
    for (std::size_t i = 0; c > 0 && i < n; ++i)
      std::copy_n(given.data() + (done + i) / each * c, c, &rows[i * wide + columns]);
    evaluator.sample(random, o.row_offset + done, n, o.temperature, rows.data());
    from_flow(model, std::span<const real>(rows).first(n * wide), values);
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
  program.option("-n,--rows", o.rows, "N",
                 "how many (default 100), or of a conditional model for each context");
  program.option("--temperature", o.temperature, "T",
                 "scale of the latent noise: below 1 more typical rows (default 1)");
  program.option("--seed", o.seed, "N", "row i depends on seed and i only (default 0)");
  program.option("--row-offset", o.row_offset, "N", "number of the first row (default 0)");
  program.option(
      "--impute", o.impute, "DATA",
      "instead of new rows these, with missing cells drawn given the others: -n times each, "
      "once by default");
  program.option("--png", o.png, "FILE",
                 "a picture: a grid of images, a scatter of 2 columns, pairs of more");
  program.section("Context");
  program.option("--given", o.given, "LIST", "values of what the model is conditional on: 3,0.5");
  o.context.add_to(program);
  o.input.add_to(program);
  o.output.add_to(program);
  program.example("flow-sample m.h5 -n 64 --png grid.png", "look at samples");
  program.example("flow-sample m.h5 -n 1000000 -o rows.npy", "rows for another program");
  program.example("flow-sample class.h5 --given 7 -n 16 --png seven.png",
                  "of a model conditional on a label");
  program.example("flow-sample m.h5 -O csv | head -3", "rows to read");
  return program.run(argc, argv, [&] { run(program, o); });
}
