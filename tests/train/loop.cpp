// The training loop as a whole: what it reaches, what it survives, and that nothing but the seed,
// the data and the configuration decides its result.
#include "train/loop.h"

#include <boost/test/unit_test.hpp>
#include <deque>
#include <limits>
#include <numbers>

#include "core/error.h"
#include "flow/model.h"

namespace flow::test {

namespace {

// Normal rows with correlation 0.8, deviations 3 and 0.5, means 5 and -1.
std::vector<real> correlated(std::size_t rows, std::uint64_t seed) {
  std::vector<real> out;
  std::vector<double> z(2);
  for (std::size_t i = 0; i < rows; ++i) {
    Random(seed, Stream::test).normal(i, z);
    out.push_back(static_cast<real>(5 + 3 * z[0]));
    out.push_back(static_cast<real>(-1 + 0.5 * (0.8 * z[0] + 0.6 * z[1])));
  }
  return out;
}
// 1/2 ln det(2 pi e Sigma), det Sigma = (3 * 0.5 * 0.6)^2
const double entropy = std::log(2 * std::numbers::pi * std::numbers::e) + std::log(0.9);

const char* const couplings = R"(
net: {hidden: [16]}
layers:
  - kind: standardise
  - {kind: affine-coupling, condition: first}
  - {kind: affine-coupling, condition: second}
  - kind: linear
)";
const char* const bare = "layers:\n  - {kind: affine-coupling, net: {hidden: [8]}}\n";

struct Training {
  Model m;
  Dataset train, validation;
  TrainSpec spec;
  std::deque<HeldBatches> batches;

