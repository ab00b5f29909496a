// Pictures in memory and as PNG files (ISO/IEC 15948): the only libpng.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace flow {

struct Picture {
  std::size_t width, height, channels;  // 1: grey, 3: red, green, blue
  std::vector<std::uint8_t> pixels;     // row by row from the top, channels innermost

  Picture(std::size_t w, std::size_t h, std::size_t c, std::uint8_t value)
      : width(w), height(h), channels(c), pixels(w * h * c, value) {}
  std::uint8_t* at(std::size_t x, std::size_t y) {
    return pixels.data() + (y * width + x) * channels;
  }
};

// Whether the first bytes of a file, 8 or more, are those of a PNG.
bool is_png(std::span<const std::byte> head);

// The pixels of a whole file as they are stored, without its gamma: palettes become colours, grey
// of 1, 2 and 4 bits the same shares of 255, an alpha channel that hides nothing is left out.
// Error(Exit::data) for other alpha, 16 bits, damage, and more than 64 MiB of pixels; name: the
// file's.
Picture read_png(std::span<const std::byte> file, const std::string& name);

// The file. Equal pictures give equal bytes.
std::string png_bytes(const Picture& picture);

// "-" is standard output (refused on a terminal: Exit::usage). An existing file is refused unless
// replace is set; the file appears whole or not at all.
void write_png(const std::string& path, bool replace, const Picture& picture);

}  // namespace flow
