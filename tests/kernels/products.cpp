// The dense layer's products against plain loops in double, for every remainder of a tile.
#include <boost/test/unit_test.hpp>

#include "kernels/guarded.h"

namespace flow::test {

namespace {

struct Shape {
  std::size_t rows, inputs, outputs;
};

// Each number of inputs from 1 to 70 with three numbers of outputs, each of those from 1 to 70.
std::vector<Shape> shapes() {
  std::vector<Shape> all;
  for (std::size_t n = 1; n <= 70; ++n)
    for (std::size_t outputs : {n, 71 - n, n * 29 % 70 + 1})
      all.push_back({lanes * (1 + (n + outputs) % 9), n, outputs});
  return all;
}

struct Problem {
  Shape s;
  Block x, y, gate;
  Guarded<real> w, bias;
  std::vector<double> sum, size;  // of x W^T, and of the terms' absolute values: outputs x rows

  explicit Problem(Shape shape)
      : s(shape),
        x(s.rows, s.inputs, s.rows + s.inputs % 4),
        y(s.rows, s.outputs, s.rows + s.outputs % 3),
        gate(s.rows, s.outputs, s.rows + 1),
        w(s.outputs * s.inputs),
        bias(s.outputs),
        sum(s.outputs * s.rows),
        size(s.outputs * s.rows) {
    draw(x.mat, 1, 1), draw(y.mat, 1, 2), draw(gate.mat, 1, 3);
    draw({w.data(), s.outputs * s.inputs, 1, s.outputs * s.inputs}, 1, 4);
    draw({bias.data(), s.outputs, 1, s.outputs}, 1, 5);
    for (std::size_t o = 0; o < s.outputs; ++o)
      for (std::size_t k = 0; k < s.inputs; ++k)
        for (std::size_t i = 0; i < s.rows; ++i) {
          const double term =
              static_cast<double>(x.mat(i, k)) * static_cast<double>(w.data()[o * s.inputs + k]);
          sum[o * s.rows + i] += term, size[o * s.rows + i] += std::abs(term);
        }
  }
  double want(std::size_t i, std::size_t o, Epilogue e, double before) const {
    const double product = sum[o * s.rows + i], b = static_cast<double>(bias.data()[o]);
    switch (e) {
      case Epilogue::set:
        return product + b;
      case Epilogue::add:
        return before + product + b;
      case Epilogue::relu:
        return std::max(0.0, product + b);
      case Epilogue::gate:
        return gate.mat(i, o) > 0 ? product : 0;
    }
    return 0;
  }
};

// W packed for these kernels, from its rows or (transposed) from its columns.
void pack_into(const Guarded<real>& packed, const Kernels& k, const Problem& p) {
  k.pack(p.w.data(), p.s.outputs, p.s.inputs, p.s.inputs, 1, packed.data());
}

std::size_t packed_size(const Kernels& k, Shape s) { return k.packed_size(s.outputs, s.inputs); }

BOOST_AUTO_TEST_SUITE(products)

BOOST_AUTO_TEST_CASE(pack_is_a_layout) {
  for (const Kernels* k : tables())
    for (const Shape s : shapes()) {
      const Problem p({lanes, s.inputs, s.outputs});
      const Guarded<real> packed(packed_size(*k, s)), turned(packed_size(*k, s)),
          columns(s.outputs * s.inputs);
      for (std::size_t o = 0; o < s.outputs; ++o)
        for (std::size_t i = 0; i < s.inputs; ++i)
          columns.data()[i * s.outputs + o] = p.w.data()[o * s.inputs + i];
      pack_into(packed, *k, p);
      k->pack(columns.data(), s.outputs, s.inputs, 1, s.outputs, turned.data());
      std::size_t wrong = 0;
      for (std::size_t at = 0; at < packed_size(*k, s); ++at) {
        const std::size_t lane = at % k->panel, rest = at / k->panel;
        const std::size_t o = rest / s.inputs * k->panel + lane, i = rest % s.inputs;
        const real want = o < s.outputs ? p.w.data()[o * s.inputs + i] : 0;
        wrong += packed.data()[at] != want || turned.data()[at] != want;
      }
      BOOST_TEST(wrong == 0U);
    }
}

BOOST_AUTO_TEST_CASE(product_with_each_epilogue) {
  for (const Shape s : shapes()) {
    const Problem p(s);
    for (const Kernels* k : tables()) {
      const Guarded<real> packed(packed_size(*k, s));
      pack_into(packed, *k, p);
      for (Epilogue e : {Epilogue::set, Epilogue::add, Epilogue::relu, Epilogue::gate}) {
        const Block y(s.rows, s.outputs, p.y.mat.ld);
        copy(p.y.mat, y.mat);
        const bool gated = e == Epilogue::gate;
        k->product(p.x.mat, packed.data(), gated ? nullptr : p.bias.data(), e,
                   gated ? CMat(p.gate.mat) : CMat{}, y.mat);
        double worst = 0;
        for (std::size_t o = 0; o < s.outputs; ++o)
          for (std::size_t i = 0; i < s.rows; ++i) {
            const double want = p.want(i, o, e, static_cast<double>(p.y.mat(i, o)));
            const double off = std::abs(static_cast<double>(y.mat(i, o)) - want);
            worst = std::max(worst, off / (p.size[o * s.rows + i] + 3));
          }
        const double bound = epsilon * (4 + std::sqrt(static_cast<double>(s.inputs)));
        BOOST_TEST(worst <= bound, k->isa << " epilogue " << static_cast<int>(e) << ", " << s.inputs
                                          << " to " << s.outputs);
        BOOST_TEST(y.gaps_are_whole());
      }
    }
  }
}

// A single row has the bits of that row among others, whatever the epilogue; the others are left.
BOOST_AUTO_TEST_CASE(one_row_has_the_bits_of_many) {
  for (const Shape s : shapes())
    for (const Kernels* k : tables()) {
      const Problem p(s);
      const Guarded<real> packed(packed_size(*k, s));
      const Block x(lanes, s.inputs, lanes + 1), y(lanes, s.outputs, lanes + 2),
          gate(lanes, s.outputs, lanes);
      pack_into(packed, *k, p);
      for (Epilogue e : {Epilogue::set, Epilogue::add, Epilogue::relu, Epilogue::gate}) {
        const std::size_t row = (s.inputs * 7 + s.outputs) % s.rows;
        const real* bias = e == Epilogue::gate ? nullptr : p.bias.data();
        repeat_row(p.x.mat, row, x.mat), repeat_row(p.y.mat, row, y.mat);
        repeat_row(p.gate.mat, row, gate.mat);
        const Block many(s.rows, s.outputs, s.rows);
        copy(p.y.mat, many.mat);
        k->product(p.x.mat, packed.data(), bias, e, p.gate.mat, many.mat);
        k->row_product(x.mat, packed.data(), bias, e, gate.mat, y.mat);
        std::size_t different = 0;
        for (std::size_t o = 0; o < s.outputs; ++o)
          for (std::size_t i = 0; i < lanes; ++i)
            different += y.mat(i, o) != (i == 0 ? many.mat : p.y.mat)(row, o);
        BOOST_TEST(different == 0U, k->isa << " epilogue " << static_cast<int>(e) << ", "
                                           << s.inputs << " to " << s.outputs);
        BOOST_TEST(y.gaps_are_whole());
      }
    }
}

// An autoregressive inverse computes output by output what forward computed at once.
BOOST_AUTO_TEST_CASE(one_output_has_the_bits_of_all) {
  for (const Shape s : shapes())
    for (const Kernels* k : tables()) {
      const Problem p(s);
      const Guarded<real> packed(packed_size(*k, s)), one(s.rows);
      pack_into(packed, *k, p);
      k->product(p.x.mat, packed.data(), p.bias.data(), Epilogue::set, {}, p.y.mat);
      std::size_t different = 0;
      for (std::size_t o = 0; o < s.outputs; ++o) {
        k->combine(p.x.mat, p.w.data() + o * s.inputs, p.bias.data()[o], one.data());
        for (std::size_t i = 0; i < s.rows; ++i) different += one.data()[i] != p.y.mat(i, o);
      }
      BOOST_TEST(different == 0u, k->isa << " " << s.inputs << " to " << s.outputs);
    }
}

BOOST_AUTO_TEST_CASE(weight_gradient_keeps_to_its_columns) {
  const Problem p({2 * lanes, 37, 11});
  constexpr std::size_t apart = 40;
  for (const Kernels* k : tables()) {
    const Guarded<real> near(11 * 37), far(11 * apart),
        scratch(k->weight_gradient_scratch(2 * lanes, 37));
    std::fill_n(near.data(), 11 * 37, real(1)), std::fill_n(far.data(), 11 * apart, real(1));
    k->weight_gradient(p.x.mat, p.y.mat, near.data(), 37, scratch.data());
    k->weight_gradient(p.x.mat, p.y.mat, far.data(), apart, scratch.data());
    for (std::size_t o = 0; o < 11; ++o)
      for (std::size_t i = 0; i < apart; ++i)
        BOOST_TEST(far.data()[o * apart + i] == (i < 37 ? near.data()[o * 37 + i] : real(1)));
  }
}

BOOST_AUTO_TEST_CASE(weight_gradient_is_added) {
  for (const Shape s : shapes()) {
    const Problem p(s);
    std::vector<double> want(s.outputs * s.inputs, 2.0), size(s.outputs * s.inputs, 2.0);
    for (std::size_t o = 0; o < s.outputs; ++o)
      for (std::size_t k = 0; k < s.inputs; ++k)
        for (std::size_t i = 0; i < s.rows; ++i) {
          const double term =
              static_cast<double>(p.y.mat(i, o)) * static_cast<double>(p.x.mat(i, k));
          want[o * s.inputs + k] += term, size[o * s.inputs + k] += std::abs(term);
        }
    for (const Kernels* k : tables()) {
      const Guarded<real> dw(s.outputs * s.inputs),
          scratch(k->weight_gradient_scratch(s.rows, s.inputs));
      std::fill_n(dw.data(), s.outputs * s.inputs, real(2));
      k->weight_gradient(p.x.mat, p.y.mat, dw.data(), p.x.mat.cols, scratch.data());
      double worst = 0;
      for (std::size_t n = 0; n < want.size(); ++n)
        worst = std::max(worst, std::abs(static_cast<double>(dw.data()[n]) - want[n]) / size[n]);
      const double bound = epsilon * (4 + std::sqrt(static_cast<double>(s.rows)));
      BOOST_TEST(worst <= bound, k->isa << " " << s.inputs << " to " << s.outputs);
    }
  }
}

// A row alone in the smallest block, and among 143 others.
BOOST_AUTO_TEST_CASE(a_row_of_a_product_depends_on_nothing_else) {
  for (const Kernels* k : tables())
    for (std::size_t rows = lanes; rows <= 9 * lanes; rows += lanes) {
      const Shape s{rows, 37, 23};
      const Problem p(s), other({lanes, 37, 23});
      const Guarded<real> packed(packed_size(*k, s));
      pack_into(packed, *k, p);
      k->product(p.x.mat, packed.data(), p.bias.data(), Epilogue::set, {}, p.y.mat);
      for (std::size_t i = 0; i < rows; i += 5) {
        fill(other.x.mat, real(1e4));
        const std::size_t place = i * 7 % lanes;
        for (std::size_t j = 0; j < s.inputs; ++j) other.x.mat(place, j) = p.x.mat(i, j);
        k->product(other.x.mat, packed.data(), p.bias.data(), Epilogue::set, {}, other.y.mat);
        std::size_t differences = 0;
        for (std::size_t o = 0; o < s.outputs; ++o)
          differences += other.y.mat(place, o) != p.y.mat(i, o);
        BOOST_TEST(differences == 0U, k->isa << " row " << i << " of " << rows);
      }
    }
}

BOOST_AUTO_TEST_CASE(sums_over_columns_are_added) {
  for (const Kernels* k : tables())
    for (std::size_t rows = lanes; rows <= 9 * lanes; rows += lanes) {
      const Block a(rows, 7, rows + 5), b(rows, 7, rows + 2);
      const Guarded<real> sum(7), dot(7);
      draw(a.mat, 1, 1), draw(b.mat, 1, 2);
      std::fill_n(sum.data(), 7, real(1)), std::fill_n(dot.data(), 7, real(1));
      k->sum(a.mat, sum.data());
      k->dot(a.mat, b.mat, dot.data());
      for (std::size_t j = 0; j < 7; ++j) {
        double want_sum = 1, want_dot = 1;
        for (std::size_t i = 0; i < rows; ++i) {
          want_sum += static_cast<double>(a.mat(i, j));
          want_dot += static_cast<double>(a.mat(i, j)) * static_cast<double>(b.mat(i, j));
        }
        const double bound = epsilon * static_cast<double>(rows);
        BOOST_TEST(std::abs(static_cast<double>(sum.data()[j]) - want_sum) < bound);
        BOOST_TEST(std::abs(static_cast<double>(dot.data()[j]) - want_dot) < bound);
      }
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test
