#include "train/checkpoint.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <type_traits>
#include <utility>

#include "core/error.h"
#include "h5/archive.h"
#include "h5/sha256.h"

namespace flow {

namespace {

constexpr const char* format_name = "exactflow checkpoint";
constexpr std::int64_t format_version = 2;
constexpr const char* suffixes[] = {".ckpt-1", ".ckpt-2"};

// A report as a row of numbers.
template <class Report, class F>
void each_number(Report& r, F f) {
  f(r.epoch), f(r.step), f(r.train), f(r.rate), f(r.norm), f(r.skipped), f(r.seconds), f(r.best);
  auto& v = r.validation;
  f(v.rows), f(v.outside), f(v.mean), f(v.worst), f(v.worst_row), f(v.squares);
  f(v.weight), f(v.weight_squares);
}

// The running epoch and the outcome so far.
template <class State, class F>
void each_counter(State& s, F f) {
  f(s.batch), f(s.sum), f(s.weight), f(s.skipped_in_a_row), f(s.rollbacks), f(s.since_best);
  f(s.rate_factor), f(s.now.steps), f(s.good.steps);
}

// The arrays that are as long as theta; an empty one is not wanted, or not there yet.
template <class State, class F>
void each_array(State& s, F f) {
  f("now/theta", s.now.theta), f("now/average", s.now.average);
  f("now/first", s.now.first), f("now/second", s.now.second);
  f("good/theta", s.good.theta), f("good/average", s.good.average);
  f("good/first", s.good.first), f("good/second", s.good.second);
  f("best", s.best);
}

auto writer_to(std::vector<double>& out) {
  return [&out](const auto& value) { out.push_back(static_cast<double>(value)); };
}

auto reader_of(const std::vector<double>& in, std::size_t& at) {
  return [&in, &at](auto& value) {
    value = static_cast<std::remove_reference_t<decltype(value)>>(in[at++]);
  };
}

std::size_t report_width() {
  std::size_t n = 0;
  EpochReport r;
  each_number(r, [&](auto&) { ++n; });
  return n;
}

std::size_t counters() {
  std::size_t n = 0;
  TrainState s;
  each_counter(s, [&](auto&) { ++n; });
  return n;
}

std::string digest_of(const TrainingPart& part) {
  return sha256_hex(std::as_bytes(std::span(part.rows))) +
         sha256_hex(std::as_bytes(std::span(part.context))) +
         sha256_hex(std::as_bytes(std::span(part.weights)));
}

Archive open_checkpoint(const std::string& path) {
  Archive in = Archive::open(path);
  require(in.has_attribute("format") && in.text_attribute("format") == format_name &&
              in.integer_attribute("format_version") == format_version,
          Exit::model, path + ": not a checkpoint that this version of flow-train can read");
  return in;
}

}  // namespace

std::string digest_of(const TrainingRows& rows) {
  if (rows.streamed > 0) return sha256_hex(rows.digest + digest_of(rows.validation));
  return sha256_hex(digest_of(rows.train) + digest_of(rows.validation));
}

std::string run_digest(const Config& resolved, const std::string& rows_digest) {
  return sha256_hex(resolved.to_yaml() + '\0' + rows_digest);
}

std::string existing_checkpoint(const std::string& model) {
  for (const char* suffix : suffixes)
    if (std::filesystem::exists(model + suffix)) return model + suffix;
  return "";
}

std::optional<Mark> newest_mark(const std::string& model) {
  std::optional<Mark> newest;
  for (const char* suffix : suffixes) {
    const std::string path = model + suffix;
    if (!std::filesystem::exists(path)) continue;
    try {
      const Archive in = open_checkpoint(path);
      const auto reports = in.array<double>("/reports");
      if (reports.size() < report_width()) continue;
      EpochReport now;
      std::size_t at = 0;
      each_number(now, reader_of(reports, at));
      if (!newest || now.step > newest->step)
        newest = Mark{in.text_attribute("run"), now.step,
                      static_cast<std::size_t>(in.integer_attribute("epochs"))};
    } catch (const Error&) {
      // A damaged one: the other may be whole.
    }
  }
  return newest;
}

Checkpoints::Checkpoints(const std::string& model, std::string run, const ParamTable& table,
                         std::size_t epochs)
    : paths_{model + suffixes[0], model + suffixes[1]},
      run_(std::move(run)),
      table_(table),
      epochs_(epochs) {}

TrainState Checkpoints::read(const std::string& path) const {
  const Archive in = open_checkpoint(path);
  require(in.text_attribute("run") == run_, Exit::model,
          path +
              ": of a run with other data or another configuration; give those again, another "
              "-o, or start anew with -f and without --resume");
  TrainState s;
  const auto fits = [&](bool holds, const std::string& name) {
    require(holds, Exit::model,
            path + ": " + name +
                " has another size than this run's; start anew with -f and without --resume");
  };
  each_array(s, [&](const std::string& name, std::vector<real>& values) {
    values = in.array<real>("/" + name);
    fits(values.empty() || values.size() == table_.size(), name);
  });
  std::size_t at = 0;
  const auto numbers = in.array<double>("/counters");
  fits(numbers.size() == counters(), "counters");
  each_counter(s, reader_of(numbers, at));
  const auto reports = in.array<double>("/reports");
  const std::size_t width = report_width();
  fits(reports.size() % width == 0 && reports.size() >= 2 * width, "reports");
  s.history.resize(reports.size() / width - 2);
  at = 0;
  each_number(s.report, reader_of(reports, at));
  each_number(s.best_report, reader_of(reports, at));
  for (EpochReport& r : s.history) each_number(r, reader_of(reports, at));
  return s;
}

std::optional<TrainState> Checkpoints::newest(const std::function<void(const std::string&)>& note) {
  std::optional<TrainState> newest;
  std::string damage;
  for (std::size_t i = 0; i < 2; ++i) {
    if (!std::filesystem::exists(paths_[i])) continue;
    try {
      TrainState s = read(paths_[i]);
      if (newest && newest->report.step >= s.report.step) continue;
      newest = std::move(s);
      next_ = 1 - i;
    } catch (const Error& e) {
      damage = e.what();
    }
  }
  require(newest || damage.empty(), Exit::model, damage);
  if (!damage.empty()) note(damage + "; going on from the other checkpoint");
  return newest;
}

std::string Checkpoints::write(const TrainState& state) {
  const std::string& path = paths_[next_];
  ArchiveWriter out(path, true);
  out.attribute("format", format_name);
  out.attribute("format_version", format_version);
  out.attribute("run", run_);
  out.attribute("epochs", static_cast<std::int64_t>(epochs_));
  each_array(state, [&](const std::string& name, const std::vector<real>& values) {
    const bool finite =
        std::all_of(values.begin(), values.end(), [](real v) { return std::isfinite(v); });
    require(finite, Exit::failed,
            path + ": not written, for " + name + " holds a number that is not finite");
    out.array(name, {values.size()}, std::span<const real>(values));
  });
  std::vector<double> numbers, reports;
  each_counter(state, writer_to(numbers));
  each_number(state.report, writer_to(reports));
  each_number(state.best_report, writer_to(reports));
  for (const EpochReport& r : state.history) each_number(r, writer_to(reports));
  out.array("counters", {numbers.size()}, std::span<const double>(numbers));
  out.array("reports", {reports.size() / report_width(), report_width()},
            std::span<const double>(reports));
  out.finish();
  next_ = 1 - next_;
  return path;
}

void Checkpoints::remove() const {
  for (const std::string& path : paths_) unlink(path.c_str());
}

}  // namespace flow
