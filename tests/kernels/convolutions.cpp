// Convolutions and their weight gradients against loops over pixels, taps and channels in double.
#include <boost/test/unit_test.hpp>

#include "kernels/guarded.h"

namespace flow::test {

namespace {

struct Shape {
  Convolution c;
  std::size_t channels, outputs, rows;
};

// Images down to a single pixel, narrower than the window; channels and outputs about the panels.
std::vector<Shape> shapes() {
  std::vector<Shape> all;
  const ImageSize sizes[] = {{1, 1}, {1, 4}, {3, 1}, {2, 2}, {4, 5}, {6, 3}};
  std::size_t k = 0;
  for (const ImageSize size : sizes)
    for (std::size_t reach = 0; reach <= most_reach; ++reach)
      for (std::size_t channels : {1, 2, 3, 8, 31, 32, 33, 40})
        all.push_back({{size, reach}, channels, 1 + 7 * k % 19, lanes * (1 + k % 3)}), ++k;
  return all;
}

// Calls f(pixel, tap, the pixel that the tap sees) for all taps that see one.
template <class F>
void each_tap(const Convolution& c, F f) {
  const auto reach = static_cast<long>(c.reach), height = static_cast<long>(c.size.height),
             width = static_cast<long>(c.size.width);
  for (long i = 0; i < height; ++i)
    for (long j = 0; j < width; ++j)
      for (long a = -reach; a <= reach; ++a)
        for (long b = -reach; b <= reach; ++b) {
          if (i + a < 0 || i + a >= height || j + b < 0 || j + b >= width) continue;
          f(static_cast<std::size_t>(i * width + j),
            static_cast<std::size_t>((a + reach) * (2 * reach + 1) + b + reach),
            static_cast<std::size_t>((i + a) * width + j + b));
        }
}

struct Problem {
  Shape s;
  std::size_t pixels = s.c.size.pixels(), inputs = s.c.taps() * s.channels;
  Block x{s.rows, pixels* s.channels, s.rows + s.channels % 4};
  Block y{s.rows, pixels* s.outputs, s.rows + s.outputs % 3};
  Block gate{s.rows, pixels* s.outputs, s.rows + 1};
  Guarded<real> w{s.outputs * inputs}, bias{s.outputs};

