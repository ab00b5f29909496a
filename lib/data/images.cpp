#include "data/images.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "core/error.h"
#include "png/png.h"

namespace flow {

namespace {

constexpr std::size_t max_file = std::size_t{1} << 27;  // beyond any image that is read

Picture read_image(Input input) {
  std::vector<std::byte> bytes;
  constexpr std::size_t piece = 1 << 16;
  for (std::size_t n = piece; n == piece;) {
    const std::size_t held = bytes.size();
    require(held < max_file, Exit::data,
            input.name() + ": is larger than 128 MiB; make it smaller");
    bytes.resize(held + piece);
    n = input.read(bytes.data() + held, piece);
    bytes.resize(held + n);
  }
  return read_png(bytes, input.name());
}

std::string describe(const Picture& p) {
  return std::to_string(p.height) + " x " + std::to_string(p.width) +
         (p.channels == 1 ? " grey" : " in colour");
}

// Files of one folder, or a single one that is read already.
class PngRows : public RowReader {
 public:
  PngRows(std::string name, std::vector<std::string> files, Picture first)
      : name_(std::move(name)), files_(std::move(files)), first_(std::move(first)) {
    shape_.dims = {first_.height, first_.width};
    if (first_.channels > 1) shape_.dims.push_back(first_.channels);
    shape_.columns = first_.pixels.size();
    shape_.rows = files_.size();
    shape_.integers = shape_.bytes = true;
  }

  const RowShape& shape() const override { return shape_; }
  const std::string& name() const override { return name_; }
  std::size_t read(std::span<double> values) override {
    const std::size_t n = std::min(values.size() / shape_.columns, files_.size() - row_);
    for (std::size_t i = 0; i < n; ++i, ++row_)
      put(row_ == 0 ? first_ : next(files_[row_]), values.subspan(i * shape_.columns));
    return n;
  }

 private:
  Picture next(const std::string& file) const {
    Picture p = read_image(open_input(file));
    require(describe(p) == describe(first_), Exit::data,
            file + ": is " + describe(p) + ", and " + files_[0] + " is " + describe(first_) +
                "; make all images of the folder alike");
    return p;
  }
  static void put(const Picture& p, std::span<double> row) {
    std::copy(p.pixels.begin(), p.pixels.end(), row.begin());
  }

  std::string name_;
  std::vector<std::string> files_;
  Picture first_;
  RowShape shape_;
  std::size_t row_ = 0;
};

bool is_named_png(const std::filesystem::path& path) {
  std::string end = path.extension().string();
  std::transform(end.begin(), end.end(), end.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return end == ".png";
}

}  // namespace

std::unique_ptr<RowReader> open_png(Input input) {
  const std::string name = input.name();
  return std::make_unique<PngRows>(name, std::vector{name}, read_image(std::move(input)));
}

std::unique_ptr<RowReader> open_png_folder(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    if (is_named_png(entry->path()) && !entry->is_directory(error))
      files.push_back(entry->path().string());
  require(!error, Exit::data, folder + ": cannot be read: " + error.message());
  require(!files.empty(), Exit::data,
          folder + ": is a folder without images, *.png; name a file in it");
  std::sort(files.begin(), files.end());
  Picture first = read_image(open_input(files.front()));
  return std::make_unique<PngRows>(folder, std::move(files), std::move(first));
}

}  // namespace flow
