// flow-train: fits a flow to rows of numbers by maximum likelihood.
#include <cmath>
#include <filesystem>

#include "cli/context_options.h"
#include "cli/progress.h"
#include "cli/signals.h"
#include "core/lock.h"
#include "core/output.h"
#include "core/text.h"
#include "data/columns.h"
#include "h5/reader.h"
#include "kernels/kernels.h"
#include "model/preset.h"
#include "picture/samples.h"
#include "train/plan.h"
#include "train/prepare.h"
#include "train/report.h"
#include "train/sitting.h"

using namespace flow;

namespace {

struct Options {
  std::string data, validation, output, metrics, scores, columns_from, fold;
  std::vector<std::string> configs, settings;
  std::optional<std::uint64_t> seed;
  std::size_t samples_every = 0;
  bool replace = false, resume = false, dry_run = false, print_config = false;
  cli::Seconds checkpoint_every{600};
  std::optional<cli::Seconds> time_limit;
  cli::InputOptions input;
  cli::ContextOptions context;
};

// Files in order and what they have for so many rows, where these are known; then --seed, which the
// environment may have given, then -s.
Config configuration(const Options& o, const TrainingRows* rows) {
  Config config;
  const std::vector<std::string> usual{"auto"};
  for (const std::string& name : o.configs.empty() ? usual : o.configs)
    config.merge(read_config(name));
  if (rows) choose_size(config, rows->count(rows->train), working_columns(*rows));
  if (o.seed) config.set("train.seed", std::to_string(*o.seed), "--seed");
  if (!o.columns_from.empty()) config.set("data.columns-from", o.columns_from, "--columns-from");
  if (!o.fold.empty()) config.set("data.fold", o.fold, "--fold");
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

SplitSpec split_spec(Config& config) {
  Config& data = config.map("data");
  return read_split_spec(data, read_train_spec(config.map("train")).seed);
}

// Validation rows: those of --validation, else those beside the training rows in the same file.
std::unique_ptr<FiniteRows> open_validation(const Options& o, const SplitSpec& split) {
  const std::vector<std::string> usual{"validation/x", "validation", "valid/x", "valid"};
  const auto open = [&](const std::string& operand) {
    return o.context.open(o.input, operand, usual, cli::Role::validation).rows;
  };
  require(o.validation.empty() || split.folds == 0, Exit::usage,
          "--fold: holds rows of DATA out; leave out --validation");
  if (split.folds > 0) return nullptr;
  if (!o.validation.empty()) return open(o.validation);
  const DatasetName name = split_dataset(o.data);
  if (!name.dataset.empty() || !std::filesystem::is_regular_file(name.file)) return nullptr;
  Input input = open_input(name.file);
  if (!is_hdf5(input.peek(2048))) return nullptr;
  for (const std::string& there : hdf5_datasets(name.file, o.input.trusted()))
    for (const std::string& wanted : usual)
      if (there == "/" + wanted) return open(name.file + ":" + there);
  return nullptr;
}

// Rows as the flow sees them, and their noise.
Dataset dataset(const Model& model, const TrainSpec& spec, TrainingPart& part) {
  return {flow_rows(model.data, part),     model.flow->columns(), model.data.dequantise, spec.seed,
          noise_steps(model.data.columns), model.flow->context(), part.weights};
}

SittingSpec sitting_spec(const Options& o) {
  SittingSpec s{o.output, o.replace, o.resume, o.checkpoint_every.value, {}};
  if (o.time_limit) s.time_limit = o.time_limit->value;
  return s;
}

// at: of the validation rows, their places in the input.
void write_results(const Options& o, Model& model, const Trainer& trainer,
                   const Dataset& validation, const std::vector<std::uint64_t>& at,
                   std::size_t threads) {
  const bool replace = o.replace || o.resume;
  model.theta.assign(trainer.best().begin(), trainer.best().end());
  model.history = history_of(trainer.history());
  const std::vector<double> scores = keep_reference(model, validation, threads);
  // In front of the model: where that is there, the run has ended and is not run again.
  if (!o.scores.empty()) write_scores(o.scores, replace, at, scores);
  save(model, o.output, replace);
}

void tell_end(const cli::Program& program, const Model& model, const Trainer& trainer) {
  for (const std::string& line : describe(model, trainer)) program.note(line);
  if (!trainer.history().empty() && trainer.history().back().skipped > 0)
    program.warn(std::to_string(trainer.history().back().skipped) +
                 " steps were not finite and were skipped");
}

void train(const cli::Program& program, const Options& o, Model& model, const TrainSpec& spec,
           const Dataset& training, const Dataset& validation, const std::vector<std::uint64_t>& at,
           std::size_t threads) {
  Sitting sitting(sitting_spec(o), model.run, model.table, cli::stop_signal);
  sitting.begin([&](const std::string& text) { program.warn(text); });
  if (sitting.finished())
    return program.note(o.output + ": this run has ended; nothing is left to be done");
  if (!is_special(o.output)) cli::defer_stop_signals();
  cli::Progress progress("flow-train", program.quiet(), program.colour());
  Trainer trainer(*model.flow, model.table, spec, training, validation, threads, sitting.state());
  if (trainer.state().report.step > 0)
    program.note(
        format("going on behind step %zu of %zu", trainer.state().report.step, trainer.steps()));
  const SamplePictures pictures({o.samples_every, spec.epochs, spec.seed, threads}, o.output, model,
                                validation);
  Metrics metrics(o.metrics, o.replace || o.resume, trainer.history());
  double last = NAN;
  Watch watch;
  watch.step = [&](std::size_t step, std::size_t steps, double mean) {
    progress.show(step, steps, format("log p: train %.3f, validation %.3f", mean, last));
    return sitting.go_on(trainer);
  };
  watch.epoch = [&](const EpochReport& r) {
    last = r.validation.mean;
    metrics.epoch(r);
    if (const std::string problem = pictures.after(trainer); !problem.empty()) watch.note(problem);
    if (!program.verbose()) return;
    progress.clear();
    program.note(format("epoch %zu: train %.4f, validation %.4f +- %.4f%s", r.epoch, r.train, last,
                        r.validation.error(), r.best ? ", the best so far" : ""));
  };
  watch.note = [&](const std::string& text) { progress.clear(), program.warn(text); };
  const bool ended = trainer.run(watch);
  progress.clear();
  metrics.finish();
  if (!ended) sitting.stop(trainer);
  write_results(o, model, trainer, validation, at, threads);
  sitting.end();
  tell_end(program, model, trainer);
}

void run(const cli::Program& program, const Options& o) {
  Model model;
  Config given = configuration(o, nullptr);
  model.given = given.to_yaml();
  require(!o.input.keeps_nan(), Exit::usage,
          "--on-nan keep: no flow can be fitted to NaN; use skip, or fill them");
  const bool trains = !o.dry_run && !o.print_config;
  std::optional<OutputLock> lock;
  if (trains) {
    // Fail before hours of work, not after.
    require(!o.output.empty(), Exit::usage, "-o MODEL is missing");
    check_output(sitting_spec(o));
    require(o.samples_every == 0 || !is_special(o.output), Exit::usage,
            "--samples-every: needs a file for MODEL, beside which pictures stand");
    if (!o.scores.empty()) check_writable(o.scores, o.replace || o.resume);
    if (!is_special(o.output)) lock.emplace(o.output), cli::stop_on_signals("flow-train");
  }

  const cli::ConditionalRows read =
      o.context.open(o.input, o.data, {"train/x", "train"}, cli::Role::train);
  const SplitSpec split = split_spec(given);
  const auto held_out = open_validation(o, split);
  TrainingRows rows = collect(*read.rows, held_out.get(), read.layout, split, o.input.max_bytes());
  if (!read.rows->report().empty()) program.warn(read.rows->report());
  model.config = configuration(o, &rows);
  split_spec(model.config);
  const Settled settled = settle_model(model, rows, read.layout.context);
  for (const std::string& reason : settled.reasons) program.note(reason);
  for (const std::string& warning : settled.warnings) program.warn(warning);

  const auto threads = program.threads();
  if (o.print_config) return cli::write_stdout(model.config.to_yaml_with_origins());
  const std::size_t n = rows.count(rows.train), m = rows.count(rows.validation),
                    context = read.layout.context.size();
  if (o.dry_run) {
    const Plan p = plan(*model.flow, model.table, settled.spec, n + m, threads.count);
    return cli::write_stdout(describe(*model.flow, model.table, settled.spec, p));
  }
  model.trained_on = {data_digest(rows), n, m};
  model.run = run_digest(model.config, model.trained_on.digest);
  program.note(std::to_string(n) + " rows to train on, " + std::to_string(m) +
               (held_out ? "" : " held out") + " to validate, " +
               std::to_string(rows.shape.columns) + " columns" +
               (context ? " given " + std::to_string(context) : "") + "; " +
               std::to_string(threads.count) + " threads (" + threads.source + "), kernels " +
               kernels().isa);
  const Dataset training = dataset(model, settled.spec, rows.train);
  const Dataset validation = dataset(model, settled.spec, rows.validation);
  train(program, o, model, settled.spec, training, validation, rows.validation.at, threads.count);
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
                 "(default auto)");
  program.option("-s,--set", o.settings, "KEY=VALUE",
                 "change one value of the configuration: train.epochs=20; repeatable");
  program.option(
      "--validation", o.validation, "DATA",
      "rows to validate on (default /validation of the same file, else a tenth held out)");
  program.option("--fold", o.fold, "I/K",
                 "validate on fold I of K and train on the others: data.fold");
  program.option("--validation-scores", o.scores, "FILE",
                 "write the log-density of each validation row under the model: row,logp");
  program.choice("--columns-from", o.columns_from, "WHAT", {"config", "data"},
                 "what the columns are: as the configuration declares them (the default), or the "
                 "rest proposed from the data, with reasons");
  program.option("--seed", o.seed, "N", "of everything that is random (default 0)");
  program.option("--metrics", o.metrics, "FILE", "write one JSON object an epoch");
  program.option("--samples-every", o.samples_every, "N",
                 "draw samples each N epochs: MODEL.samples-EPOCH.png, of images or two columns");
  program.section("Stopping and going on");
  program.flag("--resume", o.resume,
               "go on from the checkpoint of a run that was stopped; without one, start; where the "
               "model is there, do nothing");
  program.option("--checkpoint-every", o.checkpoint_every, "TIME",
                 "save MODEL.ckpt-1 and MODEL.ckpt-2 in turn: 90s, 10m, 1h30m; 0 only when stopped "
                 "(default 10m)");
  program.option("--time-limit", o.time_limit, "TIME",
                 "stop with a checkpoint, and exit 75, after this time");
  program.section("Looking first");
  program.flag("--dry-run", o.dry_run, "print layers, parameters, memory and operations, and stop");
  program.flag("--print-config", o.print_config,
               "print every value of the configuration and where it came from, and stop");
  o.input.add_to(program);
  o.context.add_training(program);
  program.example("flow-train rows.csv -o m.h5",
                  "what the columns are and how large a flow: as the rows suggest");
  program.example("flow-train -c digits digits.h5 -s train.epochs=100 -o m.h5",
                  "a preset, one value changed");
  program.example("flow-train --resume --time-limit 55m data.h5 -o m.h5",
                  "in a job of an hour, submitted again while it exits 75");
  program.example("flow-train -c my.yaml data.h5:/train --validation data.h5:/valid -o m.h5",
                  "rows by name");
  program.example("flow-train rows.csv --fold 1/5 --validation-scores oof-1.csv -o fold-1.h5",
                  "out-of-fold scores: the first fifth of them");
  return program.run(argc, argv, [&] { run(program, o); });
}
