// What log-determinants cost in training: a step of a given flow as it is, its share of log-dets,
// and the same step if each row took the determinant of its dense Jacobian.
#pragma once
#include <string>

#include "flow/flow.h"
#include "train/dataset.h"
#include "train/spec.h"

namespace flow {

// A flow to be trained, with parameters.
struct Trainee {
  const Flow& flow;
  const ParamTable& table;
  CVec theta;
  TrainSpec spec;  // settled
};

struct StepCost {
  std::size_t columns = 0, batch = 0;
  double step = 0;       // seconds: gradient of a batch, and the optimiser
  double log_dets = 0;   // seconds of a step for the sums of log-dets and their gradient, alone:
                         // more than they cost inside the kernels, which have the numbers at hand
  double dense = 0;      // seconds of a step with dense determinants, at the least
  bool measured = true;  // that; else extrapolated from smaller matrices
};

// What a flow starts from: the seed 0 and the data.
std::vector<real> start_parameters(const Flow& flow, const ParamTable& table, const Dataset& data);

// How many numbers the log-det of a row adds up.
std::size_t log_det_terms(const Flow& flow);

// data: at least one row. Dense: to the step as it is come, for each row, N vector-Jacobian
// products, one LU, and an inverse for the gradient, which costs two LUs more. One row is measured
// where that takes no more than `seconds`, else the products are counted and the LU's time is
// extrapolated by the power of N that matrices up to 1024 show.
StepCost measure_step(const Trainee& trainee, const Dataset& data, std::size_t threads,
                      double seconds);

}  // namespace flow
