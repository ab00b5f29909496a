// flow-score: the exact log-density of each row under a model.
#include <algorithm>
#include <cmath>
#include <limits>

#include "cli/context_options.h"
#include "core/text.h"
#include "data/columns.h"
#include "flow/evaluate.h"
#include "flow/summary.h"
#include "model/rows.h"

using namespace flow;

namespace {

struct Options {
  std::string model, data = "-", out_of_support = "neginf";
  bool bits_per_dim = false, append = false, per_layer = false;
  std::uint64_t seed = 0, row_offset = 0;
  cli::InputOptions input;
  cli::ContextOptions context;
  cli::OutputOptions output;
};

// What a row of the output holds. A single column of scores has no header: it goes to sort and awk.
RowShape output_shape(const Options& o, const Model& model, const RowShape& input) {
  RowShape shape;
  const std::size_t layers = o.per_layer ? model.flow->depth() + 1 : 0;
  shape.columns = 1 + layers + (o.append ? input.columns : 0);
  shape.dims = {shape.columns};
  if (input.rows && !o.input.skips()) shape.rows = input.rows;
  if (o.append) shape.names = input.names, shape.words = model.data.shape.words;
  if (o.append && o.per_layer && input.names.empty())
    for (std::size_t j = 0; j < input.columns; ++j)
      shape.names.push_back("x" + std::to_string(j + 1));
  for (std::size_t k = 0; k + 1 < layers; ++k) shape.names.push_back(model.flow->name(k));
  if (o.per_layer) shape.names.push_back("base");
  if (!shape.names.empty()) shape.names.push_back(o.bits_per_dim ? "bits_per_dim" : "logp");
  return shape;
}

class Scorer {
 public:
  Scorer(const Options& options, const std::string& input, const Model& model, std::size_t threads)
      : o_(options),
        input_(input),
        model_(model),
        evaluator_(*model.flow, model.table, model.theta, threads),
        parts_(options.per_layer ? model.flow->depth() + 1 : 0) {}

  // Sets out to the rows of the output for these rows of the input.
  void score(std::span<const double> values, std::uint64_t first_row, std::vector<double>& out) {
    const std::size_t d = model_.data.shape.columns + model_.data.context.size(),
                      n = values.size() / d;
    to_flow(model_, values, first_row, o_.seed, Noise::drawn, input_, rows_);
    logp_.assign(n, 0), layers_.resize(n * parts_);
    if (parts_ > 0)
      evaluator_.log_density_by_layer(rows_.data(), n, layers_);
    else
      evaluator_.log_density(rows_.data(), n, logp_);
    out.clear();
    for (std::size_t i = 0; i < n; ++i) {
      const auto x = values.subspan(i * d, d);
      const auto layers = std::span<const double>(layers_).subspan(i * parts_, parts_);
      if (o_.append) out.insert(out.end(), x.begin(), x.end());
      // NaN only where the row holds it: no column can hold the others.
      for (double part : layers)
        out.push_back(std::isnan(part) && is_finite(x) ? -Config::infinity : part);
      double l = logp_[i];
      for (double part : layers) l += part;
      out.push_back(in_units(checked(l, x, first_row + i)));
    }
  }
  const Summary& summary() const { return summary_; }

 private:
  static bool is_finite(std::span<const double> x) {
    return std::all_of(x.begin(), x.end(), [](double v) { return std::isfinite(v); });
  }
  double checked(double l, std::span<const double> x, std::uint64_t row) {
    if (!is_finite(x)) return std::numeric_limits<double>::quiet_NaN();  // --on-nan keep
    // A finite row so far out that the flow overflows has a density of 0 in its numbers.
    if (std::isnan(l)) l = -Config::infinity;
    if (std::isinf(l) && o_.out_of_support == "fail") {
      const std::string why =
          misfit(model_.data.columns, model_.data.shape.names, x.first(model_.data.shape.columns));
      throw Error(Exit::data, input_ + ": row " + std::to_string(row + 1) +
                                  (why.empty() ? " has density 0 under the model" : ": " + why) +
                                  "; --on-out-of-support neginf scores it -inf");
    }
    summary_.add(l, row);
    return l;
  }
  double in_units(double l) const {
    return o_.bits_per_dim ? bits_per_dim(l, model_.data.shape.columns) : l;
  }

  const Options& o_;
  const std::string& input_;
  const Model& model_;
  Evaluator evaluator_;
  std::size_t parts_;
  std::vector<real> rows_;
  std::vector<double> logp_, layers_;
  Summary summary_;
};

std::string describe(const Summary& s, const std::string& input, const Model& model) {
  std::string line = format("%s: %zu rows, mean log-density %.4f +- %.4f nats", input.c_str(),
                            s.rows, s.mean, s.error());
  if (model.data.dequantise)
    line += format(" = %.4f bits/dim", bits_per_dim(s.mean, model.data.shape.columns));
  line +=
      format(", worst %.4f in row %llu", s.worst, static_cast<unsigned long long>(s.worst_row + 1));
  if (s.outside) line += format("; %zu rows of density 0 are left out of the mean", s.outside);
  return line;
}

void run(const cli::Program& program, const Options& o) {
  const Model model = load(o.model, o.input.trusted());
  const auto reader = o.context.open(o.input, o.data, {"test", "x"}, model.data).rows;
  check_columns(model, reader->shape(), reader->name());
  const auto threads = program.threads();
  if (program.verbose())
    program.note(std::to_string(threads.count) + " threads: " + threads.source);
  Scorer scorer(o, reader->name(), model, threads.count);
  const auto writer = o.output.create(output_shape(o, model, reader->shape()), Format::csv);
  std::vector<double> values(stream_rows * reader->shape().columns), out;
  std::uint64_t row = o.row_offset;
  while (const std::size_t n = reader->read(values)) {
    scorer.score(std::span<const double>(values).first(n * reader->shape().columns), row, out);
    writer->write(out);
    row += n;
  }
  writer->finish();
  if (!reader->report().empty()) program.warn(reader->report());
  program.note(scorer.summary().rows ? describe(scorer.summary(), reader->name(), model)
                                     : reader->name() + ": no rows");
}

}  // namespace

int main(int argc, char** argv) {
  cli::Program program(
      "flow-score",
      "Prints the exact log-density of each row under a model, in nats of the file's own "
      "units, one number a line.");
  Options o;
  program.operand("MODEL", o.model, "a model that flow-train wrote");
  program.operand("DATA", o.data, "rows: FILE, FILE.h5:/data/set, or - for standard input", false);
  program.section("Scores");
  program.flag("--bits-per-dim", o.bits_per_dim, "bits per dimension, -log p / (D ln 2), not nats");
  program.flag("--append", o.append, "print the row, then its score");
  program.flag("--per-layer", o.per_layer,
               "print the log-det of each layer, the base's part, then the sum");
  program.choice("--on-out-of-support", o.out_of_support, "WHAT", {"neginf", "fail"},
                 "with rows of density 0 (default neginf)");
  program.option("--seed", o.seed, "N", "of the noise that dequantises integers (default 0)");
  program.option("--row-offset", o.row_offset, "N",
                 "number of the first row, which keys its noise (default 0)");
  o.input.add_to(program);
  o.context.add_to(program);
  o.output.add_to(program);
  program.example("flow-score m.h5 rows.csv | sort -g | head", "the ten least likely rows");
  program.example("flow-sample m.h5 -n 1000 | flow-score m.h5 --append -o scored.csv",
                  "rows with scores");
  return program.run(argc, argv, [&] { run(program, o); });
}
