#include "flow/torus.h"

#include <numbers>

#include "flow/draw.h"

namespace flow {

namespace {

constexpr real half_turn = std::numbers::pi_v<real>;
// Where a row's random numbers for angles begin, far behind those of the other columns.
constexpr std::uint32_t first_number = 1u << 30;

}  // namespace

Torus::Torus(std::unique_ptr<Base> other, std::size_t angles, bool marginal)
    : other_(std::move(other)), uniform_(std::make_unique<Box>(half_turn)), angles_(angles) {
  if (marginal) uniform_ = std::make_unique<ObservedBase>(std::move(uniform_));
}

void Torus::log_density(CMat z, LogDet logp, Frame f) const {
  const std::size_t n = z.cols - angles_;
  if (other_) other_->log_density(z.columns(0, n), logp, f);
  uniform_->log_density(z.columns(n, angles_), logp, f);
}

void Torus::backward(CMat z, Mat dz, CLogDet dlogp, Frame f) const {
  const std::size_t n = z.cols - angles_;
  if (other_) other_->backward(z.columns(0, n), dz.columns(0, n), dlogp, f);
  uniform_->backward(z.columns(n, angles_), dz.columns(n, angles_), dlogp, f);
}

void Torus::sample(Mat z, const Random& random, std::uint64_t first_row, double temperature,
                   Frame f) const {
  const std::size_t n = z.cols - angles_;
  if (other_) other_->sample(z.columns(0, n), random, first_row, temperature, f);
  draw_rows(z.columns(n, angles_), f.valid(), first_row,
            [&](std::uint64_t row, std::vector<double>& out) {
              for (std::size_t j = 0; j < out.size(); ++j)
                out[j] =
                    static_cast<double>(half_turn) *
                    (2 * random.uniform(row, first_number + static_cast<std::uint32_t>(j)) - 1);
            });
}

FrameSize Torus::frame_size(std::size_t rows) const {
  FrameSize size = uniform_->frame_size(rows);
  if (other_) size.scratch = std::max(size.scratch, other_->frame_size(rows).scratch);
  if (other_) size.kept = std::max(size.kept, other_->frame_size(rows).kept);
  return size;
}

}  // namespace flow
