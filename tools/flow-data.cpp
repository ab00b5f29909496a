// flow-data: small things to do with rows before and after a model.
#include <algorithm>
#include <array>

#include "cli/rows_options.h"
#include "core/output.h"
#include "core/text.h"
#include "data/parts.h"
#include "data/select.h"
#include "data/shuffle.h"
#include "data/spool.h"
#include "data/statistics.h"
#include "data/toy.h"

using namespace flow;

namespace {

struct Options {
  std::string command, input = "-", group, quantiles = "0.05,0.25,0.5,0.75,0.95";
  PartsSpec parts;
  std::uint64_t seed = 0, rows = 1000;
  bool json = false;
  cli::InputOptions source;
  cli::OutputOptions output;
};

std::unique_ptr<RowReader> open(const Options& o) {
  return o.source.open_selected(o.input, {"train/x", "train", "x"}, {.learns = true});
}

// Words are numbers where the output has no place for them.
void tell_words(const cli::Program& program, const Options& o, const RowReader& rows) {
  if (o.output.is_text() || o.output.format() == Format::hdf5) return;
  const Words words = rows.words();
  for (std::size_t j = 0; j < words.size(); ++j) {
    if (words[j].empty()) continue;
    std::string list;
    for (std::size_t k = 0; k < std::min<std::size_t>(words[j].size(), 12); ++k)
      list += (k ? ", " : "") + std::to_string(k) + " " + words[j][k];
    program.note("column " + label_of(rows.shape(), j) +
                 ": words are numbers where the output is neither text nor HDF5: " + list +
                 (words[j].size() > 12 ? " ..." : ""));
  }
}

void convert(const cli::Program& program, const Options& o) {
  const auto rows = open(o);
  const auto writer = o.output.create_exact(rows->shape());
  const std::size_t d = rows->shape().columns;
  std::vector<double> values(std::max<std::size_t>(1, (std::size_t{1} << 16) / d) * d);
  std::size_t n = rows->read(values);
  const auto some = [&] { return std::span<const double>(values).first(n * d); };
  const Words words = rows->words();
  if (!o.output.is_text() &&
      std::any_of(words.begin(), words.end(), [](const auto& w) { return !w.empty(); })) {
    Spool all(d);  // the words are all known at the end, and stand in front
    for (; n > 0; n = rows->read(values)) all.add(some());
    writer->set_words(rows->words());
    while ((n = all.read(values)) > 0) writer->write(some());
  }
  for (; n > 0; n = rows->read(values)) {
    writer->set_words(rows->words());
    writer->write(some());
  }
  writer->finish();
  tell_words(program, o, *rows);
}

void split(const cli::Program& program, const Options& o) {
  require(o.output.format() == Format::hdf5, Exit::usage,
          "split: the parts are data sets of one file, which HDF5 alone holds; use -O h5");
  PartsSpec spec = o.parts;
  spec.seed = o.seed;
  require(spec.validation >= 0 && spec.test >= 0 && spec.validation + spec.test < 1, Exit::usage,
          "--validation, --test: are shares from 0 on, and leave some rows to train on");
  const auto rows = open(o);
  if (!o.group.empty()) {
    const auto found = parse_selection(o.group, rows->shape(), rows->name());
    require(found.size() == 1, Exit::usage, "--group-column: names several columns; give one");
    spec.group = found[0];
  }
  const Parts parts = write_parts(*rows, spec, [&](std::vector<Hdf5Part> named) {
    auto writer = o.output.create_exact(rows->shape(), std::move(named));
    writer->set_words(rows->words());
    return writer;
  });
  program.note(format("%zu rows to train on, %zu to validate, %zu to test", parts.train.size(),
                      parts.validation.size(), parts.test.size()));
}

void shuffle_rows(const cli::Program& program, const Options& o) {
  const auto rows = open(o);
  const auto writer = o.output.create_exact(rows->shape());
  shuffle(*rows, o.seed, *writer);
  writer->finish();
  tell_words(program, o, *rows);
}

std::vector<double> parse_shares(const std::string& list) {
  const auto shares = cli::parse_numbers<double>(list, "--quantiles");
  for (const double share : shares)
    require(share >= 0 && share <= 1, Exit::usage, "--quantiles: are shares from 0 to 1");
  return shares;
}

void show_statistics(const cli::Program&, const Options& o) {
  const std::vector<double> shares = parse_shares(o.quantiles);
  const auto rows = open(o);
  const auto columns = statistics_of(*rows);
  RowShape shape = rows->shape();
  shape.words = rows->words();
  if (o.json) return cli::write_stdout(json_of(columns, shape, shares).line());
  cli::write_page(describe(columns, shape, shares));
}

void draw_toy(const cli::Program& program, const Options& o) {
  const Toy& toy = find_toy(o.input);
  RowShape shape;
  shape.columns = 2, shape.dims = {2}, shape.names = {"x", "y"}, shape.rows = o.rows;
  const auto writer = o.output.create_exact(shape);
  const Random random(o.seed, Stream::sample);
  for (std::uint64_t i = 0; i < o.rows; ++i) {
    double xy[2];
    toy.sample(random, i, xy);
    writer->write(xy);
  }
  writer->finish();
  program.note(
      format("%s: the entropy is %.6f nats: no model's mean log-density of new rows is "
             "above %.6f, but by chance",
             toy.name, toy.entropy, -toy.entropy));
}

struct Command {
  const char* name;
  void (*run)(const cli::Program&, const Options&);
  std::vector<std::string> options;  // beside those of input, output and all programs
};

const std::array commands{
    Command{"convert", convert, {}},
    Command{"split", split, {"validation", "test", "group-column", "ordered", "seed"}},
    Command{"shuffle", shuffle_rows, {"seed"}},
    Command{"describe", show_statistics, {"quantiles", "json"}},
    Command{"toy", draw_toy, {"rows", "seed"}}};

void run(const cli::Program& program, const Options& o) {
  const Command* found = nullptr;
  std::string names;
  for (const Command& c : commands) {
    if (o.command == c.name) found = &c;
    names += (names.empty() ? "" : ", ") + std::string(c.name);
  }
  require(found != nullptr, Exit::usage, "'" + o.command + "' is no command; there are: " + names);
  for (const Command& c : commands)
    for (const std::string& option : c.options) {
      const auto& own = found->options;
      if (std::find(own.begin(), own.end(), option) == own.end())
        program.refuse({option}, "is not for " + o.command + ", but for " + c.name);
    }
  if (o.parts.ordered) program.refuse({"seed"}, "--ordered leaves nothing to chance");
  if (o.command == "toy") cli::InputOptions::refuse(program, "toy reads no rows");
  if (o.command == "describe") cli::OutputOptions::refuse(program, "describe writes no rows");
  found->run(program, o);
}

}  // namespace

