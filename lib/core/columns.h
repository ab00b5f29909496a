// What the columns of a table are: the `columns` part of a configuration (flow-config(5)).
#pragma once
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace flow {

struct Column {
  enum class Type {
    line,         // any number: `real` in a configuration
    positive,     // above low
    interval,     // from low to high
    integer,      // low + k step; without a low k step
    categorical,  // one of `values`
    periodic,     // x and x + period are one; given back from low on
    constant,     // values[0]: not modelled, but given back
    duplicate,    // equal to column `of`: likewise
  };
  Type type = Type::line;
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  double step = 1;      // 0: of a periodic column that is not discrete
  double period = 0;    // of a periodic column
  bool robust = false;  // heavy tails: of real columns, and of integers without bounds
  std::vector<double> values = {};
  std::vector<std::string> words = {};  // categorical: what the values 0, 1, ... stand for
  std::size_t of = 0;

  bool modelled() const { return type != Type::constant && type != Type::duplicate; }
  // Dequantised: the flow sees (k + noise in (0, 1)) step, k = 0, 1, ... from the least value.
  bool discrete() const {
    return type == Type::integer || type == Type::categorical ||
           (type == Type::periodic && step > 0);
  }
  // How many values a discrete column has; 0: no bounds.
  double levels() const {
    if (type == Type::categorical) return static_cast<double>(values.size());
    if (type == Type::periodic) return step > 0 ? std::floor(period / step + 0.5) : 0;
    const double n = (high - low) / step;
    return n < std::numeric_limits<double>::infinity() ? std::floor(n + 0.5) + 1 : 0;
  }
};

}  // namespace flow
