// flow-train: fits a flow to rows of numbers by maximum likelihood.
#include <cmath>
#include <filesystem>

#include "cli/progress.h"
#include "cli/rows_options.h"
#include "core/output.h"
#include "core/text.h"
#include "h5/reader.h"
#include "kernels/kernels.h"
#include "model/preset.h"
#include "train/plan.h"
#include "train/report.h"
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
  require(config.has("model"), Exit::usage,
          "-c " + (o.configs.empty() ? usual : o.configs).back() +
              ": has no 'model'; put a preset in front: -c realnvp -c FILE");
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
  for (const std::string& there : hdf5_datasets(name.file, o.input.trusted()))
    for (const std::string& wanted : usual)
      if (there == "/" + wanted) return o.input.open(name.file + ":" + there);
  return nullptr;
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
    progress.show(step, steps, format("log p: train %.3f, validation %.3f", mean, last));
    return true;
  };
  watch.epoch = [&](const EpochReport& r) {
    last = r.validation.mean;
    metrics.epoch(r);
    if (!program.verbose()) return;
    progress.clear();
    program.note(format("epoch %zu: train %.4f, validation %.4f +- %.4f%s", r.epoch, r.train, last,
                        r.validation.error(), r.best ? ", the best so far" : ""));
  };
  watch.note = [&](const std::string& text) { progress.clear(), program.warn(text); };
  trainer.run(watch);
  progress.clear();
  model.theta.assign(trainer.best().begin(), trainer.best().end());
  model.history = history_of(trainer.history());
  save(model, o.output, o.replace);
  for (const std::string& line : describe(model, trainer)) program.note(line);
  if (!trainer.history().empty() && trainer.history().back().skipped > 0)
    program.warn(std::to_string(trainer.history().back().skipped) +
                 " steps were not finite and were skipped");
}

void run(const cli::Program& program, const Options& o) {
  Model model;
  model.config = configuration(o);
  model.given = model.config.to_yaml();
  require(!o.input.keeps_nan(), Exit::usage,
          "--on-nan keep: no flow can be fitted to NaN; use skip, or fill them");
  // Fail before hours of work, not after.
  require(o.dry_run || o.print_config || !o.output.empty(), Exit::usage, "-o MODEL is missing");
  if (!o.dry_run && !o.print_config) {
    require(!is_terminal(o.output), Exit::usage,
            o.output + ": is a terminal, and a model is binary; name a file, or pipe it on");
    check_writable(o.output, o.replace);
  }

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
