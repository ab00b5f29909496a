// From a flow of a PyTorch library to a model.
#pragma once
#include <string>

#include "model/model.h"

namespace flow {

struct Imported {
  Model model;
  std::string library;  // "nflows"
  std::size_t rows;     // of the file, at which both log-densities were compared
  double worst;         // |here - there| / max(1, |there|) of them
};

// Error(Exit::model) for a file that is damaged, for a module that has no counterpart here, and
// where the log-density of one of the file's rows is further than `tolerance` from the library's.
Imported import_torch(const std::string& path, bool trusted, double tolerance, std::size_t threads);

}  // namespace flow
