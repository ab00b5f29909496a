// What a flow must beat: one Gaussian with all covariances, by the moments of the training rows,
// and a mixture of several, by expectation and maximisation.
#pragma once
#include <span>
#include <vector>

#include "flow/summary.h"
#include "train/dataset.h"

namespace flow {

struct Rival {
  std::size_t components;  // 1: the Gaussian
  double mean;             // its log-density of the validation rows, in nats
  Summary lead;            // of the flow: its log-densities less those of the rival, row by row
};

// The Gaussian, then the best mixture of 2, 5 or 10 of them on these rows: as the flow sees them
// (noise and weights included, context left out); of many rows, evenly spaced ones. scores: the
// flow's log-density of each validation row; where one is infinite its row is left out. Of rows
// with missing cells the Gaussian alone; nothing for more than 2048 columns; no Gaussian for fewer
// training rows than columns, no mixture for fewer than ten rows a component.
std::vector<Rival> rivals(const Dataset& training, const Dataset& validation, std::size_t columns,
                          std::span<const double> scores);

}  // namespace flow
