#include "h5/create.h"

#include "h5/columns.h"

namespace flow {

namespace {

void create_groups(hid_t file, const std::string& path) {
  const Handle creation(H5Pcreate(H5P_GROUP_CREATE), H5Pclose);
  check(H5Pset_obj_track_times(creation, 0));
  for (std::size_t end = path.find('/', 1); end != std::string::npos;
       end = path.find('/', end + 1)) {
    const std::string group = path.substr(0, end);
    if (check(H5Lexists(file, group.c_str(), H5P_DEFAULT)) > 0) continue;
    Handle(H5Gcreate2(file, group.c_str(), H5P_DEFAULT, creation, H5P_DEFAULT), H5Gclose).close();
  }
}

}  // namespace

Handle create_dataset(hid_t file, const std::string& path, hid_t type,
                      std::span<const hsize_t> dims) {
  create_groups(file, path);
  const Handle creation(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  check(H5Pset_layout(creation, H5D_CONTIGUOUS));
  check(H5Pset_alloc_time(creation, H5D_ALLOC_TIME_LATE));
  check(H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER));
  check(H5Pset_obj_track_times(creation, 0));
  const Handle space(dims.empty()
                         ? H5Screate(H5S_SCALAR)
                         : H5Screate_simple(static_cast<int>(dims.size()), dims.data(), nullptr),
                     H5Sclose);
  return {H5Dcreate2(file, path.c_str(), type, space, H5P_DEFAULT, creation, H5P_DEFAULT),
          H5Dclose};
}

void write_attribute(hid_t object, const std::string& name, const Attribute& value) {
  if (const std::string* text = std::get_if<std::string>(&value))
    return write_string_attribute(object, name.c_str(), {*text}, true);
  const std::int64_t* integer = std::get_if<std::int64_t>(&value);
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  Handle attribute(H5Acreate2(object, name.c_str(), integer ? H5T_STD_I64LE : H5T_IEEE_F64LE, space,
                              H5P_DEFAULT, H5P_DEFAULT),
                   H5Aclose);
  check(integer ? H5Awrite(attribute, H5T_NATIVE_INT64, integer)
                : H5Awrite(attribute, H5T_NATIVE_DOUBLE, &std::get<double>(value)));
  attribute.close();
}

}  // namespace flow
