#include "train/collect.h"

#include <algorithm>
#include <numeric>
#include <unordered_set>

#include "core/error.h"
#include "core/missing.h"

namespace flow {

namespace {

void scale_weights(TrainingPart& train, TrainingPart& validation) {
  const double sum = std::accumulate(train.weights.begin(), train.weights.end(), 0.0);
  const double mean = sum / static_cast<double>(train.weights.size());
  for (TrainingPart* part : {&train, &validation})
    for (double& w : part->weights) w /= mean;
}

// Rows of a group are alike, so one that is trained on tells what the validation would find out.
void part_groups(const InputRows& train, const InputRows& validation) {
  const std::unordered_set<double> known(train.groups.begin(), train.groups.end());
  for (std::size_t i = 0; i < validation.groups.size(); ++i)
    require(!known.contains(validation.groups[i]), Exit::data,
            validation.place(i) + ": its group has rows in " + train.input +
                " too; move them to one side, or leave out --group-column");
}

void hold_out(const InputRows& all, const RowLayout& layout, const SplitSpec& spec,
              TrainingRows& to) {
  const std::size_t n = all.places.size(), groups = count_groups(n, all.groups);
  const std::string what = all.groups.empty() ? " row" : " group";
  require_split(spec, groups, what, all.input);
  const Split split = split_rows(n, spec, all.groups);
  take(all, split.train, layout, to.train);
  take(all, split.validation, layout, to.validation);
}

}  // namespace

void require_split(const SplitSpec& spec, std::uint64_t count, const std::string& what,
                   const std::string& input) {
  require(count >= 2, Exit::data,
          input + ": 1" + what + " is too few to train on; give at least 2");
  require(spec.folds <= count, Exit::data,
          input + ": " + std::to_string(count) + what + "s are too few for " +
              std::to_string(spec.folds) + " folds; give fewer folds");
  require(spec.folds > 0 || spec.fraction > 0, Exit::usage,
          "data.validation: 0 leaves nothing to validate on; give --validation, or a share");
}

void take(const InputRows& all, const std::vector<std::uint64_t>& which, const RowLayout& layout,
          TrainingPart& to) {
  const std::size_t d = layout.x.columns, c = layout.context.size();
  to.input = all.input;
  to.rows.reserve(which.size() * d), to.context.reserve(which.size() * c);
  for (std::uint64_t i : which) {
    const real* row = all.numbers.data() + i * layout.width();
    to.rows.insert(to.rows.end(), row, row + d);
    to.context.insert(to.context.end(), row + d, row + d + c);
    if (layout.weight) to.weights.push_back(static_cast<double>(row[layout.weight_column()]));
    to.at.push_back(all.places[i]);
  }
}

void join_words(const RowShape& shape, InputRows& train, InputRows& validation) {
  for (std::size_t j = 0; j < train.words.size(); ++j)
    require(train.words[j].empty() ||
                (j < validation.words.size() && !validation.words[j].empty()) ||
                !has_numbers(validation.numbers, shape.columns, j),
            Exit::data,
            validation.input + ": column " + label(shape, j) +
                " holds numbers, and words in the training rows; what is a word in one must be in "
                "both, or hold rows out of DATA");
  const Words& theirs = validation.words;
  for (std::size_t j = 0; j < theirs.size(); ++j) {
    if (theirs[j].empty()) continue;
    require(j < train.words.size() && !train.words[j].empty(), Exit::data,
            validation.input + ": column " + label(shape, j) +
                " holds words, and numbers in the training rows");
    std::vector<std::string>& ours = train.words[j];
    if (theirs[j].size() >= ours.size() &&
        std::equal(ours.begin(), ours.end(), theirs[j].begin())) {  // they were known to it
      ours = theirs[j];
      continue;
    }
    for (const std::string& word : theirs[j])
      if (std::find(ours.begin(), ours.end(), word) == ours.end()) ours.push_back(word);
    renumber(validation.numbers, theirs.size(), j, theirs[j], ours);
    if (j + 1 == theirs.size()) renumber(validation.groups, 1, 0, theirs[j], ours);
  }
}

TrainingRows collect(FiniteRows& train, FiniteRows* validation, const RowLayout& layout,
                     const SplitSpec& split, std::uint64_t max_bytes) {
  TrainingRows r;
  r.shape = layout.x;
  InputRows all = read_input(train, layout, max_bytes);
  if (validation) {
    validation->know(all.words);
    InputRows held_out = read_input(*validation, layout, max_bytes);
    join_words(train.shape(), all, held_out);
    part_groups(all, held_out);
    take(all, ascending(all.places.size()), layout, r.train);
    take(held_out, ascending(held_out.places.size()), layout, r.validation);
  } else {
    hold_out(all, layout, split, r);
  }
  scale_weights(r.train, r.validation);
  r.words = std::move(all.words);
  if (!r.words.empty()) r.words.resize(layout.weight_column());
  return r;
}

}  // namespace flow
