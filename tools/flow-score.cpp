// flow-score: the exact log-density of each row under a model.
#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include "cli/context_options.h"
#include "cli/shard.h"
#include "core/text.h"
#include "flow/summary.h"
#include "model/density.h"

using namespace flow;

namespace {

struct Options {
  cli::Files data;
  std::string model, out_of_support = "neginf", ratio;
  std::vector<std::string> mix;
  bool bits_per_dim = false, p_value = false, typicality = false, append = false;
  bool per_layer = false, per_column = false, status = false;
  std::uint64_t seed = 0, row_offset = 0;
  std::uint32_t draws = 1;
  cli::InputOptions input;
  cli::ContextOptions context;
  cli::OutputOptions output;
  cli::ShardOptions shard;

  std::string score() const {
    return bits_per_dim  ? "bits_per_dim"
           : p_value     ? "pvalue"
           : typicality  ? "typicality"
           : ratio != "" ? "log_ratio"
                         : "logp";
  }
};

void check_options(const Options& o) {
  require(o.bits_per_dim + o.p_value + o.typicality + !o.ratio.empty() <= 1, Exit::usage,
          "--bits-per-dim, --pvalue, --typicality and --ratio: a row has one score; give one");
  require(o.mix.empty() || !o.per_layer, Exit::usage,
          "--per-layer: a mixture has no layers; leave out --mix");
  require(o.mix.empty() || !o.per_column, Exit::usage,
          "--per-column: a mixture has no order of its columns; leave out --mix");
  require(!o.per_layer || !o.per_column, Exit::usage, "--per-layer and --per-column: give one");
  require(o.mix.empty() || !(o.p_value || o.typicality), Exit::usage,
          "--mix: the reference of --pvalue and --typicality is that of a single model");
  require(o.draws >= 1 && o.draws <= 1000000, Exit::usage,
          "--dequant-samples: must be from 1 to 1000000");
  require(
      o.draws == 1 || !(o.p_value || o.typicality || o.per_layer || o.per_column), Exit::usage,
      "--dequant-samples: --pvalue, --typicality, --per-layer and --per-column are of one draw; "
      "leave it out");
}

std::string column_name(const RowShape& shape, std::size_t j) {
  return shape.names.empty() ? std::to_string(j + 1) : shape.names[j];
}

std::string order_of(const Conditionals& conditionals, const DataSpec& data) {
  std::vector<std::string> names;
  for (std::size_t j = 0; j < data.shape.columns; ++j)
    if (data.columns.empty() || data.columns[j].modelled())
      names.push_back(column_name(data.shape, j));
  std::string list;
  for (std::size_t j : conditionals.order()) {
    list += list.empty() ? "" : ", ";
    list += names[j];
  }
  return list;
}

// Of the columns of a row with its context; nothing where all hold numbers.
Words words_of(const DataSpec& data) {
  Words words = data.shape.words;
  words.resize(data.shape.columns);
  bool some = !data.shape.words.empty();
  for (const ContextColumn& c : data.context) words.push_back(c.words), some |= !c.words.empty();
  return some ? words : Words{};
}

// What a row of the output holds. A single column of scores has no header: it goes to sort and awk.
RowShape output_shape(const Options& o, const Model& model, const RowShape& input) {
  RowShape shape;
  const std::size_t layers = o.per_layer ? model.flow->depth() + 1 : 0;
  const std::size_t columns = o.per_column ? model.data.shape.columns : 0;
  shape.columns = 1 + layers + columns + (o.append ? input.columns : 0) + o.status;
  shape.dims = {shape.columns};
  if (input.rows && !o.input.skips()) shape.rows = input.rows;
  if (o.append) shape.names = input.names, shape.words = words_of(model.data);
  if (o.append && (o.per_layer || o.per_column || o.status) && input.names.empty())
    for (std::size_t j = 0; j < input.columns; ++j)
      shape.names.push_back("x" + std::to_string(j + 1));
  for (std::size_t k = 0; k + 1 < layers; ++k) shape.names.push_back(model.flow->name(k));
  if (o.per_layer) shape.names.push_back("base");
  for (std::size_t j = 0; j < columns; ++j)
    shape.names.push_back("logp " + column_name(model.data.shape, j));
  if (!shape.names.empty() || o.status) shape.names.push_back(o.score());
  if (o.status) shape.names.push_back("status");
  return shape;
}

// What a score cannot say: the row is fine, outside of the support, or not finite.
enum class Status { fine = 0, outside = 1, not_finite = 2 };

Status status_of(double logp) {
  return std::isnan(logp) ? Status::not_finite : std::isinf(logp) ? Status::outside : Status::fine;
}

class Scorer {
 public:
  // other: of --ratio, conditionals: of --per-column, or null.
  Scorer(const Options& options, const std::string& input, Density& density, Density* other,
         Conditionals* conditionals)
      : o_(options),
        input_(input),
        density_(density),
        other_(other),
        conditionals_(conditionals),
        model_(density.first()),
        parts_(options.per_layer    ? model_.flow->depth() + 1
               : options.per_column ? model_.data.shape.columns
                                    : 0),
        reference_mean_(mean_of(model_.reference)) {}

