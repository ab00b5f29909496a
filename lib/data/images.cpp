#include "data/images.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>

#include "config/scalar.h"
#include "core/error.h"
#include "core/text.h"
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
    shape_.integers = shape_.bytes = shape_.single = true;
    shape_.format = files_.size() == 1 ? "PNG image" : "PNG images";
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

class PngWriter : public RowWriter {
 public:
  PngWriter(std::string folder, const RowShape& shape)
      : folder_(std::move(folder)),
        temporary_(folder_ + "." + std::to_string(getpid()) + ".tmp"),
        height_(shape.dims[0]),
        width_(shape.dims[1]),
        channels_(shape.columns / height_ / width_) {
    std::error_code error;
    std::filesystem::create_directory(temporary_, error);
    require(!error, Exit::failed,
            folder_ + ": cannot be made: " + error.message() + "; name another folder");
  }
  ~PngWriter() override {
    std::error_code ignored;
    if (!temporary_.empty()) std::filesystem::remove_all(temporary_, ignored);
  }

  void write(std::span<const double> values) override {
    const std::size_t d = height_ * width_ * channels_;
    for (; !values.empty(); values = values.subspan(d)) {
      Picture p(width_, height_, channels_, 0);
      for (std::size_t j = 0; j < d; ++j) p.pixels[j] = to_byte(values[j]);
      write_png(temporary_ + format("/%06zu.png", ++row_), false, p);
    }
  }
  void finish() override {
    std::error_code error;
    std::filesystem::rename(temporary_, folder_, error);
    require(!error, Exit::failed,
            folder_ + ": cannot be made: " + error.message() + "; name another folder");
    temporary_.clear();
  }

 private:
  std::uint8_t to_byte(double value) const {
    require(value >= 0 && value <= 255 && value == std::floor(value), Exit::failed,
            folder_ + ": row " + std::to_string(row_ + 1) + ": " + shortest(value) +
                " is no brightness of a PNG, which are the integers from 0 to 255");
    return static_cast<std::uint8_t>(value);
  }

  std::string folder_, temporary_;
  std::size_t height_, width_, channels_, row_ = 0;
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

std::unique_ptr<RowWriter> create_png_folder(const std::string& folder, const RowShape& shape) {
  const std::vector<std::size_t>& d = shape.dims;
  require(d.size() == 2 || (d.size() == 3 && (d[2] == 1 || d[2] == 3)), Exit::usage,
          folder +
              ": PNG images have height, width and 1 or 3 channels, and these rows have not; "
              "choose another format");
  require(!folder.empty() && folder != "-", Exit::usage,
          "PNG images are files of a folder; name it with -o");
  std::string name = folder;
  while (name.size() > 1 && name.back() == '/') name.pop_back();
  std::error_code none;
  require(!std::filesystem::exists(name, none) || std::filesystem::is_empty(name, none),
          Exit::usage, folder + ": is there, and not empty; name a new folder");
  return std::make_unique<PngWriter>(std::move(name), shape);
}

}  // namespace flow
