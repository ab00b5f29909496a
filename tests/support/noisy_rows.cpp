// Integer rows with the noise that flow-train validates with and flow-score scores with (seed 0),
// so that other programs can be held against a flow on the very same numbers:
//   noisy-rows digits.h5:/test test.npy
#include <cstdio>
#include <exception>

#include "data/dequantise.h"
#include "data/policy.h"
#include "data/source.h"

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::fprintf(stderr, "usage: noisy-rows IN OUT\n");
    return 2;
  }
  const auto rows = flow::open_rows({.path = argv[1]});
  std::vector<flow::real> values = flow::read_all(*rows, std::uint64_t{1} << 32);
  const std::size_t columns = rows->shape().columns;
  flow::dequantise(std::span<flow::real>(values), columns, 0, 0, 0);
  flow::RowShape shape;
  shape.columns = columns, shape.rows = values.size() / columns;
  const auto out = flow::create_rows({.path = argv[2], .replace = true, .shape = shape});
  out->write(std::vector<double>(values.begin(), values.end()));
  out->finish();
  return 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "noisy-rows: %s\n", e.what());
  return 1;
}
