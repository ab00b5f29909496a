// How long to train for in a given time, and nets of which width: --budget. Some steps are taken
// for their time alone, and the epochs that fit follow; the run itself starts anew with that number
// in its configuration, so that it has the bits of a run which was given it.
#pragma once
#include <optional>
#include <string>

#include "model/model.h"
#include "train/loop.h"

namespace flow {

// Seconds.
struct Pace {
  double start = 0;  // until the first step
  double epoch = 0;  // with its validation
};

// Trains for about a twentieth of `seconds`, at least three steps. Where that is no whole epoch,
// one is taken for its steps and a validation for no longer than the start. Of several ranks all
// have the pace of the slowest.
Pace measure_pace(const Flow& flow, const ParamTable& table, const TrainSpec& spec, Batches& train,
                  const Dataset& validation, std::size_t threads, double seconds,
                  Comm& comm = alone());

// The epochs that end within nine tenths of `seconds`, with the start and as much again at the end;
// at most `most`, and 0 where not one does.
std::size_t affordable_epochs(const Pace& pace, std::size_t most, double seconds);

// Error(Exit::usage) for no epochs.
void require_affordable(const Pace& pace, std::size_t epochs);

// Whether nets had better be narrower: less than half of the epochs is affordable. On tables
// narrow nets that are trained long fit better than wide ones that are not.
inline bool too_wide(std::size_t affordable, std::size_t asked) { return 2 * affordable < asked; }

// model.net.hidden of half the width, and the model anew with it; false, and nothing, where no
// width is above 16. spec.shards is what the model then has. given: the configuration as it was
// given.
bool narrow(Model& model, TrainSpec& spec, std::size_t rows);
std::string widths(Model& model);  // "[64, 64]"

// What the run of this model file began with, or ended with; none where nothing is there. Of
// several ranks all have what the first sees.
struct Begun {
  std::size_t epochs;
  std::string run;  // its run_digest
};
std::optional<Begun> begun_run(const std::string& model, Comm& comm = alone());

}  // namespace flow
