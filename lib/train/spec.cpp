#include "train/spec.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace flow {

namespace {

OptimiserSpec read_optimiser(Config& train) {
  const std::string kind =
      train.choice("optimiser", {"adam", "adamw", "adamax", "rmsprop"}, "adamw");
  OptimiserSpec o;
  const bool rmsprop = kind == "rmsprop";
  o.kind = kind == "adamax" ? OptimiserSpec::Kind::adamax
           : rmsprop        ? OptimiserSpec::Kind::rmsprop
                            : OptimiserSpec::Kind::adam;
  o.beta1 = train.number("beta1", 0, 0.99999, rmsprop ? 0 : 0.9);
  o.beta2 = train.number("beta2", 0, 0.9999999, rmsprop ? 0.9 : 0.999);
  o.epsilon = train.number("epsilon", 1e-30, 1, 1e-8);
  o.decay = train.number("weight-decay", 0, 10, kind == "adamw" ? 1e-4 : 0);
  o.clip = train.number("clip", 0, 1e30, 5);
  return o;
}

ScheduleSpec read_schedule(Config& train) {
  ScheduleSpec s;
  s.rate = train.number("rate", 0, 10, 5e-4);
  s.warm_up = train.count("warm-up", 0, 1000000000, 100);
  const std::string kind = train.choice("schedule", {"cosine", "step", "constant"}, "cosine");
  if (kind == "constant") s.kind = ScheduleSpec::Kind::constant;
  if (kind != "step") return s;
  s.kind = ScheduleSpec::Kind::step;
  s.step_every = train.count("step-every", 1, 1000000000, 50);
  s.step_factor = train.number("step-factor", 0, 1, 0.5);
  return s;
}

}  // namespace

TrainSpec read_train_spec(Config& train) {
  TrainSpec t;
  t.epochs = train.count("epochs", 0, 100000000, 100);
  t.batch = train.count("batch", 1, 1 << 24, 512);
  t.shards = train.count("shards", 0, 4096, 0);
  t.average = train.number("average", 0, 0.9999999, 0.999);
  t.patience = train.count("patience", 0, 100000000, 0);
  t.seed = train.count("seed", 0, Config::no_limit, 0);
  t.window = train.count("window", 0, Config::no_limit, 0);
  t.optimiser = read_optimiser(train);
  t.schedule = read_schedule(train);
  return t;
}

void settle(TrainSpec& t, std::size_t rows, std::size_t parameters, bool couples_rows) {
  t.batch = std::min(t.batch, rows);
  if (t.shards == 0) {
    // A shard costs one pass over the parameters, so large ones want large shards; 64 rows fill the
    // tiles. Batch norm's statistics are those of a shard: one, as published.
    const std::size_t least_rows = parameters < 2'000'000 ? 64 : 128;
    t.shards = couples_rows ? 1 : std::clamp<std::size_t>(t.batch / least_rows, 1, 16);
    if (!couples_rows && t.shards == 1 && t.batch >= 32) t.shards = 2;
  }
  t.shards = std::min(t.shards, t.batch);
}

double rate_at(const ScheduleSpec& s, std::size_t step, std::size_t steps,
               std::size_t steps_per_epoch) {
  // A run shorter than its warm-up spends a tenth of itself on it.
  const std::size_t warm_up = std::min(s.warm_up, std::max<std::size_t>(1, steps / 10));
  if (step < warm_up) return s.rate * static_cast<double>(step + 1) / static_cast<double>(warm_up);
  switch (s.kind) {
    case ScheduleSpec::Kind::constant:
      return s.rate;
    case ScheduleSpec::Kind::step:
      return s.rate *
             std::pow(s.step_factor, static_cast<double>(step / steps_per_epoch / s.step_every));
    case ScheduleSpec::Kind::cosine:
      break;
  }
  const double done = static_cast<double>(step - warm_up) /
                      static_cast<double>(std::max<std::size_t>(1, steps - warm_up));
  return s.rate * 0.5 * (1 + std::cos(std::numbers::pi * std::min(done, 1.0)));
}

}  // namespace flow
