// The rows of a training run: read, split, and looked over for what a user should know.
#pragma once
#include <string>
#include <vector>

#include "core/rows.h"
#include "model/model.h"

namespace flow {

struct TrainingRows {
  RowShape shape;
  std::vector<real> train, validation;  // row by row
  std::size_t rows(const std::vector<real>& part) const { return part.size() / shape.columns; }
};

// Reads all rows. Without validation of its own, the share `fraction` of them is held out, chosen
// by the seed. Error(Exit::data) for too few rows, or for columns that differ.
TrainingRows collect(RowReader& train, RowReader* validation, double fraction, std::uint64_t seed,
                     std::uint64_t max_bytes);

// Sets the spec's range from the training rows, and returns warnings: constant columns, integers
// without noise. Error(Exit::data) for noise on what are no integers.
std::vector<std::string> look_over(const TrainingRows& rows, const std::string& name,
                                   DataSpec& spec);

}  // namespace flow
