// Masked nets, as MADE has them, with any order of the columns and any degrees of the hidden units,
// turned into those of nn/made.h: there a unit sees a prefix of the layer below. So columns and
// units are sorted, and a hidden layer becomes a little wider where a degree has more units than
// it has there.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "torch/draft.h"

namespace flow {

using Seen = std::vector<std::uint64_t>;  // a bit for each column: whether something depends on it

// What a masked net reads and gives.
struct MaskedShape {
  std::size_t columns, context;  // the context behind the columns
  std::size_t params;            // numbers for a column, which stand together
};

struct MaskedNet {
  NetWeights net;  // zeros where masked
  MaskedShape shape;
  std::vector<Seen> depends;             // each column
  std::vector<std::vector<Seen>> units;  // those of each hidden layer
};

// A net of these layers, each with its mask. Of a residual net every second layer behind the first
// adds to the units two layers before.
MaskedNet masked_net(const TorchModule& m, bool residual, const std::string& activation,
                     const std::vector<TorchModule>& layers, MaskedShape shape);

// Where, without a context, some columns depend on nothing, and the others on those only: they, and
// the others.
struct Sides {
  Columns kept, moved;
};
std::optional<Sides> sides_of(const MaskedNet& masked);

// Adds the autoregressive layer of this net. outputs: of the net, those of columns in the order
// that the layer has them in.
void add_masked(const TorchModule& m, const std::string& layer, const MaskedNet& masked,
                const std::function<std::vector<OutputOf>(const Columns&)>& outputs, Draft& draft);

}  // namespace flow
