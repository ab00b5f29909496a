// Whether a model keeps what a flow promises: each check is a number, a bound, and a verdict.
#pragma once
#include <string>
#include <vector>

#include "model/model.h"

namespace flow {

struct Finding {
  std::string check;  // its name
  double value = 0, bound = 0;
  bool holds = true;
  bool judged = true;  // false: a number to look at, without a bound
  std::string note;    // what was measured, and where
};

struct CheckSpec {
  double round_trip = 0;   // |x - back| / max(1, |x|); 0: 16 eps times the condition
  double log_det = 0;      // nats; 0: 1e-5 + 1e-6 D in float32, 1e-9 in float64
  double integral = 1e-3;  // |integral - 1|
  std::uint64_t seed = 0;
  std::size_t threads = 1;
};

// rows: as the flow sees them, each with its context behind it, at least one. Samples are drawn for
// the contexts of the rows, as many.
// inverse      rows to latents and back, and the condition (flow/condition.h): that of these rows,
//              or that of the model's validation rows if it is larger;
// log-det      of the layers against the dense Jacobian's, at some rows;
// two ways     log p of samples on the way they were drawn against that of scoring them;
// integral     of the density over a box around the samples, of at most two columns;
// latents      how far those of the rows are from the base's draws: the largest Kolmogorov-Smirnov
//              distance of a column, which tells how well the model fits the rows.
std::vector<Finding> check_model(const Model& model, const std::vector<real>& rows,
                                 const CheckSpec& spec);

// Rows drawn from the model for the contexts that stand in rows (count x width), in their place.
void draw_rows(const Model& model, const CheckSpec& spec, std::vector<real>& rows);

}  // namespace flow
