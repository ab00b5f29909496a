// The C library against the library it is made of: the same bits, from any number of threads, and
// errors that are told and thrown nowhere.
#include <sys/resource.h>

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstring>
#include <limits>
#include <thread>

#include "c/exactflow.h"
#include "data/folder.h"
#include "model/density.h"
#include "support/allocations.h"

namespace flow::test {

namespace {

// Two columns, the second of integers, given one number; parameters away from their start.
Model make_model() {
  Model m;
  m.config = Config::parse(R"(
data:
  shape: [2]
  names: [height, count]
  low: 0
  high: 1
  context: [{name: age, mean: 1, scale: 2}]
columns: [{name: count, type: integer, low: 0, high: 5}]
model:
  layers:
    - {kind: affine-coupling, net: {hidden: [8]}}
    - {kind: affine-coupling, condition: second, net: {hidden: [8]}}
  base: normal
)",
                           "made");
  m.data = read_data_spec(m.config);
  build(m);
  m.theta.resize(m.table.size());
  m.table.start(m.theta, 0);
  for (const auto& e : m.table.entries())
    if (e.role != Role::buffer)
      for (std::size_t k = 0; k < e.param.size(); ++k)
        m.theta[e.param.offset + k] += static_cast<real>(0.3 * std::sin(static_cast<double>(k)));
  return m;
}

// The same model in a file, and loaded from it.
struct Loaded {
  TestFolder folder;
  std::string path = folder / "m.h5";
  exactflow_model* model = nullptr;

  Loaded() {
    save(make_model(), path, false);
    BOOST_REQUIRE_MESSAGE(exactflow_load(path.c_str(), &model) == EXACTFLOW_OK, exactflow_error());
  }
  ~Loaded() { exactflow_free(model); }
};

constexpr std::size_t n = 10000;

std::vector<double> some_rows() {
  std::vector<double> rows;
  for (std::size_t i = 0; i < n; ++i) {
    const double t = static_cast<double>(i);
    rows.insert(rows.end(), {std::sin(t), static_cast<double>(i % 6), std::cos(t) * 3});
  }
  rows[3] = std::numeric_limits<double>::quiet_NaN();
  rows[7] = 9;  // more than the column holds
  return rows;
}

std::vector<double> expected(const std::vector<double>& rows) {
  std::vector<Model> models;
  models.push_back(make_model());
  std::vector<double> logp;
  Density(std::move(models), {"m"}, 2).log_density(rows, 5, 7, "rows", logp);
  return logp;
}

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof a[0]) == 0;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(library, Loaded)

BOOST_AUTO_TEST_CASE(says_what_a_row_is) {
  BOOST_TEST(exactflow_columns(model) == 2u);
  BOOST_TEST(exactflow_context(model) == 1u);
  BOOST_TEST(exactflow_latents(model) == 2u);
  const char* const names[] = {"height", "count", "age", "", ""};
  for (std::size_t j = 0; j < 5; ++j) BOOST_TEST(exactflow_name(model, j) == names[j]);
}

BOOST_AUTO_TEST_CASE(scores_have_the_bits_of_the_programs) {
  const std::vector<double> rows = some_rows(), wanted = expected(rows);
  BOOST_TEST(std::isnan(wanted[1]));
  BOOST_TEST(wanted[2] == -std::numeric_limits<double>::infinity());
  std::vector<double> logp(n);
  BOOST_REQUIRE_EQUAL(exactflow_score(model, rows.data(), n, 7, 5, logp.data()), EXACTFLOW_OK);
  BOOST_TEST(same_bits(logp, wanted));
  const std::vector<float> single(rows.begin(), rows.end());
  BOOST_REQUIRE_EQUAL(exactflow_score_f(model, single.data(), n, 7, 5, logp.data()), EXACTFLOW_OK);
  if (std::is_same_v<real, float>) BOOST_TEST(same_bits(logp, wanted));
}

