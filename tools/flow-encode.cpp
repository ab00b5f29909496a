// flow-encode: rows to latents, and back.
#include <charconv>
#include <cmath>

#include "cli/context_options.h"
#include "core/missing.h"
#include "core/text.h"
#include "data/columns.h"
#include "flow/evaluate.h"
#include "flow/round_trip.h"
#include "model/rows.h"

using namespace flow;

namespace {

struct Options {
  std::string model, data = "-", after;
  bool decode = false, check = false;
  double tolerance = 1e-4;
  cli::InputOptions input;
  cli::ContextOptions context;
  cli::OutputOptions output;
};

// --after NAME: how many layers to go through; all where nothing is named.
std::size_t layers_of(const Options& o, const Flow& flow) {
  if (o.after.empty()) return flow.depth();
  std::string names;
  for (std::size_t k = 0; k < flow.depth(); ++k) {
    if (o.after == flow.name(k)) return k + 1;
    names += (k ? ", " : "") + flow.name(k);
  }
  throw Error(Exit::usage, "--after " + o.after + ": no such layer; there are: " + names);
}

RowShape output_shape(const Options& o, const Model& model, const RowShape& input) {
  RowShape shape = o.decode ? model.data.shape : RowShape{};
  if (!o.decode) {
    for (std::size_t j = 0; j < model.flow->columns(); ++j)
      shape.names.push_back("z" + std::to_string(j + 1));
    if (!o.after.empty()) shape.names.push_back("logdet");
    shape.columns = shape.names.size();
    shape.dims = {shape.columns};
  }
  if (!o.input.skips()) shape.rows = input.rows;
  return shape;
}

// Rows as the flow sees them, in the middle of their noise. Error(Exit::data) for a row that the
// columns of the model cannot hold.
void read_rows(const Model& model, const std::string& input, std::span<const double> values,
               std::uint64_t first_row, std::vector<real>& rows) {
  to_flow(model, values, first_row, 0, Noise::middle, input, rows);
  const std::size_t d = model.data.shape.columns, all = d + model.data.context.size(),
                    width = model.flow->width();
  for (std::size_t i = 0; i < rows.size() / width; ++i) {
    if (!std::isnan(rows[i * width])) continue;
    const std::string why =
        misfit(model.data.columns, model.data.shape.names, values.subspan(i * all, d));
    require(why.empty(), Exit::data,
            input + ": row " + std::to_string(first_row + i + 1) + ": " + why +
                "; such a row has density 0 and no latents");
  }
}

// Sets the masks of latents: the layers may have moved missing cells, and decoding moves them back,
// whatever the mask.
void mark_latents(const Model& model, Evaluator& evaluator, std::size_t last,
                  std::vector<real>& rows) {
  const std::size_t d = model.flow->columns(), width = model.flow->width();
  std::vector<real> back = rows;
  evaluator.decode(back.data(), back.size() / width, {}, last);
  for (std::size_t first = 0; first < rows.size(); first += width)
    mark_observed({back.data() + first, d}, rows.data() + first + width - d);
}

// Encodes or decodes rows in place; out becomes what is written.
void convert(const Options& o, const Model& model, Evaluator& evaluator, std::vector<real>& rows,
             std::vector<double>& out) {
  const std::size_t d = model.flow->columns(), width = model.flow->width();
  const std::size_t n = rows.size() / width, last = layers_of(o, *model.flow);
  if (o.decode) {
    if (model.data.marginal) mark_latents(model, evaluator, last, rows);
    evaluator.decode(rows.data(), n, {}, last);
    return from_flow(model, rows, out);
  }
  std::vector<double> logdet(n);
  evaluator.encode(rows.data(), n, logdet, last);
  out.clear();
  for (std::size_t i = 0; i < n; ++i) {
    out.insert(out.end(), rows.data() + i * width, rows.data() + i * width + d);
    if (!o.after.empty()) out.push_back(logdet[i]);
  }
}

void run(const cli::Program& program, const Options& o) {
  const Model model = load(o.model, o.input.trusted());
  const auto reader = o.context.open(o.input, o.data, {"test", "x"}, model.data).rows;
  check_columns(model, reader->shape(), reader->name(), o.decode);
  const std::size_t d = reader->shape().columns, width = model.flow->width();
  const std::size_t last = layers_of(o, *model.flow);
  Evaluator evaluator(*model.flow, model.table, model.theta, program.threads().count);
  std::unique_ptr<RowWriter> writer;
  if (!o.check)
    writer = o.output.create(output_shape(o, model, reader->shape()), Format::automatic);
  std::vector<double> values(stream_rows * d), out;
  std::vector<real> rows, seen;
  RoundTrip trip;
  std::uint64_t row = 0;
  while (const std::size_t n = reader->read(values)) {
    const auto read = std::span<const double>(values).first(n * d);
    if (o.decode)
      latents_to_flow(model, read, row, reader->name(), rows);
    else
      read_rows(model, reader->name(), read, row, rows);
    if (o.check) seen = rows;
    convert(o, model, evaluator, rows, out);
    if (writer) writer->write(out);
    if (o.check) {
      evaluator.decode(rows.data(), n, {}, last);
      trip.add(seen, rows, width, row);
    }
    row += n;
  }
  if (writer) writer->finish();
  if (!reader->report().empty()) program.warn(reader->report());
  if (!o.check) return;
  cli::write_stdout(format("worst round-trip error %.3g in row %llu of %llu\n", trip.worst,
                           static_cast<unsigned long long>(trip.row + 1),
                           static_cast<unsigned long long>(row)));
  require(trip.worst <= o.tolerance, Exit::failed,
          format("round-trip error %.3g is above --tolerance %.3g", trip.worst, o.tolerance));
}

}  // namespace

int main(int argc, char** argv) {
  cli::Program program("flow-encode",
                       "Maps rows to latents with a model, or with --decode latents to rows.");
  Options o;
  program.operand("MODEL", o.model, "a model that flow-train wrote");
  program.operand("DATA", o.data, "rows: FILE, FILE.h5:/data/set, or - for standard input", false);
  program.section("Encoding");
  program.flag("--decode", o.decode, "latents to rows");
  program.option(
      "--after", o.after, "LAYER",
      "stop behind this layer (flow-train --dry-run lists them), and append the log-det so far");
  program.flag("--check", o.check,
               "encode and decode, print the worst error, and fail beyond the tolerance");
  program.option("--tolerance", o.tolerance, "E",
                 "of --check, relative to max(1, |x|) (default 1e-4)");
  o.input.add_to(program);
  o.context.add_to(program);
  o.output.add_to(program);
  program.example("flow-encode m.h5 rows.h5 -o z.h5", "latents to a file");
  program.example("flow-encode m.h5 rows.csv | flow-encode m.h5 --decode -O csv", "there and back");
  program.example("flow-encode m.h5 rows.csv --check", "is the model invertible on these rows?");
  return program.run(argc, argv, [&] {
    require(!(o.check && o.decode), Exit::usage, "--check and --decode exclude each other");
    run(program, o);
  });
}
