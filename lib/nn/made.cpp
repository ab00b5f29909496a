#include "nn/made.h"

namespace flow {

namespace {

// Outputs at a time for a weight gradient: x is turned once for each.
constexpr std::size_t gradient_outputs = 96;

}  // namespace

MaskedDense::MaskedDense(const std::string& name, std::size_t inputs, std::vector<std::size_t> sees,
                         Start weight, ParamTable& table)
    : weight_(table.add(name + "/weight", sees.size(), inputs, Role::weight, std::move(weight))),
      bias_(table.add(name + "/bias", 1, sees.size(), Role::bias, start_at(0))),
      sees_(std::move(sees)),
      masked_(table.reserve(weight_.size())),
      packed_(reserve_packed(outputs(), inputs, table)),
      packed_transpose_(reserve_packed(inputs, outputs(), table)) {}

void MaskedDense::prepare(const real* theta, real* derived, bool gradient) const {
  const real* w = theta + weight_.offset;
  real* masked = derived + masked_.offset;
  for (std::size_t o = 0; o < outputs(); ++o, w += inputs(), masked += inputs())
    std::fill(std::copy_n(w, sees_[o], masked), masked + inputs(), real(0));
  masked = derived + masked_.offset;
  kernels().pack(masked, outputs(), inputs(), inputs(), 1, derived + packed_.offset);
  if (gradient)
    kernels().pack(masked, inputs(), outputs(), 1, inputs(), derived + packed_transpose_.offset);
}

// Panel by panel, each up to the longest prefix of its outputs.
void MaskedDense::forward(CMat x, Mat y, Frame f) const {
  const std::size_t panel = kernels().panel;
  for (std::size_t o = 0; o < outputs(); o += panel) {
    const std::size_t n = std::min(panel, outputs() - o);
    const auto first = sees_.begin() + static_cast<std::ptrdiff_t>(o);
    const std::size_t longest = *std::max_element(first, first + static_cast<std::ptrdiff_t>(n));
    kernels().product(x.columns(0, longest), f.derived(packed_) + o * inputs(),
                      f.theta(bias_).data() + o, Epilogue::set, {}, y.columns(o, n));
  }
}

void MaskedDense::output(std::size_t o, CMat x, real* y, Frame f) const {
  kernels().combine(x.columns(0, sees_[o]), f.derived(masked_) + o * inputs(), f.theta(bias_)[o],
                    y);
}

void MaskedDense::output_backward(std::size_t o, const real* dy, Mat dx, Frame f) const {
  const real* w = f.derived(masked_) + o * inputs();
  for (std::size_t k = 0; k < sees_[o]; ++k) kernels().axpy(dx.rows, w[k], dy, dx.col(k));
}

void MaskedDense::backward(CMat x, CMat dy, Mat dx, bool add, Frame f) const {
  real* turned = f.scratch(gradient_columns(inputs())).data;
  real* kept = f.scratch(round_up(gradient_outputs * inputs(), x.rows) / x.rows).data;
  real* dw = f.grad(weight_).data();
  for (std::size_t o = 0; o < outputs(); o += gradient_outputs) {
    const std::size_t n = std::min(gradient_outputs, outputs() - o);
    const auto first = sees_.begin() + static_cast<std::ptrdiff_t>(o);
    const std::size_t longest = *std::max_element(first, first + static_cast<std::ptrdiff_t>(n));
    if (longest == 0) continue;
    // An output that sees less than its neighbours is given too much: what its mask leaves out is
    // put back as it was.
    const auto masked = [&](auto put) {
      for (std::size_t k = 0; k < n; ++k)
        put(dw + (o + k) * inputs() + sees_[o + k], longest - sees_[o + k], kept + k * longest);
    };
    masked([](const real* from, std::size_t count, real* to) { std::copy_n(from, count, to); });
    kernels().weight_gradient(x.columns(0, longest), dy.columns(o, n), dw + o * inputs(), inputs(),
                              turned);
    masked([](real* to, std::size_t count, const real* from) { std::copy_n(from, count, to); });
  }
  kernels().sum(dy, f.grad(bias_).data());
  input_gradient(dy, dx, add, f);
}

// dx = dy W, panel by panel, each from the first output that sees some of it.
void MaskedDense::input_gradient(CMat dy, Mat dx, bool add, Frame f) const {
  const std::size_t panel = kernels().panel;
  for (std::size_t k = 0; k < inputs(); k += panel) {
    const auto sees_panel = [&](std::size_t sees) { return sees > k; };
    const auto first = static_cast<std::size_t>(
        std::find_if(sees_.begin(), sees_.end(), sees_panel) - sees_.begin());
    kernels().product(dy.columns(first, outputs() - first),
                      f.derived(packed_transpose_) + k * outputs() + first * panel, nullptr,
                      add ? Epilogue::add : Epilogue::set, {},
                      dx.columns(k, std::min(panel, inputs() - k)));
  }
}

FrameSize MaskedDense::frame_size(std::size_t rows) const {
  return {
      .kept = 0,
      .scratch = rows * gradient_columns(inputs()) + round_up(gradient_outputs * inputs(), rows)};
}

std::size_t made_degree(std::size_t context, std::size_t columns, std::size_t u,
                        std::size_t units) {
  if (context > 0) return u * columns / units;
  return columns <= 2 ? 1 : 1 + u * (columns - 1) / units;
}

namespace {

// How many of H units have a degree of at most m: what an output of degree m sees.
std::size_t units_up_to(std::size_t context, std::size_t columns, std::size_t m,
                        std::size_t units) {
  std::size_t n = 0;
  while (n < units && made_degree(context, columns, n, units) <= m) ++n;
  return n;
}

}  // namespace

std::vector<std::vector<std::size_t>> made_sees(std::size_t context, std::size_t columns,
                                                std::size_t params,
                                                const std::vector<std::size_t>& hidden) {
  // How many units of the layer below a degree sees; the inputs' degrees are 0 of the context, then
  // 1 .. D.
  const auto seen = [&](std::size_t m, std::size_t layer) {
    return layer == 0 ? context + std::min(m, columns)
                      : units_up_to(context, columns, m, hidden[layer - 1]);
  };
  std::vector<std::vector<std::size_t>> sees(hidden.size() + 1);
  for (std::size_t l = 0; l < hidden.size(); ++l)
    for (std::size_t u = 0; u < hidden[l]; ++u)
      sees[l].push_back(seen(made_degree(context, columns, u, hidden[l]), l));
  for (std::size_t q = 0; q < params; ++q)
    for (std::size_t j = 0; j < columns; ++j) sees.back().push_back(seen(j, hidden.size()));
  return sees;
}

namespace {

// With a width for every hidden layer.
NetSpec unrolled(NetSpec spec) {
  if (spec.residual) spec.hidden.assign(1 + 2 * spec.blocks, spec.hidden.front());
  return spec;
}

std::string layer_name(const NetSpec& spec, std::size_t l) {
  if (!spec.residual) return std::to_string(l);
  if (l == 0) return "in";
  if (l == spec.hidden.size()) return "out";
  return "block-" + std::to_string((l - 1) / 2) + (l % 2 == 1 ? "/u" : "/v");
}

}  // namespace

Made::Made(const std::string& name, std::size_t context, std::size_t columns, std::size_t params,
           const NetSpec& spec, ParamTable& table)
    : context_(context), columns_(columns), params_(params), spec_(unrolled(spec)) {
  auto sees = made_sees(context, columns, params, spec_.hidden);
  for (const std::size_t units : spec_.hidden) {
    first_units_.push_back({0});
    for (std::size_t j = 0; j < columns; ++j)
      first_units_.back().push_back(units_up_to(context, columns, j, units));
  }
  std::size_t below = context + columns;
  for (std::size_t l = 0; l < sees.size(); ++l) {
    const bool last = l == hidden_layers();
    const Start start = last      ? start_uniform(spec.start)
                        : adds(l) ? start_uniform(1e-3)  // as in nn/residual.h
                                  : start_he(below);
    layers_.emplace_back(name + "/" + layer_name(spec_, l), below, std::move(sees[l]), start,
                         table);
    if (!last) below = spec_.hidden[l];
  }
}

void Made::prepare(const real* theta, real* derived, bool gradient) const {
  for (const MaskedDense& layer : layers_) layer.prepare(theta, derived, gradient);
}

Made::Hidden Made::hidden(std::size_t layer, Frame f) const {
  Hidden h{};
  for (std::size_t l = 0; l <= layer; ++l) {
    h.out = f.keep(spec_.hidden[l]);
    h.before = keeps_before() && !is_sum(l) ? f.keep(spec_.hidden[l]) : h.out;
  }
  return h;
}

void Made::forward(CMat x, Mat h, Frame f) const {
  CMat a = x;
  for (std::size_t l = 0; l < hidden_layers(); ++l) {
    const Hidden k = hidden(l, f);
    layers_[l].forward(a, k.before, f);
    if (adds(l)) add(hidden(l - 2, f).before, k.before);
    if (!is_sum(l)) activate(spec_.activation, k.before, k.out);
    a = k.out;
  }
  layers_.back().forward(a, h, f);
}

void Made::column(std::size_t j, CMat x, Mat h, Frame f) const {
  CMat a = x;
  for (std::size_t l = 0; l < hidden_layers(); ++l) {
    const Hidden k = hidden(l, f);
    const std::size_t first = first_units_[l][j], n = first_units_[l][j + 1] - first;
    const Mat before = k.before.columns(first, n);
    for (std::size_t u = 0; u < n; ++u) layers_[l].output(first + u, a, before.col(u), f);
    if (adds(l)) add(hidden(l - 2, f).before.columns(first, n), before);
    if (!is_sum(l)) activate(spec_.activation, before, k.out.columns(first, n));
    a = k.out;
  }
  for (std::size_t q = 0; q < params_; ++q)
    layers_.back().output(q * columns_ + j, a, h.col(q * columns_ + j), f);
}

void Made::backward(CMat x, Mat dx, CMat dh, Frame f) const {
  const std::size_t n = hidden_layers();
  const std::size_t widest = n ? *std::max_element(spec_.hidden.begin(), spec_.hidden.end()) : 0;
  Mat scratch[3];
  for (std::size_t t = 0; t < turns(); ++t) scratch[t] = f.scratch(widest);
  CMat dy = dh;
  for (std::size_t l = n; l-- > 0;) {
    const Hidden k = hidden(l, f);
    const Mat da = scratch[l % turns()].columns(0, spec_.hidden[l]);
    layers_[l + 1].backward(k.out, dy, da, false, f);
    if (!is_sum(l)) activate_backward(spec_.activation, k.before, k.out, da);
    if (l + 2 < n && adds(l + 2)) add(scratch[(l + 2) % turns()], da);
    dy = da;
  }
  layers_[0].backward(x, dy, dx, true, f);
}

Mat Made::hidden_gradient(std::size_t layer, Frame f) const {
  Mat d{};
  for (std::size_t l = 0; l <= layer; ++l) d = f.scratch(spec_.hidden[l]);
  return d;
}

// Units of degree j feed columns from j on, so their gradients are whole once column j has come.
void Made::column_backward(std::size_t j, Mat dx, CMat dh, Frame f) const {
  const std::size_t n = hidden_layers();
  const auto below = [&](std::size_t l) { return l == 0 ? dx : hidden_gradient(l - 1, f); };
  if (j + 1 == columns_)
    for (std::size_t l = 0; l < n; ++l) fill(hidden_gradient(l, f), 0);
  for (std::size_t q = 0; q < params_; ++q)
    layers_[n].output_backward(q * columns_ + j, dh.col(q * columns_ + j), below(n), f);
  for (std::size_t l = n; l-- > 0;) {
    const Hidden k = hidden(l, f);
    const std::size_t first = first_units_[l][j], units = first_units_[l][j + 1] - first;
    const Mat da = hidden_gradient(l, f).columns(first, units);
    if (!is_sum(l))
      activate_backward(spec_.activation, k.before.columns(first, units),
                        k.out.columns(first, units), da);
    if (l + 2 < n && adds(l + 2)) add(hidden_gradient(l + 2, f).columns(first, units), da);
    for (std::size_t u = 0; u < units; ++u)
      layers_[l].output_backward(first + u, da.col(u), below(l), f);
  }
}

FrameSize Made::frame_size(std::size_t rows) const {
  FrameSize size;
  std::size_t widest = 0, all = 0;
  for (std::size_t l = 0; l < hidden_layers(); ++l) {
    const std::size_t units = spec_.hidden[l];
    all += units;
    size.kept += rows * units * (keeps_before() && !is_sum(l) ? 2 : 1);
    widest = std::max(widest, units);
  }
  for (const MaskedDense& layer : layers_)
    size.scratch = std::max(size.scratch, layer.frame_size(rows).scratch);
  size.scratch = std::max(size.scratch + turns() * rows * widest, rows * all);
  return size;
}

}  // namespace flow
