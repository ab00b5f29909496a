#include "h5/dataset.h"

#include <algorithm>
#include <array>
#include <limits>

#include "core/error.h"
#include "h5/columns.h"

namespace flow {

namespace {

constexpr std::uint64_t max_chunk_bytes = std::uint64_t{64} << 20;
constexpr std::uint64_t deflate_limit = 1032;  // deflate packs no better: zlib, "Technical details"
constexpr std::size_t max_listed = 100000;

std::size_t rank_of(hid_t dataset) {
  const Handle space(H5Dget_space(dataset), H5Sclose);
  return static_cast<std::size_t>(check(H5Sget_simple_extent_ndims(space)));
}

bool holds_numbers(hid_t file, const std::string& path) {
  const Handle dataset(H5Dopen2(file, path.c_str(), H5P_DEFAULT), H5Dclose);
  const Handle type(H5Dget_type(dataset), H5Tclose);
  return number_kind(type) && rank_of(dataset) >= 1;
}

herr_t collect(hid_t, const char* name, const H5O_info_t* info, void* found) {
  auto& paths = *static_cast<std::vector<std::string>*>(found);
  if (info->type == H5O_TYPE_DATASET) paths.emplace_back(name);
  return paths.size() < max_listed ? 0 : -1;
}

bool is_there(hid_t file, const std::string& path) {
  try {
    open_object(file, path);
    return true;
  } catch (const Hdf5Failure&) {
    return false;
  }
}

// The data set or group that the choice names, "/" where it names none.
std::string chosen_path(hid_t file, const DatasetChoice& choice) {
  const auto absolute = [](const std::string& p) { return p.starts_with('/') ? p : '/' + p; };
  if (!choice.dataset.empty()) {
    std::string path = absolute(choice.dataset);
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return path;
  }
  for (const std::string& p : choice.preferred)
    if (is_there(file, absolute(p))) return absolute(p);
  return "/";
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& w : words) text += ' ' + w;
  return text;
}

std::string type_name(hid_t type) {
  const std::string bytes = std::to_string(8 * H5Tget_size(type)) + "-bit ";
  switch (H5Tget_class(type)) {
    case H5T_INTEGER:
      return "an unusual " + bytes + "integer";
    case H5T_FLOAT:
      return "an unusual " + bytes + "float";
    case H5T_STRING:
      return "strings";
    case H5T_COMPOUND:
      return "compounds (a table)";
    case H5T_ENUM:
      return "an enumeration (truth values, perhaps)";
    case H5T_VLEN:
      return "lists of varying length";
    case H5T_ARRAY:
      return "arrays";
    case H5T_REFERENCE:
      return "references";
    default:
      return "no numbers";
  }
}

// Product of dims, or what no limit allows.
std::uint64_t product(std::span<const hsize_t> dims) {
  std::uint64_t n = 1;
  for (const hsize_t d : dims) {
    if (d != 0 && n > std::numeric_limits<std::uint64_t>::max() / d)
      return std::numeric_limits<std::uint64_t>::max();
    n *= d;
  }
  return n;
}

// Declarations are believed only as far as what is stored bears them out.
void check_chunks(hid_t id, StoredRows& d, hid_t creation, std::span<const hsize_t> dims) {
  std::array<hsize_t, H5S_MAX_RANK> chunk{};
  check(H5Pget_chunk(creation, static_cast<int>(dims.size()), chunk.data()));
  const std::uint64_t element = number_bytes(d.kind);
  const std::uint64_t numbers = product(std::span(chunk).first(dims.size()));
  require(numbers > 0 && numbers <= max_chunk_bytes / element, Exit::data,
          d.name + ": its chunks are empty or larger than 64 MiB; repack it with others");
  std::uint64_t expected = 1, across = 1;
  for (std::size_t k = 0; k < dims.size(); ++k) {
    const std::uint64_t n = dims[k] / chunk[k] + (dims[k] % chunk[k] != 0);
    expected = product(std::array<hsize_t, 2>{expected, n});
    if (k > 0) across = product(std::array<hsize_t, 2>{across, n});
  }
  const std::uint64_t declared = d.rows * d.row_bytes, stored = H5Dget_storage_size(id);
  require(stored >= declared / deflate_limit, Exit::data,
          d.name + ": declares " + std::to_string(declared) + " bytes but holds " +
              std::to_string(stored) + "; it is damaged or was never written whole");
  const Handle space(H5Dget_space(id), H5Sclose);
  hsize_t there = 0;
  check(H5Dget_num_chunks(id, space, &there));
  require(there == expected, Exit::data,
          d.name + ": holds " + std::to_string(there) + " of " + std::to_string(expected) +
              " chunks; it is damaged or was never written whole");
  d.slab_bytes =
      static_cast<std::size_t>(product(std::array<hsize_t, 3>{across, numbers, element}));
}

void check_layout(hid_t id, StoredRows& d, std::span<const hsize_t> dims) {
  const Handle creation(H5Dget_create_plist(id), H5Pclose);
  const std::string foreign = foreign_storage(creation);
  require(foreign.empty(), Exit::data, d.name + ": " + foreign + "; copy the rows into the file");
  const H5D_layout_t layout = H5Pget_layout(creation);
  if (layout == H5D_CHUNKED) check_chunks(id, d, creation, dims);
  if (layout != H5D_CONTIGUOUS) return;
  d.contiguous = true;
  d.offset = H5Dget_offset(id);
  if (d.rows == 0) d.offset = 0;
  require(d.offset != HADDR_UNDEF, Exit::data,
          d.name + ": was declared but never written; write it, or name another data set");
}

}  // namespace

