// What one pass over one block of rows uses beside the data: parameters, what is derived from them,
// the gradient to add to, memory, and the keys of noise. Passed BY VALUE: forward and backward ask
// for the same matrices in the same order and so find the same memory.
#pragma once
#include "core/params.h"
#include "core/view.h"

namespace flow {

// How many reals one pass over a block takes: `kept` from forward to backward, `scratch` during a
// call only, so that all layers of a flow share it.
struct FrameSize {
  std::size_t kept = 0, scratch = 0;
};

// The keys of dropout noise: backward makes the same noise again, and no split of rows changes it.
struct Keys {
  std::uint64_t seed = 0;
  std::uint64_t first_row = 0;  // the block's first row in the batch
  std::uint32_t step = 0;
};

class Frame {
 public:
  Frame(std::size_t rows, const real* theta, const real* derived, real* grad, Vec kept, Vec scratch)
      : rows_(rows),
        valid_(rows),
        theta_(theta),
        derived_(derived),
        grad_(grad),
        kept_(kept),
        scratch_(scratch) {}

  std::size_t rows() const { return rows_; }    // a multiple of lanes
  std::size_t valid() const { return valid_; }  // rows before the padding
  bool training() const { return training_; }
  // A single row that is no batch: its padding need not hold what the row holds, only numbers.
  bool one_row() const { return valid_ == 1 && !training_; }
  const Keys& keys() const { return keys_; }
  CMat context() const { return context_; }  // what the density is conditional on, rows x C
  // Where layers ADD dL/dcontext; no columns: it is not wanted.
  Mat context_gradient() const { return context_gradient_; }

  CVec theta(Param p) const { return {theta_ + p.offset, p.size()}; }
  Vec grad(Param p) const { return {grad_ + p.offset, p.size()}; }
  const real* derived(Slot s) const { return derived_ + s.offset; }

  // The next rows() x cols matrix; its content is what the last call of the pass left there.
  Mat keep(std::size_t cols) { return take(kept_, cols); }
  Mat scratch(std::size_t cols) { return take(scratch_, cols); }
  // Leaves out what another part of the layer uses.
  void skip(FrameSize s) { kept_ = kept_.subspan(s.kept); }

  Frame with_context(CMat c) const {
    Frame f = *this;
    f.context_ = c;
    return f;
  }
  Frame with_context_gradient(Mat d) const {
    Frame f = *this;
    f.context_gradient_ = d;
    return f;
  }
  // For a call that takes each of `pixels` pixels of a row for a row of its own (core/image.h).
  Frame by_pixel(std::size_t pixels) const {
    Frame f = *this;
    f.rows_ *= pixels, f.valid_ *= pixels;
    return f;
  }
  Frame with_valid(std::size_t rows) const {
    Frame f = *this;
    f.valid_ = rows;
    return f;
  }
  Frame for_training(std::size_t valid, Keys keys) const {
    Frame f = with_valid(valid);
    f.training_ = true, f.keys_ = keys;
    return f;
  }

 private:
  Mat take(Vec& memory, std::size_t cols) const {
    assert(rows_ * cols <= memory.size());
    Mat m{memory.data(), rows_, cols, rows_};
    memory = memory.subspan(rows_ * cols);
    return m;
  }

  std::size_t rows_, valid_;
  const real* theta_;
  const real* derived_;
  real* grad_;
  Vec kept_, scratch_;
  bool training_ = false;
  Keys keys_;
  CMat context_{};
  Mat context_gradient_{};
};

}  // namespace flow
