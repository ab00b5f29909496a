#include "torch/masked.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "nn/made.h"

namespace flow {

namespace {

Seen none_of(std::size_t columns) { return Seen((columns + 63) / 64, 0); }

bool sees(const Seen& s, std::size_t column) { return s[column / 64] >> column % 64 & 1; }

void add_column(Seen& s, std::size_t column) { s[column / 64] |= std::uint64_t{1} << column % 64; }

std::size_t count(const Seen& s) {
  std::size_t n = 0;
  for (const std::uint64_t bits : s) n += static_cast<std::size_t>(std::popcount(bits));
  return n;
}

void join(Seen& to, const Seen& more) {
  for (std::size_t k = 0; k < to.size(); ++k) to[k] |= more[k];
}

// What the outputs of a layer see of the columns, where `below` is what its inputs do.
std::vector<Seen> seen_by(const Tensor& mask, const std::vector<Seen>& below) {
  std::vector<Seen> out(mask.values.size() / below.size(), Seen(below.front().size(), 0));
  for (std::size_t o = 0; o < out.size(); ++o)
    for (std::size_t k = 0; k < below.size(); ++k)
      if (mask.values[o * below.size() + k] != 0) join(out[o], below[k]);
  return out;
}

// Each column behind those that it depends on; empty where that cannot be.
Columns order_of(const MaskedNet& masked) {
  Columns order(masked.shape.columns);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return count(masked.depends[a]) < count(masked.depends[b]);
  });
  Seen before = none_of(masked.shape.columns);
  for (const std::size_t c : order) {
    for (std::size_t k = 0; k < masked.shape.columns; ++k)
      if (sees(masked.depends[c], k) && !sees(before, k)) return {};
    add_column(before, c);
  }
  return order;
}

// The place behind the last column that something sees.
std::size_t degree_in(const Columns& order, const Seen& seen) {
  std::size_t degree = 0;
  for (std::size_t p = 0; p < order.size(); ++p)
    if (sees(seen, order[p])) degree = p + 1;
  return degree;
}

// A width of nn/made.h's hidden layers, and for each unit its seat there.
struct Seats {
  std::size_t width;
  std::vector<std::size_t> at;
};

Seats seats_of(const std::vector<std::size_t>& degrees, const MaskedShape& shape) {
  for (std::size_t width = degrees.size();; ++width) {
    std::vector<std::vector<std::size_t>> free(shape.columns);
    for (std::size_t u = width; u-- > 0;)
      free[made_degree(shape.context, shape.columns, u, width)].push_back(u);
    Seats p{width, {}};
    for (const std::size_t degree : degrees) {
      if (free[degree].empty()) break;
      p.at.push_back(free[degree].back());
      free[degree].pop_back();
    }
    if (p.at.size() == degrees.size()) return p;
  }
}

// The same layer, its outputs and inputs at other places among more of them.
DenseWeights placed(const DenseWeights& from, const Seats& outputs, const Seats& inputs) {
  DenseWeights to{outputs.width, inputs.width, std::vector<double>(outputs.width * inputs.width, 0),
                  std::vector<double>(outputs.width, 0)};
  for (std::size_t o = 0; o < from.outputs; ++o) {
    to.bias[outputs.at[o]] = from.bias[o];
    for (std::size_t k = 0; k < from.inputs; ++k)
      to.weight[outputs.at[o] * inputs.width + inputs.at[k]] = from.weight[o * from.inputs + k];
  }
  return to;
}

Seats as_they_are(std::size_t n) {
  Seats p{n, std::vector<std::size_t>(n)};
  std::iota(p.at.begin(), p.at.end(), std::size_t{0});
  return p;
}

// A residual net has one place for a unit in all of its layers: it sees what it sees in the last.
std::vector<Seats> hidden_seats(const TorchModule& m, const MaskedNet& masked,
                                const Columns& order) {
  std::vector<Seats> seats;
  for (const auto& units : masked.units) {
    std::vector<std::size_t> degrees;
    for (const Seen& unit : masked.net.residual ? masked.units.back() : units)
      degrees.push_back(
          std::max(masked.shape.context ? std::size_t{0} : 1, degree_in(order, unit)));
    for (const std::size_t degree : degrees)
      m.require(degree < order.size(), "a unit of its net sees all columns, so feeds none");
    seats.push_back(seats_of(degrees, masked.shape));
  }
  return seats;
}