  explicit Problem(const Shape& shape) : s(shape) {
    draw(x.mat, 1, 1), draw(y.mat, 1, 2), draw(gate.mat, 1, 3);
    draw({w.data(), s.outputs * inputs, 1, s.outputs * inputs}, 1, 4);
    draw({bias.data(), s.outputs, 1, s.outputs}, 1, 5);
  }
  double weight(std::size_t o, std::size_t tap, std::size_t channel) const {
    return static_cast<double>(w.data()[o * inputs + tap * s.channels + channel]);
  }
  double input(std::size_t row, std::size_t pixel, std::size_t channel) const {
    return static_cast<double>(x.mat(row, pixel * s.channels + channel));
  }
};

// The sum of |terms|, which bounds what rounding may do, and the sum.
struct Sum {
  double value = 0, size = 0;
  void add(double term) { value += term, size += std::abs(term); }
  double error(real got) const {
    return std::abs(static_cast<double>(got) - value) / (epsilon * std::max(1.0, size));
  }
};

std::vector<Sum> products(const Problem& p) {  // rows fastest, as y
  std::vector<Sum> sums(p.pixels * p.s.outputs * p.s.rows);
  each_tap(p.s.c, [&](std::size_t to, std::size_t tap, std::size_t from) {
    for (std::size_t o = 0; o < p.s.outputs; ++o)
      for (std::size_t ch = 0; ch < p.s.channels; ++ch)
        for (std::size_t r = 0; r < p.s.rows; ++r)
          sums[(to * p.s.outputs + o) * p.s.rows + r].add(p.input(r, from, ch) *
                                                          p.weight(o, tap, ch));
  });
  return sums;
}

Sum finished(Sum sum, const Problem& p, Epilogue e, std::size_t row, std::size_t column) {
  if (e == Epilogue::gate) return p.gate.mat(row, column) > 0 ? sum : Sum{};
  sum.add(static_cast<double>(p.bias.data()[column % p.s.outputs]));
  if (e == Epilogue::add) sum.add(static_cast<double>(p.y.mat(row, column)));
  if (e == Epilogue::relu) sum.value = std::max(0.0, sum.value);
  return sum;
}

BOOST_AUTO_TEST_SUITE(convolutions)

BOOST_AUTO_TEST_CASE(each_pixel_sums_its_window) {
  for (const Shape& s : shapes()) {
    const Problem p(s);
    const std::vector<Sum> sums = products(p);
    for (const Kernels* k : tables()) {
      const Guarded<real> packed(k->packed_size(s.outputs, p.inputs));
      k->pack(p.w.data(), s.outputs, p.inputs, p.inputs, 1, packed.data());
      for (Epilogue e : {Epilogue::set, Epilogue::add, Epilogue::relu, Epilogue::gate}) {
        const Block y(s.rows, p.y.mat.cols, p.y.mat.ld);
        copy(p.y.mat, y.mat);
        const bool gated = e == Epilogue::gate;
        k->convolve(s.c, p.x.mat, packed.data(), gated ? nullptr : p.bias.data(), e,
                    gated ? CMat(p.gate.mat) : CMat{}, y.mat);
        double worst = 0;
        for (std::size_t j = 0; j < y.mat.cols; ++j)
          for (std::size_t i = 0; i < s.rows; ++i)
            worst = std::max(worst, finished(sums[j * s.rows + i], p, e, i, j).error(y.mat(i, j)));
        BOOST_TEST(worst < 4, k->isa << ' ' << s.c.size.height << 'x' << s.c.size.width << " reach "
                                     << s.c.reach << ", " << s.channels << " to " << s.outputs
                                     << ": " << worst);
        BOOST_TEST(y.gaps_are_whole());
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(one_image_has_the_bits_of_many) {
  for (const Shape& s : shapes()) {
    const Problem p(s);
    const Block x(lanes, p.x.mat.cols, lanes + 1), gate(lanes, p.y.mat.cols, lanes),
        y(lanes, p.y.mat.cols, lanes + 2), many(s.rows, p.y.mat.cols, s.rows);
    const std::size_t row = s.channels % s.rows;
    repeat_row(p.x.mat, row, x.mat), repeat_row(p.gate.mat, row, gate.mat);
    for (const Kernels* k : tables()) {
      const Guarded<real> packed(k->packed_size(s.outputs, p.inputs));
      k->pack(p.w.data(), s.outputs, p.inputs, p.inputs, 1, packed.data());
      for (Epilogue e : {Epilogue::set, Epilogue::add, Epilogue::relu, Epilogue::gate}) {
        const real* bias = e == Epilogue::gate ? nullptr : p.bias.data();
        copy(p.y.mat, many.mat), repeat_row(p.y.mat, row, y.mat);
        k->convolve(s.c, p.x.mat, packed.data(), bias, e, p.gate.mat, many.mat);
        k->convolve_row(s.c, x.mat, packed.data(), bias, e, gate.mat, y.mat);
        std::size_t different = 0;
        for (std::size_t j = 0; j < y.mat.cols; ++j)
          for (std::size_t i = 0; i < lanes; ++i)
            different += y.mat(i, j) != (i == 0 ? many.mat : p.y.mat)(row, j);
        BOOST_TEST(different == 0U, k->isa << " epilogue " << static_cast<int>(e) << ", "
                                           << s.channels << " to " << s.outputs);
        BOOST_TEST(y.gaps_are_whole());
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(weight_gradients_are_added) {
  for (const Shape& s : shapes()) {
    const Problem p(s);
    std::vector<Sum> sums(s.outputs * p.inputs);
    for (std::size_t k = 0; k < sums.size(); ++k) sums[k].add(static_cast<double>(p.w.data()[k]));
    each_tap(s.c, [&](std::size_t to, std::size_t tap, std::size_t from) {
      for (std::size_t o = 0; o < s.outputs; ++o)
        for (std::size_t ch = 0; ch < s.channels; ++ch)
          for (std::size_t r = 0; r < s.rows; ++r)
            sums[o * p.inputs + tap * s.channels + ch].add(
                p.input(r, from, ch) * static_cast<double>(p.y.mat(r, to * s.outputs + o)));
    });
    for (const Kernels* k : tables()) {
      const Guarded<real> dw(s.outputs * p.inputs),
          scratch(k->convolve_gradient_scratch(s.c, s.rows, s.channels));
      std::copy_n(p.w.data(), s.outputs * p.inputs, dw.data());
      k->convolve_gradient(s.c, p.x.mat, p.y.mat, dw.data(), scratch.data());
      double worst = 0;
      for (std::size_t at = 0; at < sums.size(); ++at)
        worst = std::max(worst, sums[at].error(dw.data()[at]));
      BOOST_TEST(worst < 4, k->isa << ' ' << s.c.size.height << 'x' << s.c.size.width << " reach "
                                   << s.c.reach << ", " << s.channels << " to " << s.outputs << ": "
                                   << worst);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test
