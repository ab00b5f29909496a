#include "cli/training.h"

#include <cmath>

#include "cli/progress.h"
#include "cli/signals.h"
#include "core/output.h"
#include "core/text.h"
#include "h5/reader.h"
#include "picture/samples.h"
#include "train/report.h"
#include "train/rivals.h"

namespace flow::cli {

namespace {

// Returns the log-densities of the validation rows. at: their places in the input.
std::vector<double> write_results(const TrainingOptions& o, Model& model, const Trainer& trainer,
                                  const Dataset& validation, const std::vector<std::uint64_t>& at,
                                  std::size_t threads) {
  const bool replace = o.replace || o.resume;
  model.theta.assign(trainer.best().begin(), trainer.best().end());
  model.history = history_of(trainer.history());
  std::vector<double> scores = keep_reference(model, validation, threads);
  // In front of the model: where that is there, the run has ended and is not run again.
  if (!o.scores.empty()) write_scores(o.scores, replace, at, scores);
  save(model, o.output, replace);
  return scores;
}

void tell_end(const Program& program, const Model& model, const Trainer& trainer,
              const Dataset& training, const Dataset& validation,
              const std::vector<std::uint64_t>& at, std::span<const double> scores) {
  if (!program.quiet()) {
    const auto others = rivals(training, validation, model.flow->columns(), scores);
    for (const std::string& line : describe(model, trainer, at, others)) program.note(line);
  }
  if (!trainer.history().empty() && trainer.history().back().skipped > 0)
    program.warn(std::to_string(trainer.history().back().skipped) +
                 " steps were not finite and were skipped");
}

}  // namespace

SittingSpec TrainingOptions::sitting() const {
  SittingSpec s{output, replace, resume, checkpoint_every.value, {}};
  if (time_limit) s.time_limit = time_limit->value;
  return s;
}

void train(const Program& program, const TrainingOptions& o, Model& model, const TrainSpec& spec,
           Batches& training, const Dataset& validation, const std::vector<std::uint64_t>& at,
           std::size_t threads, Comm& comm) {
  Sitting sitting(o.sitting(), model.run, spec.epochs, model.table, stop_signal, comm);
  sitting.begin([&](const std::string& text) { program.warn(text); });
  if (sitting.finished())
    return program.note(o.output + ": this run has ended; nothing is left to be done");
  if (!is_special(o.output)) defer_stop_signals();
  Trainer trainer(*model.flow, model.table, spec, training, validation, threads, sitting.state(),
                  comm);
  if (trainer.state().report.step > 0)
    program.note(
        format("going on behind step %zu of %zu", trainer.state().report.step, trainer.steps()));
  const SamplePictures pictures(
      {comm.first() ? o.samples_every : 0, spec.epochs, spec.seed, threads}, o.output, model,
      validation);
  Metrics metrics(comm.first() ? o.metrics : "", o.replace || o.resume, trainer.history());
  double last = trainer.state().report.validation.mean;  // of the start, or before --resume
  Progress progress(program.name(), "steps", program.quiet(), program.colour(),
                    trainer.state().report.step);
  const bool beside = is_terminal(o.metrics);
  Watch watch;
  watch.step = [&](std::size_t step, std::size_t steps, double mean) {
    if (progress.due())
      progress.show(step, steps, {format("train %.3f", mean), format("validation %.3f", last)},
                    format("epoch %zu of %zu", trainer.history().size() + 1, spec.epochs));
    return sitting.go_on(trainer);
  };
  watch.epoch = [&](const EpochReport& r) {
    last = r.validation.mean;
    if (program.verbose() || beside) progress.clear();
    if (comm.size() > 1)
      metrics.epoch(r, trainer.waiting());
    else
      metrics.epoch(r);
    if (const std::string problem = pictures.after(trainer); !problem.empty()) watch.note(problem);
    if (!program.verbose()) return;
    program.note(format("epoch %zu: train %.4f, validation %.4f +- %.4f%s", r.epoch, r.train, last,
                        r.validation.error(), r.best ? ", the best so far" : ""));
  };
  watch.note = [&](const std::string& text) { progress.clear(), program.warn(text); };
  const bool ended = trainer.run(watch);
  progress.clear();
  metrics.finish();
  if (!ended) return sitting.stop(trainer);
  if (comm.size() > 1 && program.verbose())
    program.note(format("%.1f %% of the steps' time was spent waiting for other ranks",
                        100 * trainer.waiting()));
  if (!comm.first()) return;
  const auto scores = write_results(o, model, trainer, validation, at, threads);
  sitting.end();
  tell_end(program, model, trainer, training.sample(), validation, at, scores);
}

void keep_apart(const TrainingOptions& o, const std::vector<std::string>& read) {
  const std::vector<std::pair<std::string, std::string>> written{
      {"-o", o.output}, {"--metrics", o.metrics}, {"--validation-scores", o.scores}};
  for (std::size_t i = 0; i < written.size(); ++i) {
    const auto& [option, path] = written[i];
    for (std::size_t k = 0; k < i; ++k)
      require(!is_same_file(path, written[k].second), Exit::usage,
              option + ": " + path + " is the file of " + written[k].first + "; name another");
    for (const std::string& file : read)
      require(!is_same_file(path, split_dataset(file).file), Exit::usage,
              option + ": " + path + " holds rows that are read; name another");
  }
}

void tell_next(const Program& program, const std::string& model, const std::string& data,
               std::uint64_t validated) {
  constexpr std::uint64_t few = 50;
  if (validated > 0 && validated < few)
    program.note(
        std::to_string(validated) +
        " rows to validate are few; --fold 1/10 to --fold 10/10 hold out each row once, and "
        "their means tell more");
  if (is_special(model)) return;
  program.note(model + ": written; flow-info " + model + " shows it, flow-check " + model +
               (data.empty() ? "" : " ") + data + " tests it, flow-sample -O csv " + model +
               " draws from it");
}

}  // namespace flow::cli
