// flow-train: fits a flow to rows of numbers by maximum likelihood.
#include <cmath>
#include <filesystem>
#include <fstream>

#include "cli/progress.h"
#include "cli/rows_options.h"
#include "core/json.h"
#include "core/output.h"
#include "h5/reader.h"
#include "kernels/kernels.h"
#include "model/preset.h"
#include "train/loop.h"
#include "train/plan.h"
#include "train/rows.h"

using namespace flow;

namespace {

struct Options {
  std::string data, validation, output, metrics;
  std::vector<std::string> configs, settings;
  std::optional<std::uint64_t> seed;
  bool replace = false, dry_run = false, print_config = false;
  cli::InputOptions input;
};

// Files in order, then --seed, which the environment may have given, then -s.
Config configuration(const Options& o) {
  Config config;
  const std::vector<std::string> usual{"realnvp"};
  for (const std::string& name : o.configs.empty() ? usual : o.configs)
    config.merge(read_config(name));
  if (o.seed) config.set("train.seed", std::to_string(*o.seed), "--seed");
  for (const std::string& s : o.settings) {
    const auto equals = s.find('=');
    require(equals != s.npos && equals > 0, Exit::usage,
            "-s " + s + ": give KEY=VALUE, as train.epochs=20");
    config.set(s.substr(0, equals), s.substr(equals + 1), "-s");
  }
  return config;
}

// Validation rows: those of --validation, else those beside the training rows in the same file.
std::unique_ptr<FiniteRows> open_validation(const Options& o) {
  const std::vector<std::string> usual{"validation/x", "validation", "valid/x", "valid"};
  if (!o.validation.empty()) return o.input.open(o.validation, usual);
  const DatasetName name = split_dataset(o.data);
  if (!name.dataset.empty() || !std::filesystem::is_regular_file(name.file)) return nullptr;
  Input input = open_input(name.file);
  if (!is_hdf5(input.peek(2048))) return nullptr;
  for (const std::string& there : hdf5_datasets(name.file))
    for (const std::string& wanted : usual)
      if (there == "/" + wanted) return o.input.open(name.file + ":" + there);
  return nullptr;
}

// One JSON object an epoch, there to be read as soon as it has happened.
class Metrics {
 public:
  Metrics(const std::string& path, bool replace) : path_(path) {
    if (path.empty()) return;
    check_writable(path, replace);
    file_.open(path, std::ios::trunc);
    check();
  }
  void epoch(const EpochReport& r) {
    if (path_.empty()) return;
    const Summary& v = r.validation;
    JsonLine line;
    line.add("epoch", r.epoch).add("step", r.step).add("train", r.train).add("validation", v.mean);
    line.add("validation_error", v.error()).add("worst", v.worst).add("rate", r.rate);
    line.add("norm", r.norm)
        .add("skipped", r.skipped)
        .add("seconds", r.seconds)
        .add("best", r.best);
    file_ << line.line() << std::flush;
    check();
  }

