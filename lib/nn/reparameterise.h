// Weights W and biases b of a layer as functions of what is trained, V, a gain g for each output
// and c:
//   plain       W = V,           b = c
//   scaled      W = exp(3 g) V,  b = exp(3 g) c:  Glow's last convolution, which starts at zero and
//               learns its size quickly (Kingma, Dhariwal: Glow, 2018, section 3.3)
//   normalised  W = g V / |V|,   b = c:  weight normalisation (Salimans, Kingma, 2016, section 2)
// Backward, row by row of W, with u = V / |V| and <,> summed over the inputs:
//   scaled      dV = exp(3 g) dW,  dc = exp(3 g) db,  dg = 3 (<dW, W> + db b)
//   normalised  dV = g / |V| (dW - u <dW, u>),  dg = <dW, u>,  dc = db
#pragma once
#include "core/view.h"

namespace flow {

enum class Weighting { plain, scaled, normalised };

// What is trained, or its gradient: v outputs x inputs, row by row; gain empty where plain.
struct Trained {
  CVec v, gain, c;
};
struct TrainedGradient {
  Vec v, gain, c;
};

// Sets w and b.
void reparameterise(Weighting weighting, const Trained& trained, Vec w, Vec b);
// dw and db are pulled back, and ADDED.
void reparameterise_backward(Weighting weighting, const Trained& trained, CVec dw, CVec db,
                             const TrainedGradient& gradient);

}  // namespace flow
