// MADE: an MLP whose output j sees inputs 0 .. j-1 only, by masked weights.
// Germain, Gregor, Murray, Larochelle: MADE (2015), section 3. Degrees are sequential, and units
// are sorted by degree, so that what a unit sees is a PREFIX of the layer below: a mask is one
// number an output, products stop where the prefix ends (about half of the work is skipped), and
// column after column can be computed once its inputs are known (Made::column), in about one pass
// for all.
#pragma once
#include <vector>

#include "nn/activation.h"
#include "nn/dense.h"
#include "nn/mlp.h"

namespace flow {

// y = (W o M) x + b, where output o sees the first sees[o] inputs.
class MaskedDense {
 public:
  MaskedDense(const std::string& name, std::size_t inputs, std::vector<std::size_t> sees,
              Start weight, ParamTable& table);
  std::size_t inputs() const { return weight_.cols; }
  std::size_t outputs() const { return weight_.rows; }
  void prepare(const real* theta, real* derived, bool gradient) const;
  void forward(CMat x, Mat y, Frame f) const;
  // One output: y is a column.
  void output(std::size_t o, CMat x, real* y, Frame f) const;
  // Of one output: its share of dx, ADDED column by column.
  void output_backward(std::size_t o, const real* dy, Mat dx, Frame f) const;
  // Adds dL/dW, which stays 0 where masked, and dL/db; dx is set, or added to.
  void backward(CMat x, CMat dy, Mat dx, bool add, Frame f) const;
  FrameSize frame_size(std::size_t rows) const;

 private:
  void input_gradient(CMat dy, Mat dx, bool add, Frame f) const;

  Param weight_, bias_;
  std::vector<std::size_t> sees_;
  Slot masked_, packed_, packed_transpose_;
};

// How many of its inputs each output of each layer sees, the hidden ones first; what the numbers
// are is said at Made.
std::vector<std::vector<std::size_t>> made_sees(std::size_t context, std::size_t columns,
                                                std::size_t params,
                                                const std::vector<std::size_t>& hidden);

class Made {
 public:
  // params numbers for each of `columns` columns: number q of column j is output q * columns + j.
  // In front of x stand `context` columns that every output sees.
  Made(const std::string& name, std::size_t context, std::size_t columns, std::size_t params,
       const NetSpec& spec, ParamTable& table);
  std::size_t outputs() const { return layers_.back().outputs(); }
  void prepare(const real* theta, real* derived, bool gradient) const;
  void forward(CMat x, Mat h, Frame f) const;
  // x here and below: context, then columns.
  // The outputs of column j, where columns before j are known and were asked for in order.
  void column(std::size_t j, CMat x, Mat h, Frame f) const;
  // dL/dx is ADDED to dx, dL/dtheta to the gradient.
  void backward(CMat x, Mat dx, CMat dh, Frame f) const;
  // The share of column j's dh in dx, ADDED; from the last column to the first, after which dx of
  // column j - 1 is whole. Adds nothing to the gradient.
  void column_backward(std::size_t j, Mat dx, CMat dh, Frame f) const;
  FrameSize frame_size(std::size_t rows) const;

 private:
  struct Hidden {
    Mat before, out;  // of the activation; the same but for silu
  };
  Hidden hidden(std::size_t layer, Frame f) const;
  Mat hidden_gradient(std::size_t layer, Frame f) const;  // of column_backward, in scratch
  std::size_t context_, columns_, params_;
  NetSpec spec_;
  std::vector<MaskedDense> layers_;
  // [hidden layer][j], 0 to D: its first unit whose degree is at least j. Units of degree j see
  // inputs 0 .. j-1.
  std::vector<std::vector<std::size_t>> first_units_;
};

}  // namespace flow
