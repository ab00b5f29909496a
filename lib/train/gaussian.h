// One Gaussian with all covariances, by the moments of the training rows: what a flow must beat.
#pragma once
#include <optional>

#include "train/dataset.h"

namespace flow {

// Its mean log-density of the validation rows, as the flow sees both (noise and weights included,
// context left out), in nats; of many rows, evenly spaced ones. Nothing for cells that are missing,
// for fewer training rows than columns, and for more than 2048 columns.
std::optional<double> gaussian_log_density(const Dataset& training, const Dataset& validation,
                                           std::size_t columns);

}  // namespace flow
