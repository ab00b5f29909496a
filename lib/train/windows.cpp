#include "train/windows.h"

#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "core/random.h"
#include "data/columns.h"

namespace flow {

namespace {

std::size_t blocks_of_window(const StreamedRows& rows) {
  return std::max<std::size_t>(1, rows.window() / rows.block_rows());
}

void require_streamable(const StreamedRows& rows, const Model& model, const TrainSpec& spec) {
  const std::string window = "train.window: " + std::to_string(rows.window()) + " rows ";
  require(!model.flow->couples_rows(), Exit::usage,
          window +
              "at a time, and batch norm takes its statistics over all; use actnorm, or give "
              "more --max-memory");
  require(rows.window() >= 4 * spec.batch, Exit::usage,
          window + "are less than four batches; give more --max-memory, or a smaller train.batch");
  require(spec.shards <= blocks_of_window(rows), Exit::usage,
          window + "are " + std::to_string(blocks_of_window(rows)) + " blocks, and a batch has " +
              std::to_string(spec.shards) +
              " shards; give more --max-memory, or fewer train.shards");
}

}  // namespace

WindowPlan::WindowPlan(std::span<const std::uint32_t> counts, std::size_t blocks, std::size_t steps,
                       const TrainSpec& spec, std::uint32_t of_epoch)
    : epoch(of_epoch) {
  using Wide = unsigned __int128;
  std::uint64_t all = 0, before = 0;
  for (const std::uint64_t block :
       Random(spec.seed, Stream::shuffle, epoch).permutation(counts.size()))
    if (counts[block] > 0) order.push_back(block), all += counts[block];
  // Steps share the rows evenly, whatever windows these fall into.
  const auto steps_before = [&](std::uint64_t rows) {
    return static_cast<std::size_t>(Wide{rows} * steps / all);
  };
  for (std::size_t first = 0; first < order.size(); first += blocks) {
    Window w{first, std::min(first + blocks, order.size()), steps_before(before)};
    w.rows.resize(spec.shards);
    for (std::size_t i = w.first_block; i < w.end_block; ++i)
      w.rows[(i - first) % spec.shards] += counts[order[i]];
    before = std::accumulate(w.rows.begin(), w.rows.end(), before);
    w.steps = steps_before(before) - w.first_step;
    if (w.steps > 0) windows.push_back(std::move(w));
  }
}

// Batches of at least the rows that are asked for: so there are as many rows as shards in each, and
// the shard with the most rows of a window has one for each of its steps.
StreamedBatches::StreamedBatches(StreamedRows& rows, const Model& model, const TrainSpec& spec,
                                 const Dataset& sample, const Comm& comm)
    : rows_(rows),
      model_(model),
      spec_(spec),
      sample_(sample),
      first_(boundary(spec.shards, comm.rank(), comm.size())),
      last_(boundary(spec.shards, comm.rank() + 1, comm.size())),
      steps_(static_cast<std::size_t>(rows.count() / spec.batch)) {
  require_streamable(rows, model, spec);
}

StreamedBatches::~StreamedBatches() { leaving_ = true; }  // next_ then waits for no whole window

StreamedBatches::Plan StreamedBatches::plan_of(std::uint32_t epoch) const {
  return std::make_shared<const WindowPlan>(rows_.counts(), blocks_of_window(rows_), steps_, spec_,
                                            epoch);
}

StreamedBatches::Held StreamedBatches::read(const Plan& plan, std::size_t window) {
  const WindowPlan::Window& w = plan->windows[window];
  const auto own =
      std::accumulate(w.rows.begin() + static_cast<std::ptrdiff_t>(first_),
                      w.rows.begin() + static_cast<std::ptrdiff_t>(last_), std::uint64_t{0});
  std::vector<real> values;
  std::vector<double> weights;
  std::vector<std::uint64_t> keys;
  values.reserve(own * model_.flow->width()), keys.reserve(own);
  std::vector<std::vector<std::uint64_t>> order(spec_.shards);
  for (std::size_t v = first_; v < last_; ++v) {
    const std::uint64_t begin = keys.size();
    for (std::size_t i = w.first_block + v; i < w.end_block && !leaving_; i += spec_.shards) {
      TrainingPart part;
      rows_.take_block(plan->order[i], part);
      const std::vector<real> rows = flow_rows(model_.data, part);
      values.insert(values.end(), rows.begin(), rows.end());
      weights.insert(weights.end(), part.weights.begin(), part.weights.end());
      keys.insert(keys.end(), part.at.begin(), part.at.end());
    }
    require(keys.size() - begin == w.rows[v] || leaving_, Exit::data,
            rows_.rows().name() + ": has changed since training began; start again");
    const std::uint64_t seed =
        Random(spec_.seed, Stream::window, plan->epoch).bits(window, static_cast<std::uint32_t>(v));
    order[v] = Random(seed, Stream::window, plan->epoch).permutation(keys.size() - begin);
    for (std::uint64_t& row : order[v]) row += begin;
  }
  Dataset data(std::move(values), model_.flow->columns(), model_.data.dequantise, spec_.seed,
               noise_steps(model_.data.columns), model_.flow->context(), std::move(weights),
               std::move(keys));
  return {plan, window, std::move(data), std::move(order)};
}

// Makes this window the one that is held, and has the one behind it read.
void StreamedBatches::hold(const Plan& plan, std::size_t window) {
  held_.reset();
  if (next_.valid()) held_ = next_.get();
  if (!held_ || held_->plan->epoch != plan->epoch || held_->window != window) {
    held_.reset();
    held_ = read(plan, window);
  }
  Plan then = plan;
  if (++window == plan->windows.size()) {
    if (plan->epoch == spec_.epochs) return;
    then = plan_of(plan->epoch + 1), window = 0;
  }
  next_ = ahead([this, then, window] { return read(then, window); });
}

const Batch& StreamedBatches::take(std::uint32_t epoch, std::size_t step) {
  const auto of_epoch = [&] { return held_ && held_->plan->epoch == epoch; };
  const auto covers = [&](const WindowPlan::Window& w) {
    return w.first_step <= step && step < w.first_step + w.steps;
  };
  if (!of_epoch() || !covers(held_->plan->windows[held_->window])) {
    const Plan plan = of_epoch() ? held_->plan : plan_of(epoch);
    const auto at = std::find_if(plan->windows.begin(), plan->windows.end(), covers);
    hold(plan, static_cast<std::size_t>(at - plan->windows.begin()));
  }
  const WindowPlan::Window& w = held_->plan->windows[held_->window];
  batch_.data = &held_->data, batch_.rows = 0;
  batch_.shards.clear();
  for (std::size_t v = 0; v < spec_.shards; ++v) {
    const auto n = static_cast<std::size_t>(w.rows[v]);
    const std::size_t begin = boundary(n, step - w.first_step, w.steps),
                      end = boundary(n, step - w.first_step + 1, w.steps);
    const std::span<const std::uint64_t> order = held_->order[v];
    batch_.shards.push_back(
        {batch_.rows, order.empty() ? order : order.subspan(begin, end - begin)});
    batch_.rows += end - begin;
  }
  return batch_;
}

}  // namespace flow
