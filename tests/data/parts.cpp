// Splitting into three, and shuffling: each row once, groups together, the same for the same seed.
#include "data/parts.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <set>

#include "core/random.h"
#include "data/folder.h"
#include "data/shuffle.h"
#include "data/source.h"

using namespace flow;

namespace {

std::vector<double> numbered_rows(std::size_t n) {
  std::vector<double> rows;
  for (std::size_t i = 0; i < n; ++i) {
    rows.push_back(static_cast<double>(i));
    rows.push_back(static_cast<double>(i % 37));
  }
  return rows;
}

class Kept : public RowWriter {
 public:
  void write(std::span<const double> values) override {
    rows.insert(rows.end(), values.begin(), values.end());
  }
  void finish() override {}
  std::vector<double> rows;
};

std::vector<double> shuffled(std::size_t n, std::uint64_t seed) {
  FixedRows rows(2, numbered_rows(n));
  Kept kept;
  BOOST_TEST(shuffle(rows, seed, kept) == n);
  return kept.rows;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(parts)

BOOST_AUTO_TEST_CASE(each_row_is_in_one_part) {
  for (const bool ordered : {false, true}) {
    const Parts p =
        split_parts(1000, {.validation = 0.2, .test = 0.1, .ordered = ordered, .seed = 3});
    BOOST_TEST(p.train.size() == 700u);
    BOOST_TEST(p.validation.size() == 200u);
    BOOST_TEST(p.test.size() == 100u);
    std::set<std::uint64_t> all(p.train.begin(), p.train.end());
    all.insert(p.validation.begin(), p.validation.end());
    all.insert(p.test.begin(), p.test.end());
    BOOST_TEST(all.size() == 1000u);
    if (ordered) BOOST_TEST((p.train.back() == 699u && p.validation.back() == 899u));
  }
  BOOST_TEST(split_parts(10, {.validation = 0, .test = 0}).train.size() == 10u);
}

BOOST_AUTO_TEST_CASE(groups_stay_together) {
  std::vector<double> groups;
  for (int i = 0; i < 1000; ++i) groups.push_back(i % 37);
  const Parts p = split_parts(1000, {.validation = 0.3, .test = 0.3, .seed = 1}, groups);
  std::set<double> seen;
  for (const auto* part : {&p.train, &p.validation, &p.test}) {
    std::set<double> here;
    for (const std::uint64_t i : *part) here.insert(groups[i]);
    for (const double g : here) BOOST_TEST(seen.insert(g).second);
  }
  BOOST_TEST(seen.size() == 37u);
}

BOOST_AUTO_TEST_CASE(the_file_holds_the_rows_of_each_part) {
  const TestFolder folder;
  const std::string path = folder / "parts.h5";
  FixedRows rows(2, numbered_rows(5000), {"i", "g"});
  const PartsSpec spec{.validation = 0.05, .test = 0.4, .seed = 5};
  const Parts p = write_parts(rows, spec, [&](std::vector<Hdf5Part> named) {
    return create_rows(
        {.path = path, .as_float = false, .parts = std::move(named), .shape = rows.shape()});
  });
  for (const auto& [name, wanted] :
       {std::pair{"/train", &p.train}, {"/validation", &p.validation}, {"/test", &p.test}}) {
    const auto reader = open_rows({.path = path + ":" + name});
    BOOST_TEST(reader->shape().names == rows.shape().names);
    const std::vector<double> found = all_rows(*reader);
    BOOST_REQUIRE(found.size() == 2 * wanted->size());
    for (std::size_t k = 0; k < wanted->size(); ++k)
      BOOST_REQUIRE(found[2 * k] == static_cast<double>((*wanted)[k]));
  }
}

BOOST_AUTO_TEST_CASE(a_shuffle_is_a_permutation_by_its_seed) {
  const std::size_t n = 20'000;
  const std::vector<double> rows = shuffled(n, 1);
  std::vector<double> first;
  std::size_t in_place = 0;
  for (std::size_t i = 0; i < n; ++i) {
    first.push_back(rows[2 * i]);
    in_place += rows[2 * i] == static_cast<double>(i);
    BOOST_REQUIRE(rows[2 * i + 1] ==
                  static_cast<double>(static_cast<std::size_t>(rows[2 * i]) % 37));
  }
  BOOST_TEST(in_place < 10u);  // one is expected
  // The mean of the first half would be n / 2 +- n / sqrt(12 n / 2) but for chance.
  double mean = 0;
  for (std::size_t i = 0; i < n / 2; ++i) mean += first[i] / static_cast<double>(n / 2);
  BOOST_TEST(std::abs(mean - static_cast<double>(n) / 2) < 300);
  std::sort(first.begin(), first.end());
  for (std::size_t i = 0; i < n; ++i) BOOST_REQUIRE(first[i] == static_cast<double>(i));
  BOOST_TEST(shuffled(n, 1) == rows);
  BOOST_TEST((shuffled(n, 2) != rows));
  BOOST_TEST(shuffled(0, 1).empty());
}

BOOST_AUTO_TEST_SUITE_END()
