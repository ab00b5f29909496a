// MADE: an MLP whose output j sees inputs 0 .. j-1 only, by masked weights.
// Germain, Gregor, Murray, Larochelle: MADE (2015), section 3. Degrees are sequential, and units
// are sorted by degree, so that what a unit sees is a PREFIX of the layer below: a mask is one
// number an output, products stop where the prefix ends (about half of the work is skipped), and
// column after column can be computed once its inputs are known (Made::column), in about one pass
// for all.
//
// A residual net (nn/residual.h; masked so in Neural spline flows, 2019) is the same chain of
// layers of one width, in, u, v, u, v ... out, but that v adds to what stood before the block, and
// out reads the sum as it is: with p_l what layer l gives, a_l = f(p_l),
//   p_(2k+2) = p_2k + V_k a_(2k+1) + v_k,   h = W_out p_2n + b.
// Degrees are the same in all its layers, so a unit adds to one that sees no less.
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

// The degree of unit u of a hidden layer of so many units, ascending: from 1 to columns - 1, or 1
// where there is one column or two. With a context there are units of degree 0 too, which see
// nothing else.
std::size_t made_degree(std::size_t context, std::size_t columns, std::size_t u, std::size_t units);

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
    Mat before, out;  // of the activation; one matrix where backward has no need of both
  };
  Hidden hidden(std::size_t layer, Frame f) const;
  Mat hidden_gradient(std::size_t layer, Frame f) const;  // of column_backward, in scratch
  std::size_t hidden_layers() const { return spec_.hidden.size(); }
  bool keeps_before() const { return spec_.residual || spec_.activation == Activation::silu; }
  // Of a residual net: whether a layer adds to the one two before it, or is the sum that out reads.
  bool adds(std::size_t l) const { return spec_.residual && l >= 2 && l % 2 == 0; }
  bool is_sum(std::size_t l) const { return spec_.residual && l + 1 == hidden_layers(); }
  std::size_t turns() const { return spec_.residual ? 3 : 2; }  // of backward, in scratch

  std::size_t context_, columns_, params_;
  NetSpec spec_;
  std::vector<MaskedDense> layers_;
  // [hidden layer][j], 0 to D: its first unit whose degree is at least j. Units of degree j see
  // inputs 0 .. j-1.
  std::vector<std::vector<std::size_t>> first_units_;
};

}  // namespace flow
