// Schedules, and what a configuration of training leaves open.
#include "train/spec.h"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "core/error.h"

namespace flow::test {

namespace {

TrainSpec read(const std::string& yaml) {
  Config config = Config::parse(yaml, "train.yaml");
  const TrainSpec spec = read_train_spec(config);
  config.reject_unread();
  return spec;
}

BOOST_AUTO_TEST_SUITE(spec, *boost::unit_test::tolerance(1e-12))

BOOST_AUTO_TEST_CASE(warm_up_is_linear_and_ends_at_the_rate) {
  ScheduleSpec s;
  s.kind = ScheduleSpec::Kind::constant, s.rate = 0.5, s.warm_up = 10;
  BOOST_TEST(rate_at(s, 0, 1000, 10) == 0.05);  // the first step moves already
  BOOST_TEST(rate_at(s, 4, 1000, 10) == 0.25);
  BOOST_TEST(rate_at(s, 9, 1000, 10) == 0.5);
  BOOST_TEST(rate_at(s, 10, 1000, 10) == 0.5);
  BOOST_TEST(rate_at(s, 999, 1000, 10) == 0.5);
}

BOOST_AUTO_TEST_CASE(a_short_run_spends_a_tenth_on_its_warm_up) {
  ScheduleSpec s;
  s.kind = ScheduleSpec::Kind::constant, s.rate = 1, s.warm_up = 100;
  BOOST_TEST(rate_at(s, 0, 50, 10) == 0.2);
  BOOST_TEST(rate_at(s, 5, 50, 10) == 1.0);
  BOOST_TEST(rate_at(s, 0, 1, 1) == 1.0);  // one step only
  s.warm_up = 0;
  BOOST_TEST(rate_at(s, 0, 50, 10) == 1.0);
}

BOOST_AUTO_TEST_CASE(cosine_falls_to_0) {
  ScheduleSpec s;
  s.rate = 2, s.warm_up = 100;
  BOOST_TEST(rate_at(s, 100, 1100, 10) == 2.0);
  BOOST_TEST(rate_at(s, 600, 1100, 10) == 1.0);
  BOOST_TEST(rate_at(s, 350, 1100, 10) == 1 + std::sqrt(0.5));
  BOOST_TEST(rate_at(s, 1099, 1100, 10) < 1e-5);
  BOOST_TEST(rate_at(s, 1099, 1100, 10) > 0.0);
  BOOST_CHECK(std::abs(rate_at(s, 5000, 1100, 10)) < 1e-15);  // never up again
}

BOOST_AUTO_TEST_CASE(steps_fall_after_whole_epochs) {
  ScheduleSpec s;
  s.kind = ScheduleSpec::Kind::step, s.rate = 1, s.warm_up = 0;
  s.step_every = 2, s.step_factor = 0.25;
  BOOST_TEST(rate_at(s, 0, 100, 10) == 1.0);
  BOOST_TEST(rate_at(s, 19, 100, 10) == 1.0);
  BOOST_TEST(rate_at(s, 20, 100, 10) == 0.25);
  BOOST_TEST(rate_at(s, 40, 100, 10) == 0.0625);
}

BOOST_AUTO_TEST_CASE(settle_bounds_batch_and_shards) {
  const auto settled = [](std::size_t batch, std::size_t shards, std::size_t rows,
                          std::size_t parameters = 1000, bool couples = false) {
    TrainSpec t;
    t.batch = batch, t.shards = shards;
    settle(t, rows, parameters, couples);
    return std::pair(t.batch, t.shards);
  };
  BOOST_TEST((settled(512, 0, 100000) == std::pair<std::size_t, std::size_t>(512, 8)));
  BOOST_TEST((settled(512, 0, 10) == std::pair<std::size_t, std::size_t>(10, 1)));
  BOOST_TEST((settled(512, 0, 1) == std::pair<std::size_t, std::size_t>(1, 1)));
  BOOST_TEST((settled(64, 0, 1000) == std::pair<std::size_t, std::size_t>(64, 2)));
  BOOST_TEST((settled(65536, 0, 1000000) == std::pair<std::size_t, std::size_t>(65536, 16)));
  BOOST_TEST((settled(512, 0, 100000, 5000000) == std::pair<std::size_t, std::size_t>(512, 4)));
  BOOST_TEST((settled(512, 0, 100000, 1000, true) == std::pair<std::size_t, std::size_t>(512, 1)));
  BOOST_TEST((settled(512, 100, 7) == std::pair<std::size_t, std::size_t>(7, 7)));
  BOOST_TEST((settled(512, 3, 1000) == std::pair<std::size_t, std::size_t>(512, 3)));
}

BOOST_AUTO_TEST_CASE(kinds_have_their_own_defaults) {
  BOOST_TEST(read("{}").optimiser.decay == 1e-4);  // adamw
  BOOST_TEST(read("optimiser: adam").optimiser.decay == 0.0);
  BOOST_TEST(read("optimiser: rmsprop").optimiser.beta1 == 0.0);
  BOOST_TEST(read("optimiser: rmsprop").optimiser.beta2 == 0.9);
  BOOST_TEST((read("optimiser: adamax").optimiser.kind == OptimiserSpec::Kind::adamax));
  BOOST_TEST((read("schedule: constant").schedule.kind == ScheduleSpec::Kind::constant));
  BOOST_TEST(read("schedule: step\nstep-every: 7").schedule.step_every == 7U);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_refused) {
  for (const char* yaml : {"rate: -1", "epochs: -3", "batch: 0", "average: 1", "schedule: linear",
                           "optimiser: sgd", "step-every: 7", "epoch: 3", "beta2: 1"})
    BOOST_CHECK_EXCEPTION(read(yaml), Error, [](const Error& e) {
      return e.code() == Exit::usage && std::string(e.what()).starts_with("train.yaml:1:");
    });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test