// Nothing is lost where nn/made.h masks.
void require_seen(const TorchModule& m, const NetWeights& net, const MaskedShape& shape) {
  std::vector<std::size_t> hidden;
  for (std::size_t l = 0; l + 1 < net.layers.size(); ++l) hidden.push_back(net.layers[l].outputs);
  const auto seen = made_sees(shape.context, shape.columns, shape.params, hidden);
  for (std::size_t l = 0; l < net.layers.size(); ++l)
    for (std::size_t o = 0; o < net.layers[l].outputs; ++o)
      for (std::size_t k = seen[l][o]; k < net.layers[l].inputs; ++k)
        m.require(net.layers[l].weight[o * net.layers[l].inputs + k] == 0,
                  "its masks are not those of columns in some order; such a net is not here");
}

}  // namespace

MaskedNet masked_net(const TorchModule& m, bool residual, const std::string& activation,
                     const std::vector<TorchModule>& layers, MaskedShape shape) {
  const std::size_t columns = shape.columns, params = shape.params;
  m.require(columns > 1, "an autoregressive layer of a single column is not here");
  MaskedNet out{{residual, activation, {}}, shape, {}, {}};
  std::vector<Seen> below(columns + shape.context, none_of(columns));
  for (std::size_t k = 0; k < columns; ++k) add_column(below[k], k);
  for (std::size_t l = 0; l < layers.size(); ++l) {
    out.net.layers.push_back(dense_of(layers[l]));
    layers[l].require(out.net.layers.back().inputs == below.size(),
                      "does not fit the layer below, or the rows' columns and context");
    auto seen = seen_by(layers[l].tensor("mask"), below);
    if (residual && l >= 2 && l % 2 == 0 && l + 1 < layers.size()) {
      const auto& stream = out.units[l - 2];
      layers[l].require(seen.size() == stream.size(), "does not fit its block");
      for (std::size_t u = 0; u < seen.size(); ++u) join(seen[u], stream[u]);
    }
    below = seen;
    if (l + 1 < layers.size()) out.units.push_back(std::move(seen));
  }
  m.require(below.size() == columns * params,
            "its net does not give " + std::to_string(params) + " numbers for each column");
  for (std::size_t j = 0; j < columns; ++j) {
    out.depends.push_back(below[j * params]);
    for (std::size_t q = 1; q < params; ++q) join(out.depends[j], below[j * params + q]);
  }
  return out;
}

std::optional<Sides> sides_of(const MaskedNet& masked) {
  if (masked.shape.context > 0) return {};
  Sides s;
  for (std::size_t j = 0; j < masked.shape.columns; ++j)
    (count(masked.depends[j]) == 0 ? s.kept : s.moved).push_back(j);
  for (const std::size_t j : s.moved)
    for (std::size_t k = 0; k < masked.shape.columns; ++k)
      if (sees(masked.depends[j], k) && count(masked.depends[k]) > 0) return {};
  if (s.kept.size() < 2 || s.moved.empty()) return {};  // one column first: any order has that
  return s;
}

void add_masked(const TorchModule& m, const std::string& layer, const MaskedNet& masked,
                const std::function<std::vector<OutputOf>(const Columns&)>& outputs, Draft& draft) {
  const Columns order = order_of(masked);
  m.require(!order.empty(), "its masks are of no order of the columns");
  const auto seats = hidden_seats(m, masked, order);
  NetWeights net = masked.net;
  // The context goes to the front, the columns behind it in their order.
  const std::size_t context = masked.shape.context;
  Seats inputs{context + order.size(), Columns(order.size())};
  for (std::size_t p = 0; p < order.size(); ++p) inputs.at[order[p]] = context + p;
  for (std::size_t k = 0; k < context; ++k) inputs.at.push_back(k);
  for (std::size_t l = 0; l < net.layers.size(); ++l) {
    const bool last = l + 1 == net.layers.size();
    const Seats out = last ? as_they_are(net.layers[l].outputs) : seats[l];
    net.layers[l] = placed(masked.net.layers[l], out, inputs);
    inputs = out;
  }
  take_outputs(net, outputs(order));
  require_seen(m, net, masked.shape);
  draft.arrange(order);
  draft.add(layer, entry_of(net));
}

}  // namespace flow
