// A folder of a test's own, with files in it.
#pragma once
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "core/rows.h"

namespace flow {

class TestFolder {
 public:
  TestFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "flow-test-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~TestFolder() { std::filesystem::remove_all(path_); }

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  std::string put(const std::string& name, const std::string& bytes) const {
    std::ofstream(*this / name, std::ios::binary) << bytes;
    return *this / name;
  }

 private:
  std::string path_;
};

inline std::string file_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline RowShape shape_of(std::vector<std::size_t> dims, std::vector<std::string> names = {}) {
  RowShape shape;
  shape.columns = 1;
  for (const std::size_t d : dims) shape.columns *= d;
  shape.dims = std::move(dims);
  shape.names = std::move(names);
  return shape;
}

// Reads in blocks of a size that fits nothing.
inline std::vector<double> all_rows(RowReader& rows, std::size_t block = 3) {
  const std::size_t d = rows.shape().columns;
  std::vector<double> all, values(block * d);
  for (std::size_t n = block; n == block;) {
    n = rows.read(values);
    all.insert(all.end(), values.begin(), values.begin() + static_cast<std::ptrdiff_t>(n * d));
  }
  return all;
}

inline std::vector<double> all_rows(std::unique_ptr<RowReader> rows, std::size_t block = 3) {
  return all_rows(*rows, block);
}

// Rows that stand in memory.
class FixedRows : public RowReader {
 public:
  FixedRows(std::size_t columns, std::vector<double> values, std::vector<std::string> names = {})
      : values_(std::move(values)) {
    shape_.columns = columns;
    shape_.dims = {columns};
    shape_.names = std::move(names);
    shape_.rows = values_.size() / columns;
  }
  void forget_rows() { shape_.rows.reset(); }

  const RowShape& shape() const override { return shape_; }
  const std::string& name() const override { return name_; }
  std::size_t read(std::span<double> to) override {
    const std::size_t n =
        std::min(to.size() / shape_.columns, (values_.size() - at_) / shape_.columns);
    std::copy_n(values_.begin() + static_cast<std::ptrdiff_t>(at_), n * shape_.columns, to.begin());
    at_ += n * shape_.columns;
    return n;
  }

 private:
  std::vector<double> values_;
  std::string name_ = "fixed";
  RowShape shape_;
  std::size_t at_ = 0;
};

}  // namespace flow
