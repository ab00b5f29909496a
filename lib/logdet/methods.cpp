#include <algorithm>

#include "flow/evaluate.h"
#include "logdet/method.h"

namespace flow {

namespace {

double numbers(double count) { return static_cast<double>(sizeof(real)) * count; }
double d(std::size_t n) { return static_cast<double>(n); }

double vector_bytes(const Size& s) { return numbers(d(s.n)); }
double block_bytes(const Size& s) { return numbers(d(s.n) * block_rows); }
double matrix_bytes(const Size& s) { return numbers(d(s.n) * d(s.n)); }
double given_bytes(const Size& s) { return 2 * matrix_bytes(s); }  // one is kept to start again
double planar_bytes(const Size& s) { return 2 * block_bytes(s); }
double low_rank_bytes(const Size& s) { return numbers(3 * d(s.n) * d(s.rank)); }
double sylvester_bytes(const Size& s) { return 2 * block_bytes(s) + low_rank_bytes(s); }

// The weights of two nets with `params` outputs a column, the rows, and blocks on their way.
double net_bytes(const Size& s, double params) {
  const double n = d(s.n), h = d(s.hidden);
  return numbers(h * n + 2 * h * h + h * params * n + n * d(s.rows) +
                 (1 + params) * n * block_rows);
}
double additive_bytes(const Size& s) { return net_bytes(s, 1); }
double affine_bytes(const Size& s) { return net_bytes(s, 2); }
double spline_bytes(const Size& s) { return net_bytes(s, 3 * 8 + 1); }
double linear_bytes(const Size& s) { return 5 * matrix_bytes(s) + 2 * block_bytes(s); }
// The gradient takes as much again.
double affine_dense_bytes(const Size& s) { return 2 * matrix_bytes(s) + 2 * affine_bytes(s); }
double spline_dense_bytes(const Size& s) { return 2 * matrix_bytes(s) + 2 * spline_bytes(s); }

template <std::unique_ptr<Trial> (*make)(const Size&, std::size_t), std::size_t probes>
std::unique_ptr<Trial> with(const Size& s) {
  return make(s, probes);
}

constexpr char additive[] = "additive-coupling", affine[] = "affine-coupling",
               spline[] = "spline-coupling", maf[] = "affine-autoregressive",
               maf_spline[] = "spline-autoregressive", linear[] = "linear";
template <const char* kind>
std::unique_ptr<Trial> layers(const Size& s) {
  return make_layers(s, kind);
}
template <const char* kind>
std::unique_ptr<Trial> dense(const Size& s) {
  return make_dense(s, kind);
}

// A spline takes 25 numbers of its net a column, whose weights leave the caches on the way. A net
// of fixed width makes N vector-Jacobian products cost N^2, and the LU N^3: what is measured lies
// between. Someone else's LU may reach its speed late.
constexpr Band none{0, 0}, line{0.8, 1.2}, wide_line{0.8, 1.5}, square{1.6, 2.4}, cube{2.6, 3.2},
    mixed{1.6, 3.2}, foreign{2, 3.2};

constexpr Scope::Range vectors{1, 1u << 24}, rows{2, 1u << 24}, matrices{1, 1u << 16},
    usual{16, 2048}, short_usual{16, 1024};
constexpr Scope layer{true, true, rows, usual}, other_layer{false, true, rows, usual};
constexpr Scope of_vectors{true, false, vectors, usual}, of_matrices{true, false, matrices, usual};
constexpr Scope slow{true, false, matrices, short_usual}, small{true, false, {1, 11}, {4, 10}};
constexpr Scope dense_row{true, false, {2, 1u << 16}, usual},
    other_dense{false, false, {2, 1u << 16}, usual};

const Method table[] = {
    {"sum", "N", "log-det of affine couplings alone, a row", line, of_vectors, block_bytes,
     make_sum},
    {"additive", "N", "two additive couplings and their nets, a row (NICE: its log-det is 0)", line,
     layer, additive_bytes, layers<additive>},
    {"affine", "N", "two affine couplings and their nets, a row (RealNVP)", line, layer,
     affine_bytes, layers<affine>},
    {"spline", "N", "two spline couplings and their nets, a row (NSF)", wide_line, layer,
     spline_bytes, layers<spline>},
    {"maf", "N", "two affine autoregressive layers, a row (MAF)", line, layer, affine_bytes,
     layers<maf>},
    {"maf-spline", "N", "two spline autoregressive layers, a row", wide_line, other_layer,
     spline_bytes, layers<maf_spline>},
    {"conv-sum", "C", "log-det of a C x C convolution by its LU factors, a step (Glow)", line,
     of_vectors, vector_bytes, make_diagonal_sum},
    {"conv", "C^2", "that convolution as a whole, a pixel", square, layer, linear_bytes,
     layers<linear>},
    {"planar", "N", "a planar flow by the determinant lemma, a row", line, of_vectors, planar_bytes,
     make_planar},
    {"sylvester", "N M", "a Sylvester flow of rank M by the determinant lemma, a row", line,
     of_vectors, sylvester_bytes, make_sylvester},
    {"low-rank", "N M^2", "a diagonal matrix plus one of rank M by the determinant lemma", line,
     of_vectors, low_rank_bytes, make_low_rank},
    {"trace", "N^2", "Hutchinson's trace of a continuous flow, 1 probe: noisy", square, slow,
     matrix_bytes, with<make_trace, 1>},
    {"trace-16", "N^2", "the same, 16 probes", square, slow, matrix_bytes, with<make_trace, 16>},
    {"series", "N^2", "power series of a residual flow, 1 probe: noisy", square, slow, matrix_bytes,
     with<make_power_series, 1>},
    {"series-16", "N^2", "the same, 16 probes", square, slow, matrix_bytes,
     with<make_power_series, 16>},
    {"cofactor", "N!", "cofactor expansion of a given matrix", none, small, given_bytes,
     make_cofactor},
    {"lu", "N^3", "LU of a given matrix, this library's over BLIS", cube, of_matrices, given_bytes,
     make_lu},
    {"getrf", "N^3", "LU of a given matrix, LAPACK's", foreign, of_matrices, given_bytes,
     make_getrf},
    {"qr", "N^3", "QR of a given matrix by Householder's reflections", cube, slow, given_bytes,
     make_qr},
    {"conv-slogdet", "C^3", "log-det of a C x C convolution without factors, a step", cube,
     of_matrices, given_bytes, make_slogdet},
    {"additive-dense", "N^3", "Jacobian of `additive` by N products, and its LU, a row", mixed,
     other_dense, affine_dense_bytes, dense<additive>},
    {"affine-dense", "N^3", "Jacobian of `affine` by N products, and its LU, a row", mixed,
     dense_row, affine_dense_bytes, dense<affine>},
    {"spline-dense", "N^3", "Jacobian of `spline` by N products, and its LU, a row", mixed,
     other_dense, spline_dense_bytes, dense<spline>},
    {"maf-dense", "N^3", "Jacobian of `maf` by N products, and its LU, a row", mixed, other_dense,
     affine_dense_bytes, dense<maf>},
};

}  // namespace

std::span<const Method> methods() { return table; }

const Method* find_method(const std::string& name) {
  const auto* const found = std::find_if(std::begin(table), std::end(table),
                                         [&](const Method& m) { return name == m.name; });
  return found == std::end(table) ? nullptr : found;
}

double rounding_bound(std::size_t n) { return sizeof(real) == 4 ? 1e-5 + 1e-6 * d(n) : 1e-9; }

}  // namespace flow
