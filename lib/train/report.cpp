#include "train/report.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/json.h"
#include "core/output.h"
#include "core/text.h"
#include "data/columns.h"
#include "data/source.h"
#include "flow/condition.h"
#include "flow/evaluate.h"
#include "flow/round_trip.h"

namespace flow {

Metrics::Metrics(const std::string& path, bool replace, const std::vector<EpochReport>& history)
    : path_(path) {
  if (path.empty()) return;
  check_writable(path, replace);
  // What stands in the file that standard output goes to stays there.
  file_.open(path == "-" ? "/dev/stdout" : path,
             is_special(path) ? std::ios::app : std::ios::trunc);
  check();
  for (const EpochReport& r : history) epoch(r);
}

void Metrics::check() const {
  require(file_.good(), Exit::failed, path_ + ": cannot be written; check that its disk has room");
}

void Metrics::epoch(const EpochReport& r, std::optional<double> waiting) {
  if (path_.empty()) return;
  const Summary& v = r.validation;
  JsonLine line;
  line.add("epoch", r.epoch).add("step", r.step).add("train", r.train).add("validation", v.mean);
  line.add("validation_error", v.error()).add("worst", v.worst).add("rate", r.rate);
  line.add("norm", r.norm).add("skipped", r.skipped).add("seconds", r.seconds).add("best", r.best);
  if (waiting) line.add("waiting", *waiting);
  file_ << line.line() << std::flush;
  check();
}

void Metrics::finish() {
  if (path_.empty()) return;
  file_.close();
  check();
}

History history_of(const std::vector<EpochReport>& epochs) {
  const auto column = [&](auto value) {
    std::vector<double> out;
    for (const EpochReport& r : epochs) out.push_back(static_cast<double>(value(r)));
    return out;
  };
  return {{"epoch", column([](auto& r) { return r.epoch; })},
          {"step", column([](auto& r) { return r.step; })},
          {"train", column([](auto& r) { return r.train; })},
          {"validation", column([](auto& r) { return r.validation.mean; })},
          {"validation_error", column([](auto& r) { return r.validation.error(); })},
          {"worst", column([](auto& r) { return r.validation.worst; })},
          {"rate", column([](auto& r) { return r.rate; })},
          {"norm", column([](auto& r) { return r.norm; })},
          {"skipped", column([](auto& r) { return r.skipped; })}};
}

std::vector<double> keep_reference(Model& model, const Dataset& validation, std::size_t threads) {
  constexpr std::size_t most = 10000, most_probed = 128;
  const std::size_t n = validation.rows(), width = validation.width(), some = std::min(n, most);
  std::vector<real> rows(n * width);
  for (std::size_t i = 0; i < n; ++i) validation.row(i, 0, rows.data() + i * width);
  std::vector<double> logp(n);
  Evaluator evaluator(*model.flow, model.table, model.theta, threads);
  evaluator.log_density(rows.data(), n, logp);
  std::vector<double> ascending = logp;
  std::sort(ascending.begin(), ascending.end());
  model.reference.resize(some);
  for (std::size_t k = 0; k < some; ++k)
    model.reference[k] = ascending[some == n ? k : k * (n - 1) / (most - 1)];

  rows.resize(some * width);
  std::vector<real> back = rows;
  evaluator.encode(back.data(), some, {}, model.flow->depth());
  evaluator.decode(back.data(), some, {}, model.flow->depth());
  RoundTrip trip{.periods = periods(model.data.columns)};
  trip.add(rows, back, width, 0);
  if (std::isfinite(trip.worst)) model.round_trip = trip.worst;
  rows.resize(std::min(some, most_probed) * width);
  const double c = condition(evaluator, *model.flow, rows, trip);
  if (std::isfinite(c)) model.condition = c;
  return logp;
}

void write_scores(const std::string& path, bool replace, const std::vector<std::uint64_t>& at,
                  const std::vector<double>& logp) {
  std::vector<double> rows;
  for (std::size_t i = 0; i < logp.size(); ++i)
    rows.push_back(static_cast<double>(at[i] + 1)), rows.push_back(logp[i]);
  const auto out = create_rows({.path = path,
                                .format = path == "-" ? Format::csv : Format::automatic,
                                .replace = replace,
                                .as_float = false,
                                .shape = {2, {2}, {"row", "logp"}, logp.size()}});
  out->write(rows);
  out->finish();
}

namespace {

std::string in_bits(double mean, const DataSpec& data) {
  const std::size_t columns = data.shape.columns;
  const double d = static_cast<double>(columns), levels = data.high - data.low;
  return format(
      "            = %.4f bits/dim: -LL / (D ln 2), D = %zu, integers of step 1; "
      "on [0, 1] data %.4f nats = LL + D ln %.0f",
      bits_per_dim(mean, columns), columns, mean + d * std::log(levels), levels);
}

// What the course of the losses suggests; nothing where it is as it should be.
std::string advice(const std::vector<EpochReport>& history, const EpochReport& best) {
  const std::size_t epochs = history.size();
  if (epochs < 5) return "";
  const EpochReport& last = history.back();
  const double noise = 2 * last.validation.error();
  if (best.epoch <= epochs / 2 && last.validation.mean < best.validation.mean - noise)
    return format(
        "it overfits: validation fell by %.4f nats behind epoch %zu; more rows, dropout "
        "(model.net.dropout) or a smaller net (model.net.hidden) may help",
        best.validation.mean - last.validation.mean, best.epoch);
  const double before = history[epochs - 1 - epochs / 5].validation.mean;
  if (last.validation.mean > before + noise)
    return format(
        "validation still rose by %.4f nats in the last fifth; more epochs (train.epochs) may help",
        last.validation.mean - before);
  return "";
}

void compare(const std::vector<Rival>& rivals, std::vector<std::string>& lines) {
  std::string close, better;
  for (const Rival& r : rivals) {
    const std::string name = r.components == 1 ? "one Gaussian with all covariances"
                                               : format("a mixture of %zu Gaussians", r.components);
    lines.push_back(format("            %s has %.4f: %.4f +- %.4f nats %s", name.c_str(), r.mean,
                           std::abs(r.lead.mean), r.lead.error(),
                           r.lead.mean >= 0 ? "less" : "MORE than the flow"));
    if (better.empty() && r.lead.mean < -2 * r.lead.error()) better = name;
    if (close.empty() && r.lead.mean < 2 * r.lead.error()) close = name;
  }
  if (!better.empty())
    lines.push_back("the flow is worse than " + better +
                    ", which it should not be: more epochs (train.epochs) or other settings (-c) "
                    "may help");
  else if (!close.empty())
    lines.push_back("the flow is not clearly better than " + close +
                    ": of these rows there may be no more to learn; else more rows, or other "
                    "settings (-c, train.epochs), may help");
}

}  // namespace

std::vector<std::string> describe(const Model& model, const Trainer& trainer,
                                  const std::vector<std::uint64_t>& at,
                                  const std::vector<Rival>& rivals) {
  const EpochReport& best = trainer.best_report();
  const std::size_t epochs = trainer.history().size();
  const Summary& v = best.validation;
  std::vector<std::string> lines;
  lines.push_back(format("%zu parameters, %zu epochs in %s, the best epoch is %zu%s",
                         model.table.trained(), epochs,
                         duration(epochs ? trainer.history().back().seconds : 0).c_str(),
                         best.epoch, best.epoch < epochs ? " (the model is of that one)" : ""));
  if (trainer.lost_patience())
    lines.back() +=
        format("; ended, as %zu more epochs had no better validation", epochs - best.epoch);
  lines.push_back(
      format("validation: mean log-density %.4f +- %.4f nats of %zu rows, in units of the "
             "%s; worst %.4f in row %llu",
             v.mean, v.error(), v.rows, model.data.levels.bits ? "levels" : "file", v.worst,
             static_cast<unsigned long long>(at[v.worst_row] + 1)));
  if (v.outside)
    lines.back() += "; " + std::to_string(v.outside) + " rows have density 0 and are left out";
  if (model.data.dequantise) lines.push_back(in_bits(v.mean, model.data));
  compare(rivals, lines);
  if (const std::string hint = advice(trainer.history(), best); !hint.empty())
    lines.push_back(hint);
  return lines;
}

}  // namespace flow
