#include "layers/coupling.h"

#include <utility>

#include "layers/observed.h"

namespace flow {

ColumnSplit split(std::size_t columns, Half kept) {
  if (columns == 1 || kept == Half::none) return {0, 0, 0, columns};
  const std::size_t first = (columns + 1) / 2, second = columns - first;
  return kept == Half::first ? ColumnSplit{0, first, first, second}
                             : ColumnSplit{first, second, 0, first};
}

Coupling::Coupling(const std::string& name, ColumnSplit split, const Map& map, MapSpec spec,
                   std::unique_ptr<Conditioner> net, ParamTable& table)
    : split_(split), map_(map), spec_(spec), net_(std::move(net)), shared_{} {
  assert(net_->inputs() == split.a && net_->outputs() == map.params(spec) * split.b);
  if (shares()) shared_ = table.add(name + "/gain", 1, split.b, Role::bias, start_at(1));
}

void Coupling::prepare(const real* theta, real* derived, bool gradient) const {
  net_->prepare(theta, derived, gradient);
}

void Coupling::forward(Mat x, LogDet logdet, Frame f) const {
  const Mat kept_b = f.keep(split_.b), h = f.keep(net_->outputs());
  keep_cells(spec_, b(x), kept_b);
  net_->forward(a(x), h, f);
  map_forward(map_, spec_, b(x), h, shared(f), logdet, f);
}

void Coupling::inverse(Mat z, LogDet logdet, Frame f) const {
  f.keep(split_.b);
  const Mat h = f.keep(net_->outputs());
  net_->forward(a(z), h, f);
  map_inverse(map_, spec_, b(z), h, shared(f), logdet, f);
}

void Coupling::backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const {
  // x_b as forward kept it: undoing the map would add its rounding at each layer.
  const Mat kept_b = f.keep(split_.b), h = f.keep(net_->outputs());
  map_backward(map_, spec_, b(z), kept_b, b(dz), h, shared(f),
               shares() ? f.grad(shared_).data() : nullptr, dlogdet);
  net_->backward(a(z), a(dz), h, f);
  restore_cells(spec_, kept_b, b(z));
}

FrameSize Coupling::frame_size(std::size_t rows) const {
  const FrameSize net = net_->frame_size(rows);
  return {.kept = net.kept + rows * (split_.b + net_->outputs()),
          .scratch = std::max(net.scratch, map_scratch(map_, spec_, rows))};
}

}  // namespace flow
