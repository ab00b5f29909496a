#include "data/spool.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include "core/error.h"
#include "data/raw.h"

namespace flow {

namespace {

constexpr std::size_t most_held = 4096;  // numbers: many spools may be open

}  // namespace

void Spool::flush() {
  if (held_.empty()) return;
  if (!file_) file_.emplace(open_unnamed_file(), "a temporary file");
  write_unnamed(file_->descriptor(), std::as_bytes(std::span(held_)),
                "a temporary file cannot be written");
  held_.clear();
}

void Spool::add(std::span<const double> values) {
  assert(!reading_ && values.size() % columns_ == 0);
  held_.insert(held_.end(), values.begin(), values.end());
  numbers_ += values.size();
  if (held_.size() >= most_held) flush();
}

std::size_t Spool::read(std::span<double> values) {
  if (!std::exchange(reading_, true)) {
    flush();
    if (file_) seek_file(file_->descriptor(), 0);
  }
  if (!file_) return 0;
  const std::size_t whole = values.size() / columns_ * columns_;
  return file_->read(values.data(), whole * sizeof(double)) / sizeof(double) / columns_;
}

namespace {

// Numbers of a raw file under the name of where they came from.
class SpooledRows : public RawReader {
 public:
  SpooledRows(Input input, Element element, RowShape shape, std::string name, Words words)
      : RawReader(std::move(input), element, shape),
        shape_(std::move(shape)),
        name_(std::move(name)),
        words_(std::move(words)) {}
  const RowShape& shape() const override { return shape_; }
  const std::string& name() const override { return name_; }
  Words words() const override { return words_; }

 private:
  RowShape shape_;
  std::string name_;
  Words words_;
};

}  // namespace

std::unique_ptr<RowReader> spool_rows(std::unique_ptr<RowReader> rows) {
  RowShape shape = rows->shape();
  const Element element{.size = shape.single ? sizeof(float) : sizeof(double)};
  const std::size_t d = shape.columns;
  Input spool(open_unnamed_file(), rows->name());
  std::vector<double> values(std::max<std::size_t>(1, (std::size_t{1} << 16) / d) * d);
  std::vector<std::byte> bytes(values.size() * element.size);
  std::uint64_t count = 0;
  while (const std::size_t n = rows->read(values)) {
    for (std::size_t i = 0; i < n * d; ++i) encode(element, values[i], &bytes[i * element.size]);
    write_unnamed(spool.descriptor(), std::span(bytes).first(n * d * element.size),
                  rows->name() + ": cannot be kept in a temporary file");
    count += n;
  }
  shape.rows = count;
  spool.seek(0);
  Input file(fcntl(spool.descriptor(), F_DUPFD_CLOEXEC, 3), rows->name());  // of a size now
  return std::make_unique<SpooledRows>(std::move(file), element, std::move(shape), rows->name(),
                                       rows->words());
}

}  // namespace flow
