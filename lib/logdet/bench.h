// Runs methods over sizes, within a time budget, and judges what they give.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "logdet/fit.h"
#include "logdet/method.h"
#include "logdet/timing.h"

namespace flow {

enum class Verdict { good, off, unchecked };
const char* name_of(Verdict v);

struct Measurement {
  const Method* method = nullptr;
  Size size;
  Timing timing;     // seconds of one log-det
  double bytes = 0;  // that the method works on
  double value = 0, reference = 0;
  double error = 0, bound = 0;  // |value - reference|, and how much is allowed
  double deviation = 0;         // of a single estimate; 0: the method is exact
  Verdict verdict = Verdict::unchecked;
  std::string note;  // "singular"
  double spent = 0;  // seconds that the whole measurement took
};

struct BenchPlan {
  std::vector<const Method*> methods;
  std::vector<std::size_t> sizes;
  bool usual_sizes = false;  // then each method stops at its own largest
  std::vector<std::size_t> rows{128};
  Size size;  // the rest
  std::size_t samples = 5;
  double budget = 60;                // seconds, from `start` on
  double start = 0;                  // on the clock of now()
  std::size_t checked_up_to = 4096;  // larger N are timed only: a reference is dense
};

// One method at one size. Error(Exit::failed) where there is no memory for it.
Measurement measure(const Method& method, const Size& size, std::size_t samples, bool check);

// Calls found for each measurement as soon as it is there, and says through note what the budget
// left out. At the end, what a busy machine disturbed is timed again, twice at most and as far as
// the budget goes: the sizes of a slope whose interval is wider than 0.3, or that is not the
// theory's. The result has the shortest times of all looks.
std::vector<Measurement> run_bench(const BenchPlan& plan,
                                   const std::function<void(const Measurement&)>& found,
                                   const std::function<void(const std::string&)>& note);

// The slope of one method over its largest sizes, of its shortest times, and whether it is that of
// the theory.
struct MethodFit {
  const Method* method = nullptr;
  std::size_t rows = 0, from = 0, to = 0;
  Fit fit;
  Verdict verdict = Verdict::unchecked;
};

// Of each method and batch with at least three sizes from 512 on, in the order of the measurements.
std::vector<MethodFit> fit_all(const std::vector<Measurement>& measured);

}  // namespace flow