int main(int argc, char** argv) {
  cli::Program program(
      "flow-data",
      "Converts, splits, shuffles and describes rows, and draws them from densities "
      "of known entropy.");
  Options o;
  program.operand("COMMAND", o.command, "convert, split, shuffle, describe or toy");
  program.operand("DATA", o.input,
                  "rows: FILE, FILE.h5:/data/set, a folder, or - for standard input; of toy a "
                  "name: moons, gaussians, checkerboard, pinwheel, spirals, rings",
                  false);
  program.section("Split");
  program.option("--validation", o.parts.validation, "SHARE", "of the rows (default 0.1)");
  program.option("--test", o.parts.test, "SHARE", "of the rows (default 0.1)");
  program.option("--group-column", o.group, "COLUMN",
                 "rows that are equal in it stay together: by name or number");
  program.flag("--ordered", o.parts.ordered,
               "the first rows train, the last ones test; without it at random");
  program.section("Describe");
  program.option("--quantiles", o.quantiles, "LIST",
                 "which, as shares (default 0.05,0.25,0.5,0.75,0.95)");
  program.flag("--json", o.json, "one JSON object, not a table");
  program.section("Split, shuffle, toy");
  program.option("--seed", o.seed, "N", "of what is random (default 0)");
  program.option("-n,--rows", o.rows, "N", "of toy: how many (default 1000)");
  o.source.add_source_to(program);
  o.output.add_to(program);
  program.example("flow-data convert rows.csv -o rows.npy", "from one format to another");
  program.example("flow-data convert digits.h5:/test -O png -o images", "a folder of pictures");
  program.example("flow-data split rows.csv -o parts.h5 --test 0.2 --seed 1",
                  "/train, /validation and /test in one file");
  program.example("flow-data shuffle rows.csv -o mixed.csv", "in random order");
  program.example("flow-data describe rows.csv", "count, range, moments and quantiles by column");
  program.example("flow-data toy moons -n 10000 --seed 1 -o moons.h5", "rows of a known density");
  return program.run(argc, argv, [&] { run(program, o); });
}
