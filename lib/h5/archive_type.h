// How the types of an archive are stored; for the files of this folder only.
#pragma once
#include <algorithm>
#include <cstddef>

#include "h5/archive.h"
#include "h5/handle.h"

namespace flow {

inline const char* name_of(ArchiveType type) {
  switch (type) {
    case ArchiveType::f32:
      return "f32";
    case ArchiveType::f64:
      return "f64";
    case ArchiveType::i64:
      return "i64";
    case ArchiveType::text:
      break;
  }
  return "text";
}

// text_bytes: the length of a text.
inline Handle stored_type(ArchiveType type, std::size_t text_bytes) {
  if (type == ArchiveType::f32) return {H5Tcopy(H5T_IEEE_F32LE), H5Tclose};
  if (type == ArchiveType::f64) return {H5Tcopy(H5T_IEEE_F64LE), H5Tclose};
  if (type == ArchiveType::i64) return {H5Tcopy(H5T_STD_I64LE), H5Tclose};
  Handle text(H5Tcopy(H5T_C_S1), H5Tclose);
  check(H5Tset_size(text, std::max<std::size_t>(1, text_bytes)));
  check(H5Tset_strpad(text, H5T_STR_NULLPAD));
  check(H5Tset_cset(text, H5T_CSET_UTF8));
  return text;
}

}  // namespace flow
