#include "data/parts.h"

#include <algorithm>

#include "core/error.h"
#include "data/spool.h"

namespace flow {

namespace {

// These elements of a list.
template <class T>
std::vector<T> chosen(std::span<const T> list, std::span<const std::uint64_t> at) {
  std::vector<T> out;
  for (const std::uint64_t i : at) out.push_back(list[i]);
  return out;
}

std::size_t block_rows(std::size_t columns) {
  return std::max<std::size_t>(1, (std::size_t{1} << 16) / columns);
}

template <class Write>
void each_block(Spool& spool, std::size_t columns, Write write) {
  std::vector<double> values(block_rows(columns) * columns);
  while (const std::size_t n = spool.read(values))
    write(std::span<const double>(values).first(n * columns));
}

}  // namespace

Parts split_parts(std::uint64_t n, const PartsSpec& spec, std::span<const double> groups) {
  SplitSpec s{.fraction = spec.test, .ordered = spec.ordered, .seed = spec.seed};
  Split outer = split_rows(n, s, groups);
  Parts parts;
  parts.test = std::move(outer.validation);
  const std::span<const std::uint64_t> rest = outer.train;
  s.fraction = spec.validation / (1 - spec.test);
  const auto groups_left = groups.empty() ? std::vector<double>{} : chosen(groups, rest);
  const Split inner = split_rows(rest.size(), s, groups_left);
  parts.train = chosen(rest, inner.train), parts.validation = chosen(rest, inner.validation);
  return parts;
}

Parts write_parts(RowReader& rows, const PartsSpec& spec, const CreateParts& create) {
  const std::size_t d = rows.shape().columns;
  std::vector<double> values(block_rows(d) * d), groups;
  Spool all(d), validation(d), test(d);
  while (const std::size_t n = rows.read(values)) {
    for (std::size_t i = 0; spec.group && i < n; ++i) groups.push_back(values[i * d + *spec.group]);
    all.add(std::span<const double>(values).first(n * d));
  }
  require(all.rows() > 0, Exit::data, rows.name() + ": no rows");
  Parts parts = split_parts(all.rows(), spec, groups);
  std::vector<Hdf5Part> named{{"train", parts.train.size()},
                              {"validation", parts.validation.size()},
                              {"test", parts.test.size()}};
  std::erase_if(named, [](const Hdf5Part& p) { return p.rows == 0; });
  const auto writer = create(std::move(named));
  std::uint64_t row = 0;
  std::size_t next_validation = 0, next_test = 0;
  each_block(all, d, [&](std::span<const double> block) {
    for (; !block.empty(); block = block.subspan(d), ++row) {
      const auto is_next = [&](const std::vector<std::uint64_t>& of, std::size_t& next) {
        return next < of.size() && of[next] == row && ++next;
      };
      if (is_next(parts.validation, next_validation))
        validation.add(block.first(d));
      else if (is_next(parts.test, next_test))
        test.add(block.first(d));
      else
        writer->write(block.first(d));
    }
  });
  for (Spool* part : {&validation, &test})
    each_block(*part, d, [&](std::span<const double> block) { writer->write(block); });
  writer->finish();
  return parts;
}

}  // namespace flow