 private:
  void check() const { require(file_.good(), Exit::failed, path_ + ": cannot be written"); }
  std::string path_;
  std::ofstream file_;
};

History history_of(const std::vector<EpochReport>& epochs) {
  const auto column = [&](auto value) {
    std::vector<double> out;
    for (const EpochReport& r : epochs) out.push_back(static_cast<double>(value(r)));
    return out;
  };
  return {{"epoch", column([](auto& r) { return r.epoch; })},
          {"step", column([](auto& r) { return r.step; })},
          {"train", column([](auto& r) { return r.train; })},
          {"validation", column([](auto& r) { return r.validation.mean; })},
          {"validation_error", column([](auto& r) { return r.validation.error(); })},
          {"worst", column([](auto& r) { return r.validation.worst; })},
          {"rate", column([](auto& r) { return r.rate; })},
          {"norm", column([](auto& r) { return r.norm; })},
          {"skipped", column([](auto& r) { return r.skipped; })}};
}

// What the number means, with all constants.
void summarise(const cli::Program& program, const Model& model, const Trainer& trainer) {
  const EpochReport& best = trainer.best_report();
  const Summary& v = best.validation;
  const double d = static_cast<double>(model.data.shape.columns);
  char line[320];
  const double seconds = trainer.history().empty() ? 0 : trainer.history().back().seconds;
  std::snprintf(
      line, sizeof line, "%zu parameters, %zu epochs in %s, the best epoch is %zu%s",
      model.table.trained(), trainer.history().size(), cli::duration(seconds).c_str(), best.epoch,
      best.epoch > 0 && best.epoch < trainer.history().size() ? " (the model is of that one)" : "");
  program.note(line);
  if (!trainer.history().empty() && trainer.history().back().skipped > 0)
    program.warn(std::to_string(trainer.history().back().skipped) +
                 " steps were not finite and were skipped");
  std::snprintf(line, sizeof line,
                "validation: mean log-density %.4f +- %.4f nats of %zu rows, in units of the file; "
                "worst %.4f in row %llu",
                v.mean, v.error(), v.rows, v.worst,
                static_cast<unsigned long long>(v.worst_row + 1));
  program.note(
      line + (v.outside ? "; " + std::to_string(v.outside) + " rows have density 0 and are left out"
                        : std::string()));
  if (!model.data.dequantise) return;
  const double levels = model.data.high - model.data.low;
  std::snprintf(line, sizeof line,
                "            = %.4f bits/dim: -LL / (D ln 2), D = %.0f, integers of step 1; on [0, "
                "1] data %.4f nats = LL + D ln %.0f",
                bits_per_dim(v.mean, model.data.shape.columns), d, v.mean + d * std::log(levels),
                levels);
  program.note(line);
}

void train(const cli::Program& program, const Options& o, Model& model, const TrainSpec& spec,
           const TrainingRows& rows, std::size_t threads) {
  const std::size_t d = rows.shape.columns;
  const Dataset training(rows.train, d, model.data.dequantise, spec.seed);
  const Dataset validation(rows.validation, d, model.data.dequantise, spec.seed);
  Metrics metrics(o.metrics, o.replace);
  cli::Progress progress("flow-train", program.quiet(), program.colour());
  Trainer trainer(*model.flow, model.table, spec, training, validation, threads);
  double last = NAN;
  Watch watch;
  watch.step = [&](std::size_t step, std::size_t steps, double mean) {
    char text[96];
    std::snprintf(text, sizeof text, "log p: train %.3f, validation %.3f", mean, last);
    progress.show(step, steps, text);
    return true;
  };
  watch.epoch = [&](const EpochReport& r) {
    last = r.validation.mean;
    metrics.epoch(r);
    if (!program.verbose()) return;
    progress.clear();
    char text[160];
    std::snprintf(text, sizeof text, "epoch %zu: train %.4f, validation %.4f +- %.4f%s", r.epoch,
                  r.train, last, r.validation.error(), r.best ? ", the best so far" : "");
    program.note(text);
  };
  watch.note = [&](const std::string& text) { progress.clear(), program.warn(text); };
  trainer.run(watch);
  progress.clear();
  model.theta.assign(trainer.best().begin(), trainer.best().end());
  model.history = history_of(trainer.history());
  save(model, o.output, o.replace);
  summarise(program, model, trainer);
}

void run(const cli::Program& program, const Options& o) {
  Model model;
  model.config = configuration(o);
  model.given = model.config.to_yaml();
  // Fail before hours of work, not after.
  require(o.dry_run || o.print_config || !o.output.empty(), Exit::usage, "-o MODEL is missing");
  if (!o.dry_run && !o.print_config) check_writable(o.output, o.replace);

  const auto reader = o.input.open(o.data, {"train/x", "train"});
  const auto held_out = open_validation(o);
  TrainSpec spec = read_train_spec(model.config.map("train"));
  const double fraction = model.config.map("data").number("validation", 0, 0.9, 0.1);
  const TrainingRows rows =
      collect(*reader, held_out.get(), fraction, spec.seed, o.input.max_bytes());
  if (!reader->report().empty()) program.warn(reader->report());

  model.data.shape = rows.shape;
  model.data.dequantise =
      model.config.map("data").choice("dequantise", {"none", "uniform"}, "none") == "uniform";
  for (const std::string& w : look_over(rows, reader->name(), model.data)) program.warn(w);
  write_data_spec(model.data, model.config);
  model.data = read_data_spec(model.config.map("data"));
  build(model);
  model.config.reject_unread();
  settle(spec, rows.rows(rows.train), model.table.trained(), model.flow->couples_rows());
  model.config.set("train.batch", std::to_string(spec.batch), "data");
  model.config.set("train.shards", std::to_string(spec.shards), "data");

  const auto threads = program.threads();
  if (o.print_config) return cli::write_stdout(model.config.to_yaml_with_origins());
  const std::size_t all = rows.rows(rows.train) + rows.rows(rows.validation);
  if (o.dry_run) {
    const Plan p = plan(*model.flow, model.table, spec, all, threads.count);
    return cli::write_stdout(describe(*model.flow, model.table, spec, p));
  }
  program.note(std::to_string(rows.rows(rows.train)) + " rows to train on, " +
               std::to_string(rows.rows(rows.validation)) + (held_out ? "" : " held out") +
               " to validate, " + std::to_string(rows.shape.columns) + " columns; " +
               std::to_string(threads.count) + " threads (" + threads.source + "), kernels " +
               kernels().isa);
  train(program, o, model, spec, rows, threads.count);
}

}  // namespace

int main(int argc, char** argv) {
  cli::Program program("flow-train",
                       "Fits a normalizing flow to rows of numbers by maximum likelihood, and "
                       "writes it as a model.");
  Options o;
  o.data = "-";
  program.operand("DATA", o.data,
                  "rows to train on: FILE, FILE.h5:/data/set, or - for standard input", false);
  program.section("Training");
  program.option("-o,--output", o.output, "MODEL", "the model file to write (HDF5)");
  program.flag("-f,--force", o.replace, "overwrite an existing MODEL");
  program.option("-c,--config", o.configs, "NAME",
                 "configuration: a YAML file, or a preset by name; repeatable, the last wins "
                 "(default realnvp)");
  program.option("-s,--set", o.settings, "KEY=VALUE",
                 "change one value of the configuration: train.epochs=20; repeatable");
  program.option(
      "--validation", o.validation, "DATA",
      "rows to validate on (default /validation of the same file, else a tenth held out)");
  program.option("--seed", o.seed, "N", "of everything that is random (default 0)");
  program.option("--metrics", o.metrics, "FILE", "write one JSON object an epoch");
  program.flag("--dry-run", o.dry_run, "print layers, parameters, memory and operations, and stop");
  program.flag("--print-config", o.print_config,
               "print every value of the configuration and where it came from, and stop");
  o.input.add_to(program);
  program.example("flow-train rows.csv -o m.h5", "a RealNVP with the usual settings");
  program.example("flow-train -c digits digits.h5 -s train.epochs=100 -o m.h5",
                  "a preset, one value changed");
  program.example("flow-train -c my.yaml data.h5:/train --validation data.h5:/valid -o m.h5",
                  "rows by name");
  return program.run(argc, argv, [&] { run(program, o); });
}
