// Pictures show what they are given: PNG files hold the pixels, grids the images, plots the points.
#include <png.h>

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "core/error.h"
#include "core/random.h"
#include "data/folder.h"
#include "picture/grid.h"
#include "picture/plot.h"
#include "picture/scatter.h"

using namespace flow;

namespace {

std::vector<std::uint8_t> read_png(const std::string& path, png_uint_32 format,
                                   std::size_t& width) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  BOOST_REQUIRE(png_image_begin_read_from_file(&image, path.c_str()));
  image.format = format;
  width = image.width;
  std::vector<std::uint8_t> pixels(PNG_IMAGE_SIZE(image));
  BOOST_REQUIRE(png_image_finish_read(&image, nullptr, pixels.data(), 0, nullptr));
  return pixels;
}

std::vector<double> normal_rows(std::size_t n, std::size_t columns) {
  std::vector<double> rows(n * columns);
  for (std::size_t i = 0; i < n; ++i) {
    Random(1, Stream::test).normal(i, std::span<double>(rows).subspan(i * columns, columns));
  }
  return rows;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pictures)

BOOST_AUTO_TEST_CASE(png_files_hold_the_pixels) {
  const TestFolder folder;
  for (const std::size_t channels : {1, 3}) {
    Picture picture(37, 11, channels, 0);
    for (std::size_t i = 0; i < picture.pixels.size(); ++i) {
      picture.pixels[i] = static_cast<std::uint8_t>(i * 7);
    }
    const std::string path = folder / ("x" + std::to_string(channels) + ".png");
    write_png(path, false, picture);
    std::size_t width;
    BOOST_TEST(read_png(path, channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB, width) ==
               picture.pixels);
    BOOST_TEST(width == 37u);
    BOOST_CHECK_THROW(write_png(path, false, picture), Error);
    const std::string before = file_bytes(path);
    write_png(path, true, picture);
    BOOST_TEST(file_bytes(path) == before);
  }
}

BOOST_AUTO_TEST_CASE(grids_show_every_image) {
  std::vector<double> images(5 * 64, 0.0);
  for (std::size_t i = 0; i < 5; ++i) images[i * 64 + 8 * 3 + i] = 16;  // row 3, column i
  images[0] = std::nan(""), images[1] = 99, images[2] = -99;
  Picture p = image_grid(images, {8, 8, 1}, 0, 16);
  BOOST_TEST(p.width == 3 * 42u + 2);
  BOOST_TEST(p.height == 2 * 42u + 2);
  for (std::size_t i = 0; i < 5; ++i) {
    const std::size_t left = 2 + i % 3 * 42, top = 2 + i / 3 * 42;
    for (std::size_t x = 0; x < 40; ++x) {
      BOOST_TEST(*p.at(left + x, top + 17) == (x / 5 == i ? 255 : 0));
    }
  }
  BOOST_TEST(*p.at(2, 2) == 0);
  BOOST_TEST(*p.at(7, 2) == 255);
  BOOST_TEST(*p.at(12, 2) == 0);
  BOOST_TEST(*p.at(100, 60) == 128);  // the sixth place is empty
  BOOST_TEST(image_grid(std::vector<double>(100 * 50 * 3), {100, 50, 3}, 0, 1).width == 54u);
}

// 2 bands of 5 images of one pixel, which is 40 pixels wide: 4 lines of 3 and 2.
BOOST_AUTO_TEST_CASE(bands_begin_on_a_new_line) {
  std::vector<double> images;
  for (int i = 1; i <= 10; ++i) images.push_back(i * 0.1);
  Picture p = image_grid(images, {1, 1, 1}, 0, 1, {.bands = 2});
  BOOST_TEST(p.width == 3 * 42u + 2);
  BOOST_TEST(p.height == 4 * 42u + 10 + 2);
  for (std::size_t i = 0; i < 10; ++i) {
    const std::size_t k = i % 5, left = 2 + k % 3 * 42,
                      top = 2 + i / 5 * (2 * 42 + 10) + k / 3 * 42;
    BOOST_TEST(*p.at(left, top) == std::lround(25.5 * static_cast<double>(i + 1)));
    BOOST_TEST(*p.at(left + 39, top + 39) == *p.at(left, top));
  }
  BOOST_TEST(*p.at(64, 90) == 128);  // between the bands
  p = image_grid(images, {1, 1, 1}, 0, 1, {.across = 5});
  BOOST_TEST(p.width == 5 * 42u + 2);
  BOOST_TEST(p.height == 2 * 42u + 2);
}

BOOST_AUTO_TEST_CASE(ticks_are_round) {
  BOOST_TEST(ticks({-2.3, 2.2}, 5) == (std::vector<double>{-2, -1, 0, 1, 2}),
             boost::test_tools::per_element());
  BOOST_TEST(ticks({0, 50}, 5).size() == 6u);
  BOOST_TEST(ticks({1, 1}, 5).empty());
  for (const double size : {1e-12, 0.7, 3.3, 1e20}) {
    const std::size_t n = ticks({-size, size}, 6).size();
    BOOST_TEST((n >= 3 && n <= 7));
  }
}

BOOST_AUTO_TEST_CASE(ranges_leave_out_outliers) {
  std::vector<double> values(10000, 0.0);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i) / 10000;
  values[5] = 1e30, values[6] = std::nan(""), values[7] = -HUGE_VAL;
  const Range r = plot_range(values);
  BOOST_TEST((r.lo > -0.1 && r.lo < 0 && r.hi > 1 && r.hi < 1.1));
  BOOST_TEST((plot_range({3, 3}).lo < 3 && plot_range({3, 3}).hi > 3));
  BOOST_TEST(plot_range({}).lo < plot_range({}).hi);
}

// Points in the upper right quarter darken that quarter and no other.
BOOST_AUTO_TEST_CASE(points_are_where_they_belong) {
  std::vector<double> rows{-1, -1, 1, 1, -1, 1, 1, -1};
  for (int i = 0; i < 1000; ++i) rows.insert(rows.end(), {0.3 + 0.0005 * i, 0.4 + 0.0003 * i});
  Picture p = scatter(rows, {"x", "y"});
  double dark[2][2] = {};
  for (std::size_t y = 0; y < 480; ++y) {
    for (std::size_t x = 0; x < 480; ++x) dark[y >= 240][x >= 240] += *p.at(76 + x, 34 + y) < 255;
  }
  BOOST_TEST(dark[0][1] > 300);
  for (const double quarter : {dark[0][0], dark[1][0], dark[1][1]}) {
    BOOST_TEST((quarter > 0 && quarter < 10));
  }
}

BOOST_AUTO_TEST_CASE(nothing_is_drawn_outside_of_the_picture) {
  for (const std::size_t d : {1, 2, 5, 11}) {
    const Picture p = pair_plot(normal_rows(500, d), d, {});
    BOOST_TEST(p.pixels.size() == p.width * p.height);
  }
  const std::vector<std::string> names{std::string(500, 'w'), std::string(500, 'q')};
  scatter({}, names);
  scatter(std::vector<double>(20, std::nan("")), names);
  scatter(std::vector<double>{1e300, -1e300, 1e-300, 0}, names);
  Picture small(3, 3, 1, 255);
  draw_text(small, -4, -4, "8888", 3);
  pair_plot(std::vector<double>(16, 2.5), 2, names);
}

BOOST_AUTO_TEST_SUITE_END()
