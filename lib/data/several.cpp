#include "data/several.h"

#include <glob.h>
#include <unistd.h>

#include <algorithm>

#include "core/error.h"
#include "core/output.h"
#include "h5/reader.h"

namespace flow {

namespace {

class SeveralFiles : public RowReader {
 public:
  SeveralFiles(const std::vector<std::string>& paths, OpenFile open) : open_(std::move(open)) {
    for (const std::string& path : paths) {
      File& file = files_.emplace_back();
      file.path = path, file.reader = open_(path);
      add(file.reader->shape(), file.reader->name());
      file.reader->know(words_);
      if (!file.reader->shape().words.empty()) learn(*file.reader, files_.size() > 1);
      file.rows = file.reader->shape().rows;
      seeks_ = seeks_ && file.reader->seeks() && file.rows;
      if (!file.reader->seeks() && !is_special(split_dataset(path).file)) file.reader.reset();
    }
    name_ = paths.front() + " and " + std::to_string(paths.size() - 1) + " more";
  }

  const RowShape& shape() const override { return shape_; }
  const std::string& name() const override { return name_; }
  Words words() const override { return words_; }
  void know(const Words& words) override {
    words_ = words, words_.resize(shape_.columns);
    for (File& file : files_) {
      if (!file.reader) continue;
      file.reader->know(words_);
      for (std::size_t j = 0; j < file.reader->shape().words.size(); ++j)
        if (!file.reader->shape().words[j].empty()) words_[j] = file.reader->shape().words[j];
    }
  }

  std::size_t read(std::span<double> values) override {
    const std::size_t d = shape_.columns, wanted = values.size() / d;
    std::size_t done = 0;
    while (done < wanted && at_ < files_.size()) {
      const std::size_t n = current().read(values.subspan(done * d, (wanted - done) * d));
      // What HDF5 says of words was learned when all were opened.
      if (current().shape().words.empty()) learn(current(), at_ > 0);
      if ((done += n) == wanted) break;
      if (!files_[at_].reader->seeks()) files_[at_].reader.reset();
      ++at_, begun_ = false;
    }
    return done;
  }

  void want(const std::vector<bool>& wanted) override {
    wanted_ = wanted;
    for (File& file : files_)
      if (file.reader) file.reader->want(wanted);
  }
  void take_names(std::size_t j) override {
    names_ = j;
    for (File& file : files_)
      if (file.reader) file.reader->take_names(j);
  }
  bool seeks() const override { return seeks_; }
  void seek(std::uint64_t row) override {
    for (at_ = 0; at_ + 1 < files_.size() && row >= *files_[at_].rows; ++at_)
      row -= *files_[at_].rows;
    files_[at_].reader->seek(row), begun_ = true;
  }

 private:
  struct File {
    std::string path;
    std::unique_ptr<RowReader> reader = {};
    std::optional<std::uint64_t> rows = {};
  };

  // The file that is read, from its first row on where it was not sought.
  RowReader& current() {
    File& file = files_[at_];
    if (!file.reader) {
      file.reader = open_(file.path);
      if (!wanted_.empty()) file.reader->want(wanted_);
      if (names_) file.reader->take_names(*names_);
    }
    if (!begun_) file.reader->know(words_);
    if (!begun_ && file.reader->seeks()) file.reader->seek(0);
    begun_ = true;
    return *file.reader;
  }

  void add(const RowShape& s, const std::string& file) {
    if (files_.size() == 1) {
      shape_ = s;
      return;
    }
    const std::string first = files_.front().path;
    require(s.columns == shape_.columns, Exit::data,
            file + ": " + std::to_string(s.columns) + " columns, and " + first + " has " +
                std::to_string(shape_.columns) + "; files of one set have the same");
    require(s.names.empty() == shape_.names.empty(), Exit::data,
            file + ": its columns have " + (s.names.empty() ? "no names" : "names") +
                ", and not so those of " + first + "; files of one set have the same columns");
    for (std::size_t j = 0; j < s.names.size(); ++j)
      require(s.names[j] == shape_.names[j], Exit::data,
              file + ": column " + std::to_string(j + 1) + " is '" + s.names[j] + "', and '" +
                  shape_.names[j] + "' in " + first + "; files of one set have the same columns");
    shape_.rows = shape_.rows && s.rows ? std::optional(*shape_.rows + *s.rows) : std::nullopt;
    shape_.integers = shape_.integers && s.integers, shape_.bytes = shape_.bytes && s.bytes;
    shape_.single = shape_.single && s.single;
  }

  // Text numbers its words as they come: the files behind go on with those of the files before.
  void learn(const RowReader& file, bool others) {
    Words theirs = file.words();
    if (theirs.empty() && words_.empty()) return;
    theirs.resize(shape_.columns);
    for (std::size_t j = 0; j < theirs.size() && others; ++j)
      require(theirs[j].empty() == (words_.empty() || words_[j].empty()), Exit::data,
              file.name() + ": column " + label_of(shape_, j) + " holds " +
                  (theirs[j].empty() ? "numbers, and words" : "words, and numbers") +
                  " in the files before; files of one set have the same columns");
    words_ = std::move(theirs);
  }

  OpenFile open_;
  std::vector<File> files_;
  RowShape shape_;
  std::string name_;
  Words words_;
  std::vector<bool> wanted_;
  std::optional<std::size_t> names_;
  std::size_t at_ = 0;
  bool begun_ = false, seeks_ = true;
};

}  // namespace

std::vector<std::string> matching_files(const std::string& operand) {
  if (operand.find_first_of("*?[") == std::string::npos || access(operand.c_str(), F_OK) == 0)
    return {operand};
  const DatasetName name = split_dataset(operand);
  if (access(name.file.c_str(), F_OK) == 0) return {operand};
  glob_t found{};
  const int code = glob(name.file.c_str(), 0, nullptr, &found);
  std::vector<std::string> files(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  globfree(&found);
  require(code == 0 && !files.empty(), Exit::data,
          name.file + ": no file matches this pattern; check it, and that it is in quotes");
  for (std::string& file : files)
    if (!name.dataset.empty()) file += ":" + name.dataset;
  return files;
}

std::unique_ptr<RowReader> open_several(const std::vector<std::string>& paths, OpenFile open) {
  if (paths.size() == 1) return open(paths.front());
  const auto standard = std::find(paths.begin(), paths.end(), "-");
  require(standard == paths.end(), Exit::usage,
          "-: standard input cannot be one of several files; name it alone");
  return std::make_unique<SeveralFiles>(paths, std::move(open));
}

}  // namespace flow
