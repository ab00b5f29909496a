// Images as rows: IDX files, PNG files and folders of them, arrays of rank 3 and 4.
#include <png.h>

#include <boost/test/unit_test.hpp>
#include <cstring>
#include <filesystem>

#include "core/error.h"
#include "data/folder.h"
#include "data/source.h"
#include "png/png.h"

using namespace flow;

namespace {

using Numbers = std::vector<double>;
using Dims = std::vector<std::size_t>;

std::string error_of(const std::string& path, Format format = Format::automatic) {
  try {
    all_rows(open_rows({.path = path, .format = format}));
  } catch (const Error& e) {
    return std::to_string(static_cast<int>(e.code())) + " " + e.what();
  }
  return "no error";
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// An IDX file of this type and dimensions, and the bytes behind them.
std::string idx(char type, const std::vector<unsigned>& dims, const std::string& bytes) {
  std::string file{0, 0, type, static_cast<char>(dims.size())};
  for (const unsigned d : dims)
    for (int shift = 24; shift >= 0; shift -= 8) file += static_cast<char>(d >> shift);
  return file + bytes;
}

// A PNG of packed lines, by libpng itself.
std::string png(unsigned width, int depth, int colour, const std::vector<std::string>& lines,
                const std::vector<png_color>& palette = {}, const std::string& alpha = "",
                double gamma = 0, int interlace = PNG_INTERLACE_NONE) {
  std::string file;
  png_structp p = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(p);
  png_set_write_fn(
      p, &file,
      [](png_structp w, png_bytep from, std::size_t n) {
        static_cast<std::string*>(png_get_io_ptr(w))->append(reinterpret_cast<char*>(from), n);
      },
      [](png_structp) {});
  png_set_IHDR(p, info, width, static_cast<png_uint_32>(lines.size()), depth, colour, interlace,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (!palette.empty()) png_set_PLTE(p, info, palette.data(), static_cast<int>(palette.size()));
  if (!alpha.empty())
    png_set_tRNS(p, info, reinterpret_cast<png_const_bytep>(alpha.data()),
                 static_cast<int>(alpha.size()), nullptr);
  if (gamma > 0) png_set_gAMA(p, info, gamma);
  png_write_info(p, info);
  std::vector<png_bytep> rows;
  for (const std::string& l : lines)
    rows.push_back(reinterpret_cast<png_bytep>(const_cast<char*>(l.data())));
  png_write_image(p, rows.data());
  png_write_end(p, nullptr);
  png_destroy_write_struct(&p, &info);
  return file;
}

const TestFolder folder;

// The rows of one file.
Numbers read(const std::string& bytes, Dims dims) {
  const auto rows = open_rows({.path = folder.put("one", bytes)});
  BOOST_TEST(rows->shape().dims == dims, boost::test_tools::per_element());
  BOOST_TEST(rows->shape().bytes);
  return all_rows(*rows);
}

std::string make_folder(const std::string& name) {
  std::filesystem::create_directory(folder / name);
  return folder / name;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(images)

BOOST_AUTO_TEST_CASE(idx_of_each_type) {
  struct Case {
    char type;
    std::string bytes;  // of 7 and -2, or 254
    double second;
    bool unsigned_bytes, integers;
  };
  using namespace std::string_literals;
  for (const Case& c : {Case{0x08, "\x07\xfe", 254, true, true},
                        {0x09, "\x07\xfe", -2, false, true},
                        {0x0b, "\0\x07\xff\xfe"s, -2, false, true},
                        {0x0c, "\0\0\0\x07\xff\xff\xff\xfe"s, -2, false, true},
                        {0x0d, "\x40\xe0\0\0\xc0\0\0\0"s, -2, false, false},
                        {0x0e, "\x40\x1c\0\0\0\0\0\0\xc0\0\0\0\0\0\0\0"s, -2, false, false}}) {
    const auto rows = open_rows({.path = folder.put("x", idx(c.type, {2}, c.bytes))});
    BOOST_TEST(rows->shape().dims == Dims{1});
    BOOST_TEST(*rows->shape().rows == 2u);
    BOOST_TEST(rows->shape().bytes == c.unsigned_bytes);
    BOOST_TEST(rows->shape().integers == c.integers);
    BOOST_TEST(all_rows(*rows) == (Numbers{7, c.second}));
  }
}

BOOST_AUTO_TEST_CASE(idx_of_bytes_holds_no_other_number) {
  const TestFolder folder;
  Sink sink;
  sink.path = folder / "x.idx", sink.format = Format::idx, sink.as_bytes = true;
  sink.shape.columns = 1, sink.shape.dims = {1};
  const auto writer = create_rows(sink);
  const std::vector<double> values{0, 255, 300};
  BOOST_CHECK_EXCEPTION(writer->write(values), Error, [](const Error& e) {
    return std::string(e.what()).ends_with(
        "x.idx: row 3: 300 is no byte, which are the integers from 0 to 255");
  });
}

BOOST_AUTO_TEST_CASE(idx_of_each_rank) {
  const std::string twelve = "abcdefghijkl";
  const auto shape = [&](const std::vector<unsigned>& dims) {
    const auto rows = open_rows({.path = folder.put("x", idx(8, dims, twelve))});
    const Numbers all = all_rows(*rows);
    BOOST_TEST((all.size() == 12 && all.front() == 'a' && all.back() == 'l'));
    return rows->shape().dims;
  };
  BOOST_TEST(shape({12}) == Dims{1});
  BOOST_TEST(shape({4, 3}) == Dims{3});
  BOOST_TEST(shape({2, 3, 2}) == (Dims{3, 2}));
  BOOST_TEST(shape({1, 2, 2, 3}) == (Dims{2, 2, 3}));
}

BOOST_AUTO_TEST_CASE(damaged_idx_is_refused_in_a_line) {
  const auto refused = [](const std::string& bytes) { return error_of(folder.put("x", bytes)); };
  BOOST_TEST(holds(refused(idx(8, {3, 2}, "abcde")), "truncated: 2 of 3 rows, 1 bytes short"));
  BOOST_TEST(holds(refused(idx(8, {3, 2}, "abcdefg")), "bytes follow the last of 3 rows"));
  BOOST_TEST(holds(refused(idx(8, {3, 2}, "").substr(0, 10)), "header is truncated"));
  BOOST_TEST(holds(refused(idx(8, {}, "x")), "an array of rank 0"));
  BOOST_TEST(holds(refused(idx(8, {1, 1, 1, 1, 1}, "x")), "an array of rank 5"));
  BOOST_TEST(holds(refused(idx(8, {3, 0}, "")), "rows of 0 numbers"));
  // Absurd: nothing is made room for.
  const unsigned most = 0xffffffff;
  BOOST_TEST(holds(refused(idx(8, {most, most, most}, "")), "expected 1 to"));
  BOOST_TEST(holds(refused(idx(8, {most, 8192, 8192}, "")), "truncated: 0 of 4294967295 rows"));
  // Another type is no IDX, and no text either.
  BOOST_TEST(refused(idx(7, {1}, "x")).starts_with("3 "));
}

BOOST_AUTO_TEST_CASE(npy_of_bytes_is_an_image_row_by_row) {
  for (const char* shape : {"(2, 3, 2)", "(1, 2, 2, 3)"}) {
    std::string header =
        std::string("{'descr': '|u1', 'fortran_order': False, 'shape': ") + shape + ", }";
    header.resize(117, ' ');
    const std::string start("\x93NUMPY\x01\x00\x76\x00", 10);
    const auto rows = open_rows({.path = folder.put("x", start + header + "\nABCDEFGHIJKL")});
    BOOST_TEST(rows->shape().bytes);
    BOOST_TEST(rows->shape().dims.size() == (shape[1] == '2' ? 2u : 3u));
    BOOST_TEST(all_rows(*rows) == (Numbers{65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76}));
  }
}

BOOST_AUTO_TEST_CASE(png_of_grey_and_colour_is_taken_as_it_is) {
  BOOST_TEST(read(png(3, 8, PNG_COLOR_TYPE_GRAY, {"abc", "def"}), {2, 3}) ==
             (Numbers{'a', 'b', 'c', 'd', 'e', 'f'}));
  BOOST_TEST(read(png(1, 8, PNG_COLOR_TYPE_RGB, {"rgb", "RGB"}), {2, 1, 3}) ==
             (Numbers{'r', 'g', 'b', 'R', 'G', 'B'}));
  // Neither a gamma nor the order of its parts changes a pixel.
  BOOST_TEST(read(png(3, 8, PNG_COLOR_TYPE_GRAY, {"abc", "def"}, {}, "", 1.0), {2, 3}) ==
             (Numbers{'a', 'b', 'c', 'd', 'e', 'f'}));
  BOOST_TEST(
      read(png(3, 8, PNG_COLOR_TYPE_GRAY, {"abc", "def", "ghi"}, {}, "", 0, PNG_INTERLACE_ADAM7),
           {3, 3}) == (Numbers{'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'}));
}

BOOST_AUTO_TEST_CASE(png_of_few_bits_and_palettes_is_expanded) {
  BOOST_TEST(read(png(4, 1, PNG_COLOR_TYPE_GRAY, {"\xa0"}), {1, 4}) == (Numbers{255, 0, 255, 0}));
  BOOST_TEST(read(png(4, 2, PNG_COLOR_TYPE_GRAY, {"\x1b"}), {1, 4}) == (Numbers{0, 85, 170, 255}));
  BOOST_TEST(read(png(2, 4, PNG_COLOR_TYPE_GRAY, {"\x1f"}), {1, 2}) == (Numbers{17, 255}));
  const std::vector<png_color> palette{{1, 2, 3}, {40, 50, 60}};
  const Numbers both{40, 50, 60, 1, 2, 3};
  BOOST_TEST(read(png(2, 1, PNG_COLOR_TYPE_PALETTE, {"\x80"}, palette), {1, 2, 3}) == both);
  const std::string eight("\x01\x00", 2);
  BOOST_TEST(read(png(2, 8, PNG_COLOR_TYPE_PALETTE, {eight}, palette), {1, 2, 3}) == both);
  BOOST_TEST(read(png(2, 8, PNG_COLOR_TYPE_PALETTE, {eight}, palette, "\xff\xff"), {1, 2, 3}) ==
             both);
}

BOOST_AUTO_TEST_CASE(png_that_loses_something_is_refused) {
  BOOST_TEST(read(png(2, 8, PNG_COLOR_TYPE_GRAY_ALPHA,
                      {"a\xff"
                       "b\xff"}),
                  {1, 2}) == (Numbers{'a', 'b'}));
  const auto refused = [](const std::string& bytes) { return error_of(folder.put("x", bytes)); };
  BOOST_TEST(holds(refused(png(2, 8, PNG_COLOR_TYPE_GRAY_ALPHA,
                               {"a\xff"
                                "b\xfe"})),
                   "pixel (1, 2) is transparent"));
  BOOST_TEST(holds(refused(png(1, 8, PNG_COLOR_TYPE_RGBA, {"abc\x01"})), "is transparent"));
  const std::vector<png_color> palette{{1, 2, 3}};
  BOOST_TEST(
      holds(refused(png(1, 1, PNG_COLOR_TYPE_PALETTE, {std::string(1, '\0')}, palette, "\x07")),
            "is transparent"));
  BOOST_TEST(holds(refused(png(2, 16, PNG_COLOR_TYPE_GRAY, {"abcd"})), "has 16 bits a channel"));
}

BOOST_AUTO_TEST_CASE(damaged_png_is_refused_in_a_line) {
  std::string lines;
  for (int i = 0; i < 64; ++i) lines += static_cast<char>(i * i);
  const std::string whole = png(64, 8, PNG_COLOR_TYPE_GRAY, {lines, lines});
  for (std::size_t size = 8; size < whole.size(); ++size) {
    const std::string said = error_of(folder.put("cut.png", whole.substr(0, size)));
    BOOST_TEST(said.starts_with("3 "), size << ": " << said);
  }
  for (std::size_t at = 8; at < whole.size(); ++at) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 4);
    const std::string said = error_of(folder.put("bit.png", bytes));
    BOOST_TEST((said.starts_with("3 ") && !holds(said, "\n")), at << ": " << said);
  }
}

// Sizes that the bytes cannot hold, in a header whose checksum is right.
BOOST_AUTO_TEST_CASE(png_that_declares_too_much_is_refused_before_room_is_made) {
  const std::string small = png(1, 8, PNG_COLOR_TYPE_GRAY, {"a"});
  const auto declares = [&](unsigned width, unsigned height) {
    std::string header = "IHDR";
    for (const unsigned n : {width, height})
      for (int shift = 24; shift >= 0; shift -= 8) header += static_cast<char>(n >> shift);
    header += small.substr(24, 5);
    std::uint32_t crc = ~0u;
    for (const char c : header) {
      crc ^= static_cast<unsigned char>(c);
      for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    for (int shift = 24; shift >= 0; shift -= 8) header += static_cast<char>(~crc >> shift);
    return error_of(folder.put("x", small.substr(0, 12) + header + small.substr(33)));
  };
  BOOST_TEST(declares(1, 1) == "no error");
  BOOST_TEST(holds(declares(8000, 8000), "is truncated: it declares 8000 x 8000 pixels in "));
  BOOST_TEST(holds(declares(60000, 60000), "expected at most 64 MiB"));
  BOOST_TEST(holds(declares(0x7fffffff, 0x7fffffff), "is no whole PNG"));
}

BOOST_AUTO_TEST_CASE(folders_are_read_in_the_order_of_names) {
  const std::string path = make_folder("some");
  for (const std::string name : {"b.png", "a.png", "C.PNG", "10.png", "9.png"})
    write_png(path + "/" + name, false, Picture(2, 1, 1, static_cast<std::uint8_t>(name[0])));
  folder.put("some/notes.txt", "no image");
  std::filesystem::create_directory(path + "/d.png");
  const auto rows = open_rows({.path = path});
  BOOST_TEST(*rows->shape().rows == 5u);
  BOOST_TEST(rows->shape().dims == (Dims{1, 2}));
  BOOST_TEST(all_rows(*rows, 2) == (Numbers{'1', '1', '9', '9', 'C', 'C', 'a', 'a', 'b', 'b'}));
  BOOST_TEST(holds(error_of(path, Format::npy), "is a folder"));
  BOOST_TEST(holds(error_of(make_folder("empty")), "without images"));
}

BOOST_AUTO_TEST_CASE(folders_of_unlike_images_name_two) {
  const std::string path = make_folder("unlike");
  write_png(path + "/a.png", false, Picture(2, 3, 1, 5));
  write_png(path + "/b.png", false, Picture(3, 2, 1, 5));
  BOOST_TEST(
      holds(error_of(path), path + "/b.png: is 2 x 3 grey, and " + path + "/a.png is 3 x 2 grey"));
  write_png(path + "/b.png", true, Picture(2, 3, 3, 5));
  BOOST_TEST(holds(error_of(path), "b.png: is 3 x 2 in colour, and "));
}

BOOST_AUTO_TEST_CASE(rows_are_not_written_as_images) {
  BOOST_CHECK_THROW(create_rows({.path = folder / "x.png", .shape = shape_of({2, 2})}), Error);
}

BOOST_AUTO_TEST_SUITE_END()
