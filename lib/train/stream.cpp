#include "train/stream.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "core/error.h"
#include "data/propose.h"
#include "flow/start.h"
#include "h5/sha256.h"
#include "train/collect.h"

namespace flow {

namespace {

constexpr std::size_t block_bytes = 1 << 20;  // at most: what a disk that seeks reads in no time
constexpr std::size_t window_blocks = 256;    // at least, so that a window is of as many places
// The samples that are drawn with one seed; StreamSplit has 1 and 2.
enum : std::uint32_t { training_sample = 3, validation_sample = 4 };

// As floats, with its place and its key.
std::uint64_t held_bytes(const RowLayout& layout) {
  return sizeof(real) * layout.width() + 2 * sizeof(std::uint64_t);
}

// Of all rows to train on: with a sample alone a column could seem to have bounds, or to be of
// integers, that is not so.
class Extremes {
 public:
  explicit Extremes(std::size_t columns)
      : low_(columns, NAN), high_(low_), finest_(low_), fineness_(columns) {}

  void see(const real* row) {
    for (std::size_t j = 0; j < low_.size(); ++j) {
      const real v = row[j];
      if (v < low_[j] || std::isnan(low_[j])) low_[j] = v;
      if (v > high_[j] || std::isnan(high_[j])) high_[j] = v;
      if (fineness_[j] == finest || v == std::floor(v) || std::isnan(v)) continue;
      if (const std::size_t f = fineness(static_cast<double>(v)); f > fineness_[j])
        finest_[j] = v, fineness_[j] = f;
    }
  }
  // As three rows behind others, whose context and weight they get.
  void append_to(TrainingPart& part, std::size_t context) const {
    std::vector<real> some = finest_;
    for (std::size_t j = 0; j < some.size(); ++j)
      if (std::isnan(some[j])) some[j] = low_[j];
    for (const std::vector<real>* row : {&low_, &high_, &std::as_const(some)}) {
      part.rows.insert(part.rows.end(), row->begin(), row->end());
      for (std::size_t j = 0; j < context; ++j) part.context.push_back(part.context[j]);
      if (!part.weights.empty()) part.weights.push_back(part.weights[0]);
      part.at.push_back(part.at[0]);
    }
  }

 private:
  std::vector<real> low_, high_, finest_;
  std::vector<std::size_t> fineness_;
};

// The labels of the context that were met, and the values of columns that have few of them: rows
// with others join the sample.
class Values {
 public:
  Values(const RowLayout& layout, const Words& words)
      : met_(layout.x.columns + layout.context.size()), most_(met_.size(), few + 1) {
    constexpr std::size_t labels = 1100;  // more than are allowed: model/context.h
    for (std::size_t j = 0; j < layout.context.size(); ++j) {
      const std::size_t column = layout.x.columns + j;
      const bool label =
          layout.context[j].label || (column < words.size() && !words[column].empty());
      most_[column] = label ? labels : 0;
    }
  }
  bool are_new(const real* row) {
    bool found = false;
    for (std::size_t j = 0; j < met_.size(); ++j)
      if (met_[j].size() < most_[j] && !std::isnan(row[j])) found |= met_[j].insert(row[j]).second;
    return found;
  }

