// A way to compute log |det J| of a map of N numbers, as something to be timed and checked: what it
// costs, what it needs, and what it gives beside a reference in double precision.
#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace flow {

// What one case of the benchmark is made for.
struct Size {
  std::size_t n = 2;         // columns, or channels, or rows of the matrix
  std::size_t rows = 128;    // of a batch; methods of one matrix ignore it
  std::size_t hidden = 128;  // width of the two hidden layers of a conditioner
  std::size_t rank = 16;     // M of the determinant lemma
  std::size_t threads = 1;
};

// One method at one size, its inputs drawn.
class Trial {
 public:
  virtual ~Trial() = default;
  // Puts back what run() overwrites. Not part of the price.
  virtual void restore() {}
  // What is timed. Returns log |det J| of the first row: -inf for a singular matrix.
  virtual double run() = 0;
  // The same number in double, by another way: minutes are fine, cleverness is not. NaN: too dear.
  virtual double reference() = 0;
  // How many log-dets one run gives: times are divided by it.
  virtual std::size_t log_dets() const { return 1; }
  // Of an estimator: the mean of many independent ones and the deviation of a single one.
  struct Spread {
    double mean = 0, deviation = 0;
    std::size_t estimates = 0;  // 0: no estimator, run() is exact
  };
  virtual Spread spread() { return {}; }
};

// When a method runs, and for which N.
struct Scope {
  bool usual;    // in the default run
  bool batched;  // it works on Size::rows rows
  struct Range {
    std::size_t least, most;
  } sizes, usual_sizes;  // what it can do, and what the default run does
};

// Of the slope of the fit; {0, 0}: not fitted.
struct Band {
  double low, high;
};

struct Method {
  const char* name;     // "lu"
  const char* cost;     // "N^3", as the theory has it
  const char* meaning;  // one line
  Band band;
  Scope scope;
  double (*bytes)(const Size&);  // memory that a trial holds
  std::unique_ptr<Trial> (*make)(const Size&);
};

// In the order in which they run: the cheap ones first.
std::span<const Method> methods();
const Method* find_method(const std::string& name);

// How far a log-det of N terms may be off by rounding: 1e-5 + 1e-6 N in float32, 1e-9 in double.
double rounding_bound(std::size_t n);

// Makers, one file a family. The files say the equations.
std::unique_ptr<Trial> make_lu(const Size&);
std::unique_ptr<Trial> make_slogdet(const Size&);  // a copy of the matrix, then its LU
std::unique_ptr<Trial> make_getrf(const Size&);
std::unique_ptr<Trial> make_qr(const Size&);
std::unique_ptr<Trial> make_cofactor(const Size&);
std::unique_ptr<Trial> make_sum(const Size&);
std::unique_ptr<Trial> make_diagonal_sum(const Size&);
std::unique_ptr<Trial> make_planar(const Size&);
std::unique_ptr<Trial> make_sylvester(const Size&);
std::unique_ptr<Trial> make_low_rank(const Size&);
std::unique_ptr<Trial> make_trace(const Size&, std::size_t probes);
std::unique_ptr<Trial> make_power_series(const Size&, std::size_t probes);

// Layers of lib/flow, twice each so that the whole Jacobian is dense: the flow as it is, and the
// dense alternative of the same nets, N vector-Jacobian products and an LU.
std::unique_ptr<Trial> make_layers(const Size&, const char* kind);
std::unique_ptr<Trial> make_dense(const Size&, const char* kind);

}  // namespace flow
