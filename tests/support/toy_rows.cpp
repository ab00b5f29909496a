// Rows of a density of known entropy (lib/data/toy.h) as CSV, or its entropy:
//   toy-rows NAME N [SEED]     toy-rows NAME entropy
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "data/toy.h"

int main(int argc, char** argv) try {
  if (argc < 3) {
    std::fprintf(stderr, "usage: toy-rows NAME N|entropy [SEED]\n");
    return 2;
  }
  const flow::Toy& toy = flow::find_toy(argv[1]);
  if (std::strcmp(argv[2], "entropy") == 0) return std::printf("%.6f\n", toy.entropy) < 0;
  const flow::Random random(argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 0, flow::Stream::test);
  const unsigned long long n = std::strtoull(argv[2], nullptr, 10);
  std::puts("x,y");
  for (unsigned long long i = 0; i < n; ++i) {
    double xy[2];
    toy.sample(random, i, xy);
    std::printf("%.9g,%.9g\n", xy[0], xy[1]);
  }
  return std::fflush(stdout) != 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "toy-rows: %s\n", e.what());
  return 2;
}
