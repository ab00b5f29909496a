// The inner loops: one table of functions for each instruction set, the best chosen at run time.
// Every function works on blocks of columns whose rows are a multiple of `lanes` (core/view.h) and
// gives each row the same bits wherever in the block it stands.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/image.h"
#include "core/view.h"

namespace flow {

// How an affine coupling makes the log-gain s of a number from the conditioner's output h.
enum class Gain {
  bounded,    // s = c tanh(h / c): gain in [e^-c, e^c], slope 1 at 0
  learned,    // s = g tanh(h), g learned per column: RealNVP's own
  sigmoid,    // s = ln (sigmoid(h + 2) + least): Glow's own
  soft_clip,  // s = h / (1 + |h| / c): cheapest; gain in [e^-c, e^c]
  softplus,   // s = ln (softplus(h) + least)
  exp,        // s = h, held in [-40, 40]
};

constexpr std::size_t most_spline_bins = 64;
constexpr std::size_t most_components = 64;  // of a mixture

// Gaussians with diagonal covariance over d columns (flow/mixture.h).
struct GaussianMixture {
  std::size_t components;
  const double* constants;  // ln w_k - sum_j (s_kj + ln(2 pi) / 2)
  const real* means;        // components x d, row by row
  const real* precisions;   // likewise: exp(-s)
};

// What the config fixes of a map.
struct MapSpec {
  Gain gain = Gain::bounded;
  real bound = 1;            // c; of a spline B
  std::size_t bins = 8;      // of a spline, 2 to most_spline_bins; of mixtures, the components
  real floor = real(1e-3);   // of a spline's widths, heights and slopes; bins * floor < 1
  real clip = 0;             // of a spline's parameters, in place of the floor; 0: none
  real least = 0;            // gain of an affine map by sigmoid or softplus
  bool shift_first = false;  // of an affine map: z = (x + t) exp(s)
  bool circular = false;     // a spline of the circle [-B, B)
  bool linear = false;       // a spline of straight pieces
  bool marginal = false;     // cells may be missing (layers/observed.h)
};

// A monotone map of each number of a block, with parameters h from a conditioner: what a coupling
// or an autoregressive layer applies. h holds params blocks of x.cols columns each.
struct Map {
  const char* name;
  std::size_t (*params)(const MapSpec&);
  // x becomes z; logdet[i] += log |dz/dx| summed over row i. shared: learned once per column.
  // logdet may be null, here and below.
  void (*forward)(const MapSpec&, Mat x, CMat h, const real* shared, double* logdet);
  // z becomes x; logdet[i] -= the same.
  void (*inverse)(const MapSpec&, Mat z, CMat h, const real* shared, double* logdet);
  // dz becomes dL/dx, h becomes dL/dh, dshared gains dL/dshared.
  void (*backward)(const MapSpec&, CMat x, Mat dz, Mat h, const real* shared, real* dshared,
                   const double* dlogdet);
};

enum class Epilogue {
  set,   // y = x W^T + b
  add,   // y += x W^T + b
  relu,  // y = max(0, x W^T + b)
  gate,  // y = (gate > 0) x W^T: back through a ReLU whose output is `gate`
};

constexpr std::size_t most_reach = 2;

// A convolution of an image that keeps its size: each output pixel sees those within `reach`, a
// window of (2 reach + 1)^2 taps, zeros beyond the border.
struct Convolution {
  ImageSize size;
  std::size_t reach;
  std::size_t taps() const { return (2 * reach + 1) * (2 * reach + 1); }
};

// One step of an optimiser over a slice of the parameters. Decay is decoupled (AdamW).
struct Step {
  double rate, beta1, beta2, epsilon, decay;
  double correct1, correct2;  // 1 - beta^t
  double gradient_scale;      // from clipping
};

struct Kernels {
  const char* isa;

  // Dense layers: nn/dense.h. A packed W holds panels of `panel` outputs, [inputs][panel] each.
  std::size_t panel;
  std::size_t (*packed_size)(std::size_t outputs, std::size_t inputs);  // reals
  // packed[...] = W (outputs x inputs), W(o, k) = w[o * row_stride + k * col_stride].
  void (*pack)(const real* w, std::size_t outputs, std::size_t inputs, std::size_t row_stride,
               std::size_t col_stride, real* packed);
  // bias and gate may be null / empty where the epilogue has no use for them.
  void (*product)(CMat x, const real* packed, const real* bias, Epilogue, CMat gate, Mat y);
  // The same for the first row alone: faster, the same bits, the other rows of y are left.
  void (*row_product)(CMat x, const real* packed, const real* bias, Epilogue, CMat gate, Mat y);
  // dw (dy.cols x x.cols, row by row, ldw apart) += dy^T x. scratch: weight_gradient_scratch(rows,
  // inputs).
  void (*weight_gradient)(CMat x, CMat dy, real* dw, std::size_t ldw, real* scratch);
  // y (a column) = x w + bias, with the bits of product.
  void (*combine)(CMat x, const real* w, real bias, real* y);
  std::size_t (*weight_gradient_scratch)(std::size_t rows, std::size_t inputs);

