// Files and pipes for the tests of HDF5, made by its own calls, as another program would.
#pragma once
#include <fcntl.h>
#include <hdf5.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "core/error.h"
#include "h5/reader.h"

namespace flow {

struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "flow-test-XXXXXX").string();
    BOOST_REQUIRE(mkdtemp(name.data()));
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string operator/(const std::string& name) const { return path + "/" + name; }
  std::string path;
};

struct MadeDataset {
  std::string path = "x";
  hid_t stored = H5T_NATIVE_DOUBLE, memory = H5T_NATIVE_DOUBLE;
  std::vector<hsize_t> dims;
  const void* values = nullptr;              // nullptr: never written
  std::function<void(hid_t)> creation = {};  // changes the creation property list
};

inline void make_dataset(hid_t file, const MadeDataset& d) {
  const hid_t links = H5Pcreate(H5P_LINK_CREATE), list = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_create_intermediate_group(links, 1);
  if (d.creation) d.creation(list);
  const hid_t space =
      d.dims.empty() ? H5Screate(H5S_SCALAR)
                     : H5Screate_simple(static_cast<int>(d.dims.size()), d.dims.data(), nullptr);
  const hid_t id = H5Dcreate2(file, d.path.c_str(), d.stored, space, links, list, H5P_DEFAULT);
  BOOST_REQUIRE(id >= 0);
  if (d.values) BOOST_REQUIRE(H5Dwrite(id, d.memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, d.values) >= 0);
  H5Dclose(id), H5Sclose(space), H5Pclose(list), H5Pclose(links);
}

inline void make_file(const std::string& path, const std::function<void(hid_t)>& fill) {
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  BOOST_REQUIRE(file >= 0);
  fill(file);
  BOOST_REQUIRE(H5Fclose(file) >= 0);
}

inline void make_file(const std::string& path, const MadeDataset& d) {
  make_file(path, [&](hid_t file) { make_dataset(file, d); });
}

inline std::vector<double> read_all(RowReader& reader, std::size_t rows_at_once = 7) {
  std::vector<double> all, block(rows_at_once * reader.shape().columns);
  while (const std::size_t n = reader.read(block))
    all.insert(all.end(), block.begin(),
               block.begin() + static_cast<std::ptrdiff_t>(n * reader.shape().columns));
  return all;
}

inline std::vector<double> read_file(const std::string& path, const DatasetChoice& choice = {}) {
  return read_all(*open_hdf5(open_input(path), choice));
}

inline std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void put_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// A pipe that another thread fills, in pieces that end at odd places.
class FedPipe {
 public:
  explicit FedPipe(std::string bytes) : bytes_(std::move(bytes)) {
    int ends[2];
    BOOST_REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
    reading_ = ends[0];
    feeder_ = std::thread([this, to = ends[1]] {
      std::size_t at = 0;
      while (at < bytes_.size()) {
        const ssize_t n =
            write(to, bytes_.data() + at, std::min<std::size_t>(12347, bytes_.size() - at));
        if (n <= 0) break;
        at += static_cast<std::size_t>(n);
      }
      close(to);
    });
  }
  ~FedPipe() { feeder_.join(); }
  Input input() const { return {reading_, "pipe"}; }  // once; drop it before the pipe

 private:
  std::string bytes_;
  int reading_;
  std::thread feeder_;
};

// The message of the flow::Error that f throws with this code; "" (and a failed check) otherwise.
inline std::string error_of(Exit code, const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    BOOST_TEST(static_cast<int>(e.code()) == static_cast<int>(code), e.what());
    BOOST_TEST(std::string(e.what()).find('\n') == std::string::npos);
    return e.what();
  }
  BOOST_ERROR("no error was thrown");
  return "";
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace flow
