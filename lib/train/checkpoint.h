// Checkpoints of a training run: MODEL.ckpt-1 and MODEL.ckpt-2, written in turn, so that the one
// before the last is whole whatever happens to the last. Each is an archive (h5/archive.h) with its
// own digest and the name of its run.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "config/config.h"
#include "core/params.h"
#include "train/rows.h"
#include "train/state.h"

namespace flow {

// Names a run by all that decides its result: the resolved configuration and the rows, by their
// digest. 64 hexadecimal digits.
std::string run_digest(const Config& resolved, const std::string& rows_digest);
// Names rows by all their numbers, contexts and weights included, and by which of them validate.
std::string digest_of(const TrainingRows& rows);

// The path of a checkpoint beside the model that is there, whatever it holds, or empty.
std::string existing_checkpoint(const std::string& model);

// Of the newest checkpoint beside the model that is whole, if there is one.
struct Mark {
  std::string run;
  std::size_t step = 0, epochs = 0;  // behind which step it is, and of how many epochs the run
};
std::optional<Mark> newest_mark(const std::string& model);

class Checkpoints {
 public:
  // Of the run that writes `model`, a path, and takes so many epochs in all.
  Checkpoints(const std::string& model, std::string run, const ParamTable& table,
              std::size_t epochs = 0);

  // The state of the newest that is whole; none where there is no checkpoint. A damaged one beside
  // it is told to note. Error(Exit::model) where none is whole, or they are of another run.
  std::optional<TrainState> newest(const std::function<void(const std::string&)>& note);

  // In the place of the older one; returns its path. Error(Exit::failed) where that fails, or where
  // a number is not finite; the other one stays.
  std::string write(const TrainState& state);

  void remove() const;  // both

 private:
  TrainState read(const std::string& path) const;

  std::string paths_[2], run_;
  const ParamTable& table_;
  std::size_t epochs_;
  std::size_t next_ = 0;  // which of the paths is written next
};

}  // namespace flow
