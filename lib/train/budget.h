// How long to train for in a given time: --budget. Some steps are taken for their time alone, and
// the epochs that fit follow; the run itself starts anew with that number in its configuration, so
// that it has the bits of a run which was given it.
#pragma once
#include <optional>
#include <string>

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
// at most `most`. Error(Exit::usage) where not one does.
std::size_t affordable_epochs(const Pace& pace, std::size_t most, double seconds);

// The epochs that the run of this model file began with, or ended with; none where nothing is
// there. Of several ranks all have what the first sees.
std::optional<std::size_t> begun_epochs(const std::string& model, Comm& comm = alone());

}  // namespace flow
