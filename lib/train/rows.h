// The rows of a training run: read, split, and looked over for what a user should know.
#pragma once
#include <string>
#include <vector>

#include "core/rows.h"
#include "model/model.h"

namespace flow {

struct TrainingRows {
  RowShape shape;
  std::vector<real> train, validation;                 // row by row
  Words words = {};                                    // of the columns, where some hold words
  std::vector<std::uint64_t> train_at, validation_at;  // their rows in the input; empty: 0, 1 ...
  std::size_t rows(const std::vector<real>& part) const { return part.size() / shape.columns; }
};

// Reads all rows. Without validation of its own, the share `fraction` of them is held out, chosen
// by the seed. Error(Exit::data) for too few rows, or for columns that differ.
TrainingRows collect(RowReader& train, RowReader* validation, double fraction, std::uint64_t seed,
                     std::uint64_t max_bytes);

// What each column is: as the configuration declares it, else with data.columns-from: data as the
// rows propose it, with a line of reasons each, unless data.dequantise says that all are integers.
// Sets spec.columns, spec.dequantise and the names of the shape, and writes columns to the
// configuration.
std::vector<std::string> settle_columns(Config& config, TrainingRows& rows, DataSpec& spec);

// Rows as the flow sees them, without noise. Error(Exit::data) for the first row of `part` that the
// columns cannot hold; at: their places in the input.
std::vector<real> as_numbers(const DataSpec& spec, std::vector<real> part,
                             std::span<const std::uint64_t> at, const std::string& input);

// Sets the spec's range from the training rows, and returns warnings: constant columns, integers
// without noise. Error(Exit::data) for noise on what are no integers.
std::vector<std::string> look_over(const TrainingRows& rows, const std::string& name,
                                   DataSpec& spec);

}  // namespace flow
