// A trained flow and all that is needed to use it: architecture, parameters, preprocessing, what
// the rows were. One HDF5 file (flow-model(5)) that h5py reads without this code.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "core/aligned.h"
#include "core/columns.h"
#include "core/rows.h"
#include "data/levels.h"
#include "data/prepare.h"
#include "flow/build.h"
#include "h5/archive.h"
#include "model/context.h"

namespace flow {

// The rows a model was made for, and what is done to them before the flow: the `data` part of a
// resolved configuration.
struct DataSpec {
  Preparation prepare = Preparation::none;  // before all else, as rows are read
  RowShape shape;                           // columns, dims, names
  std::vector<Column> columns;  // what each is; empty: nothing was said, all are taken as they are
  bool marginal = false;        // cells may be missing, NaN (layers/observed.h)
  bool dequantise = false;      // all are integers: uniform noise in [0, 1) is added
  Levels levels;                // of dequantised integers, where these are declared
  double low = 0, high = 1;     // range of what the flow sees; dequantised: the highest plus 1
  ContextSpec context;          // of the columns that stand behind those; empty: none
};

// Named columns of numbers, one number an epoch.
using History = std::vector<std::pair<std::string, std::vector<double>>>;

// The rows that a model was trained on; empty or 0 where its file does not say.
struct TrainedOn {
  std::string digest;  // of all numbers of the rows (train/checkpoint.h)
  std::uint64_t rows = 0, validation_rows = 0;
};

struct Model {
  std::string given;  // the configuration as the user gave it, YAML
  Config config;      // resolved: model, data and train, every value
  DataSpec data;
  std::unique_ptr<Flow> flow;
  ParamTable table;
  std::vector<real> theta;
  History history;
  std::vector<double> reference;     // log-densities of validation rows, ascending; may be empty
  std::optional<double> round_trip;  // of validation rows, as flow/round_trip.h; may be unknown
  std::optional<double> condition;   // likewise, as flow/condition.h
  std::string run;  // names the training run by its configuration and rows; may be empty
  TrainedOn trained_on;
  std::string digest;               // of the file it was read from,
  std::string created_by, kernels;  // and the program and the instruction set that wrote that
};

// What a configuration tells before rows are read: data.prepare, and data.missing in marginal.
DataSpec told_of_rows(Config& config);
// Reads data.dequantise, data.levels and data.bits into spec. Error(Exit::usage).
void read_levels(Config& data, DataSpec& spec);

// Reads `data` and `columns` of a resolved configuration, and writes `data` there.
DataSpec read_data_spec(Config& config);
void write_data_spec(const DataSpec& spec, Config& config);

// The flow and table of model.config, without parameters; rejects what nobody read.
void build(Model& model);

// Error(Exit::usage, Exit::failed) now for a place where save would fail, which may be hours later:
// none, a terminal, a file that is there and that nobody wants replaced, no folder.
void check_savable(const std::string& path, bool replace);

// Error(Exit::failed) for what goes wrong in writing; an existing file is refused unless replace.
void save(const Model& model, const std::string& path, bool replace);

// Error(Exit::model), naming the data set, for a file that is missing, damaged, newer than this
// program, or whose parameters are not those of its configuration. trusted: h5/archive.h.
Model load(const std::string& path, bool trusted = false);

}  // namespace flow
