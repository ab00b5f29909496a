// A model in the making: layers of this library from data to latents, with their parameters.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "model/model.h"
#include "torch/nets.h"

namespace flow {

using Columns = std::vector<std::size_t>;

class Draft {
 public:
  // context: columns of numbers that nets read too.
  Draft(std::size_t columns, std::size_t context);

  std::size_t columns() const { return order_.size(); }
  std::size_t context() const { return context_; }
  Columns all() const;  // 0, 1 ...

  // The columns are numbered anew: what was `of[j]` is j. No layer: where they stand is kept here.
  void renumber(const Columns& of);
  // The columns stand in this order from here on; adds a permutation where they do not yet.
  void arrange(const Columns& wanted);

  // "kind: actnorm", and by name within the layer all its parameters.
  void add(const std::string& layer, Parameters parameters);
  // For each column z = (x + shift) exp(log_scale).
  void add_affine(std::vector<double> shift, std::vector<double> log_scale);
  // A coupling of `layer`, "kind: affine-coupling": columns `kept` give the net its inputs, in that
  // order, and `moved` are mapped. Of halves only; false where these are none.
  [[nodiscard]] bool add_coupling(const std::string& layer, const Columns& kept,
                                  const Columns& moved, const NetEntry& net);
  [[nodiscard]] bool add_coupling(const std::string& layer, const Columns& kept,
                                  const Columns& moved, const NetWeights& net) {
    return add_coupling(layer, kept, moved, entry_of(net));
  }
  // The same of a layer with a net that is no coupling.
  void add(const std::string& layer, const NetEntry& net);
  void set_base(const std::string& kind, Parameters parameters);

  // Columns as they are numbered now; comment: a line of the configuration.
  Model finish(const std::string& comment);

 private:
  void append(const std::string& layer, Parameters parameters);

  std::size_t context_;
  Columns order_;  // order_[p]: the number of the column at place p
  std::size_t layers_ = 0;
  std::string yaml_, base_ = "normal";
  Parameters parameters_;  // by their full names
};

}  // namespace flow
