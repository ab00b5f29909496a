#include "picture/samples.h"

#include <algorithm>

#include "core/error.h"
#include "flow/evaluate.h"
#include "model/rows.h"
#include "picture/rows.h"

namespace flow {

namespace {

constexpr std::size_t images = 64, points = 20'000;

}  // namespace

SamplePictures::SamplePictures(const SamplesSpec& spec, const std::string& path, const Model& model,
                               const Dataset& validation)
    : spec_(spec), path_(path), model_(model), validation_(validation) {
  if (spec.every == 0) return;
  require(are_images(model.data) || model.data.shape.columns == 2, Exit::usage,
          "--samples-every: draws images, or rows of two columns, and these are others; leave it "
          "out");
  check_drawable(model.data, "--samples-every");
}

Picture SamplePictures::draw(CVec theta) const {
  const std::size_t width = validation_.width(), n = are_images(model_.data) ? images : points;
  std::vector<real> rows(n * width);
  for (std::size_t i = 0; i < n; ++i)
    validation_.row(i % validation_.rows(), 0, rows.data() + i * width);
  Evaluator(*model_.flow, model_.table, theta, spec_.threads)
      .sample(Random(spec_.seed, Stream::sample), 0, n, 1, rows.data());
  std::vector<double> values;
  from_flow(model_, rows, values);
  return flow::draw(model_.data, values);
}

std::string SamplePictures::after(const Trainer& trainer) const {
  const std::size_t epoch = trainer.state().report.epoch;
  if (spec_.every == 0 || epoch % spec_.every != 0) return "";
  std::string number = std::to_string(epoch);
  const std::size_t digits = std::to_string(spec_.epochs).size();
  number.insert(0, digits - std::min(digits, number.size()), '0');
  const std::string path = path_ + ".samples-" + number + ".png";
  try {
    write_png(path, true, draw(trainer.weights()));
    return "";
  } catch (const std::exception& e) {
    return path + ": is not drawn, and training goes on: " + e.what();
  }
}

}  // namespace flow
