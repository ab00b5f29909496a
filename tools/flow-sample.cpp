// flow-sample: draws rows from a model.
#include "cli/context_options.h"
#include "cli/shard.h"
#include "core/output.h"
#include "data/columns.h"
#include "data/policy.h"
#include "flow/evaluate.h"
#include "model/impute.h"
#include "model/rows.h"
#include "picture/rows.h"

using namespace flow;

namespace {

struct Options {
  std::string model, png, given, impute, temperatures = "1";
  std::optional<std::uint64_t> rows;  // for each context, where there are some
  std::uint64_t seed = 0, row_offset = 0;
  cli::InputOptions input;
  cli::ContextOptions context;
  cli::OutputOptions output;
  cli::ShardOptions shard;
};

// --given: a word where the column of the context holds words, else a number.
std::vector<real> parse_given(const std::string& list, const ContextSpec& spec) {
  std::vector<real> row;
  for (const std::string& cell : cli::split_list(list)) {
    const bool is_word = row.size() < spec.size() && !spec[row.size()].words.empty();
    if (is_word) {
      const std::vector<std::string>& words = spec[row.size()].words;
      const auto known = std::find(words.begin(), words.end(), cell);
      row.push_back(known == words.end() ? real(-1) : static_cast<real>(known - words.begin()));
    } else {
      row.push_back(cli::parse_number<real>(cell, "--given"));
    }
  }
  return row;
}

// What to condition on, as the nets see it, row by row: of --context or --given.
std::vector<real> contexts(const Options& o, const Model& model) {
  const ContextSpec& spec = model.data.context;
  const bool some = o.context.given() || !o.given.empty();
  require(some || spec.empty(), Exit::usage,
          "the model is conditional on " + std::to_string(spec.size()) +
              (spec.size() == 1 ? " column" : " columns") +
              "; give values with --given, or rows of them with --context");
  require(!some || !spec.empty(), Exit::usage,
          "--context, --given: the model is not conditional on anything; leave them out");
  if (spec.empty()) return {};
  require(o.context.given() == o.given.empty(), Exit::usage, "--context and --given: give one");
  std::vector<real> rows;
  std::string input = "--given";
  std::size_t columns = 0;
  if (o.given.empty()) {
    const auto reader = o.context.open_contexts(o.input, model.data);
    require(reader != nullptr, Exit::usage, "--context DATA is missing");
    rows = read_all(*reader, o.input.max_bytes());
    input = reader->name(), columns = reader->shape().columns;
  } else {
    rows = parse_given(o.given, spec);
    columns = rows.size();
  }
  require(columns == spec.size(), Exit::data,
          input + ": " + std::to_string(columns) + " columns of context, and the model has " +
              std::to_string(spec.size()));
  return to_context(spec, rows, 0, input);
}

// Draws these rows at a temperature; take gets them as the file has them, in blocks.
// each: rows of one context. The same row has the same noise at every temperature.
template <class F>
void sample(const Options& o, const Model& model, Evaluator& evaluator, CVec given,
            std::uint64_t each, const cli::RowRange& part, double temperature, F take) {
  const Random random(o.seed, Stream::sample);
  const std::size_t c = width(model.data.context);
  std::vector<real> contexts;
  std::vector<double> values;
  for (std::uint64_t done = part.first; done < part.last; done += stream_rows) {
    const std::size_t n = std::min<std::uint64_t>(stream_rows, part.last - done);
    contexts.resize(n * c);
    for (std::size_t i = 0; i < n; ++i)
      std::copy_n(given.data() + (done + i) / each * c, c, contexts.data() + i * c);
    sample_rows(model, evaluator, contexts, random, o.row_offset + done, n, temperature, values);
    take(std::span<const double>(values));
  }
}

// The rows of --impute, each as often as there are draws of it, their missing cells filled.
void impute(const cli::Program& program, const Options& o, const Model& model) {
  require(model.data.marginal, Exit::usage,
          "--impute: the model knows no missing cells; train one with --missing marginal");
  require(o.png.empty() && o.given.empty() && o.temperatures == "1", Exit::usage,
          "--impute: takes neither --png, nor --given, nor a --temperature");
  const auto open = [&] {
    return o.context.open(o.input, o.impute, {"test", "x"}, model.data).rows;
  };
  const auto reader = open();
  check_columns(model, reader->shape(), reader->name());
  const std::uint64_t each = o.rows.value_or(1);
  const cli::RowRange part = o.shard.enter(o.input, o.context.files(o.impute), *reader, open);
  RowShape shape = model.data.shape;
  if (o.shard.given())
    shape.rows = part.count() * each;
  else if (reader->shape().rows && !o.input.skips())
    shape.rows = *reader->shape().rows * each;
  const auto writer = o.shard.create(o.output, shape);
  Imputer imputer(model, Random(o.seed, Stream::sample), program.threads().count);
  std::vector<double> values(256 * reader->shape().columns), drawn;
  std::uint64_t left = part.count();
  while (const std::size_t n = cli::read_some(*reader, values, left)) {
    imputer.draw(std::span<const double>(values).first(n * reader->shape().columns),
                 reader->numbers(o.row_offset), o.seed, each, reader->name(), drawn);
    writer->write(drawn);
  }
  writer->finish();
  o.shard.finish(o.output, {part.first * each, part.last * each, part.of * each}, shape, model);
  if (!reader->report().empty()) program.warn(reader->report());
}

void check_options(const cli::Program& program, const Options& o) {
  if (o.impute.empty() && !o.context.given())
    cli::InputOptions::refuse(program, "is for the rows of --impute or --context");
  if (o.impute.empty())
    program.refuse({"columns"}, "is for --impute; of --context there is --context-columns");
  if (o.shard.gathers()) program.refuse({"png"}, "--gather draws nothing");
}

void run(const cli::Program& program, const Options& o) {
  check_options(program, o);
  const std::vector<double> temperatures =
      cli::parse_numbers<double>(o.temperatures, "--temperature");
  for (const double t : temperatures)
    require(t >= 0, Exit::usage, "--temperature: must be 0 or more");
  if (!o.png.empty()) check_writable(o.png, o.output.replaces());
  const Model model = load(o.model, o.input.trusted());
  if (o.shard.gathers()) return o.shard.gather(o.output, model);
  if (!o.impute.empty()) return impute(program, o, model);
  const bool images = are_images(model.data);
  if (!o.png.empty()) check_drawable(model.data, "--png");
  require(o.png.empty() || images || temperatures.size() == 1, Exit::usage,
          "--png: draws several temperatures of images only; give one");
  Evaluator evaluator(*model.flow, model.table, model.theta, program.threads().count);
  RowShape shape = model.data.shape;
  const std::vector<real> given = contexts(o, model);
  const std::size_t c = width(model.data.context), each = o.rows.value_or(c ? 1 : 100);
  const std::uint64_t count = each * (c ? given.size() / c : 1);
  require(o.png.empty() || count > 0, Exit::usage, "--png: 0 rows make no picture; give -n");
  require(!o.shard.given() || temperatures.size() == 1, Exit::usage,
          "--shard: of several temperatures there are no parts; give one");
  const cli::RowRange part = o.shard.range(count);
  shape.rows = part.count() * temperatures.size();
  std::unique_ptr<RowWriter> writer;
  if (o.output.wanted_beside(o.png)) writer = o.shard.create(o.output, shape);

  const std::size_t most = images ? drawn_images / temperatures.size() : drawn_rows;
  std::vector<double> drawn;
  for (const double t : temperatures) {
    std::size_t room = o.png.empty() ? 0 : std::min<std::size_t>(count, most) * shape.columns;
    sample(o, model, evaluator, given, each, part, t, [&](std::span<const double> rows) {
      if (writer) writer->write(rows);
      const auto some = rows.first(std::min(room, rows.size()));
      drawn.insert(drawn.end(), some.begin(), some.end());
      room -= some.size();
    });
  }
  if (!o.png.empty())
    write_png(o.png, o.output.replaces(), draw(model.data, drawn, {.bands = temperatures.size()}));
  if (writer) writer->finish(), o.shard.finish(o.output, part, shape, model);
}

}  // namespace

int main(int argc, char** argv) {
  cli::Program program("flow-sample", "Draws rows from a model.");
  Options o;
  program.operand("MODEL", o.model, "a model that flow-train wrote");
  program.section("Sample");
  program.option("-n,--rows", o.rows, "N",
                 "how many (default 100), or of a conditional model for each context");
  program.option("--temperature", o.temperatures, "LIST",
                 "scale of the latent noise: below 1 more typical rows; of 0.7,1 both (default 1)");
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
  o.shard.add_to(program);
  program.example("flow-sample m.h5 -n 64 --png grid.png", "look at samples");
  program.example(
      "flow-sample digits-model.h5 -n 30 --temperature 0.6,0.8,1 --png three.png -o three.h5",
      "the same images at three temperatures, a band each");
  program.example("flow-sample m.h5 -n 1000000 -o rows.npy", "rows for another program");
  program.example("flow-sample class.h5 --given 7 -n 16 --png seven.png",
                  "of a model conditional on a label");
  program.example("flow-sample m.h5 -O csv | head -3", "rows to read");
  return program.run(argc, argv, [&] { run(program, o); });
}