  // Convolutions of images in pixel order: nn/conv.h. W is outputs x (taps * channels), an input's
  // number being tap * channels + channel, taps row by row; packed as above.
  void (*convolve)(const Convolution&, CMat x, const real* packed, const real* bias, Epilogue,
                   CMat gate, Mat y);
  // The same for the first row alone.
  void (*convolve_row)(const Convolution&, CMat x, const real* packed, const real* bias, Epilogue,
                       CMat gate, Mat y);
  // dw, row by row, += its gradient. scratch: convolve_gradient_scratch(.., rows, channels).
  void (*convolve_gradient)(const Convolution&, CMat x, CMat dy, real* dw, real* scratch);
  std::size_t (*convolve_gradient_scratch)(const Convolution&, std::size_t rows,
                                           std::size_t channels);

  // Columns: out[j] += sum_i a(i, j), and += sum_i a(i, j) b(i, j).
  void (*sum)(CMat a, real* out);
  void (*dot)(CMat a, CMat b, real* out);
  void (*scale_shift)(Mat x, const real* scale, const real* shift);  // x = x scale_j + shift_j
  // x = (x - mean_j) / deviation_j, in this order: x / deviation - mean / deviation loses digits.
  void (*standardise)(Mat x, const real* mean, const real* deviation);
  void (*axpy)(std::size_t n, real a, const real* x, real* y);  // y += a x, n = rows of a block
  // x becomes m^-1 x; m: x.cols x x.cols, row by row, upper triangular.
  void (*solve_upper)(const real* m, Mat x);
  // x becomes L U x and y U x, and z (L U)^-1 z, rounded once; lower: unit lower triangular.
  // strip: 4 * lanes doubles a column.
  void (*multiply_lu)(const real* lower, const real* upper, Mat x, Mat y, double* strip);
  void (*solve_lu)(const real* lower, const real* upper, Mat z, double* strip);
  void (*multiply)(CMat a, Mat y);  // y = y a, number by number

  // Activations, y = f(x), where y may be x itself unless backward wants x.
  void (*relu)(CMat x, Mat y);
  void (*relu_backward)(CMat y, Mat dy);  // dy becomes dL/dx
  void (*tanh)(CMat x, Mat y);
  void (*tanh_backward)(CMat y, Mat dy);
  void (*silu)(CMat x, Mat y);  // y = x sigmoid(x)
  void (*silu_backward)(CMat x, Mat dy);

  Map additive, affine, spline, logistics, gaussians;

  // Base densities: logp[i] += log p(z_i); backward sets dz = dlogp[i] d log p / dz.
  void (*normal)(CMat z, double* logp);
  void (*normal_backward)(CMat z, Mat dz, const double* dlogp);
  void (*logistic)(CMat z, double* logp);
  void (*logistic_backward)(CMat z, Mat dz, const double* dlogp);
  void (*laplace)(CMat z, double* logp);
  void (*laplace_backward)(CMat z, Mat dz, const double* dlogp);
  void (*box)(CMat z, real bound, double* logp);
  // logp[i] -= (v + 1)/2 ln(1 + z^2/v); backward returns dL/dv of that.
  void (*student_t)(CMat z, double v, double* logp);
  double (*student_t_backward)(CMat z, double v, Mat dz, const double* dlogp);
  // Sets r (rows x components), the responsibilities; logp may be null. backward adds to the others
  // but sets dz, and adds sum_i dlogp r_k to dweights.
  void (*mixture)(const GaussianMixture&, CMat z, Mat r, double* logp);
  void (*mixture_backward)(const GaussianMixture&, CMat z, CMat r, Mat dz, real* dmeans,
                           real* dlog_deviations, real* dweights, const double* dlogp);

  // u = (x - low) / (high - low), z = ln p - ln q, p = alpha + (1 - 2 alpha) u, q = 1 - p.
  void (*logit)(Mat x, real low, real high, real alpha, double* logdet);
  void (*logit_inverse)(Mat z, real low, real high, real alpha, double* logdet);
  // dz becomes dL/dx.
  void (*logit_backward)(CMat x, Mat dz, real low, real high, real alpha, const double* dlogdet);
  // z = ln(x - low)
  void (*log)(Mat x, real low, double* logdet);
  void (*log_inverse)(Mat z, real low, double* logdet);
  void (*log_backward)(CMat x, Mat dz, real low, const double* dlogdet);

  // Optimisers over n parameters and their moments; the gradient is zeroed for the next step.
  void (*adam)(const Step&, std::size_t n, real* theta, real* g, real* m, real* v);
  void (*adamax)(const Step&, std::size_t n, real* theta, real* g, real* m, real* v);
  void (*rmsprop)(const Step&, std::size_t n, real* theta, real* g, real* m, real* v);
  void (*move_to)(std::size_t n, real* from, real* to);  // to += from, from = 0
  // average = decay average + (1 - decay) theta
  void (*average)(double decay, std::size_t n, const real* theta, real* average);
  double (*square_sum)(std::size_t n, const real* g);

  // The peak of this CPU, for benchmarks (peak.inc).
  double (*multiply_adds)(std::size_t count, real* sink);
  // For the tests of accuracy: elementwise over n numbers, a multiple of lanes.
  void (*exp)(std::size_t n, real* x);
  void (*ln)(std::size_t n, real* x);
  void (*log1p_exp_minus_abs)(std::size_t n, real* x);
};

// The table that everything uses: the best, found once.
const Kernels& kernels();
// The best that this CPU can run, or the one that the environment variable FLOW_ISA names.
const Kernels& best_kernels();
// A table by name: "generic", "avx2", "avx512"; null where this CPU cannot run it.
const Kernels* kernels_for(const std::string& isa);

}  // namespace flow
