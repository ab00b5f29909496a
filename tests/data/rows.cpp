// What stands between a file and a flow: recognising, raw numbers, columns, NaN, memory, the split,
// the noise.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstring>
#include <iterator>
#include <limits>
#include <set>

#include "core/error.h"
#include "data/dequantise.h"
#include "data/folder.h"
#include "data/policy.h"
#include "data/select.h"
#include "data/source.h"
#include "data/split.h"

using namespace flow;

namespace {

const TestFolder folder;
using Numbers = std::vector<double>;
constexpr double missing = std::numeric_limits<double>::quiet_NaN();

template <class F>
std::string error_of(F f) {
  try {
    f();
  } catch (const Error& e) {
    return std::to_string(static_cast<int>(e.code())) + " " + e.what();
  }
  return "no error";
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

FiniteRows finite(OnNan on_nan) {
  return {std::make_unique<FixedRows>(2, Numbers{1, 2, 3, missing, 5, 6, HUGE_VAL, 8, 9, 10}),
          on_nan};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rows)

// Whatever the name says, each format comes back as it was written.
BOOST_AUTO_TEST_CASE(formats_are_recognised_by_content) {
  for (const char* format : {"h5", "npy", "csv", "tsv"}) {
    const std::string path = folder / ("rows-" + std::string(format) + ".dat");
    auto writer = create_rows(
        {.path = path, .format = parse_format(format), .as_float = false, .shape = shape_of({3})});
    writer->write(Numbers{1, 2, 3, 4, 5, 0.1});
    writer->finish();
    BOOST_TEST_CONTEXT(format) {
      BOOST_TEST(all_rows(open_rows({.path = path})) == (Numbers{1, 2, 3, 4, 5, 0.1}));
      BOOST_TEST(all_rows(select_columns(open_rows({.path = path}), "3,1")) ==
                 (Numbers{3, 1, 0.1, 4}));
      BOOST_TEST(holds(
          error_of([&] {
            create_rows({.path = path, .format = parse_format(format), .shape = shape_of({3})});
          }),
          "rows-"));
    }
  }
  const auto wrong = [](Source s) { return error_of([&] { open_rows(s); }); };
  const std::string csv = folder / "rows-csv.dat";
  BOOST_TEST(wrong({.path = csv, .format = Format::npy}).starts_with("3 "));
  BOOST_TEST(wrong({.path = csv + ":/train"}).starts_with("3 "));
  BOOST_TEST(wrong({.path = folder / "none.csv"}).starts_with("3 "));
  BOOST_TEST(error_of([] { parse_format("xls"); }).starts_with("2 "));
}

BOOST_AUTO_TEST_CASE(raw_numbers) {
  const float values[] = {1, 2, 3, 4, 5, 6};
  std::string bytes(sizeof values, '\0');
  std::memcpy(bytes.data(), values, sizeof values);
  const std::string path = folder.put("x.raw", bytes);
  const auto open = [&](std::size_t columns, const std::string& dtype = "f4") {
    return open_rows({.path = path, .format = Format::raw, .columns = columns, .dtype = dtype});
  };
  BOOST_TEST(*open(2)->shape().rows == 3u);
  BOOST_TEST(all_rows(open(2)) == (Numbers{1, 2, 3, 4, 5, 6}));
  BOOST_TEST(holds(error_of([&] { all_rows(open(4)); }),
                   "3 " + path + ": truncated: row 2 is 8 bytes short"));
  BOOST_TEST(error_of([&] { open(0); }).starts_with("2 "));
  BOOST_TEST(error_of([&] { open(2, "f3"); }).starts_with("2 "));
  auto writer = create_rows({.path = folder / "y.raw", .shape = shape_of({2})});
  writer->write(Numbers{1, 2, 3, 4, 5, 6});
  writer->finish();
  BOOST_TEST(file_bytes(folder / "y.raw") == bytes);
}

BOOST_AUTO_TEST_CASE(columns_by_name_and_number) {
  const RowShape shape = shape_of({5}, {"a", "b-c", "width", "d", "2"});
  using Columns = std::vector<std::size_t>;
  const auto parse = [&](const std::string& s) { return parse_selection(s, shape, "x.csv"); };
  BOOST_TEST(parse("a,3-5") == (Columns{0, 2, 3, 4}));
  BOOST_TEST(parse("b-c") == (Columns{1}));
  BOOST_TEST(parse("a-b-c,b-c-width") == (Columns{0, 1, 1, 2}));
  BOOST_TEST(parse("2") == (Columns{4}));  // the name goes before the number
  BOOST_TEST(holds(error_of([&] { parse("widht"); }), "did you mean 'width'?"));
  for (const char* bad : {"", "a,", "0", "6", "d-a", "x-y", "-", "1-"}) {
    BOOST_TEST_CONTEXT(bad) BOOST_TEST(error_of([&] { parse(bad); }).starts_with("2 "));
  }
}

BOOST_AUTO_TEST_CASE(rows_with_nan) {
  FiniteRows skip = finite(OnNan::skip);
  BOOST_TEST(!skip.shape().rows);
  BOOST_TEST(all_rows(skip, 2) == (Numbers{1, 2, 5, 6, 9, 10}));
  BOOST_TEST(skip.report() == "fixed: 2 rows with NaN or infinite numbers were left out: 2, 4");
  FiniteRows keep = finite(OnNan::keep);
  BOOST_TEST(all_rows(keep).size() == 10u);
  BOOST_TEST(keep.report().empty());
  FiniteRows fail = finite(OnNan::fail);
  BOOST_TEST(holds(error_of([&] { all_rows(fail); }), "3 fixed: row 2: column 2 is NaN"));
}

BOOST_AUTO_TEST_CASE(memory_is_bounded) {
  const auto whole = [](std::uint64_t bytes, bool known = true) {
    FixedRows rows(2, Numbers(200000, 1.5));
    if (!known) rows.forget_rows();
    return read_all(rows, bytes);
  };
  BOOST_TEST(whole(200000 * sizeof(real)).size() == 200000u);
  BOOST_TEST(whole(200000 * sizeof(real), false).size() == 200000u);
  for (const bool known : {true, false}) {
    BOOST_TEST(error_of([&] { whole(200000 * sizeof(real) - 1, known); }).starts_with("3 "));
  }
  if (sizeof(real) == sizeof(float)) {
    FixedRows large(2, {1, 2, 3, 1e39});
    BOOST_TEST(holds(error_of([&] { read_all(large, 1000); }), "row 2: column 2"));
  }
}

BOOST_AUTO_TEST_CASE(splits) {
  const auto split = [](std::uint64_t n, double fraction, std::uint64_t seed,
                        bool ordered = false) {
    return split_rows(n, {.fraction = fraction, .ordered = ordered, .seed = seed});
  };
  const Split a = split(1000, 0.1, 7), b = split(1000, 0.1, 7), c = split(1000, 0.1, 8);
  BOOST_TEST(a.validation.size() == 100u);
  BOOST_TEST(a.validation == b.validation);
  BOOST_TEST((a.validation != c.validation));
  std::vector<int> seen(1000);
  for (const auto* part : {&a.train, &a.validation}) {
    BOOST_TEST(std::is_sorted(part->begin(), part->end()));
    for (const std::uint64_t row : *part) ++seen[row];
  }
  BOOST_TEST(std::count(seen.begin(), seen.end(), 1) == 1000);
  BOOST_TEST(split(2, 0.001, 0).validation.size() == 1u);
  BOOST_TEST(split(2, 0.99, 0).train.size() == 1u);
  BOOST_TEST(split(1, 0.5, 0).train.size() == 1u);
  BOOST_TEST(split(10, 0, 0).validation.empty());
  BOOST_TEST(split(10, 0.2, 0, true).validation == (std::vector<std::uint64_t>{8, 9}));
}

// No group on both sides, the share is one of groups, and folds part the rows, each by itself.
BOOST_AUTO_TEST_CASE(groups_and_folds) {
  constexpr std::uint64_t n = 1000;
  std::vector<double> groups;
  for (std::uint64_t i = 0; i < n; ++i) groups.push_back(1e15 + static_cast<double>(i * i % 83));
  const std::size_t count = count_groups(n, groups);
  BOOST_TEST(count == 42u);
  BOOST_TEST(count_groups(n, {}) == n);
  const auto sides = [&](const Split& s) {
    std::set<double> train, validation, both;
    for (const auto i : s.train) train.insert(groups[i]);
    for (const auto i : s.validation) validation.insert(groups[i]);
    std::set_intersection(train.begin(), train.end(), validation.begin(), validation.end(),
                          std::inserter(both, both.end()));
    BOOST_TEST(both.empty());
    return validation.size();
  };
  BOOST_TEST(sides(split_rows(n, {.fraction = 0.25, .seed = 3}, groups)) == 11u);
  for (const bool ordered : {false, true}) {
    std::vector<int> seen(n), seen_alone(n);
    for (std::size_t fold = 1; fold <= 5; ++fold) {
      const SplitSpec spec{.fold = fold, .folds = 5, .ordered = ordered, .seed = 3};
      const Split s = split_rows(n, spec, groups), alone = split_rows(n, spec);
      BOOST_TEST((sides(s) == 8 || sides(s) == 9));
      BOOST_TEST(s.train.size() + s.validation.size() == n);
      BOOST_TEST(alone.validation.size() == 200u);
      if (ordered) BOOST_TEST(alone.validation.back() - alone.validation.front() == 199u);
      for (const auto i : s.validation) ++seen[i];
      for (const auto i : alone.validation) ++seen_alone[i];
    }
    BOOST_TEST(std::count(seen.begin(), seen.end(), 1) == static_cast<long>(n));
    BOOST_TEST(std::count(seen_alone.begin(), seen_alone.end(), 1) == static_cast<long>(n));
  }
}

BOOST_AUTO_TEST_CASE(a_split_is_configured) {
  const auto read = [](const std::string& yaml) {
    Config config = Config::parse(yaml, "c.yaml");
    return read_split_spec(config, 4);
  };
  const SplitSpec usual = read("{}"), fold = read("{split: ordered, fold: 2/5}");
  BOOST_TEST((usual.fraction == 0.1 && usual.folds == 0 && !usual.ordered && usual.seed == 4));
  BOOST_TEST((fold.fold == 2 && fold.folds == 5 && fold.ordered));
  for (const char* wrong : {"0/5", "6/5", "1/1", "2", "/5", "2/", "2/5x", "-1/5", "a/b"})
    BOOST_TEST(holds(error_of([&] { read("{fold: " + std::string(wrong) + "}"); }), "is no fold"),
               wrong);
}

BOOST_AUTO_TEST_CASE(dequantisation) {
  constexpr std::size_t n = 20000, d = 3;
  std::vector<float> x(n * d);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 256);
  std::vector<float> y = x, half(x.begin() + n / 2 * d, x.end()), next = x;
  dequantise<float>(y, d, 100, 5, 0);
  dequantise<float>(half, d, 100 + n / 2, 5, 0);
  dequantise<float>(next, d, 100, 5, 1);
  BOOST_TEST(std::equal(half.begin(), half.end(), y.begin() + n / 2 * d));
  BOOST_TEST((y != next));
  const double count = static_cast<double>(x.size());
  double sum = 0, square = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double u = y[i] - x[i];
    BOOST_REQUIRE((u >= 0 && u < 1 && u * 65536 == std::floor(u * 65536)));
    sum += u, square += u * u;
  }
  BOOST_TEST(std::abs(sum / count - 0.5) < 4 * std::sqrt(1.0 / 12 / count));
  BOOST_TEST(std::abs(square / count - 1.0 / 3) < 4 * std::sqrt(4.0 / 45 / count));
  quantise<float>(y, {0, 255});
  BOOST_TEST((y == x));
  std::vector<float> out{-3.5f, 17.5f, 16};
  quantise<float>(out, {0, 16});
  BOOST_TEST(out == (std::vector<float>{0, 16, 16}));
}

BOOST_AUTO_TEST_CASE(integers) {
  const Numbers whole{3, -2, 16}, part{3, 0.5}, bad{3, missing};
  const auto range = looks_like_integers<double>(whole);
  BOOST_REQUIRE(range.has_value());
  BOOST_TEST(range->min == -2);
  BOOST_TEST(range->max == 16);
  BOOST_TEST(!looks_like_integers<double>(part));
  BOOST_TEST(!looks_like_integers<double>(bad));
  BOOST_TEST(!looks_like_integers<double>({}));
}

BOOST_AUTO_TEST_SUITE_END()
