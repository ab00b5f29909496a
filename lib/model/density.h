// The density of one model, or of several mixed in equal parts, at rows of a file; and what a
// log-density is worth beside those of rows held out from training.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "flow/conditionals.h"
#include "flow/evaluate.h"
#include "model/rows.h"
#include "model/translation.h"

namespace flow {

// Sets logp, one number a row, for rows of the model's columns and context, at one draw of its
// noise: -Inf for a row that it cannot hold, NaN for one that has a number that is not finite.
// seen: memory.
void log_density(const Model& model, Evaluator& evaluator, std::span<const double> values,
                 RowNumbers at, std::uint64_t seed, const std::string& input,
                 std::vector<real>& seen, std::span<double> logp, std::uint32_t draw = 0);

class Density {
 public:
  // At least one model; all of the same columns and context. Error(Exit::model) where they differ.
  // rows: of whose model the rows are; null: of the first.
  Density(std::vector<Model> models, const std::vector<std::string>& paths, std::size_t threads,
          const DataSpec* rows = nullptr);
  Density(const Density&) = delete;
  Density& operator=(const Density&) = delete;

  const Model& first() const { return models_.front(); }

  // Sets logp, one number a row, for rows of those columns and context: the logarithm
  // of the mean of the models' densities, each the mean over `draws` draws of its noise. -Inf for a
  // row that no model can hold, NaN for one that has a number that is not finite.
  void log_density(std::span<const double> values, RowNumbers at, std::uint64_t seed,
                   const std::string& input, std::vector<double>& logp, std::uint32_t draws = 1);
  // Of a single model: depth() + 1 numbers a row, the log-det of each layer, then the base's part.
  void log_density_by_layer(std::span<const double> values, RowNumbers at, std::uint64_t seed,
                            const std::string& input, std::vector<double>& parts);
  // Of a single model: the conditional log-density of each column of the data, given those before
  // it in the order of the flow (flow/conditionals.h); 0 of a constant or a duplicate, NaN of a
  // missing cell.
  void log_density_by_column(std::span<const double> values, RowNumbers at, std::uint64_t seed,
                             const std::string& input, Conditionals& conditionals,
                             std::vector<double>& parts);

 private:
  std::vector<Model> models_;
  std::vector<Translation> translations_;
  std::vector<Evaluator> evaluators_;
  std::vector<real> rows_;
  std::vector<double> one_;
};

// The share of the reference that is not above, itself counted: of a row like those it is uniform
// on (0, 1], and small where a row is unlikely. reference: ascending, not empty.
double p_value(double logp, std::span<const double> reference);

// The share of the reference that lies no nearer to its mean, itself counted: small where a row is
// too unlikely, or too likely, to be one of them (Nalisnick et al., Detecting out-of-distribution
// inputs to deep generative models using typicality, 2019).
// mean: mean_of(reference), which is the same for all rows.
double typicality(double logp, std::span<const double> reference, double mean);
double mean_of(std::span<const double> reference);

}  // namespace flow