BOOST_AUTO_TEST_CASE(threads_may_share_a_model) {
  const std::vector<double> rows = some_rows(), wanted = expected(rows);
  std::vector<std::vector<double>> logp(4, std::vector<double>(n));
  std::vector<int> wrong(4, 0);
  const auto score_all = [&](std::size_t t) {
    for (int times = 0; times < 10; ++times) {
      // In pieces, so that calls begin and end all the time; and an error beside them.
      for (std::size_t i = 0; i < n; i += 200)
        wrong[t] += exactflow_score(model, &rows[3 * i], 200, 7, 5 + i, &logp[t][i]);
      wrong[t] += !same_bits(logp[t], wanted);
      double latents[2];
      wrong[t] += exactflow_encode(model, &rows[6], 1, latents) != EXACTFLOW_DATA;
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t) threads.emplace_back(score_all, t);
  for (std::thread& t : threads) t.join();
  for (int w : wrong) BOOST_TEST(w == 0);
  BOOST_TEST(exactflow_error() == "");  // that of another thread is not this one's
}

BOOST_AUTO_TEST_CASE(a_model_may_come_from_memory) {
  const std::string bytes = file_bytes(path);
  exactflow_model* other = nullptr;
  BOOST_REQUIRE_EQUAL(exactflow_load_bytes(bytes.data(), bytes.size(), &other), EXACTFLOW_OK);
  const std::vector<double> rows = some_rows();
  std::vector<double> logp(n);
  BOOST_TEST(exactflow_score(other, rows.data(), n, 7, 5, logp.data()) == EXACTFLOW_OK);
  BOOST_TEST(same_bits(logp, expected(rows)));
  exactflow_free(other);
  std::string damaged = bytes;
  damaged[damaged.size() / 2] ^= 1;
  BOOST_TEST(exactflow_load_bytes(damaged.data(), damaged.size(), &other) == EXACTFLOW_MODEL);
  BOOST_TEST(other == nullptr);
}

BOOST_AUTO_TEST_CASE(samples_follow_seed_and_number) {
  std::vector<double> given(n), rows(2 * n), part(2 * 10);
  for (std::size_t i = 0; i < n; ++i) given[i] = static_cast<double>(i % 7);
  BOOST_REQUIRE_EQUAL(exactflow_sample(model, given.data(), n, 3, 0, 1, rows.data()), EXACTFLOW_OK);
  BOOST_REQUIRE_EQUAL(exactflow_sample(model, &given[9000], 10, 3, 9000, 1, part.data()),
                      EXACTFLOW_OK);
  BOOST_TEST(std::equal(part.begin(), part.end(), rows.begin() + 18000));
  BOOST_REQUIRE_EQUAL(exactflow_sample(model, &given[9000], 10, 4, 9000, 1, part.data()),
                      EXACTFLOW_OK);
  BOOST_TEST(!std::equal(part.begin(), part.end(), rows.begin() + 18000));
  for (std::size_t i = 0; i < n; ++i) {
    const double k = rows[2 * i + 1];
    BOOST_REQUIRE(k == std::floor(k) && k >= 0 && k <= 5);
  }
}

BOOST_AUTO_TEST_CASE(decoding_undoes_encoding) {
  std::vector<double> rows = some_rows();
  rows[3] = 0.5, rows[7] = 1;
  std::vector<double> latents(2 * n), back(2 * n), given;
  BOOST_REQUIRE_EQUAL(exactflow_encode(model, rows.data(), n, latents.data()), EXACTFLOW_OK);
  for (std::size_t i = 0; i < n; ++i)
    given.insert(given.end(), {latents[2 * i], latents[2 * i + 1], rows[3 * i + 2]});
  BOOST_REQUIRE_EQUAL(exactflow_decode(model, given.data(), n, back.data()), EXACTFLOW_OK);
  for (std::size_t i = 0; i < n; ++i) {
    BOOST_REQUIRE_SMALL(back[2 * i] - rows[3 * i], 1e-4);
    BOOST_REQUIRE_EQUAL(back[2 * i + 1], rows[3 * i + 1]);
  }
}

BOOST_AUTO_TEST_CASE(errors_are_told) {
  const auto told = [](const char* part) {
    return std::string(exactflow_error()).find(part) != std::string::npos;
  };
  double row[3] = {0, 9, 0}, latents[2];
  BOOST_TEST(exactflow_encode(model, row, 1, latents) == EXACTFLOW_DATA);
  BOOST_TEST(told("rows: row 1: column 2 ('count') is 9"));
  BOOST_TEST(exactflow_score(model, nullptr, 1, 0, 0, latents) == EXACTFLOW_USAGE);
  BOOST_TEST(told("NULL"));
  BOOST_TEST(exactflow_sample(model, nullptr, 1, 0, 0, 1, row) == EXACTFLOW_USAGE);
  BOOST_TEST(exactflow_sample(model, row, 1, 0, 0, -1, row) == EXACTFLOW_USAGE);
  BOOST_TEST(told("temperature"));
  exactflow_model* other = model;
  BOOST_TEST(exactflow_load("/nowhere/m.h5", &other) == EXACTFLOW_MODEL);
  BOOST_TEST(told("/nowhere/m.h5: there is no such file"));
  BOOST_TEST(other == nullptr);
  BOOST_TEST(exactflow_load_bytes("x", 1, &other) == EXACTFLOW_MODEL);
  BOOST_TEST(exactflow_score(model, nullptr, 0, 0, 0, nullptr) == EXACTFLOW_OK);
  exactflow_free(nullptr);
}

BOOST_AUTO_TEST_CASE(no_memory_and_no_descriptors_are_told) {
  const double row[3] = {0, 1, 0};
  double latents[2];
  exactflow_model* other = model;
  no_memory = true;
  const int code = exactflow_encode(model, row, 1, latents);
  no_memory = false;
  BOOST_TEST(code == EXACTFLOW_FAILED);
  BOOST_TEST(std::string(exactflow_error()) == "not enough memory");
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const rlimit none{0, before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &none);
  BOOST_TEST(exactflow_load_bytes("x", 1, &other) == EXACTFLOW_FAILED);
  setrlimit(RLIMIT_NOFILE, &before);
  BOOST_TEST(std::string(exactflow_error()) ==
             "the model cannot be kept in memory: Too many open files");
  BOOST_TEST(exactflow_encode(model, row, 1, latents) == EXACTFLOW_OK);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flow::test