 private:
  std::vector<std::set<real>> met_;
  std::vector<std::size_t> most_;
};

}  // namespace

bool fits_in_memory(std::uint64_t rows, const RowLayout& layout, std::uint64_t memory) {
  return rows <= memory / 2 / held_bytes(layout);  // reading copies them once
}

std::size_t window_within(std::uint64_t memory, const RowLayout& layout) {
  const std::uint64_t window = memory / 4 / held_bytes(layout);
  require(window >= 64, Exit::usage,
          "--max-memory: " + std::to_string(memory) + " bytes are too few for rows of " +
              std::to_string(layout.width()) + " numbers; give at least " +
              std::to_string(256 * held_bytes(layout)));
  return static_cast<std::size_t>(window);
}

StreamedRows::StreamedRows(std::unique_ptr<FiniteRows> rows, const RowLayout& layout,
                           const StreamSpec& spec)
    : rows_(std::move(rows)), layout_(layout), spec_(spec) {
  require(rows_->shape().columns == layout.width(), Exit::data,
          rows_->name() + ": " + std::to_string(rows_->shape().columns) +
              " columns, and the training rows have " + std::to_string(layout.width()) +
              "; give both the same columns");
  rows_->keep();
  require(*rows_->rows() > 0, Exit::data, rows_->name() + ": no rows");
  const std::size_t most = std::max<std::size_t>(1, block_bytes / held_bytes(layout));
  block_ = std::clamp<std::size_t>(spec.window / window_blocks, 1, most);
  values_.resize(block_ * layout.width());
}

std::size_t StreamedRows::blocks() const {
  return static_cast<std::size_t>((*rows_->rows() + block_ - 1) / block_);
}

InputRows StreamedRows::read(std::size_t block) {
  const std::size_t width = layout_.width();
  rows_->seek(std::uint64_t{block} * block_);
  const std::size_t n = rows_->read_part(values_);
  InputRows in;
  in.input = rows_->name(), in.places = rows_->places();
  in.numbers.resize(n * width);
  for (std::size_t i = 0; i < n; ++i)
    to_reals(*rows_, std::span<const double>(values_).subspan(i * width, width), in.places[i],
             in.numbers.data() + i * width);
  if (layout_.weight) check_weights(in, layout_);
  return in;
}

void StreamedRows::hold_out(std::uint64_t most) {
  const std::uint64_t n = *rows_->rows();
  require_split(spec_.split, n, " row", rows_->name());
  split_.emplace(n, spec_.split, most);
  const bool folds = spec_.split.folds > 0;
  require(split_->count() <= most, Exit::usage,
          std::string(folds ? "--fold" : "data.split") + ": " + std::to_string(split_->count()) +
              " rows to validate on are more than half a window of train.window, " +
              std::to_string(spec_.window) + " rows; give more --max-memory, or " +
              (folds ? "more folds" : "a smaller data.validation"));
}

// Rows that are read to validate on alone, those that are kept of them.
InputRows StreamedRows::sample(std::uint64_t most) {
  const std::uint64_t n = *rows_->rows();
  const std::size_t width = layout_.width();
  const Stretches chosen(n, std::min(n, most), spec_.split.seed, validation_sample);
  InputRows all;
  all.input = rows_->name(), all.words = rows_->words();
  for (std::size_t k = 0; k < blocks(); ++k) {
    const InputRows in = read(k);
    for (std::size_t i = 0; i < in.places.size(); ++i) {
      if (!chosen.has(in.places[i])) continue;
      const auto row = in.numbers.begin() + static_cast<std::ptrdiff_t>(i * width);
      all.numbers.insert(all.numbers.end(), row, row + static_cast<std::ptrdiff_t>(width));
      all.places.push_back(in.places[i]);
    }
  }
  return all;
}

void StreamedRows::take_block(std::size_t block, TrainingPart& to) {
  const InputRows in = read(block);
  std::vector<std::uint64_t> which;
  for (std::size_t i = 0; i < in.places.size(); ++i)
    if (!split_ || !split_->validates(in.places[i])) which.push_back(i);
  const std::size_t before = to.weights.size();
  take(in, which, layout_, to);
  for (std::size_t i = before; i < to.weights.size(); ++i) to.weights[i] /= mean_weight_;
}

// What the first pass finds out.
struct StreamedRows::Findings {
  Findings(const StreamedRows& rows, std::uint64_t most)
      : extremes(rows.layout_.x.columns),
        values(rows.layout_, rows.rows_->words()),
        sample(
            *rows.rows_->rows(),
            std::min<std::uint64_t>({*rows.rows_->rows(), start_rows(rows.layout_.width()), most}),
            rows.spec_.split.seed, training_sample) {}
  Sha256 digest;
  Extremes extremes;
  Values values;
  Stretches sample;
  double weight = 0;
};

void StreamedRows::look_at(const InputRows& in, Findings& found, TrainingRows& to) {
  found.digest.update(std::as_bytes(std::span(in.numbers)));
  std::vector<std::uint64_t> sample, held_out;
  for (std::size_t i = 0; i < in.places.size(); ++i) {
    const real* row = in.numbers.data() + i * layout_.width();
    if (split_ && split_->validates(in.places[i])) {
      held_out.push_back(i);
      continue;
    }
    found.extremes.see(row);
    if (layout_.weight) found.weight += static_cast<double>(row[layout_.weight_column()]);
    if (found.values.are_new(row) || found.sample.has(in.places[i]) || count_ == 0)
      sample.push_back(i);
    ++count_, ++counts_.back();
  }
  take(in, sample, layout_, to.train), take(in, held_out, layout_, to.validation);
}

TrainingRows StreamedRows::survey(StreamedRows* validation, std::string& note) {
  require(!layout_.group, Exit::usage,
          "--group-column: groups are told apart in memory, and these rows are streamed; give more "
          "--max-memory");
  const std::uint64_t most = spec_.window / 2;
  TrainingRows r;
  r.shape = layout_.x;
  InputRows words;
  words.words = rows_->words();
  if (!validation) hold_out(most);
  Findings found(*this, most);
  counts_.clear(), count_ = 0;
  for (std::size_t k = 0; k < blocks(); ++k) {
    counts_.push_back(0);
    look_at(read(k), found, r);
  }
  require(count_ > 0, Exit::data, rows_->name() + ": no rows to train on");
  if (layout_.weight) mean_weight_ = found.weight / static_cast<double>(count_);
  if (validation) {
    InputRows held_out = validation->sample(most);
    join_words(rows_->shape(), words, held_out);
    take(held_out, ascending(held_out.places.size()), layout_, r.validation);
  }
  require(!r.validation.at.empty(), Exit::data,
          (validation ? validation->rows_ : rows_)->name() + ": no rows to validate on");
  if (validation ? *validation->rows_->rows() > most : split_->capped())
    note = std::to_string(r.validation.at.size()) +
           " rows validate, evenly spread: half a window (train.window)";
  for (TrainingPart* part : {&r.train, &r.validation})
    for (double& w : part->weights) w /= mean_weight_;
  r.streamed = count_, r.sampled = r.train.at.size(), r.digest = found.digest.hex();
  found.extremes.append_to(r.train, layout_.context.size());
  r.words = std::move(words.words);
  if (!r.words.empty()) r.words.resize(layout_.weight_column());
  return r;
}

void StreamedRows::require_fit(const DataSpec& data) {
  if (data.columns.empty() && !data.levels.declared()) return;
  for (std::size_t k = 0; k < blocks(); ++k) {
    TrainingPart part;
    take_block(k, part);
    if (!part.at.empty()) flow_rows(data, part);
  }
}

}  // namespace flow
