// One flat array holds every parameter; a Param is a slice of it. Gradients, the optimiser's
// moments and the averaged weights are arrays of the same length, so the same slice names the same
// tensor in all of them. A second flat array holds what is derived from the parameters once per
// step (packed weights); a Slot is a slice of that one.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "core/random.h"
#include "core/view.h"

namespace flow {

// rows x cols numbers, row by row, as in the model file (unlike a block of data).
struct Param {
  std::size_t offset, rows, cols;
  std::size_t size() const { return rows * cols; }
};

struct Slot {
  std::size_t offset, size;
};

enum class Role {
  weight,  // trained, and subject to weight decay
  bias,    // trained, never decayed: biases, scales, shifts
  buffer,  // not trained: statistics, permutations
};

// What a parameter starts from: fills it, given a stream of its own.
using Start = std::function<void(Vec, const Random&)>;

class ParamTable {
 public:
  struct Entry {
    std::string name;  // "layers/03-affine-coupling/net/0/weight": its data set in the model file
    Param param;
    Role role;
    Start start;
    double uses;  // how often a pass over one row multiplies by it: of a convolution, at pixels
  };

  Param add(std::string name, std::size_t rows, std::size_t cols, Role role, Start start,
            double uses = 1);
  // A 64-byte aligned slice of the derived array.
  Slot reserve(std::size_t reals);

  std::size_t size() const { return size_; }
  std::size_t derived_size() const { return derived_size_; }
  std::size_t trained() const;  // how many numbers are trained
  const std::vector<Entry>& entries() const { return entries_; }

  // Sets theta to where every parameter starts. Each draws from its own stream, so adding a layer
  // changes no other.
  void start(Vec theta, std::uint64_t seed) const;

 private:
  std::vector<Entry> entries_;
  std::size_t size_ = 0, derived_size_ = 0;
};

Start start_at(double value);
Start start_with(std::vector<real> values);
Start start_uniform(double bound);  // in [-bound, bound)
Start start_normal(double deviation);

}  // namespace flow