std::string foreign_storage(hid_t creation) {
  if (check(H5Pget_layout(creation)) == H5D_VIRTUAL) return "is a virtual data set, of other files";
  if (check(H5Pget_external_count(creation)) != 0) return "lies in other files";
  const int filters = check(H5Pget_nfilters(creation));
  for (unsigned k = 0; k < static_cast<unsigned>(filters); ++k) {
    unsigned flags = 0, config = 0;
    std::size_t values = 0;
    const H5Z_filter_t f =
        H5Pget_filter2(creation, k, &flags, &values, nullptr, 0, nullptr, &config);
    if (f != H5Z_FILTER_SHUFFLE && f != H5Z_FILTER_DEFLATE && f != H5Z_FILTER_FLETCHER32)
      return "is packed with filter " + std::to_string(f) + ", and only gzip is read (h5repack)";
  }
  return "";
}

Handle open_object(hid_t file, const std::string& path) {
  for (std::size_t at = 0; at < path.size();) {
    at = std::min(path.find('/', at + 1), path.size());
    const std::string part = path.substr(0, at);
    if (part == "/" || part.empty()) continue;
    H5L_info_t info{};
    check(H5Lget_info(file, part.c_str(), &info, H5P_DEFAULT));
    if (info.type != H5L_TYPE_HARD) throw Hdf5Failure(part + " is a link to another place");
  }
  return {H5Oopen(file, path.c_str(), H5P_DEFAULT), H5Oclose};
}

std::vector<std::string> number_datasets(hid_t file, const std::string& group) {
  const Handle top = open_object(file, group);
  std::vector<std::string> names, numbers;
  check(H5Ovisit2(top, H5_INDEX_NAME, H5_ITER_INC, collect, &names, H5O_INFO_BASIC));
  for (const std::string& name : names) {
    const std::string path = (group == "/" ? "" : group) + (name == "." ? "" : "/" + name);
    try {
      if (holds_numbers(file, path)) numbers.push_back(path);
    } catch (const Hdf5Failure&) {  // not one to offer; it says why when it is named
    }
  }
  return numbers;
}

std::string choose_dataset(hid_t file, const std::string& file_name, const DatasetChoice& choice) {
  const std::string path = chosen_path(file, choice);
  if (path != "/") {
    try {
      const Handle object = open_object(file, path);
      if (H5Iget_type(object) == H5I_DATASET) return path;
    } catch (const Hdf5Failure& e) {
      const auto all = number_datasets(file, "/");
      throw Error(Exit::data, file_name + ": cannot open " + path + ": " + e.what() + "; it holds" +
                                  (all.empty() ? " no data sets of numbers" : joined(all)));
    }
  }
  const std::vector<std::string> all = number_datasets(file, path);
  std::vector<std::string> rows;
  for (const std::string& p : all) {
    const std::size_t rank = rank_of(Handle(H5Dopen2(file, p.c_str(), H5P_DEFAULT), H5Dclose));
    if (rank >= 2 && rank <= 4) rows.push_back(p);
  }
  if (rows.empty()) rows = all;
  require(!rows.empty(), Exit::data, file_name + ": holds no data set of numbers");
  require(rows.size() == 1, Exit::data,
          file_name + ": holds several data sets:" + joined(rows) + "; name one: " + file_name +
              ":" + rows[0]);
  return rows[0];
}

Hdf5Dataset open_dataset(hid_t file, const std::string& file_name, const std::string& path,
                         std::uint64_t max_bytes) {
  Handle id(H5Dopen2(file, path.c_str(), H5P_DEFAULT), H5Dclose);
  StoredRows d;
  d.name = file_name + ":" + path;
  const Handle type(H5Dget_type(id), H5Tclose);
  const auto kind = number_kind(type);
  require(kind.has_value(), Exit::data,
          d.name + ": holds " + type_name(type) + "; expected integers or floats");
  d.kind = *kind;
  const std::size_t rank = rank_of(id);
  require(
      rank >= 1 && rank <= 4, Exit::data,
      d.name + ": has rank " + std::to_string(rank) + "; expected rows of numbers or of images");
  std::array<hsize_t, 4> extent{};
  const Handle space(H5Dget_space(id), H5Sclose);
  check(H5Sget_simple_extent_dims(space, extent.data(), nullptr));
  const std::span<const hsize_t> dims = std::span(extent).first(rank);
  const std::uint64_t columns = product(dims.subspan(1)), element = number_bytes(d.kind);
  require(columns > 0, Exit::data, d.name + ": has no columns; expected rows of numbers");
  require(product(std::array<hsize_t, 3>{dims[0], columns, element}) <= max_bytes &&
              columns <= max_bytes / 8,
          Exit::data,
          d.name + ": declares more than the " + std::to_string(max_bytes) +
              " bytes allowed; raise --max-bytes if that is right");
  d.rows = dims[0];
  d.row_bytes = columns * element;
  d.shape.rows = d.rows;
  d.shape.format = "HDF5";
  d.shape.columns = static_cast<std::size_t>(columns);
  d.shape.dims = rank == 1 ? std::vector<std::size_t>{1}
                           : std::vector<std::size_t>(dims.begin() + 1, dims.end());
  d.shape.integers = is_integer(d.kind);
  d.shape.bytes = is_unsigned_byte(d.kind), d.shape.single = fits_single(d.kind);
  d.shape.names = column_names(file, path, d.shape.columns);
  if (!d.shape.names.empty()) d.shape.words = column_words(id, d.shape.columns);
  check_layout(id, d, dims);
  return {std::move(id), std::move(d)};
}

}  // namespace flow
