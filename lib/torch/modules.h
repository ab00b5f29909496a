// A PyTorch model in an HDF5 file, as the script in flow-import(1) writes it: the tree of its
// modules with their plain attributes, its tensors, and some rows with their log-densities.
// Errors are Error(Exit::model), and name the file and the module.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "h5/archive.h"

namespace flow {

struct Tensor {
  std::vector<std::size_t> dims;
  std::vector<double> values;  // row by row
};

struct TorchFile {
  std::string path;
  Archive archive;
  Config modules;
};

TorchFile open_torch(const std::string& path, bool trusted);

// A module by its dotted name; "." is the root. The file outlives it.
class TorchModule {
 public:
  explicit TorchModule(TorchFile& file, std::string name = ".")
      : file_(&file), name_(std::move(name)) {}

  std::string type() const { return text("class"); }  // its class in Python: "LULinear"
  std::string text(const std::string& attribute) const;
  double number(const std::string& attribute) const;
  std::size_t count(const std::string& attribute, std::size_t least, std::size_t most) const;
  bool flag(const std::string& attribute) const;
  // Of a function: its values at -3, -2 ... 3.
  std::vector<double> function(const std::string& attribute) const;
  bool has(const std::string& attribute) const;  // and it is not None

  std::optional<TorchModule> child(const std::string& name) const;
  TorchModule at(const std::string& name) const;  // a child that must be there
  std::vector<TorchModule> elements() const;      // children 0, 1 ... of a list or a sequence

  bool has_tensor(const std::string& name) const;
  Tensor tensor(const std::string& name) const;
  // Of one dimension, or of one row.
  std::vector<double> vector(const std::string& name) const;
  std::vector<std::size_t> places(const std::string& name) const;  // of whole numbers from 0 on

  // "FILE: flow.3: a SVDLinear: WHAT"
  [[noreturn]] void refuse(const std::string& what) const;
  void require(bool holds, const std::string& what) const {
    if (!holds) refuse(what);
  }

 private:
  Config& attributes() const { return file_->modules.map(name_); }
  std::string full(const std::string& part) const {
    return name_ == "." ? part : name_ + "." + part;
  }

  TorchFile* file_;
  std::string name_;
};

}  // namespace flow
