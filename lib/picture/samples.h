// Pictures of samples while a model is trained, beside it: MODEL.samples-EPOCH.png.
#pragma once
#include <string>

#include "model/model.h"
#include "png/png.h"
#include "train/loop.h"

namespace flow {

struct SamplesSpec {
  std::size_t every = 0;   // epochs; 0: no pictures
  std::size_t epochs = 0;  // of the run: numbers have as many digits
  std::uint64_t seed = 0;
  std::size_t threads = 1;
};

class SamplePictures {
 public:
  // Of a model of images, or of two columns; Error(Exit::usage) for others. Contexts are those of
  // the first validation rows.
  SamplePictures(const SamplesSpec& spec, const std::string& path, const Model& model,
                 const Dataset& validation);

  // Behind an epoch: draws where a picture is due, with the weights that were validated and the
  // same noise each time, and replaces an older one. What goes wrong is no reason to end a run: it
  // is returned as a line, else empty.
  std::string after(const Trainer& trainer) const;

 private:
  Picture draw(CVec theta) const;

  SamplesSpec spec_;
  const std::string& path_;
  const Model& model_;
  const Dataset& validation_;
};

}  // namespace flow
