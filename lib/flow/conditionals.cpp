#include "flow/conditionals.h"

#include <cmath>
#include <numeric>

#include "core/error.h"
#include "core/parallel.h"
#include "flow/evaluate.h"

namespace flow {

namespace {

// Where a layer that moves columns moves them: it is shown a row of their numbers.
std::vector<std::size_t> moved(const Layer& layer, const std::vector<std::size_t>& columns,
                               CVec theta, const Aligned<real>& derived) {
  const FrameSize size = layer.frame_size(lanes);
  const Aligned<real> kept(size.kept), scratch(size.scratch), numbers(columns.size() * lanes);
  const Mat x{numbers.data(), lanes, columns.size(), lanes};
  for (std::size_t k = 0; k < columns.size(); ++k)
    std::fill_n(x.col(k), lanes, static_cast<real>(columns[k]));
  double unused[lanes] = {};
  layer.forward(x, unused, Frame(lanes, theta.data(), derived.data(), nullptr, kept, scratch));
  std::vector<std::size_t> out;
  for (std::size_t k = 0; k < columns.size(); ++k) out.push_back(static_cast<std::size_t>(x(0, k)));
  return out;
}

[[noreturn]] void refuse(const std::string& what) {
  throw Error(Exit::usage, "--per-column: " + what +
                               ", so columns have no conditional densities of their own; train "
                               "autoregressive layers that take them in one order");
}

std::vector<std::size_t> find_order(const Flow& flow, CVec theta, const Aligned<real>& derived) {
  std::vector<std::size_t> now(flow.columns()), order;
  std::iota(now.begin(), now.end(), std::size_t{0});
  for (std::size_t k = 0; k < flow.depth(); ++k) {
    const Layer& layer = flow.layer(k);
    switch (layer.reach()) {
      case Reach::own:
        break;
      case Reach::before:
        if (order.empty()) order = now;
        if (order != now) refuse("layer " + flow.name(k) + " takes the columns in another order");
        break;
      case Reach::moves:
        now = moved(layer, now, theta, derived);
        break;
      case Reach::all:
        refuse("layer " + flow.name(k) + " mixes columns");
    }
  }
  if (order.empty()) order = now;
  if (order != now) refuse("the columns end in another order than their layers took them in");
  return order;
}

}  // namespace

Conditionals::Conditionals(const Flow& flow, const ParamTable& table, CVec theta,
                           std::size_t threads)
    : flow_(flow), theta_(theta), derived_(table.derived_size()) {
  flow.prepare(theta, derived_, true, threads);
  order_ = find_order(flow, theta, derived_);
  for (const auto& e : table.entries())
    if (e.name.starts_with("base/")) refuse("the base has parameters");
  const FrameSize size = flow.training_size(block_rows);
  for (std::size_t t = 0; t < threads; ++t) {
    memory_.push_back({Aligned<real>(table.size()), Aligned<real>(size.kept),
                       Aligned<real>(size.scratch), Aligned<real>(block_rows * flow.width()),
                       Aligned<real>(block_rows * flow.columns())});
    std::fill_n(memory_.back().grad.data(), table.size(), real(0));  // added to, and not read
  }
}

void Conditionals::block(const real* rows, std::size_t count, const Memory& m, double* out) const {
  const std::size_t d = flow_.columns(), padded = round_up(count, lanes);
  const Mat all{m.x.data(), padded, flow_.width(), padded}, x = all.columns(0, d),
                                                            dz{m.dz.data(), padded, d, padded};
  const Frame f = Frame(padded, theta_.data(), derived_.data(), m.grad.data(), m.kept, m.scratch)
                      .with_context(all.columns(d, flow_.context()))
                      .with_valid(count);
  const double no_logdet[block_rows] = {};
  rows_to_block(rows, count, all);
  for (std::size_t k = 0; k < d; ++k) {
    double unused[block_rows] = {}, base[block_rows] = {};
    const std::size_t j = order_[k];
    flow_.forward(x, {unused, padded}, f);
    flow_.base().log_density(x.columns(k, 1), {base, padded}, f);
    fill(dz, 0), fill(dz.columns(k, 1), 1);
    flow_.backward(x, dz, {no_logdet, padded}, f);
    for (std::size_t i = 0; i < count; ++i)
      out[i * d + j] =
          std::isnan(x(i, j)) ? NAN : base[i] + std::log(std::abs(static_cast<double>(dz(i, j))));
  }
}

void Conditionals::log_density(const real* rows, std::size_t count, std::span<double> out) {
  const std::size_t width = flow_.width(), d = flow_.columns();
  for_each_block((count + block_rows - 1) / block_rows, memory_.size(),
                 [&](std::size_t b, std::size_t thread) {
                   const std::size_t first = b * block_rows;
                   block(rows + first * width, std::min(block_rows, count - first), memory_[thread],
                         out.data() + first * d);
                 });
}

}  // namespace flow
