// Checkpoints: what is written comes back to the bit, the older one stands behind a damaged newer
// one, and neither is taken for that of another run.
#include "train/checkpoint.h"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <limits>

#include "core/error.h"

namespace flow::test {

namespace {

constexpr std::size_t size = 7;

std::vector<real> numbers(double from) {
  std::vector<real> out;
  for (std::size_t i = 0; i < size; ++i)
    out.push_back(static_cast<real>(from / (1 + static_cast<double>(i))));
  return out;
}

Weights weights(double from) {
  return {numbers(from), numbers(from + 1), numbers(from + 2), numbers(from + 3), 5};
}

EpochReport report(std::size_t step) {
  EpochReport r;
  r.epoch = 3, r.step = step, r.train = -1.0 / 3, r.rate = 1e-4, r.norm = 7, r.skipped = 2;
  r.seconds = 1e9 / 7, r.best = true;
  for (double logp : {-1.0, -2.5, -std::numeric_limits<double>::infinity()})
    r.validation.add(logp, 40);
  return r;
}

TrainState state(std::size_t step) {
  TrainState s{weights(1), weights(-2), numbers(9), report(1), report(step), {}, 4, -77.25,
               512,        3,           2,          1,         0.25};
  s.history = {report(2), report(step)};
  return s;
}

struct Fixture {
  std::filesystem::path folder;
  std::string model;
  ParamTable table;
  std::vector<std::string> notes;

  Fixture() {
    std::string pattern = std::filesystem::temp_directory_path() / "checkpoint-XXXXXX";
    BOOST_REQUIRE(mkdtemp(pattern.data()));
    folder = pattern, model = folder / "m.h5";
    table.add("w", 1, size, Role::weight, start_at(0));
  }
  ~Fixture() { std::filesystem::remove_all(folder); }

  std::optional<TrainState> newest(const std::string& run = "r") {
    return Checkpoints(model, run, table).newest([&](const std::string& n) { notes.push_back(n); });
  }
  void damage(const std::string& path) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(path) / 2));
    file.write("\x5a\xa5\x5a\xa5", 4);
  }
};

bool same(const Weights& a, const Weights& b) {
  return a.theta == b.theta && a.average == b.average && a.first == b.first &&
         a.second == b.second && a.steps == b.steps;
}

bool same(const EpochReport& a, const EpochReport& b) {
  const Summary &v = a.validation, &w = b.validation;
  return a.epoch == b.epoch && a.step == b.step && a.train == b.train && a.rate == b.rate &&
         a.norm == b.norm && a.skipped == b.skipped && a.seconds == b.seconds && a.best == b.best &&
         v.rows == w.rows && v.outside == w.outside && v.mean == w.mean && v.worst == w.worst &&
         v.worst_row == w.worst_row && v.error() == w.error();
}

auto says(Exit code, const std::string& what) {
  return [=](const Error& e) {
    return e.code() == code && std::string(e.what()).find(what) != std::string::npos;
  };
}

BOOST_FIXTURE_TEST_SUITE(checkpoint, Fixture)

BOOST_AUTO_TEST_CASE(a_state_comes_back_to_the_bit) {
  BOOST_TEST(!newest().has_value());
  BOOST_TEST(existing_checkpoint(model).empty());
  const TrainState before = state(12);
  Checkpoints(model, "r", table).write(before);
  BOOST_TEST(existing_checkpoint(model) == model + ".ckpt-1");
  const auto after = newest();
  BOOST_REQUIRE(after.has_value());
  BOOST_TEST((same(after->now, before.now) && same(after->good, before.good)));
  BOOST_TEST((after->best == before.best));
  BOOST_TEST((same(after->report, before.report) && same(after->best_report, before.best_report)));
  BOOST_REQUIRE(after->history.size() == 2U);
  BOOST_TEST((same(after->history[0], report(2)) && same(after->history[1], report(12))));
  BOOST_TEST((after->batch == 4 && after->sum == -77.25 && after->weight == 512));
  BOOST_TEST((after->skipped_in_a_row == 3 && after->rollbacks == 2 && after->since_best == 1));
  BOOST_TEST(after->rate_factor == 0.25);
}

BOOST_AUTO_TEST_CASE(the_last_two_are_kept_and_the_older_one_stands_in) {
  Checkpoints checkpoints(model, "r", table);
  std::string last;
  for (std::size_t step : {10, 20, 30}) last = checkpoints.write(state(step));
  BOOST_TEST(last == model + ".ckpt-1");
  BOOST_TEST(newest()->report.step == 30U);
  BOOST_TEST(notes.empty());
  damage(last);
  BOOST_TEST(newest()->report.step == 20U);
  BOOST_TEST(notes.size() == 1U);
  // The damaged one is the next to be written over.
  Checkpoints again(model, "r", table);
  again.newest([](auto&) {});
  BOOST_TEST(again.write(state(40)) == last);
  BOOST_TEST(newest()->report.step == 40U);
  damage(last), damage(model + ".ckpt-2");
  BOOST_CHECK_EXCEPTION(newest(), Error, says(Exit::model, ".ckpt-"));
  again.remove();
  BOOST_TEST(existing_checkpoint(model).empty());
}

BOOST_AUTO_TEST_CASE(another_run_or_another_size_is_refused) {
  Checkpoints(model, "r", table).write(state(10));
  BOOST_CHECK_EXCEPTION(newest("other"), Error, says(Exit::model, "other data or another"));
  table.add("b", 1, 1, Role::bias, start_at(0));
  BOOST_CHECK_EXCEPTION(newest(), Error, says(Exit::model, "another size"));
}

BOOST_AUTO_TEST_CASE(numbers_that_are_not_finite_replace_no_checkpoint) {
  Checkpoints checkpoints(model, "r", table);
  checkpoints.write(state(10));
  TrainState bad = state(20);
  bad.now.second[3] = std::numeric_limits<real>::quiet_NaN();
  BOOST_CHECK_EXCEPTION(checkpoints.write(bad), Error, says(Exit::failed, "now/second"));
  BOOST_TEST(newest()->report.step == 10U);
  BOOST_TEST(notes.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test
