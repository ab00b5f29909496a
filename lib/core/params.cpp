#include "core/params.h"

#include <utility>

namespace flow {

Param ParamTable::add(std::string name, std::size_t rows, std::size_t cols, Role role, Start start,
                      double uses) {
  const Param p{size_, rows, cols};
  entries_.push_back({std::move(name), p, role, std::move(start), uses});
  size_ += p.size();
  return p;
}

Slot ParamTable::reserve(std::size_t reals) {
  const Slot s{derived_size_, reals};
  derived_size_ += round_up(reals, 64 / sizeof(real));
  return s;
}

std::size_t ParamTable::trained() const {
  std::size_t n = 0;
  for (const Entry& e : entries_)
    if (e.role != Role::buffer) n += e.param.size();
  return n;
}

void ParamTable::start(Vec theta, std::uint64_t seed) const {
  std::uint32_t k = 0;
  for (const Entry& e : entries_)
    e.start(theta.subspan(e.param.offset, e.param.size()), Random(seed, Stream::initial, k++));
}

Start start_at(double value) {
  return [value](Vec p, const Random&) { std::fill(p.begin(), p.end(), static_cast<real>(value)); };
}

Start start_with(std::vector<real> values) {
  return [values = std::move(values)](Vec p, const Random&) {
    std::copy(values.begin(), values.end(), p.begin());
  };
}

Start start_uniform(double bound) {
  return [bound](Vec p, const Random& random) {
    std::vector<double> u(p.size());
    random.uniform(0, u);
    for (std::size_t i = 0; i < u.size(); ++i) p[i] = static_cast<real>(bound * (2 * u[i] - 1));
  };
}

Start start_normal(double deviation) {
  return [deviation](Vec p, const Random& random) {
    std::vector<double> z(p.size());
    random.normal(0, z);
    for (std::size_t i = 0; i < z.size(); ++i) p[i] = static_cast<real>(deviation * z[i]);
  };
}

}  // namespace flow
