#include "h5/store.h"

#include <unistd.h>
#if __has_include(<H5FDdevelop.h>)
#include <H5FDdevelop.h>
#endif

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace flow {

namespace {

constexpr char file_name[] = "/flow";  // HDF5 wants one; a file that names another gets nothing

struct OpenStore {
  H5FD_t base;  // first: HDF5 knows the object by this part
  Store* store;
  haddr_t end;
};

Store& store_of(const H5FD_t* file) { return *reinterpret_cast<const OpenStore*>(file)->store; }

H5FD_t* open_file(const char* name, unsigned, hid_t access, haddr_t) {
  const void* info = H5Pget_driver_info(access);
  if (!info || std::strcmp(name, file_name) != 0) return nullptr;
  return &(new OpenStore{{}, *static_cast<Store* const*>(info), 0})->base;
}

herr_t close_file(H5FD_t* file) {
  delete reinterpret_cast<OpenStore*>(file);
  return 0;
}

haddr_t allocated_end(const H5FD_t* file, H5FD_mem_t) {
  return reinterpret_cast<const OpenStore*>(file)->end;
}

herr_t set_allocated_end(H5FD_t* file, H5FD_mem_t, haddr_t end) {
  reinterpret_cast<OpenStore*>(file)->end = end;
  store_of(file).declared = end;
  return 0;
}

// Reading: the end of a pipe is unknown and reads are checked one by one, so as far as can be.
haddr_t file_end(const H5FD_t* file, H5FD_mem_t) {
  const Store& store = store_of(file);
  return store.written ? store.written->size() : haddr_t{1} << 62;
}

bool read_descriptor(int descriptor, haddr_t from, std::size_t size, char* to) {
  while (size > 0) {
    const ssize_t n = pread(descriptor, to, size, static_cast<off_t>(from));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    from += static_cast<haddr_t>(n);
    to += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

herr_t read_file(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t from, std::size_t size, void* to) {
  Store& store = store_of(file);
  const auto bytes = store.written ? std::span<const std::byte>(*store.written) : store.memory;
  const std::uint64_t there = store.written ? bytes.size() : store.size;
  if (from > there || size > there - from) {
    store.beyond = true;
    return -1;
  }
  if (store.descriptor >= 0)
    return read_descriptor(store.descriptor, from, size, static_cast<char*>(to)) ? 0 : -1;
  if (size > 0) std::memcpy(to, bytes.data() + from, size);
  return 0;
}

herr_t write_file(H5FD_t* file, H5FD_mem_t kind, hid_t, haddr_t to, std::size_t size,
                  const void* from) {
  std::vector<std::byte>* written = store_of(file).written;
  if (!written) return -1;
  if (kind == H5FD_MEM_DRAW && to >= store_of(file).kept) return 0;
  try {
    if (written->size() < to + size) written->resize(to + size);
  } catch (...) {  // no exception may pass through C
    return -1;
  }
  if (size > 0) std::memcpy(written->data() + to, from, size);
  return 0;
}

hid_t register_driver() {
  start_hdf5();
  static H5FD_class_t c{};
#ifdef H5FD_CLASS_VERSION
  c.version = H5FD_CLASS_VERSION;
  c.value = 510;  // any above 255, which HDF5 keeps to itself
#endif
  c.name = "flow";
  c.maxaddr = haddr_t{1} << 62;
  c.fc_degree = H5F_CLOSE_STRONG;
  c.fapl_size = sizeof(Store*);
  c.open = open_file;
  c.close = close_file;
  c.get_eoa = allocated_end;
  c.set_eoa = set_allocated_end;
  c.get_eof = file_end;
  c.read = read_file;
  c.write = write_file;
  std::fill(std::begin(c.fl_map), std::end(c.fl_map), H5FD_MEM_SUPER);
  return check(H5FDregister(&c));
}

Handle access_to(Store& store) {
  static const hid_t driver = register_driver();
  Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  Store* const address = &store;
  check(H5Pset_driver(access, driver, &address));
  return access;
}

}  // namespace

Handle open_store(Store& store) {
  const Handle access = access_to(store);
  return {H5Fopen(file_name, H5F_ACC_RDONLY, access), H5Fclose};
}

Handle create_store(Store& store) {
  const Handle access = access_to(store);
  check(H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18));
  check(H5Pset_small_data_block_size(access, 0));  // data sets lie in the order of their making
  const Handle creation(H5Pcreate(H5P_FILE_CREATE), H5Pclose);
  check(H5Pset_obj_track_times(creation, 0));
  return {H5Fcreate(file_name, H5F_ACC_TRUNC, creation, access), H5Fclose};
}

}  // namespace flow
