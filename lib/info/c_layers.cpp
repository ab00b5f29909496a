// One writer for each kind of layer that has simple equations; the layer's own file has them. What
// does not depend on the row is computed here, in double.
#include "info/c_layers.h"

#include <cmath>

#include "flow/build_coupling.h"
#include "flow/choose.h"
#include "layers/coupling.h"
#include "layers/log_scale.h"

namespace flow {

namespace {

using Numbers = std::vector<double>;

Numbers numbers(CVec values) { return {values.begin(), values.end()}; }

double held(real log_scale) { return static_cast<double>(held_log_scale(log_scale)); }

// z = (z + shift) * scale, and its log-det.
void shift_scale(CSite& s, const Numbers& shift, const Numbers& scale) {
  double logdet = 0;
  for (const double a : scale) logdet += std::log(std::abs(a));
  s.source.call("shift_scale");
  s.source.line("shift_scale(%zu, %s, %s, z);", shift.size(),
                s.source.array(s.name + "/shift", shift).c_str(),
                s.source.array(s.name + "/scale", scale).c_str());
  s.source.line("logp += %s;", c_number(logdet).c_str());
}

void refuse_channels(CSite& s) {
  if (s.entry.has("per") && s.entry.text("per") != "column")
    refuse_export(s.name + ": per channel");
}

void write_actnorm(CSite& s) {
  refuse_channels(s);
  Numbers scale;
  for (const real a : s.values("log_scale")) scale.push_back(std::exp(held(a)));
  shift_scale(s, numbers(s.values("shift")), scale);
}

void write_diagonal(CSite& s) {
  Numbers scale;
  for (const real a : s.values("log_scale")) scale.push_back(std::exp(held(a)));
  shift_scale(s, Numbers(s.columns, 0), scale);
}

// (x - m) a + b as (x - m + b / a) a.
void write_batch_norm(CSite& s) {
  const double epsilon = s.entry.number("epsilon", 1e-12, 1);
  Numbers shift, scale;
  for (std::size_t j = 0; j < s.columns; ++j) {
    const double a = std::exp(held(s.values("log_scale")[j])) /
                     std::sqrt(static_cast<double>(s.values("variance")[j]) + epsilon);
    scale.push_back(a);
    shift.push_back(static_cast<double>(s.values("shift")[j]) / a -
                    static_cast<double>(s.values("mean")[j]));
  }
  shift_scale(s, shift, scale);
}

void write_standardise(CSite& s) {
  Numbers shift, scale;
  for (const real m : s.values("mean")) shift.push_back(-static_cast<double>(m));
  for (const real d : s.values("deviation")) scale.push_back(1 / static_cast<double>(d));
  shift_scale(s, shift, scale);
}

void to_log(CSite& s, std::size_t j, double low) {
  s.source.call("to_log");
  s.source.line("logp += to_log(%s, z + %zu);", c_number(static_cast<real>(low)).c_str(), j);
}

void to_logit(CSite& s, std::size_t j, double low, double high, double alpha) {
  s.source.call("to_logit");
  s.source.line("logp += to_logit(%s, %s, %s, z + %zu);", c_number(static_cast<real>(low)).c_str(),
                c_number(static_cast<real>(high)).c_str(),
                c_number(static_cast<real>(alpha)).c_str(), j);
}

void write_log(CSite& s) {
  const double low = s.entry.number("low", -Config::infinity, Config::infinity);
  for (std::size_t j = 0; j < s.columns; ++j) to_log(s, j, low);
}

void write_logit(CSite& s) {
  const double inf = Config::infinity;
  for (std::size_t j = 0; j < s.columns; ++j)
    to_logit(s, j, s.entry.number("low", -inf, inf), s.entry.number("high", -inf, inf),
             s.entry.number("alpha", 0, 1));
}

void write_permute(CSite& s) {
  const CVec order = s.values("order");
  s.source.call("permute");
  s.source.line(
      "permute(%zu, %s, %s, z);", s.columns,
      s.source.array(s.name + "/order", std::vector<int>(order.begin(), order.end())).c_str(),
      s.source.buffer("old", s.columns));
}

// L U as one matrix.
void write_linear(CSite& s) {
  refuse_channels(s);
  const std::string how = s.entry.text("parameterisation");
  if (how != "lu") refuse_export(s.name + ": a linear layer with parameterisation " + how);
  const std::size_t d = s.columns;
  const CVec lu = s.values("lu");
  const auto at = [&](std::size_t i, std::size_t j) { return static_cast<double>(lu[i * d + j]); };
  Numbers w(d * d, 0);
  double logdet = 0;
  for (std::size_t i = 0; i < d; ++i) {
    logdet += held(lu[i * d + i]);
    for (std::size_t j = 0; j < d; ++j)
      for (std::size_t k = 0; k <= std::min(i, j); ++k)
        w[i * d + j] += (k < i ? at(i, k) : 1) * (k < j ? at(k, j) : std::exp(held(lu[j * d + j])));
  }
  s.source.call("linear");
  s.source.line("linear(%zu, %s, %s, z);", d, s.source.array(s.name + "/w", w).c_str(),
                s.source.buffer("old", d));
  s.source.line("logp += %s;", c_number(logdet).c_str());
}

// n numbers from z + first, by the parameters h, as the entry's gain says.
void affine(CSite& s, std::size_t first, std::size_t n) {
  const std::string gain = s.entry.text("gain");
  if (gain == "softplus" || gain == "exp") refuse_export(s.name + ": gain " + gain);
  if (s.entry.has("least") && s.entry.number("least", 0, 1) > 0)
    refuse_export(s.name + ": a least gain");
  if (s.entry.has("shift") && s.entry.text("shift") != "after")
    refuse_export(s.name + ": a shift before the scale");
  std::string given;
  if (gain == "learned") {
    Numbers g;
    for (const real v : s.values("gain")) g.push_back(held(v));
    given = s.source.array(s.name + "/gain", g) + ", ";
  } else if (gain != "sigmoid") {
    given = c_number(static_cast<real>(s.entry.number("bound", 0, Config::infinity))) + ", ";
  }
  const std::string helper = "affine_" + (gain == "soft-clip" ? "soft_clip" : gain);
  s.source.call(helper);
  s.source.line("logp += %s(%zu, %sh, z + %zu);", helper.c_str(), n, given.c_str(), first);
}

void spline(CSite& s, std::size_t first, std::size_t n) {
  if (s.entry.has("spline") && s.entry.text("spline") != "line")
    refuse_export(s.name + ": a spline of a circle");
  if (s.entry.has("pieces") && s.entry.text("pieces") != "rational-quadratic")
    refuse_export(s.name + ": a spline of straight pieces");
  if (s.entry.has("clip") && s.entry.number("clip", 0, 40) > 0)
    refuse_export(s.name + ": a spline with a clip");
  const MapSpec map;
  s.source.call("spline");
  s.source.line("logp += spline(%zu, %zu, %s, %s, h, z + %zu);", n,
                s.entry.count("bins", 2, most_spline_bins),
                c_number(static_cast<real>(s.entry.number("bound", 0, Config::infinity))).c_str(),
                c_number(map.floor).c_str(), first);
}

std::size_t spline_numbers(CSite& s) { return 3 * s.entry.count("bins", 2, most_spline_bins) - 1; }

ColumnSplit split_of(CSite& s) {
  if (s.entry.has("split") && s.entry.text("split") != "columns")
    refuse_export(s.name + ": a coupling split by " + s.entry.text("split"));
  return split(s.columns, s.entry.text("condition") == "first" ? Half::first : Half::second);
}

void write_additive_coupling(CSite& s) {
  const ColumnSplit half = split_of(s);
  export_net(s, half.a_first, half.b);
  s.source.call("add");
  s.source.line("add(%zu, h, z + %zu);", half.b, half.b_first);
}

void write_affine_coupling(CSite& s) {
  const ColumnSplit half = split_of(s);
  export_net(s, half.a_first, 2 * half.b);
  affine(s, half.b_first, half.b);
}

void write_spline_coupling(CSite& s) {
  const ColumnSplit half = split_of(s);
  export_net(s, half.a_first, spline_numbers(s) * half.b);
  spline(s, half.b_first, half.b);
}

void refuse_inverse(CSite& s) {
  if (s.entry.text("direction") != "forward") refuse_export(s.name + ": direction inverse");
}

void write_affine_autoregressive(CSite& s) {
  refuse_inverse(s);
  export_made(s, 2);
  affine(s, 0, s.columns);
}

void write_spline_autoregressive(CSite& s) {
  refuse_inverse(s);
  export_made(s, spline_numbers(s));
  spline(s, 0, s.columns);
}

const Named<WriteLayer> writers[] = {
    {"actnorm", write_actnorm},
    {"additive-coupling", write_additive_coupling},
    {"affine-autoregressive", write_affine_autoregressive},
    {"affine-coupling", write_affine_coupling},
    {"batch-norm", write_batch_norm},
    {"diagonal", write_diagonal},
    {"linear", write_linear},
    {"log", write_log},
    {"logit", write_logit},
    {"permute", write_permute},
    {"rescale", write_standardise},
    {"spline-autoregressive", write_spline_autoregressive},
    {"spline-coupling", write_spline_coupling},
    {"standardise", write_standardise},
};

}  // namespace

WriteLayer c_layer(const std::string& kind) {
  for (const auto& w : writers)
    if (kind == w.kind) return w.make;
  return nullptr;
}

void export_columns(CSite& s, std::span<const Column> columns) {
  const CVec centre = s.values("centre"), deviation = s.values("deviation");
  Numbers shift, scale;
  for (std::size_t j = 0; j < columns.size(); ++j) {
    const Column& c = columns[j];
    const double m = static_cast<double>(centre[j]), d = static_cast<double>(deviation[j]);
    shift.push_back(c.robust ? 0 : -m), scale.push_back(c.robust ? 1 : 1 / d);
    if (c.type == Column::Type::positive) to_log(s, j, c.low);
    if (c.type == Column::Type::interval) to_logit(s, j, c.low, c.high, 1e-6);
    if (!c.robust) continue;
    s.source.call("to_asinh");
    s.source.line("logp += to_asinh(%s, %s, z + %zu);", c_number(m).c_str(), c_number(d).c_str(),
                  j);
  }
  shift_scale(s, shift, scale);
}

void export_base(CSite& s) {
  std::string kind = s.spec.text("base");
  if (kind == "diagonal-normal") {
    Numbers shift, scale;
    for (const real m : s.values("mean")) shift.push_back(-static_cast<double>(m));
    for (const real d : s.values("log_deviation")) scale.push_back(std::exp(-held(d)));
    shift_scale(s, shift, scale);
    kind = "normal";
  }
  if (kind != "normal" && kind != "logistic" && kind != "laplace")
    refuse_export("a base of kind " + kind);
  s.source.call(kind);
  s.source.line("logp += %s(%zu, z);", kind.c_str(), s.columns);
}

}  // namespace flow
