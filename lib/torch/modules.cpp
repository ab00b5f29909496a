#include "torch/modules.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace flow {

TorchFile open_torch(const std::string& path, bool trusted) {
  TorchFile file{path, Archive::open_foreign(path, trusted), {}};
  for (const char* const name : {"/modules", "/x", "/logp"})
    require(file.archive.has(name), Exit::model,
            path + ": " + name + " is missing; write the file by the script in flow-import(1)");
  try {
    file.modules = Config::parse(file.archive.text("/modules"), path + ":/modules");
  } catch (const Error& e) {
    throw Error(Exit::model, e.what());
  }
  return file;
}

std::string TorchModule::text(const std::string& attribute) const {
  return attributes().text(attribute);
}

double TorchModule::number(const std::string& attribute) const {
  return attributes().number(attribute, -Config::infinity, Config::infinity);
}

std::size_t TorchModule::count(const std::string& attribute, std::size_t least,
                               std::size_t most) const {
  return attributes().count(attribute, least, most);
}

bool TorchModule::flag(const std::string& attribute) const {
  return attributes().flag(attribute, false);
}

std::vector<double> TorchModule::function(const std::string& attribute) const {
  Config& a = attributes();
  if (!has(attribute) || a.list(attribute).size() != 7) refuse(attribute + " is no function");
  return a.numbers(attribute, -Config::infinity, Config::infinity);
}

bool TorchModule::has(const std::string& attribute) const { return attributes().has(attribute); }

std::optional<TorchModule> TorchModule::child(const std::string& name) const {
  if (!file_->modules.has(full(name))) return {};
  return TorchModule(*file_, full(name));
}

TorchModule TorchModule::at(const std::string& name) const {
  const auto found = child(name);
  require(found.has_value(), "has no " + name + ", which is not expected");
  return *found;
}

std::vector<TorchModule> TorchModule::elements() const {
  std::vector<TorchModule> all;
  while (const auto next = child(std::to_string(all.size()))) all.push_back(*next);
  return all;
}

bool TorchModule::has_tensor(const std::string& name) const {
  return file_->archive.has("/state/" + full(name));
}

Tensor TorchModule::tensor(const std::string& name) const {
  const std::string path = "/state/" + full(name);
  require(file_->archive.has(path), "has no tensor " + name + ", which is not expected");
  Tensor t{file_->archive.dims(path), file_->archive.array<double>(path)};
  require(std::all_of(t.values.begin(), t.values.end(), [](double v) { return std::isfinite(v); }),
          name + " holds a number that is not finite");
  return t;
}

std::vector<double> TorchModule::vector(const std::string& name) const {
  Tensor t = tensor(name);
  const bool one_row = t.dims.size() == 2 && t.dims[0] == 1;
  require(t.dims.size() == 1 || one_row, name + " is no vector");
  return std::move(t.values);
}

std::vector<std::size_t> TorchModule::places(const std::string& name) const {
  std::vector<std::size_t> places;
  for (const double v : vector(name)) {
    require(v >= 0 && v < 1e6 && v == std::floor(v), name + " holds what is no place");
    places.push_back(static_cast<std::size_t>(v));
  }
  return places;
}

void TorchModule::refuse(const std::string& what) const {
  Config& a = attributes();
  const std::string of = a.has("class") ? "a " + a.text("class") + ": " : "";
  throw Error(Exit::model,
              file_->path + ": " + (name_ == "." ? "the flow" : name_) + ": " + of + what);
}

}  // namespace flow
