// Missing cells filled by draws from the model, given the cells that are there: cell after cell, in
// the order of the columns. With K the columns that are observed or filled already,
//   p(x_j | x_K) = p(x_K, x_j | mask of K and j) / its integral over x_j,
// the model's density of the longer row as a function of one number. So a draw takes the model's
// word for rows in which just these cells were observed, and that a cell is missing is taken to say
// nothing of what it held (missing at random).
//
// The density is tabulated over what the layer of columns makes of the cell, about a standard
// normal number, at 64 nodes from -8 to 8 (or an angle, once round), then twice more over the nodes
// where it is above e^-30 of its highest; the cumulative integral of its linear interpolation is
// inverted at a uniform random number.
#pragma once
#include "flow/evaluate.h"
#include "model/model.h"

namespace flow {

class Imputer {
 public:
  // A model of rows with missing cells: data.marginal.
  Imputer(const Model& model, const Random& random, std::size_t threads);
  // rows: as the flow sees them; their missing cells are filled. Row i draws number at[i].
  // Nothing follows from observed cells of density 0: there the missing ones stay so.
  void fill(std::span<real> rows, RowNumbers at);
  // Rows of `input`, there by the numbers `at`, with their context, each `each` times, filled: out
  // is set to them as a file has them. What was there is as it was; seed: of the noise of integers.
  // Error(Exit::data) for a row that does not fit the columns, or of which nothing follows.
  void draw(std::span<const double> values, RowNumbers at, std::uint64_t seed, std::size_t each,
            const std::string& input, std::vector<double>& out);

 private:
  // Of some rows, behind the layer of columns, in which cell j is missing.
  void fill_cell(std::span<real* const> rows, std::size_t j,
                 std::span<const std::uint64_t> numbers);

  const Model& model_;
  Random random_;
  Evaluator evaluator_;
  std::vector<double> periods_;  // of the modelled columns; 0: none
  std::vector<real> rows_, candidates_;
  std::vector<double> logp_;
};

}  // namespace flow
