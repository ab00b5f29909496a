// One output made by N programs, each of a run of its rows, on as many machines: --shard I/N, and
// --gather N, which puts the parts together. Parts are cut where blocks of rows end, and a row's
// number keys its noise, so what is gathered has the bytes of an output made at once.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "cli/rows_options.h"
#include "model/model.h"

namespace flow::cli {

// Rows first .. last - 1 of `of`.
struct RowRange {
  std::uint64_t first = 0, last = 0, of = 0;
  std::uint64_t count() const { return last - first; }
};

class ShardOptions {
 public:
  void add_to(Program& program);
  bool given() const { return parts_ > 0; }
  bool gathers() const { return gather_ > 0; }

  // The rows of this part of so many, all where no part is asked for.
  RowRange range(std::uint64_t rows) const;
  // The same of an input, read up to its first row. open: again, where its rows must be counted.
  // Error(Exit::usage) for files that are pipes, which are read once, and with --on-nan skip, where
  // rows have no fixed number.
  RowRange enter(const InputOptions& input, const Files& files, RowReader& rows,
                 const std::function<std::unique_ptr<FiniteRows>()>& open) const;

  // OUT.I-of-N in the place of OUT; standard output stays.
  std::unique_ptr<RowWriter> create(const OutputOptions& output, const RowShape& shape) const;
  // The part is written: OUT.I-of-N.part says which rows it holds, of which model.
  void finish(const OutputOptions& output, const RowRange& range, const RowShape& shape,
              const Model& model) const;
  // OUT from all its parts. Error(Exit::data) naming those that are missing, not whole, or made by
  // other options than the first,
  // Error(Exit::model) for one of another model.
  void gather(const OutputOptions& output, const Model& model) const;

 private:
  std::string suffix(std::uint64_t part, std::uint64_t parts) const;

  const Program* program_ = nullptr;

  std::uint64_t part_ = 0, parts_ = 0, gather_ = 0;
};

// The next rows of a reader, as far as `left` of them, which it lowers.
std::size_t read_some(RowReader& rows, std::span<double> values, std::uint64_t& left);

}  // namespace flow::cli