  // Sets out to the rows of the output for these rows of the input.
  void score(std::span<const double> values, RowNumbers at, std::vector<double>& out) {
    const std::size_t d = model_.data.shape.columns + model_.data.context.size();
    density_.log_density(values, at, o_.seed, input_, logp_, o_.draws);
    if (other_) other_->log_density(values, at, o_.seed, input_, other_logp_, o_.draws);
    if (o_.per_layer) density_.log_density_by_layer(values, at, o_.seed, input_, split_);
    if (conditionals_)
      density_.log_density_by_column(values, at, o_.seed, input_, *conditionals_, split_);
    out.clear();
    for (std::size_t i = 0; i < logp_.size(); ++i) {
      const auto x = values.subspan(i * d, d);
      const auto parts = std::span<const double>(split_).subspan(i * parts_, parts_);
      if (o_.append) out.insert(out.end(), x.begin(), x.end());
      out.insert(out.end(), parts.begin(), parts.end());
      check(logp_[i], x, at[i]);
      out.push_back(in_units(logp_[i], i));
      if (o_.status) out.push_back(static_cast<double>(status_of(logp_[i])));
    }
  }
  const Summary& summary() const { return summary_; }

 private:
  void check(double l, std::span<const double> x, std::uint64_t row) {
    if (std::isnan(l)) return;  // --on-nan keep
    if (std::isinf(l) && o_.out_of_support == "fail") {
      const std::string why = misfit(model_.data, x.first(model_.data.shape.columns));
      throw Error(Exit::data, input_ + ": row " + std::to_string(row + 1) +
                                  (why.empty() ? " has density 0 under the model" : ": " + why) +
                                  "; --on-out-of-support neginf scores it -inf");
    }
    summary_.add(l, row);
  }
  double in_units(double l, std::size_t i) const {
    if (o_.bits_per_dim) return bits_per_dim(l, model_.data.shape.columns);
    if (std::isnan(l)) return l;
    if (o_.p_value) return p_value(l, model_.reference);
    if (o_.typicality) return typicality(l, model_.reference, reference_mean_);
    // Where both densities are 0 there is no ratio.
    return other_ ? l - other_logp_[i] : l;
  }