  Training(const char* yaml, std::vector<real> rows)
      : m(yaml, 2, 0),
        train(std::move(rows), 2, false, 0),
        validation(correlated(1000, 2), 2, false, 0) {
    spec.epochs = 3, spec.batch = 128, spec.average = 0.9;
    spec.schedule.rate = 5e-3, spec.schedule.warm_up = 10;
  }
  Trainer trainer(std::size_t threads = 1) {
    settle(spec, train.rows(), m.table.trained(), m.flow->couples_rows());
    batches.emplace_back(train, spec);
    return {*m.flow, m.table, spec, batches.back(), validation, threads};
  }
};

std::vector<real> copy_of(CVec v) { return {v.begin(), v.end()}; }

bool all_finite(CVec v) {
  return std::all_of(v.begin(), v.end(), [](real x) { return std::isfinite(x); });
}

BOOST_AUTO_TEST_SUITE(loop)

BOOST_AUTO_TEST_CASE(a_correlated_normal_is_learned) {
  Training t(couplings, correlated(8000, 1));
  t.spec.epochs = 20, t.spec.average = 0.99;
  Trainer trainer = t.trainer(2);
  trainer.run({});
  const Summary& v = trainer.best_report().validation;
  BOOST_TEST_MESSAGE("mean " << v.mean << " +- " << v.error() << ", entropy " << entropy);
  // The rows' own mean of the true log p takes away most of their chance.
  double truth = 0;
  for (std::size_t i = 0; i < t.validation.rows(); ++i) {
    real row[2];
    t.validation.row(i, 0, row);
    const double a = (static_cast<double>(row[0]) - 5) / 3;
    const double b = ((static_cast<double>(row[1]) + 1) / 0.5 - 0.8 * a) / 0.6;
    truth -= (a * a + b * b) / 2 + std::log(2 * std::numbers::pi * 0.9);
  }
  truth /= static_cast<double>(t.validation.rows());
  BOOST_TEST(std::abs(v.mean - truth) < 0.03);
  BOOST_TEST(std::abs(v.mean + entropy) < 0.03 + 4 * v.error());
  BOOST_TEST(trainer.history().size() == 20U);
  BOOST_TEST(trainer.history().back().step == trainer.steps());
  BOOST_TEST(trainer.history().back().skipped == 0U);
}

BOOST_AUTO_TEST_CASE(threads_and_repetition_change_no_bit) {
  for (const char* yaml : {couplings,
                           "net: {hidden: [9], dropout: 0.2}\nlayers:\n  - kind: actnorm\n"
                           "  - kind: affine-coupling\n  - kind: batch-norm\n"}) {
    Training t(yaml, correlated(1000, 1));
    Trainer one = t.trainer(1), again = t.trainer(1), two = t.trainer(2), three = t.trainer(3);
    for (Trainer* trainer : {&one, &again, &two, &three}) trainer->run({});
    BOOST_TEST((copy_of(one.best()) == copy_of(again.best())));
    BOOST_TEST((copy_of(one.best()) == copy_of(two.best())));
    BOOST_TEST((copy_of(one.best()) == copy_of(three.best())));
    BOOST_TEST(one.best_report().validation.mean == three.best_report().validation.mean);
    Training other(yaml, correlated(1000, 1));
    other.spec.seed = 1;
    Trainer seeded = other.trainer(1);
    seeded.run({});
    BOOST_TEST((copy_of(one.best()) != copy_of(seeded.best())));
  }
}

BOOST_AUTO_TEST_CASE(best_is_what_its_report_says) {
  Training t(couplings, correlated(1000, 1));
  Trainer trainer = t.trainer();
  trainer.run({});
  std::vector<real> rows = correlated(1000, 2);
  t.m.theta = copy_of(trainer.best());
  const Summary v = summarise(t.m.log_density(rows));
  BOOST_TEST(v.mean == trainer.best_report().validation.mean);
  BOOST_TEST(v.worst == trainer.best_report().validation.worst);
  for (const EpochReport& r : trainer.history())
    BOOST_TEST(r.validation.mean <= trainer.best_report().validation.mean);
}

// One row so far out that its gradient is no number: its steps are left out, the others teach.
BOOST_AUTO_TEST_CASE(an_extreme_row_costs_its_own_steps_only) {
  std::vector<real> rows = correlated(1280, 1);
  rows[2 * 77] = sizeof(real) == 4 ? real(1e30) : static_cast<real>(1e250L);
  Training t(bare, rows);
  t.spec.epochs = 12;
  Trainer trainer = t.trainer();
  trainer.run({});
  BOOST_TEST(trainer.history().back().skipped == 12U);  // one of ten steps an epoch
  BOOST_TEST(all_finite(trainer.best()));
  BOOST_TEST(trainer.best_report().validation.mean > trainer.history()[0].validation.mean + 0.2);
}

BOOST_AUTO_TEST_CASE(nothing_but_extreme_rows_ends_in_an_error) {
  std::vector<real> rows = correlated(1280, 1);
  for (std::size_t i = 0; i < rows.size(); i += 2 * 16) rows[i] = std::numeric_limits<real>::max();
  Training t(bare, rows);
  t.spec.batch = 64, t.spec.epochs = 50;
  Trainer trainer = t.trainer();
  std::size_t notes = 0;
  Watch watch;
  watch.note = [&](const std::string& note) { notes += note.find("half the rate") != note.npos; };
  BOOST_CHECK_EXCEPTION(trainer.run(watch), Error, [](const Error& e) {
    return e.code() == Exit::failed &&
           std::string(e.what()).find("lower train.rate") != std::string::npos;
  });
  BOOST_TEST(notes == 5U);
  BOOST_TEST(all_finite(trainer.best()));  // where training began
}

// A rate that throws the weights about must not leave them in the model.
BOOST_AUTO_TEST_CASE(a_wild_rate_leaves_a_finite_model) {
  for (const char* kind : {"adam", "rmsprop"}) {
    Training t(
        "layers:\n  - kind: actnorm\n  - kind: linear\n  - {kind: affine-coupling, gain: "
        "soft-clip}\n",
        correlated(640, 1));
    t.spec.epochs = 30, t.spec.schedule.rate = 10, t.spec.optimiser.clip = 0;
    if (kind == std::string("rmsprop")) t.spec.optimiser.kind = OptimiserSpec::Kind::rmsprop;
    Trainer trainer = t.trainer();
    try {
      trainer.run({});
    } catch (const Error& e) {
      BOOST_TEST((e.code() == Exit::failed));
    }
    BOOST_TEST(all_finite(trainer.best()));
    BOOST_TEST(std::isfinite(trainer.best_report().validation.mean));
  }
}

BOOST_AUTO_TEST_CASE(batch_norm_is_evaluated_by_the_training_set) {
  Training t(
      "net: {hidden: [16]}\nlayers:\n  - kind: batch-norm\n  - kind: affine-coupling\n"
      "  - {kind: affine-coupling, condition: second}\n  - kind: batch-norm\n",
      correlated(4000, 1));
  t.spec.epochs = 10;
  Trainer trainer = t.trainer();
  trainer.run({});
  BOOST_TEST(std::abs(trainer.best_report().validation.mean + entropy) < 0.15);
  const CVec best = trainer.best();
  for (const auto& e : t.m.table.entries())
    if (e.name == "layers/00-batch-norm/mean")
      BOOST_TEST(std::abs(static_cast<double>(best[e.param.offset]) - 5) < 0.2);
}

BOOST_AUTO_TEST_CASE(patience_ends_training) {
  Training t(couplings, correlated(500, 1));
  t.spec.epochs = 1000, t.spec.patience = 3;
  t.spec.schedule.rate = 0;  // no epoch is better than the start
  Trainer trainer = t.trainer();
  BOOST_TEST(!trainer.lost_patience());
  trainer.run({});
  BOOST_TEST(trainer.history().size() == 3U);
  BOOST_TEST(trainer.lost_patience());
  BOOST_TEST(trainer.best_report().epoch == 0U);
}

BOOST_AUTO_TEST_CASE(no_epochs_give_the_start) {
  Training t("layers:\n  - kind: standardise\n", correlated(500, 1));
  t.spec.epochs = 0;
  Trainer trainer = t.trainer();
  trainer.run({});
  BOOST_TEST(trainer.history().empty());
  BOOST_TEST(!trainer.lost_patience());
  BOOST_TEST(std::abs(static_cast<double>(trainer.best()[0]) - 5) < 0.5);  // the mean
}

// Stopped behind every third step, its state carried on: the bits of a run that never stopped.
BOOST_AUTO_TEST_CASE(a_stopped_run_goes_on_to_the_same_bits) {
  for (const char* kind : {"adam", "rmsprop"}) {
    Training t(couplings, correlated(500, 1));
    t.spec.epochs = 6, t.spec.patience = 5;
    if (kind == std::string("rmsprop")) t.spec.optimiser.kind = OptimiserSpec::Kind::rmsprop;
    Trainer whole = t.trainer();
    whole.run({});
    std::optional<TrainState> state;
    std::size_t sittings = 1;
    for (bool ended = false; !ended; ++sittings) {
      Trainer part(*t.m.flow, t.m.table, t.spec, t.batches.front(), t.validation, 1 + sittings % 2,
                   state);
      Watch watch;
      watch.step = [&](std::size_t step, std::size_t, double) { return step % 3 != 0; };
      ended = part.run(watch);
      state = part.state();
    }
    BOOST_TEST(sittings > 6U);
    BOOST_TEST((state->best == copy_of(whole.best())));
    BOOST_TEST((state->now.theta == whole.state().now.theta));
    BOOST_TEST(state->history.size() == whole.history().size());
    for (std::size_t k = 0; k < whole.history().size(); ++k) {
      BOOST_TEST(state->history[k].train == whole.history()[k].train);
      BOOST_TEST(state->history[k].validation.mean == whole.history()[k].validation.mean);
    }
  }
}

BOOST_AUTO_TEST_CASE(one_row_trains) {
  Training t(couplings, {1, 2});
  Trainer trainer = t.trainer();
  trainer.run({});
  BOOST_TEST(all_finite(trainer.best()));
}

BOOST_AUTO_TEST_CASE(a_validation_is_summarised) {
  constexpr double inf = std::numeric_limits<double>::infinity(),
                   nan = std::numeric_limits<double>::quiet_NaN();
  const double plain[] = {-1, -2, -6};
  const Summary v = summarise(plain);
  BOOST_TEST(v.mean == -3);
  BOOST_TEST(v.error() == std::sqrt(14.0 / 2 / 3), boost::test_tools::tolerance(1e-14));
  BOOST_TEST((v.worst == -6 && v.worst_row == 2 && v.rows == 3 && v.outside == 0));
  const double outside[] = {-1, -inf, -3};
  const Summary o = summarise(outside);
  BOOST_TEST((o.mean == -2 && o.outside == 1 && o.worst == -inf && o.worst_row == 1));
  // By hand: W = 8, mean -20 / 8, squares 4 1.5^2 + 2 0.5^2 + 2 2.5^2 = 22, n = 8^2 / 24.
  const double weights[] = {4, 2, 2};
  const double some[] = {-1, -3, -5};
  const Summary w = summarise(some, weights);
  BOOST_TEST(w.mean == -2.5, boost::test_tools::tolerance(1e-14));
  BOOST_TEST(w.error() == std::sqrt(22.0 / 8 / (64.0 / 24 - 1)),
             boost::test_tools::tolerance(1e-14));
  BOOST_TEST(summarise(plain, std::vector<double>(3, 7)).error() == v.error(),
             boost::test_tools::tolerance(1e-14));
  const double broken[] = {-1, nan, -5, -7};
  const Summary b = summarise(broken);
  BOOST_TEST((std::isnan(b.mean) && std::isnan(b.worst) && b.worst_row == 1));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test
