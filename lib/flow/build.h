// From a configuration to a flow: the tables that name every kind of layer, net and base. A new
// kind is one file and one line here. flow-config(5) describes what the configuration holds.
#pragma once
#include <memory>
#include <span>
#include <string>

#include "config/config.h"
#include "core/columns.h"
#include "flow/flow.h"

namespace flow {

// What a configuration may leave to the data.
struct DataFacts {
  std::size_t columns = 0;
  real low = 0, high = 1;   // the range of the values: the logit layer's default
  std::size_t context = 0;  // columns of what the density is conditional on, but the mask
  std::vector<std::size_t> dims = {};  // of a row that is an image: height, width [, channels]
  std::vector<Column> types = {};      // of the columns; not empty: a layer of them comes first
  bool marginal = false;               // cells may be missing; types are not empty then
};

// model: {base: KIND, layers: [{kind: KIND, ...} | {repeat: N, layers: [...]}], net: {...}}.
// Parameters are added to the table in the order of the layers. Error(Exit::usage) with file:line.
std::unique_ptr<Flow> build_flow(Config& model, const DataFacts& facts, ParamTable& table);

// The kinds of layer, for the tests that hold a case to each.
std::vector<std::string> layer_kinds();

}  // namespace flow
