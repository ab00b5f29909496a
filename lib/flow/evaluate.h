// A flow with given parameters at work on any number of rows: scores, latents, samples. Rows go
// through in blocks, one block a thread at a time; the bits of a row depend on nothing but the row.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/aligned.h"
#include "flow/flow.h"
#include "flow/linear_run.h"

namespace flow {

// Rows in a block: what one layer needs stays in the second-level cache, and each weight that is
// read serves that many rows. (128 x 128 weights: 32, 64 and 128 rows ran at 113 GFLOP/s of 117
// alike.)
constexpr std::size_t block_rows = 128;

// Rows in a block of this flow: fewer where one layer's memory for that many would not stay in the
// cache, as of a convolutional net (Glow's takes 130,000 numbers an image of 28 x 28).
std::size_t rows_of_block(const Flow& flow);

// Row-major rows to a block and back. The last row is repeated up to x.rows.
void rows_to_block(const real* rows, std::size_t count, Mat x);
void block_to_rows(CMat x, std::size_t count, real* rows);

class Evaluator {
 public:
  // theta is read here only: what is derived from it is kept.
  Evaluator(const Flow& flow, const ParamTable& table, CVec theta, std::size_t threads);

  // rows: count x width (x, then its context), row by row. logp: one number a row, set: NaN
  // for a row that holds a NaN (unless that is a missing cell), and -Inf for one that overflows on
  // its way through the layers. first_layer: rows as they are before that layer, their density
  // there.
  void log_density(const real* rows, std::size_t count, std::span<double> logp,
                   std::size_t first_layer = 0);
  // Rows before layer first become latents behind layer last-1, or back; logdet is set (may be
  // empty).
  void encode(real* rows, std::size_t count, std::span<double> logdet, std::size_t last);
  void decode(real* rows, std::size_t count, std::span<double> logdet, std::size_t last,
              std::size_t first = 0);
  // out: count x depth() + 1 numbers, row by row: each layer's log-det, then the base's
  // log-density.
  void log_density_by_layer(const real* rows, std::size_t count, std::span<double> out);
  // Rows number first_row .. of the sample, for the contexts that stand in rows already.
  void sample(const Random& random, std::uint64_t first_row, std::size_t count, double temperature,
              real* rows);

  // Layers that a score passes as one product: made for the first one, since samples and latents
  // want none.
  const std::vector<LinearRun>& linear_runs();

 private:
  // Calls f(x, frame, first row, rows) for each block; x goes back to the rows unless those are
  // const.
  template <class R, class F>
  void each_block(R* rows, std::size_t count, F f);
  // pass(x, logdet, frame) turns blocks of rows into others.
  template <class F>
  void convert(real* rows, std::size_t count, std::span<double> logdet, F pass);

  std::vector<LinearRun> find_linear_runs();
  // Flow::encode, by linear runs where these lie within.
  void forward(Mat x, LogDet logdet, Frame f, std::size_t first, std::size_t last) const;

  const Flow& flow_;
  CVec theta_;
  std::size_t threads_, block_;  // block_: rows
  Aligned<real> derived_;
  struct Memory {
    Aligned<real> kept, scratch, x;
  };
  std::vector<Memory> memory_;  // one a thread
  std::optional<std::vector<LinearRun>> runs_;
};

}  // namespace flow
