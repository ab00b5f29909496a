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
  const double left = margin * seconds - 2 * pace.start;
  require(left >= pace.epoch, Exit::usage,
          "--budget: a run of one epoch takes about " + duration(pace.epoch + 2 * pace.start) +
              " here, and too little is left; give more time, fewer rows, or a smaller net with -s "
              "model.net.hidden");
  return static_cast<std::size_t>(std::min(left / pace.epoch, static_cast<double>(most)));
}

std::optional<std::size_t> begun_epochs(const std::string& model, Comm& comm) {
  std::optional<std::size_t> epochs;
  together(comm, [&] {
    if (!comm.first()) return;
    if (std::filesystem::exists(model)) {
      Model ended = load(model);
      epochs = read_train_spec(ended.config.map("train")).epochs;
    } else if (const auto mark = newest_mark(model)) {
      epochs = mark->epochs;
    }
  });
  const std::uint64_t told = max_over(comm, epochs ? *epochs + 1 : 0);
  return told > 0 ? std::optional<std::size_t>(told - 1) : std::nullopt;
}

}  // namespace flow
