// One table of layers, each run through the same laws (layers.cpp).
#pragma once
#include <functional>
#include <iosfwd>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "layers/layer.h"

namespace flow::test {

enum class Domain { line, unit, positive, levels, circle };  // where a layer's x lives

struct Case {
  std::string name;  // the YAML kind, and after a slash the variant
  std::function<std::unique_ptr<Layer>(std::size_t columns, ParamTable&)> make;
  Domain domain = Domain::line;
  bool training = false;    // run with a training frame: dropout, batch statistics
  std::size_t context = 0;  // columns that the frame brings
  std::size_t columns = 5;

  // A number of the line as one of the domain.
  double into_domain(double v) const;
};

std::span<const Case> cases();
std::vector<Case> image_cases();  // part of those: image_cases.cpp
std::ostream& operator<<(std::ostream&, const Case&);

}  // namespace flow::test
