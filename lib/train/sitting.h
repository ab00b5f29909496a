// One sitting of a training run: where it begins, when it saves, and how it is stopped. A run of
// many sittings gives the bits of one that was never stopped.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "train/checkpoint.h"
#include "train/loop.h"

namespace flow {

struct SittingSpec {
  std::string model;  // the path to be written
  bool replace = false, resume = false;
  double checkpoint_every = 600;     // seconds; 0: only when stopped
  std::optional<double> time_limit;  // seconds from the start of the program
};

// Since the program began.
double seconds_so_far();

// Error(Exit::usage, Exit::failed) now for what would fail after hours of work: a terminal, no
// folder, a model or a checkpoint of a run that did not end, neither of which may be lost.
void check_output(const SittingSpec& spec);

// How far the run is that writes `model`, in a line: Exit::ok for a model that is complete,
// Exit::stopped for one that --resume goes on with. Error(Exit::model) where neither is there.
struct Status {
  Exit code;
  std::string line;
};
Status status_of(const std::string& model);

class Sitting {
 public:
  // run: run_digest; epochs: how many it takes. asked: the name of a signal that asks to stop, or
  // empty. Of several ranks the first alone writes; all read, and what one is asked all do.
  Sitting(const SittingSpec& spec, const std::string& run, std::size_t epochs,
          const ParamTable& table, std::function<std::string()> asked, Comm& comm = alone());

  // By all ranks. To be asked for: `state` is what --resume goes on from. Error(Exit::model) where
  // the model or its checkpoints are of another run, or damaged, or where ranks do not see the same
  // ones; one good checkpoint is enough, with a note.
  void begin(const std::function<void(const std::string&)>& note);
  bool finished() const { return finished_; }  // the model is there: nothing is left to be done
  std::optional<TrainState> state() { return std::move(state_); }

  // Behind each step: saves where it is time to. False where training is to stop now, which
  bool go_on(const Trainer& trainer);
  // then does: it throws Error(Exit::stopped), the state saved.
  void stop(const Trainer& trainer);
  // The model is written: the checkpoints go.
  void end() const;

 private:
  void find(const std::function<void(const std::string&)>& note);

  using Clock = std::chrono::steady_clock;
  SittingSpec spec_;
  std::string run_;
  Checkpoints checkpoints_;
  std::function<std::string()> asked_;
  Comm& comm_;
  bool saves_, finished_ = false;
  std::optional<TrainState> state_;
  Clock::time_point saved_ = Clock::now();
  std::string reason_;  // to stop
};

}  // namespace flow
