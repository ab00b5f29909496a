#include "train/sitting.h"

#include <filesystem>

#include "core/error.h"
#include "core/output.h"
#include "model/model.h"

namespace flow {

namespace {

const std::chrono::steady_clock::time_point program_start = std::chrono::steady_clock::now();

double seconds_since(std::chrono::steady_clock::time_point then) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - then).count();
}

}  // namespace

void check_output(const SittingSpec& s) {
  check_savable(s.model, s.replace || s.resume);
  require(!is_special(s.model) || (!s.resume && !s.time_limit), Exit::usage,
          "--resume and --time-limit need a file for MODEL, beside which checkpoints stand");
  const std::string unfinished = existing_checkpoint(s.model);
  require(s.resume || s.replace || unfinished.empty(), Exit::usage,
          unfinished + ": of a run that did not end; --resume goes on with it, -f starts anew");
}

double seconds_so_far() { return seconds_since(program_start); }

Status status_of(const std::string& model) {
  const auto mark = newest_mark(model);
  const bool there = std::filesystem::exists(model);
  require(there || mark, Exit::model,
          model + ": neither a model nor a checkpoint; the run has not begun, or has failed");
  // A checkpoint of the model's own run was left by a kill; one of another run is to replace it.
  const std::string run = there ? load(model).run : "";
  if (there && (!mark || mark->run == run)) return {Exit::ok, model + ": complete"};
  return {Exit::stopped, model + ": resumable behind step " + std::to_string(mark->step)};
}

Sitting::Sitting(const SittingSpec& spec, const std::string& run, std::size_t epochs,
                 const ParamTable& table, std::function<std::string()> asked, Comm& comm)
    : spec_(spec),
      run_(run),
      checkpoints_(spec.model, run, table, epochs),
      asked_(std::move(asked)),
      comm_(comm),
      saves_(!is_special(spec.model)) {}

void Sitting::begin(const std::function<void(const std::string&)>& note) {
  if (!spec_.resume) return;
  together(comm_, [&] { find(note); });
  require_same(comm_,
               finished_ ? "ended"
               : state_  ? std::to_string(state_->report.step)
                         : "",
               Exit::model,
               "sees another checkpoint than rank 0; MODEL must lie where all ranks see it");
  if (finished_) end();  // a kill behind the last write left them
}

void Sitting::find(const std::function<void(const std::string&)>& note) {
  const bool there = std::filesystem::exists(spec_.model);
  finished_ = there && load(spec_.model).run == run_;
  if (finished_) return;
  state_ = checkpoints_.newest(note);
  require(!there || state_ || spec_.replace, Exit::model,
          spec_.model +
              ": the model of a run with other data or another configuration; name "
              "another -o, or overwrite it with -f");
}

bool Sitting::go_on(const Trainer& trainer) {
  if (!saves_) return true;
  if (const std::string signal = asked_(); !signal.empty()) reason_ = signal;
  // Ranks' clocks differ: who is not late yet learns that another is.
  const bool late = spec_.time_limit && seconds_so_far() >= *spec_.time_limit;
  const std::uint64_t why = max_over(comm_, late ? 2 : reason_.empty() ? 0 : 1);
  if (why == 2) reason_ = "--time-limit";
  if (why > 0) return false;
  if (!comm_.first()) return true;
  if (spec_.checkpoint_every > 0 && seconds_since(saved_) >= spec_.checkpoint_every) {
    checkpoints_.write(trainer.state());
    saved_ = Clock::now();
  }
  return true;
}

void Sitting::stop(const Trainer& trainer) {
  together(comm_, [&] {
    const std::string path = comm_.first() ? checkpoints_.write(trainer.state()) : "";
    if (reason_.empty()) reason_ = "a signal to another rank";
    throw Error(Exit::stopped, "stopped by " + reason_ + " at step " +
                                   std::to_string(trainer.state().report.step) + " of " +
                                   std::to_string(trainer.steps()) + ", saved in " + path +
                                   "; the same line with --resume goes on");
  });
}

void Sitting::end() const {
  if (saves_ && comm_.first()) checkpoints_.remove();
}

}  // namespace flow
