// What a training run tells: an object an epoch, the history in the model, and the end in plain
// words.
#pragma once
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "model/model.h"
#include "train/loop.h"
#include "train/rivals.h"

namespace flow {

// JSON Lines: one object an epoch, there to be read as soon as it has happened.
class Metrics {
 public:
  // An empty path: nothing is written. An existing file is refused unless replace is set. It
  // begins with the epochs of earlier sittings.
  Metrics(const std::string& path, bool replace, const std::vector<EpochReport>& history);
  // waiting: as of Trainer, where there are several ranks.
  void epoch(const EpochReport& report, std::optional<double> waiting = {});
  void finish();

 private:
  void check() const;
  std::string path_;
  std::ofstream file_;
};

// The numbers of each epoch, but times: equal runs give equal models.
History history_of(const std::vector<EpochReport>& epochs);

// Sets what the model keeps of the validation rows: their log-densities, ascending (of many, evenly
// spaced ones), and how well the first of them come back from their latents. Returns the
// log-densities of all, in the order of the rows.
std::vector<double> keep_reference(Model& model, const Dataset& validation, std::size_t threads);

// Columns row and logp: of each row its number in the input, from 1, and its log-density.
// path: as of Sink. Error(Exit::failed) where it cannot be written.
void write_scores(const std::string& path, bool replace, const std::vector<std::uint64_t>& at,
                  const std::vector<double>& logp);

// at: of each validation row its number in the input, from 0.
// Lines that say what was trained, what the validation's number means, and with which constants;
// how much better than its rivals that is; whether the flow overfits, or would gain from more
// epochs.
std::vector<std::string> describe(const Model& model, const Trainer& trainer,
                                  const std::vector<std::uint64_t>& at,
                                  const std::vector<Rival>& rivals);

}  // namespace flow
