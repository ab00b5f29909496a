#include "data/source.h"

#include <strings.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <iterator>

#include "core/error.h"
#include "core/input.h"
#include "core/output.h"
#include "data/idx.h"
#include "data/images.h"
#include "data/npy.h"
#include "data/raw.h"
#include "h5/reader.h"
#include "png/png.h"

namespace flow {

namespace {

constexpr struct {
  const char* name;
  Format format;
} format_names[] = {{"h5", Format::hdf5}, {"hdf5", Format::hdf5}, {"npy", Format::npy},
                    {"csv", Format::csv}, {"tsv", Format::tsv},   {"raw", Format::raw},
                    {"idx", Format::idx}, {"png", Format::png},   {"auto", Format::automatic}};

Format format_of_content(Input& input) {
  constexpr std::size_t looked_at = 1 << 16;
  const std::span<const std::byte> head = input.peek_at_hand(looked_at);
  if (head.size() >= 8 && is_hdf5(head)) return Format::hdf5;
  // HDF5's signature may follow a user block of 512, 1024, 2048 ... bytes.
  for (std::size_t at = 512; at + 8 <= head.size(); at *= 2) {
    if (std::memcmp(head.data() + at, "\x89HDF\r\n\x1a\n", 8) == 0) return Format::hdf5;
  }
  if (is_idx(head)) return Format::idx;
  if (head.size() >= 8 && is_png(head)) return Format::png;
  if (head.size() >= 6 && std::memcmp(head.data(), "\x93NUMPY", 6) == 0) return Format::npy;
  return Format::csv;
}

std::unique_ptr<RowReader> open_raw(Input input, const Source& source) {
  const std::optional<Element> element = parse_element(source.dtype);
  require(element.has_value(), Exit::usage,
          "--dtype: '" + source.dtype + "' is no type of numbers; give f4, f8, i2, u1 or the like");
  require(source.columns > 0 && source.columns <= 1 << 26, Exit::usage,
          input.name() + ": raw numbers do not say how many make a row; give --raw-columns");
  RowShape shape;
  shape.columns = source.columns;
  shape.dims = {source.columns};
  shape.single = element->fits_single();
  shape.format = "raw numbers";
  const std::uint64_t row_bytes = source.columns * element->size;
  if (input.size() && *input.size() % row_bytes == 0) shape.rows = *input.size() / row_bytes;
  return std::make_unique<RawReader>(std::move(input), *element, std::move(shape));
}

std::unique_ptr<RowReader> open_format(Input input, Format format, const Source& source,
                                       const std::string& dataset) {
  switch (format) {
    case Format::hdf5:
      return in_vocabulary(open_hdf5(std::move(input),
                                     {dataset, source.preferred, source.max_bytes, source.trusted}),
                           source.vocabulary);
    case Format::npy:
      return open_npy(std::move(input));
    case Format::raw:
      return open_raw(std::move(input), source);
    case Format::idx:
      return open_idx(std::move(input));
    case Format::png:
      return open_png(std::move(input));
    default:
      return open_text(std::move(input), source.vocabulary);
  }
}

}  // namespace

Format format_of_name(const std::string& path, Format usual) {
  const std::string extension = std::filesystem::path(path).extension();
  if (extension.empty() || is_special(path)) return usual;
  const auto named =
      std::find_if(std::begin(format_names), std::end(format_names),
                   [&](const auto& f) { return strcasecmp(extension.c_str() + 1, f.name) == 0; });
  require(
      named != std::end(format_names) && named->format != Format::automatic, Exit::usage,
      path + ": '" + extension +
          "' is the extension of no format; end it in .csv, .h5 or the like, or give -O FORMAT");
  require(named->format != Format::png, Exit::usage,
          path + ": images are files of a folder, -O png -o FOLDER; a picture is drawn with --png");
  return named->format;
}

Format parse_format(const std::string& name) {
  for (const auto& f : format_names) {
    if (name == f.name) return f.format;
  }
  throw Error(Exit::usage, "'" + name + "' is no format; give h5, npy, csv, tsv, raw, idx or png");
}

std::unique_ptr<RowReader> open_rows(const Source& source) {
  std::error_code none;
  if (std::filesystem::is_directory(source.path, none)) {
    require(source.format == Format::automatic || source.format == Format::png, Exit::data,
            source.path + ": is a folder, which holds images; leave out --format");
    return open_png_folder(source.path);
  }
  const DatasetName name = split_dataset(source.path);
  Input input = open_input(name.file);
  const Format found = format_of_content(input);
  const bool is_text = source.format == Format::csv || source.format == Format::tsv;
  const Format format = source.format == Format::automatic || (is_text && found == Format::csv)
                            ? found
                            : source.format;
  require(format == Format::raw || format == found, Exit::data,
          input.name() + ": is not of the format that --format names; leave it out");
  require(
      format == Format::hdf5 || name.dataset.empty(), Exit::data,
      input.name() + ": is no HDF5 file, so it holds no " + name.dataset + "; name the file alone");
  return open_format(std::move(input), format, source, name.dataset);
}

std::unique_ptr<RowWriter> create_rows(const Sink& sink) {
  const Format format =
      sink.format == Format::automatic ? format_of_name(sink.path, Format::hdf5) : sink.format;
  const bool is_text = format == Format::csv || format == Format::tsv;
  if (!is_text) refuse_terminal(sink.path, "the rows are binary; use -O csv or -o FILE");
  RowShape shape = sink.shape;
  if (shape.dims.empty()) shape.dims = {shape.columns};
  switch (format) {
    case Format::npy:
      return std::make_unique<NpyWriter>(sink.path, sink.replace, std::move(shape), sink.as_float);
    case Format::raw:
      return std::make_unique<RawWriter>(sink.path, sink.replace, sink.as_float);
    case Format::csv:
    case Format::tsv:
      return std::make_unique<TextWriter>(sink.path, sink.replace, shape,
                                          format == Format::csv ? ',' : '\t', sink.as_float);
    case Format::idx:
      return create_idx(sink.path, sink.replace, shape,
                        sink.as_bytes   ? "u1"
                        : sink.as_float ? ">f4"
                                        : ">f8");
    case Format::png:
      return create_png_folder(sink.path, shape);
    default:
      break;
  }
  const NumberType type = sink.as_bytes   ? NumberType::u8
                          : sink.as_float ? NumberType::f32
                                          : NumberType::f64;
  return create_hdf5(sink.path, sink.replace,
                     {sink.dataset, type, std::move(shape), sink.parts, sink.attributes});
}

}  // namespace flow
