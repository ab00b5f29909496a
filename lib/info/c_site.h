// One layer of a model on its way to C: its configuration, its parameters, and where its text goes.
// Internal to export_c.
#pragma once
#include <string>

#include "config/config.h"
#include "info/c_source.h"
#include "model/model.h"

namespace flow {

// Error(Exit::usage): what cannot be exported, and why.
[[noreturn]] void refuse_export(const std::string& what);

struct CSite {
  const Model& model;
  Config& spec;      // the whole model's, with its default net
  Config& entry;     // the layer's
  std::string name;  // "layers/03-affine-coupling"
  std::size_t columns;
  CSource& source;

  // A parameter of this layer, "net/0/weight"; null where there is none.
  const ParamTable::Entry* find(const std::string& part) const;
  CVec values(const std::string& part) const;
  // The same as an array in C, whose name is given back.
  std::string array(const std::string& part) const;
};

// Text that sets h to the layer's net of z + first, `out` numbers.
void export_net(CSite& site, std::size_t first, std::size_t out);
// Likewise of a masked net: params numbers for each column.
void export_made(CSite& site, std::size_t params);

}  // namespace flow
