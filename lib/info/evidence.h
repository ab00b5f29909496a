// What the figures of a report are drawn from: rows of a file, samples, their latents and scores.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/rows.h"
#include "model/model.h"

namespace flow {

struct EvidenceSpec {
  std::size_t rows = 2000;  // of the file, spread over all of it, and as many samples
  std::uint64_t seed = 0;
  std::size_t threads = 1;
};

struct Evidence {
  const Model* model = nullptr;
  std::string model_path, data_name;  // data_name is empty without a file
  // Rows as the file has them, without context. A conditional model is sampled for the contexts of
  // the rows, and without a file not at all.
  std::vector<double> rows, samples;
  std::size_t left_out = 0;         // rows with missing cells, or that the model cannot hold
  std::vector<real> latents, base;  // of the rows, and as the base draws them
  std::vector<double> scores, sample_scores;  // log-densities, nats
};

// data: null for none; its rows have the model's columns and context. Rows that the model cannot
// hold, or that are not finite, are left out. All rows are read. Error(Exit::data) where no row is
// left.
Evidence gather(const Model& model, const std::string& path, RowReader* data,
                const EvidenceSpec& spec);

}  // namespace flow
