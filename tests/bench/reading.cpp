// What the confined child costs a reader of HDF5: seconds, medians of runs in turns with --trusted,
// as JSON Lines.
//   reading [MEGABYTES]  (1000; made under $TMPDIR)
#include <hdf5.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include "core/json.h"
#include "h5/reader.h"

namespace {

constexpr hsize_t columns = 64, chunk_rows = 4096;

enum class Layout { contiguous, chunked, packed };

// Float32, of few different values, so that packing is neither free nor in vain.
void make_file(const std::string& path, Layout layout, hsize_t rows) {
  const hsize_t dims[]{rows, columns}, chunk[]{std::min(rows, chunk_rows), columns};
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT),
              space = H5Screate_simple(2, dims, nullptr), list = H5Pcreate(H5P_DATASET_CREATE);
  if (layout != Layout::contiguous) H5Pset_chunk(list, 2, chunk);
  if (layout == Layout::packed) H5Pset_shuffle(list), H5Pset_deflate(list, 1);
  const hid_t set = H5Dcreate2(file, "x", H5T_IEEE_F32LE, space, H5P_DEFAULT, list, H5P_DEFAULT);
  std::vector<float> values(rows * columns);
  unsigned state = 1;
  for (float& v : values)
    v = static_cast<float>((state = state * 1664525u + 1013904223u) >> 26) / 8;
  if (H5Dwrite(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0)
    throw std::runtime_error(path + ": cannot be written");
  H5Dclose(set), H5Pclose(list), H5Sclose(space), H5Fclose(file);
}

double seconds(const std::string& path, bool trusted) {
  const auto start = std::chrono::steady_clock::now();
  const auto rows = flow::open_hdf5(flow::open_input(path), {.trusted = trusted});
  std::vector<double> block(4096 * columns);
  while (rows->read(block) > 0) {
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}

void measure(const std::string& path, const std::string& what, std::size_t runs) {
  std::vector<double> confined, trusted;
  for (std::size_t k = 0; k <= runs; ++k) {
    const double a = seconds(path, false), b = seconds(path, true);
    if (k > 0) confined.push_back(a), trusted.push_back(b);  // the first fills caches
  }
  flow::JsonLine line;
  line.add("file", what)
      .add("bytes", static_cast<std::size_t>(std::filesystem::file_size(path)))
      .add("confined_s", median(confined))
      .add("trusted_s", median(trusted))
      .add("ratio", median(confined) / median(trusted));
  std::fputs(line.line().c_str(), stdout);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) try {
  const hsize_t megabytes = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1000;
  std::string folder = (std::filesystem::temp_directory_path() / "flow-bench-XXXXXX").string();
  if (!mkdtemp(folder.data())) throw std::runtime_error(folder + ": cannot be made");
  const std::string path = folder + "/x.h5";
  make_file(path, Layout::chunked, 10);
  measure(path, "small", 101);
  const hsize_t rows = megabytes * 1000000 / (columns * sizeof(float));
  for (const auto& [layout, name] : {std::pair{Layout::contiguous, "contiguous"},
                                     {Layout::chunked, "chunked"},
                                     {Layout::packed, "packed"}}) {
    make_file(path, layout, rows);
    measure(path, name, 5);
  }
  std::filesystem::remove_all(folder);
  return 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "reading: %s\n", e.what());
  return 1;
}
