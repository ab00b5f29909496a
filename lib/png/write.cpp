#include <png.h>

#include <cassert>
#include <new>

#include "core/error.h"
#include "core/output.h"
#include "png/png.h"

namespace flow {

std::string png_bytes(const Picture& picture) {
  assert(picture.channels == 1 || picture.channels == 3);
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(picture.width);
  image.height = static_cast<png_uint_32>(picture.height);
  image.format = picture.channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::string bytes(size, '\0');
  const int done =
      png_image_write_to_memory(&image, bytes.data(), &size, 0, picture.pixels.data(), 0, nullptr);
  if (done == 0) throw std::bad_alloc();  // all that can go wrong
  bytes.resize(size);
  return bytes;
}

void write_png(const std::string& path, bool replace, const Picture& picture) {
  refuse_terminal(path, "a PNG is binary; name a file");
  const std::string bytes = png_bytes(picture);
  OutputFile file(path, replace);
  file.write(bytes.data(), bytes.size());
  file.commit();
}

}  // namespace flow
