#include "nn/reparameterise.h"

#include <cmath>

namespace flow {

namespace {

constexpr real most_log_scale = 20;  // exp of it times any sensible weight stays finite

bool held(real g) { return 3 * g > most_log_scale || 3 * g < -most_log_scale; }

real scale(real g) { return std::exp(std::clamp<real>(3 * g, -most_log_scale, most_log_scale)); }

double dot(CVec a, CVec b) {
  double sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k)
    sum += static_cast<double>(a[k]) * static_cast<double>(b[k]);
  return sum;
}

// |V|, never 0: a row of zeros gives W = 0.
real length(CVec v) { return static_cast<real>(std::sqrt(std::max(dot(v, v), 1e-30))); }

}  // namespace

void reparameterise(Weighting weighting, const Trained& trained, Vec w, Vec b) {
  std::copy(trained.v.begin(), trained.v.end(), w.begin());
  std::copy(trained.c.begin(), trained.c.end(), b.begin());
  if (weighting == Weighting::plain) return;
  const std::size_t inputs = w.size() / b.size();
  for (std::size_t o = 0; o < b.size(); ++o) {
    const Vec row = w.subspan(o * inputs, inputs);
    const real g = trained.gain[o];
    const real a = weighting == Weighting::scaled ? scale(g) : g / length(row);
    for (real& v : row) v *= a;
    if (weighting == Weighting::scaled) b[o] *= a;
  }
}

void reparameterise_backward(Weighting weighting, const Trained& trained, CVec dw, CVec db,
                             const TrainedGradient& gradient) {
  const std::size_t inputs = dw.size() / db.size();
  for (std::size_t o = 0; o < db.size(); ++o) {
    const CVec d = dw.subspan(o * inputs, inputs), v = trained.v.subspan(o * inputs, inputs);
    const Vec dv = gradient.v.subspan(o * inputs, inputs);
    real a = 1, along = 0;  // dV = a dW + along V
    if (weighting == Weighting::normalised) {
      const real size = length(v), du = static_cast<real>(dot(d, v)) / size;
      a = trained.gain[o] / size, along = -a * du / size;
      gradient.gain[o] += du;
    } else if (weighting == Weighting::scaled) {
      a = scale(trained.gain[o]);
      const double both =
          dot(d, v) + static_cast<double>(db[o]) * static_cast<double>(trained.c[o]);
      if (!held(trained.gain[o])) gradient.gain[o] += 3 * a * static_cast<real>(both);
    }
    for (std::size_t k = 0; k < inputs; ++k) dv[k] += a * d[k] + along * v[k];
    gradient.c[o] += weighting == Weighting::scaled ? a * db[o] : db[o];
  }
}

}  // namespace flow
