// By libpng's plain interface: its simplified one maps numbers through the gamma of the file. It
// leaves a function by longjmp, so the two that call it hold nothing with a destructor.
#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstring>

#include "core/error.h"
#include "png/png.h"

namespace flow {

namespace {

constexpr std::size_t max_bytes = std::size_t{1} << 26;  // of pixels: as many as a row may have
constexpr std::size_t max_packed = 1032;                 // what deflate makes of a byte at most

struct Reading {
  std::span<const std::byte> rest;
  char problem[120] = "libpng does not start";
  png_structp png = nullptr;
  png_infop info = nullptr;
  // Known behind the header:
  std::size_t width = 0, height = 0, channels = 0, stored = 0;
  int depth = 0;

  Reading() = default;
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  ~Reading() { png_destroy_read_struct(&png, &info, nullptr); }
};

[[noreturn]] void on_error(png_structp png, png_const_charp what) {
  Reading* const r = static_cast<Reading*>(png_get_error_ptr(png));
  std::snprintf(r->problem, sizeof r->problem, "%s", what);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

void take(png_structp png, png_bytep to, std::size_t count) {
  Reading* const r = static_cast<Reading*>(png_get_io_ptr(png));
  if (r->rest.size() < count) png_error(png, "the file ends early");
  std::memcpy(to, r->rest.data(), count);
  r->rest = r->rest.subspan(count);
}

bool read_header(Reading& r) {
  r.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &r, on_error, on_warning);
  if (r.png) r.info = png_create_info_struct(r.png);
  if (!r.info || setjmp(png_jmpbuf(r.png))) return false;
  png_set_read_fn(r.png, &r, take);
  png_set_crc_action(r.png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  png_read_info(r.png, r.info);
  r.width = png_get_image_width(r.png, r.info), r.height = png_get_image_height(r.png, r.info);
  r.depth = png_get_bit_depth(r.png, r.info);
  r.stored = png_get_rowbytes(r.png, r.info);
  png_set_expand(r.png);
  png_set_interlace_handling(r.png);
  png_read_update_info(r.png, r.info);
  r.channels = png_get_channels(r.png, r.info);
  return true;
}

bool read_pixels(Reading& r, png_bytep* lines) {
  if (setjmp(png_jmpbuf(r.png))) return false;
  png_read_image(r.png, lines);
  png_read_end(r.png, nullptr);
  return true;
}

// Of 2 or 4 channels the last is alpha.
Picture without_alpha(const std::vector<std::uint8_t>& pixels, const Reading& r,
                      const std::string& name) {
  const std::size_t colours = r.channels - (r.channels % 2 == 0);
  Picture picture(r.width, r.height, colours, 0);
  for (std::size_t i = 0; i < r.width * r.height; ++i) {
    const std::uint8_t* from = pixels.data() + i * r.channels;
    require(colours == r.channels || from[colours] == 255, Exit::data,
            name + ": pixel (" + std::to_string(i / r.width + 1) + ", " +
                std::to_string(i % r.width + 1) +
                ") is transparent; lay the image on a background, as mogrify -flatten does");
    std::copy_n(from, colours, picture.pixels.data() + i * colours);
  }
  return picture;
}

}  // namespace

bool is_png(std::span<const std::byte> head) {
  return std::memcmp(head.data(), "\x89PNG\r\n\x1a\n", 8) == 0;
}

Picture read_png(std::span<const std::byte> file, const std::string& name) {
  Reading r;
  r.rest = file;
  const auto damaged = [&] {
    return Error(Exit::data, name + ": is no whole PNG: " + r.problem + "; make the file again");
  };
  if (!read_header(r)) throw damaged();
  require(r.depth <= 8, Exit::data,
          name +
              ": has 16 bits a channel; make them 8, as mogrify -depth 8 does, or give the "
              "numbers as HDF5 or npy");
  require(r.width <= max_bytes / r.channels / r.height, Exit::data,
          name + ": declares " + std::to_string(r.width) + " x " + std::to_string(r.height) +
              " pixels; expected at most 64 MiB of them");
  require(r.stored * r.height / max_packed <= file.size(), Exit::data,
          name + ": is truncated: it declares " + std::to_string(r.width) + " x " +
              std::to_string(r.height) + " pixels in " + std::to_string(file.size()) + " bytes");
  const std::size_t line = r.width * r.channels;
  std::vector<std::uint8_t> pixels(line * r.height);
  std::vector<png_bytep> lines(r.height);
  for (std::size_t y = 0; y < r.height; ++y) lines[y] = pixels.data() + y * line;
  if (!read_pixels(r, lines.data())) throw damaged();
  return without_alpha(pixels, r, name);
}

}  // namespace flow
