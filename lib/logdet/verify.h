// Proves a model exact at given rows: the log-det that its layers give against that of its dense
// Jacobian, which knows nothing of layers.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "core/rows.h"
#include "logdet/bench.h"
#include "model/model.h"

namespace flow {

struct RowCheck {
  std::uint64_t row = 0;           // from 0
  double analytic = 0, dense = 0;  // nats
  double error = 0;
  double seconds = 0;  // of the Jacobian and its LU
  Verdict verdict = Verdict::unchecked;
  std::string note;
};

struct ModelCheck {
  std::size_t rows = 0, unchecked = 0;
  double worst = 0, mean = 0;  // errors of the checked rows
  double seconds = 0;          // of a row, dense: the median
  bool good = true;
};

// At the rows, row by row, as the flow sees them: columns, then context. The Jacobian is made in
// `real`, its determinant in double. A row outside of the support is not checked: its density is 0.
ModelCheck verify(const Model& model, std::span<const real> rows, double tolerance,
                  const std::function<void(const RowCheck&)>& found);

}  // namespace flow
