#include "train/budget.h"

#include <chrono>
#include <filesystem>

#include "core/error.h"
#include "core/text.h"
#include "model/model.h"
#include "train/checkpoint.h"

namespace flow {

namespace {

constexpr double margin = 0.9;        // of the time: machines do not keep their pace
constexpr double trial_share = 0.05;  // of the time, for the steps that are measured

}  // namespace

Pace measure_pace(const Flow& flow, const ParamTable& table, const TrainSpec& spec, Batches& train,
                  const Dataset& validation, std::size_t threads, double seconds, Comm& comm) {
  using Clock = std::chrono::steady_clock;
  const auto since = [](Clock::time_point then) {
    return std::chrono::duration<double>(Clock::now() - then).count();
  };
  const auto began = Clock::now();
  Trainer trial(flow, table, spec, train, validation, threads, {}, comm);
  Pace pace{.start = since(began)};
  const double steps_per_epoch = static_cast<double>(trial.steps()) /
                                 static_cast<double>(std::max<std::size_t>(1, spec.epochs));
  const auto first = Clock::now();
  bool whole = false;
  Watch watch;
  watch.step = [&](std::size_t step, std::size_t, double) {
    if (!whole)
      pace.epoch = steps_per_epoch * since(first) / static_cast<double>(step) + pace.start;
    return max_over(comm, step < 3 || since(first) < trial_share * seconds) != 0;
  };
  watch.epoch = [&](const EpochReport& r) {
    pace.epoch = since(first) / static_cast<double>(r.epoch), whole = true;
  };
  trial.run(watch);
  return {longest_over(comm, pace.start), longest_over(comm, pace.epoch)};
}

std::size_t affordable_epochs(const Pace& pace, std::size_t most, double seconds) {
  const double left = std::max(0.0, margin * seconds - 2 * pace.start);
  return static_cast<std::size_t>(std::min(left / pace.epoch, static_cast<double>(most)));
}

void require_affordable(const Pace& pace, std::size_t epochs) {
  require(epochs > 0, Exit::usage,
          "--budget: a run of one epoch takes about " + duration(pace.epoch + 2 * pace.start) +
              " here, and too little is left; give more time, fewer rows, or a smaller net with -s "
              "model.net.hidden");
}

std::string widths(Model& model) {
  std::string list;
  for (const std::size_t w : model.config.map("model").map("net").counts("hidden", 1, 1 << 16))
    list += (list.empty() ? "" : ", ") + std::to_string(w);
  return "[" + list + "]";
}

bool narrow(Model& model, TrainSpec& spec, std::size_t rows) {
  constexpr std::size_t least = 16;
  std::string half;
  bool narrower = false;
  for (const std::size_t w : model.config.map("model").map("net").counts("hidden", 1, 1 << 16)) {
    narrower = narrower || w > least;
    half += (half.empty() ? "" : ", ") + std::to_string(w > least ? std::max(w / 2, least) : w);
  }
  if (!narrower) return false;
  model.config.set("model.net.hidden", "[" + half + "]", "--budget");
  model.table = {};
  build(model);
  Config given = Config::parse(model.given, "given");
  spec.shards = read_train_spec(given.map("train")).shards;
  settle(spec, rows, model.table.trained(), model.flow->couples_rows());
  model.config.set("train.shards", std::to_string(spec.shards), "data");
  return true;
}

std::optional<Begun> begun_run(const std::string& model, Comm& comm) {
  std::optional<Begun> begun;
  together(comm, [&] {
    if (!comm.first()) return;
    if (std::filesystem::exists(model)) {
      Model ended = load(model);
      begun = {read_train_spec(ended.config.map("train")).epochs, ended.run};
    } else if (const auto mark = newest_mark(model)) {
      begun = {mark->epochs, mark->run};
    }
  });
  const std::uint64_t told = max_over(comm, begun ? begun->epochs + 1 : 0);
  if (told == 0) return {};
  return Begun{told - 1, texts_of(comm, begun ? begun->run : "")[0]};
}

}  // namespace flow