  const Options& o_;
  const std::string& input_;
  Density& density_;
  Density* other_;
  Conditionals* conditionals_;
  const Model& model_;
  std::size_t parts_;
  double reference_mean_;
  std::vector<double> logp_, other_logp_, split_;
  Summary summary_;
};

std::string describe(const Summary& s, const std::string& input, const Model& model,
                     std::uint32_t draws) {
  std::string line = format("%s: %zu rows, mean log-density %.4f +- %.4f nats", input.c_str(),
                            s.rows, s.mean, s.error());
  if (model.data.dequantise)
    line += format(" = %.4f bits/dim", bits_per_dim(s.mean, model.data.shape.columns));
  if (draws > 1 && has_noise(model.data))
    line += format(", of the mean over %u draws of the noise", draws);
  line +=
      format(", worst %.4f in row %llu", s.worst, static_cast<unsigned long long>(s.worst_row + 1));
  if (s.outside) line += format("; %zu rows of density 0 are left out of the mean", s.outside);
  return line;
}

// rows: as of Density.
std::unique_ptr<Density> open_density(const std::vector<std::string>& paths, const Options& o,
                                      std::size_t threads, const DataSpec* rows = nullptr) {
  std::vector<Model> models;
  for (const std::string& path : paths) models.push_back(load(path, o.input.trusted()));
  return std::make_unique<Density>(std::move(models), paths, threads, rows);
}

void run(const cli::Program& program, const Options& o) {
  check_options(o);
  const auto threads = program.threads();
  std::vector<std::string> paths{o.model};
  paths.insert(paths.end(), o.mix.begin(), o.mix.end());
  const auto density = open_density(paths, o, threads.count);
  const Model& model = density->first();
  if (o.shard.gathers()) return o.shard.gather(o.output, model);
  require(!(o.p_value || o.typicality) || !model.reference.empty(), Exit::model,
          o.model + ": has no scores of validation rows; train it again");
  const auto other =
      o.ratio.empty() ? nullptr : open_density({o.ratio}, o, threads.count, &model.data);
  const auto open = [&] { return o.context.open(o.input, o.data, {"test", "x"}, model.data).rows; };
  const auto reader = open();
  check_columns(model, reader->shape(), reader->name());
  if (program.verbose())
    program.note(std::to_string(threads.count) + " threads: " + threads.source);
  if (program.verbose() && model.round_trip)
    program.note(format("%s: validation rows came back from their latents within %.2g",
                        o.model.c_str(), *model.round_trip));
  if (program.verbose() && model.condition)
    program.note(format("%s: rounding grows up to %.3g times on the way to latents and back",
                        o.model.c_str(), *model.condition));
  std::optional<Conditionals> conditionals;
  if (o.per_column) conditionals.emplace(*model.flow, model.table, model.theta, threads.count);
  if (conditionals && program.verbose())
    program.note("--per-column: the order is " + order_of(*conditionals, model.data));
  Scorer scorer(o, reader->name(), *density, other.get(), conditionals ? &*conditionals : nullptr);
  const cli::RowRange part = o.shard.enter(o.input, o.context.files(o.data), *reader, open);
  RowShape shape = output_shape(o, model, reader->shape());
  if (o.shard.given()) shape.rows = part.count();
  const auto writer = o.shard.create(o.output, shape);
  std::vector<double> values(o.input.block() * reader->shape().columns), out;
  std::uint64_t left = part.count();
  while (const std::size_t n = cli::read_some(*reader, values, left)) {
    scorer.score(std::span<const double>(values).first(n * reader->shape().columns),
                 reader->numbers(o.row_offset), out);
    writer->write(out);
    o.input.flush(*writer);
  }
  writer->finish();
  o.shard.finish(o.output, part, shape, model);
  if (!reader->report().empty()) program.warn(reader->report());
  if (scorer.summary().rows)
    program.note(describe(scorer.summary(), reader->name(), model, o.draws));
  else
    program.note(reader->name() +
                 (left < part.count() ? ": no row of finite numbers" : ": no rows"));
}

}  // namespace

int main(int argc, char** argv) {
  cli::Program program(
      "flow-score",
      "Prints the exact log-density of each row under a model, in nats of the file's own "
      "units, one number a line.");
  Options o;
  program.operand("MODEL", o.model, "a model that flow-train wrote");
  program.operand("DATA", o.data.names,
                  "rows: FILE, FILE.h5:/data/set, or - for standard input; several files, or a "
                  "pattern in quotes, are one set");
  program.section("Scores");
  program.flag("--bits-per-dim", o.bits_per_dim, "bits per dimension, -log p / (D ln 2), not nats");
  program.flag("--pvalue", o.p_value,
               "share of held-out rows that are no more likely: small is unusual");
  program.flag("--typicality", o.typicality,
               "share of held-out rows that lie no nearer to their mean log-density");
  program.option("--ratio", o.ratio, "MODEL", "log-density less that under another model");
  program.option("--mix", o.mix, "MODEL",
                 "mix with other models in equal parts: log-mean-exp; repeatable");
  program.flag("--status", o.status,
               "a last column: 0 fine, 1 outside of the support, 2 not finite");
  program.flag("--append", o.append, "print the row, then its score");
  program.flag("--per-layer", o.per_layer,
               "print the log-det of each layer, the base's part, then the sum");
  program.flag("--per-column", o.per_column,
               "print the conditional log-density of each column, then the sum: of an "
               "autoregressive flow of one order");
  program.choice("--on-out-of-support", o.out_of_support, "WHAT", {"neginf", "fail"},
                 "with rows of density 0 (default neginf)");
  program.option("--seed", o.seed, "N", "of the noise that dequantises integers (default 0)");
  program.option("--dequant-samples", o.draws, "S",
                 "log of the mean density over S draws of that noise (default 1)");
  program.option("--row-offset", o.row_offset, "N",
                 "number of the first row, which keys its noise (default 0)");
  o.input.add_to(program);
  o.input.add_line_buffered_to(program);
  o.context.add_to(program);
  o.output.add_to(program, Format::csv);
  o.shard.add_to(program);
  program.example("flow-score m.h5 rows.csv | sort -g | head", "the ten least likely rows");
  program.example("flow-score m.h5 new.csv --pvalue | awk '$1 < 0.01 {print NR}'",
                  "rows that one in a hundred is like, by number");
  program.example("flow-sample m.h5 -n 1000 | flow-score m.h5 --append -o scored.csv",
                  "rows with scores");
  return program.run(argc, argv, [&] { run(program, o); });
}
