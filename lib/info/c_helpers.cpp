// The functions that an exported model calls, in C99: the equations of lib/kernels, for one row, in
// double. Each adds to what it says; those of a layer return log |det|.
#include "info/c_source.h"

namespace flow {

namespace {

constexpr CHelper helpers[] = {
    {"dense", nullptr, R"(/* y = W x + b, W: out rows of in numbers. */
static void dense(int in, int out, const float *w, const float *b, const double *x, double *y)
{
  int i, o;
  for (o = 0; o < out; ++o) {
    y[o] = b[o];
    for (i = 0; i < in; ++i) y[o] += w[o * in + i] * x[i];
  }
}
)"},
    {"relu", nullptr, R"(static void relu(int n, const double *x, double *y)
{
  int i;
  for (i = 0; i < n; ++i) y[i] = x[i] > 0 ? x[i] : 0;
}
)"},
    {"silu", nullptr, R"(static void silu(int n, const double *x, double *y)
{
  int i;
  for (i = 0; i < n; ++i) y[i] = x[i] / (1 + exp(-x[i]));
}
)"},
    {"tanh_all", nullptr, R"(static void tanh_all(int n, const double *x, double *y)
{
  int i;
  for (i = 0; i < n; ++i) y[i] = tanh(x[i]);
}
)"},
    {"add", nullptr, R"(/* y += x */
static void add(int n, const double *x, double *y)
{
  int i;
  for (i = 0; i < n; ++i) y[i] += x[i];
}
)"},
    {"shift_scale", nullptr, R"(/* z = (z + shift) * scale */
static void shift_scale(int n, const double *shift, const double *scale, double *z)
{
  int i;
  for (i = 0; i < n; ++i) z[i] = (z[i] + shift[i]) * scale[i];
}
)"},
    {"permute", nullptr, R"(/* z[i] = old z[order[i]] */
static void permute(int n, const int *order, double *old, double *z)
{
  int i;
  for (i = 0; i < n; ++i) old[i] = z[i];
  for (i = 0; i < n; ++i) z[i] = old[order[i]];
}
)"},
    {"linear", nullptr, R"(/* z = W z */
static void linear(int n, const double *w, double *old, double *z)
{
  int i, j;
  for (i = 0; i < n; ++i) old[i] = z[i];
  for (i = 0; i < n; ++i)
    for (z[i] = 0, j = 0; j < n; ++j) z[i] += w[i * n + j] * old[j];
}
)"},
    {"to_log", nullptr, R"(/* z = ln(x - low) */
static double to_log(double low, double *z)
{
  const int inside = *z > low;
  *z = inside ? log(*z - low) : 0;
  return inside ? -*z : -HUGE_VAL;
}
)"},
    {"to_logit", nullptr,
     R"(/* z = ln p - ln q, p = a + (1 - 2a) (x - low) / (high - low), q = 1 - p */
static double to_logit(double low, double high, double a, double *z)
{
  const double k = (1 - 2 * a) / (high - low), p = (*z - low) * k + a, q = (high - *z) * k + a;
  const int inside = p > 0 && q > 0;
  *z = inside ? log(p) - log(q) : 0;
  return inside ? log(k) - log(p) - log(q) : -HUGE_VAL;
}
)"},
    {"to_asinh", nullptr, R"(/* z = 4 asinh((x - c) / (4 s)) */
static double to_asinh(double c, double s, double *z)
{
  const double t = (*z - c) / (4 * s);
  *z = 4 * asinh(t);
  return -log(s) - log(1 + t * t) / 2;
}
)"},
    {"softplus", nullptr, R"(static double softplus(double x)
{
  return (x > 0 ? x : 0) + log1p(exp(-fabs(x)));
}
)"},
    {"affine_bounded", nullptr, R"(/* z = z exp(s) + t, h = (s', t), s = c tanh(s' / c) */
static double affine_bounded(int n, double c, const double *h, double *z)
{
  double sum = 0, s;
  int i;
  for (i = 0; i < n; ++i) {
    s = c * tanh(h[i] / c);
    z[i] = z[i] * exp(s) + h[n + i], sum += s;
  }
  return sum;
}
)"},
    {"affine_learned", nullptr, R"(/* the same with s = g tanh(s'), g of each column */
static double affine_learned(int n, const double *g, const double *h, double *z)
{
  double sum = 0, s;
  int i;
  for (i = 0; i < n; ++i) {
    s = g[i] * tanh(h[i]);
    z[i] = z[i] * exp(s) + h[n + i], sum += s;
  }
  return sum;
}
)"},
    {"affine_sigmoid", "softplus", R"(/* the same with s = ln sigmoid(s' + 2) */
static double affine_sigmoid(int n, const double *h, double *z)
{
  double sum = 0, s;
  int i;
  for (i = 0; i < n; ++i) {
    s = -softplus(-(h[i] + 2));
    z[i] = z[i] * exp(s) + h[n + i], sum += s;
  }
  return sum;
}
)"},
    {"affine_soft_clip", nullptr, R"(/* the same with s = s' / (1 + |s'| / c) */
static double affine_soft_clip(int n, double c, const double *h, double *z)
{
  double sum = 0, s;
  int i;
  for (i = 0; i < n; ++i) {
    s = h[i] / (1 + fabs(h[i]) / c);
    z[i] = z[i] * exp(s) + h[n + i], sum += s;
  }
  return sum;
}
)"},
    {"spline", "softplus",
     R"(/* A rational-quadratic spline of k bins on [-b, b] for each of n numbers (Durkan and others, 2019);
   h: k widths, k heights, k - 1 slopes, each for all of the numbers. f: the least of these. */
static double spline(int n, int k, double b, double f, const double *h, double *z)
{
  const double c = log(expm1(1 - f));
  double sum = 0;
  int i, m;
  for (i = 0; i < n; ++i) {
    const double *u = h + i;
    double wide = 0, high = 0, x = -b, y = -b, w = 0, v = 0, d0, d1, s, t, q, e;
    if (!(z[i] >= -b && z[i] <= b)) continue;
    for (m = 0; m < k; ++m) wide += exp(u[m * n]), high += exp(u[(k + m) * n]);
    for (m = 0; m < k; ++m, x += w, y += v) {
      w = 2 * b * (f + (1 - k * f) * exp(u[m * n]) / wide);
      v = 2 * b * (f + (1 - k * f) * exp(u[(k + m) * n]) / high);
      if (z[i] < x + w || m == k - 1) break;
    }
    d0 = m == 0 ? 1 : f + softplus(u[(2 * k + m - 1) * n] + c);
    d1 = m == k - 1 ? 1 : f + softplus(u[(2 * k + m) * n] + c);
    s = v / w, t = (z[i] - x) / w, q = t * (1 - t), e = s + (d0 + d1 - 2 * s) * q;
    z[i] = y + v * (s * t * t + d0 * q) / e;
    sum += log(s * s * (d1 * t * t + 2 * s * q + d0 * (1 - t) * (1 - t))) - 2 * log(e);
  }
  return sum;
}
)"},
    {"normal", nullptr, R"(static double normal(int n, const double *z)
{
  double sum = 0;
  int i;
  for (i = 0; i < n; ++i) sum -= z[i] * z[i] / 2 + 0.91893853320467274;
  return sum;
}
)"},
    {"logistic", nullptr, R"(static double logistic(int n, const double *z)
{
  double sum = 0;
  int i;
  for (i = 0; i < n; ++i) sum -= fabs(z[i]) + 2 * log1p(exp(-fabs(z[i])));
  return sum;
}
)"},
    {"laplace", nullptr, R"(static double laplace(int n, const double *z)
{
  double sum = 0;
  int i;
  for (i = 0; i < n; ++i) sum -= fabs(z[i]) + 0.69314718055994531;
  return sum;
}
)"},
};

}  // namespace

std::span<const CHelper> c_helpers() { return helpers; }

}  // namespace flow
