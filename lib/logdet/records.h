// What was measured, as records of the output table.
#pragma once
#include "logdet/bench.h"
#include "logdet/step.h"
#include "logdet/table.h"
#include "logdet/verify.h"

namespace flow {

Record record_of(const Measurement& m);
Record record_of(const MethodFit& f);
Record record_of(const RowCheck& r, std::size_t columns, double tolerance);

// A training run that such steps make up, beside a time that it may take.
struct Run {
  std::size_t rows = 0, epochs = 0;  // rows to train on
  double within = 0;                 // seconds
};
Record record_of(const StepCost& c, const std::string& flow);
// Makes it the record of a run of such steps.
void add_run(Record& record, const StepCost& c, const Run& run);

// "The sum takes 133 ns, an LU 4.46 ms: 33,500 times as long." of N = 784, where both were
// measured.
std::string at_784(const std::vector<Measurement>& measured);

}  // namespace flow
