// flow-encode: rows to latents, and back.
#include <charconv>
#include <cmath>

#include "cli/context_options.h"
#include "cli/shard.h"
#include "core/output.h"
#include "core/text.h"
#include "data/columns.h"
#include "flow/evaluate.h"
#include "flow/interpolate.h"
#include "flow/round_trip.h"
#include "model/given_back.h"
#include "model/rows.h"
#include "picture/rows.h"

using namespace flow;

namespace {

struct Options {
  cli::Files data;
  std::string model, after, png;
  std::vector<std::string> interpolate;
  std::size_t steps = 9;
  bool decode = false, check = false;
  double tolerance = 1e-4;
  cli::InputOptions input;
  cli::ContextOptions context;
  cli::OutputOptions output;
  cli::ShardOptions shard;
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

// Encodes or decodes rows in place; out becomes what is written.
void convert(const Options& o, const Model& model, Evaluator& evaluator, std::vector<real>& rows,
             std::vector<double>& out) {
  const std::size_t d = model.flow->columns(), width = model.flow->width();
  const std::size_t n = rows.size() / width, last = layers_of(o, *model.flow);
  if (o.decode) {
    mark_latents(model, evaluator, last, rows);
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

// Calls take(rows as they are read, rows as the flow sees them, their numbers) for each block of
// the input; returns how many rows there were.
template <class F>
std::uint64_t each_block(const Options& o, const Model& model, FiniteRows& reader, F take,
                         cli::RowRange part = {0, UINT64_MAX, 0}) {
  const std::size_t d = reader.shape().columns;
  std::vector<double> values(o.input.block() * d);
  std::vector<real> rows;
  std::uint64_t left = part.count();
  while (const std::size_t n = cli::read_some(reader, values, left)) {
    const auto read = std::span<const double>(values).first(n * d);
    const RowNumbers at = reader.numbers();
    if (!o.decode) require_fit(model.data, read, at, reader.name());
    if (o.decode)
      latents_to_flow(model, read, at, reader.name(), rows);
    else
      to_flow(model, read, at, 0, Noise::middle, reader.name(), rows);
    take(read, rows, at);
  }
  return part.count() - left;
}

// part: of the rows, where the reader stands.
void convert_all(const Options& o, const Model& model, FiniteRows& reader, Evaluator& evaluator,
                 const cli::RowRange& part) {
  RowShape shape = output_shape(o, model, reader.shape());
  if (o.shard.given()) shape.rows = part.count();
  const auto writer = o.shard.create(o.output, shape);
  std::vector<double> out;
  each_block(
      o, model, reader,
      [&](std::span<const double>, std::vector<real>& rows, RowNumbers) {
        convert(o, model, evaluator, rows, out);
        writer->write(out);
        o.input.flush(*writer);
      },
      part);
  writer->finish();
  o.shard.finish(o.output, part, shape, model);
}

// The first rows, and what came back of them.
struct Shown {
  std::vector<double> rows, back;

  void add(const DataSpec& data, std::span<const double> read, std::span<const double> decoded) {
    const std::size_t d = data.shape.columns, width = d + data.context.size(),
                      n = std::min(drawn_pairs - rows.size() / d, decoded.size() / d);
    for (std::size_t i = 0; i < n; ++i)
      rows.insert(rows.end(), read.data() + i * width, read.data() + i * width + d);
    back.insert(back.end(), decoded.data(), decoded.data() + n * d);
  }
};

void check(const Options& o, const Model& model, FiniteRows& reader, Evaluator& evaluator) {
  const std::size_t width = model.flow->width(), last = layers_of(o, *model.flow);
  std::vector<double> back;
  RoundTrip trip{.periods = periods(model.data.columns)};
  GivenBack integers;
  Shown shown;
  const std::uint64_t rows_read = each_block(
      o, model, reader, [&](std::span<const double> read, std::vector<real>& rows, RowNumbers at) {
        const std::vector<real> seen = rows;
        evaluator.encode(rows.data(), rows.size() / width, {}, last);
        evaluator.decode(rows.data(), rows.size() / width, {}, last);
        trip.add(seen, rows, width, at);
        from_flow(model, rows, back);
        integers.add(model.data, read, back, at);
        if (!o.png.empty()) shown.add(model.data, read, back);
      });
  cli::write_stdout(format("worst round-trip error %.3g in row %llu of %llu\n", trip.worst,
                           static_cast<unsigned long long>(trip.row + 1),
                           static_cast<unsigned long long>(rows_read)));
  if (model.data.dequantise)
    cli::write_stdout(format("%llu of %llu integers come back as others\n",
                             static_cast<unsigned long long>(integers.other),
                             static_cast<unsigned long long>(integers.count)));
  if (!o.png.empty() && rows_read > 0)
    write_png(o.png, o.output.replaces(), draw_pairs(model.data, shown.rows, shown.back));
  require(trip.worst <= o.tolerance, Exit::failed,
          format("round-trip error %.3g is above --tolerance %.3g", trip.worst, o.tolerance));
  require(!model.data.dequantise || integers.other == 0, Exit::failed,
          reader.name() + ": row " + std::to_string(integers.row + 1) +
              " is the first whose integers come back as others");
}

// The rows of --interpolate, from 0: the first and the last of each line.
std::vector<std::uint64_t> ends_of_lines(const std::vector<std::string>& pairs) {
  std::vector<std::uint64_t> ends;
  for (const std::string& pair : pairs) {
    const std::size_t comma = pair.find(',');
    require(comma != pair.npos, Exit::usage,
            "--interpolate: '" + pair + "' is no pair of rows; give two numbers: 3,17");
    for (const std::string& text : {pair.substr(0, comma), pair.substr(comma + 1)}) {
      ends.push_back(cli::parse_number<std::uint64_t>(text, "--interpolate"));
      require(ends.back()-- >= 1, Exit::usage, "--interpolate: rows are numbered from 1");
    }
  }
  return ends;
}

// These rows of the input as latents, each with its context behind it.
std::vector<real> latents_of(const std::vector<std::uint64_t>& wanted, const Options& o,
                             const Model& model, FiniteRows& reader, Evaluator& evaluator) {
  const std::size_t width = model.flow->width();
  std::vector<real> latents(wanted.size() * width);
  std::vector<bool> found(wanted.size());
  const std::uint64_t n = each_block(
      o, model, reader, [&](std::span<const double>, std::vector<real>& rows, RowNumbers at) {
        for (std::size_t i = 0; i < rows.size() / width; ++i)
          for (std::size_t k = 0; k < wanted.size(); ++k)
            if (wanted[k] == at[i])
              std::copy_n(&rows[i * width], width, &latents[k * width]), found[k] = true;
      });
  for (std::size_t k = 0; k < wanted.size(); ++k)
    require(found[k], Exit::data,
            reader.name() + ": has " + std::to_string(n) + " rows" +
                (reader.skipped() ? " of finite numbers" : "") + ", and --interpolate names row " +
                std::to_string(wanted[k] + 1));
  evaluator.encode(latents.data(), wanted.size(), {}, model.flow->depth());
  return latents;
}

void interpolate_all(const Options& o, const Model& model, FiniteRows& reader,
                     Evaluator& evaluator) {
  const auto ends = latents_of(ends_of_lines(o.interpolate), o, model, reader, evaluator);
  const std::size_t width = model.flow->width(), n = o.interpolate.size() * o.steps;
  std::vector<real> rows = interpolate_lines(ends, model.flow->columns(), width, o.steps);
  evaluator.decode(rows.data(), n, {}, model.flow->depth());
  std::vector<double> out;
  from_flow(model, rows, out);
  if (!o.png.empty())
    write_png(o.png, o.output.replaces(), draw(model.data, out, {.across = o.steps}));
  if (!o.output.wanted_beside(o.png)) return;
  RowShape shape = model.data.shape;
  shape.rows = n;
  const auto writer = o.output.create(shape);
  writer->write(out);
  writer->finish();
}

void run(const cli::Program& program, const Options& o) {
  if (!o.png.empty()) check_writable(o.png, o.output.replaces());
  const Model model = load(o.model, o.input.trusted());
  if (!o.png.empty()) {
    require(are_images(model.data), Exit::usage, "--png: the model is not one of images");
    check_drawable(model.data, "--png");
  }
  if (o.shard.gathers()) return o.shard.gather(o.output, model);
  DataSpec wanted = model.data;
  if (o.decode) wanted.shape.names.clear();  // latents have names of their own
  const auto open = [&] { return o.context.open(o.input, o.data, {"test", "x"}, wanted).rows; };
  const auto reader = open();
  check_columns(model, reader->shape(), reader->name(), o.decode);
  Evaluator evaluator(*model.flow, model.table, model.theta, program.threads().count);
  if (o.check)
    check(o, model, *reader, evaluator);
  else if (!o.interpolate.empty())
    interpolate_all(o, model, *reader, evaluator);
  else
    convert_all(o, model, *reader, evaluator,
                o.shard.enter(o.input, o.context.files(o.data), *reader, open));
  if (!reader->report().empty()) program.warn(reader->report());
}

void check_options(const cli::Program& program, const Options& o) {
  require(!(o.check && o.decode), Exit::usage, "--check and --decode exclude each other");
  require(
      o.interpolate.empty() || !(o.check || o.decode || !o.after.empty()), Exit::usage,
      "--interpolate goes through the whole flow and back; leave out --check, --decode, --after");
  require(o.png.empty() || o.check || !o.interpolate.empty(), Exit::usage,
          "--png: draws with --interpolate or --check");
  if (!o.check) program.refuse({"tolerance"}, "is for --check");
  if (o.interpolate.empty()) program.refuse({"steps"}, "is for --interpolate");
  if (o.check) program.refuse({"output", "output-format"}, "--check writes no rows");
  if (o.check || !o.interpolate.empty())
    program.refuse({"shard", "gather", "line-buffered"},
                   std::string("goes for all rows, one by one, and not with --") +
                       (o.check ? "check" : "interpolate"));
  require(o.steps >= 2 && o.steps <= 1000, Exit::usage, "--steps: must be from 2 to 1000");
  require(o.interpolate.size() * o.steps <= 100000, Exit::usage,
          "--interpolate: more than 100000 rows in all; give fewer --steps");
}

}  // namespace

int main(int argc, char** argv) {
  cli::Program program("flow-encode",
                       "Maps rows to latents with a model, or with --decode latents to rows.");
  Options o;
  program.operand("MODEL", o.model, "a model that flow-train wrote");
  program.operand("DATA", o.data.names,
                  "rows: FILE, FILE.h5:/data/set, or - for standard input; several files, or a "
                  "pattern in quotes, are one set");
  program.section("Encoding");
  program.flag("--decode", o.decode, "latents to rows");
  program.option(
      "--after", o.after, "LAYER",
      "stop behind this layer (flow-train --dry-run lists them), and append the log-det so far");
  program.flag("--check", o.check,
               "encode and decode, print the worst error, and fail beyond the tolerance");
  program.option("--tolerance", o.tolerance, "E",
                 "of --check, relative to max(1, |x|) (default 1e-4)");
  program.option("--interpolate", o.interpolate, "A,B",
                 "rows from row A to row B of DATA along a line of latents; repeatable");
  program.option("--steps", o.steps, "N", "rows of such a line, A and B included (default 9)");
  program.option("--png", o.png, "FILE",
                 "draw them, a line of images each; with --check images above what came back");
  o.input.add_to(program);
  o.input.add_line_buffered_to(program);
  o.context.add_to(program);
  o.output.add_to(program);
  o.shard.add_to(program);
  program.example("flow-encode m.h5 rows.h5 -o z.h5", "latents to a file");
  program.example("flow-encode m.h5 rows.csv | flow-encode m.h5 --decode -O csv", "there and back");
  program.example("flow-encode m.h5 rows.csv --check", "is the model invertible on these rows?");
  program.example(
      "flow-encode digits-model.h5 digits.h5 --interpolate 3,17 --png line.png -o line.h5",
      "from the third image to the seventeenth");
  return program.run(argc, argv, [&] {
    check_options(program, o);
    run(program, o);
  });
}
