#include "h5/handle.h"

#include <algorithm>
#include <cstdlib>

namespace flow {

namespace {

herr_t take_text(unsigned n, const H5E_error2_t* error, void* text) {
  if (n == 0 && error->desc) *static_cast<std::string*>(text) = error->desc;
  return 0;
}

bool prepare() {
  for (const char* name :
       {"HDF5_PLUGIN_PATH", "HDF5_PLUGIN_PRELOAD", "HDF5_EXT_PREFIX", "HDF5_EXTFILE_PREFIX",
        "HDF5_VDS_PREFIX", "HDF5_DEBUG", "HDF5_DISABLE_VERSION_CHECK", "HDF5_DRIVER"})
    unsetenv(name);
  check(H5open());
  check(H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr));
  check(H5PLset_loading_state(0));
  // Whoever else is in this process may have done it.
  if (check(H5Lis_registered(H5L_TYPE_EXTERNAL)) > 0) check(H5Lunregister(H5L_TYPE_EXTERNAL));
  return true;
}

}  // namespace

void throw_hdf5_failure() {
  std::string text = "HDF5 gives no reason";
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_text, &text);
  std::replace(text.begin(), text.end(), '\n', ' ');
  throw Hdf5Failure(text);
}

void start_hdf5() { [[maybe_unused]] static const bool prepared = prepare(); }

}  // namespace flow
