// Every single-bit flip of a model, or one in STEP: it is refused, or it is the same model.
//   bitflips MODEL [STEP [FIRST]]
// Each flip goes through the confined reader, as in the programs. Exits 1 if one was taken that is
// not the same, or was refused as anything but a model.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "core/error.h"
#include "model/model.h"

namespace {

bool same(const flow::Model& a, const flow::Model& b) {
  return a.digest == b.digest && a.theta == b.theta && a.given == b.given &&
         a.history == b.history && a.config.to_yaml() == b.config.to_yaml();
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 2) {
    std::fprintf(stderr, "usage: bitflips MODEL [STEP [FIRST]]\n");
    return 2;
  }
  std::ifstream in(argv[1], std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const std::size_t step = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1,
                    first = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 0;
  std::string folder = (std::filesystem::temp_directory_path() / "flow-flips-XXXXXX").string();
  if (!mkdtemp(folder.data())) throw std::runtime_error(folder + ": cannot be made");
  const std::string path = folder + "/m.h5";
  std::ofstream(path, std::ios::binary) << bytes;
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  const flow::Model whole = flow::load(path);
  std::size_t refused = 0, unchanged = 0, stopped = 0, silent = 0;
  for (std::size_t bit = first; bit < 8 * bytes.size(); bit += step) {
    const char byte = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    if (pwrite(file, &byte, 1, static_cast<off_t>(bit / 8)) != 1) throw std::runtime_error(path);
    try {
      same(flow::load(path), whole) ? ++unchanged : ++silent;
    } catch (const flow::Error& e) {
      e.code() == flow::Exit::model ? ++refused : ++silent;
      stopped += std::string(e.what()).find("hostile") != std::string::npos;
    }
    if (pwrite(file, &bytes[bit / 8], 1, static_cast<off_t>(bit / 8)) != 1)
      throw std::runtime_error(path);
  }
  close(file);
  std::filesystem::remove_all(folder);
  std::printf(
      "%zu flips of %zu bits: %zu refused (%zu with the child stopped), %zu without effect, "
      "%zu silent changes\n",
      refused + unchanged + silent, 8 * bytes.size(), refused, stopped, unchanged, silent);
  return silent > 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "bitflips: %s\n", e.what());
  return 2;
}
