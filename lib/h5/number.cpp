#include "h5/number.h"

#include <array>
#include <cassert>

namespace flow {

namespace {

constexpr std::size_t floats = 4, f16 = 20;  // kinds: the first integer, the first f16

std::array<hid_t, f16> predefined() {
  return {H5T_IEEE_F32LE, H5T_IEEE_F64LE, H5T_IEEE_F32BE, H5T_IEEE_F64BE, H5T_STD_I8LE,
          H5T_STD_U8LE,   H5T_STD_I8BE,   H5T_STD_U8BE,   H5T_STD_I16LE,  H5T_STD_U16LE,
          H5T_STD_I16BE,  H5T_STD_U16BE,  H5T_STD_I32LE,  H5T_STD_U32LE,  H5T_STD_I32BE,
          H5T_STD_U32BE,  H5T_STD_I64LE,  H5T_STD_U64LE,  H5T_STD_I64BE,  H5T_STD_U64BE};
}

bool is_float16(hid_t type) {
  std::size_t sign = 0, exponent = 0, exponent_size = 0, fraction = 0, fraction_size = 0;
  check(H5Tget_fields(type, &sign, &exponent, &exponent_size, &fraction, &fraction_size));
  return H5Tget_size(type) == 2 && H5Tget_precision(type) == 16 && H5Tget_ebias(type) == 15 &&
         sign == 15 && exponent == 10 && exponent_size == 5 && fraction == 0 &&
         fraction_size == 10 && H5Tget_norm(type) == H5T_NORM_IMPLIED;
}

Handle float16_type(H5T_order_t order) {
  Handle type(H5Tcopy(order == H5T_ORDER_LE ? H5T_IEEE_F32LE : H5T_IEEE_F32BE), H5Tclose);
  check(H5Tset_fields(type, 15, 10, 5, 0, 10));
  check(H5Tset_size(type, 2));
  check(H5Tset_ebias(type, 15));
  return type;
}

}  // namespace

std::optional<std::size_t> number_kind(hid_t type) {
  const H5T_class_t kind = H5Tget_class(type);
  if (kind != H5T_FLOAT && kind != H5T_INTEGER) return {};
  const auto known = predefined();
  for (std::size_t k = 0; k < known.size(); ++k)
    if (check(H5Tequal(type, known[k])) > 0) return k;
  if (kind != H5T_FLOAT || !is_float16(type)) return {};
  const H5T_order_t order = H5Tget_order(type);
  if (order == H5T_ORDER_LE) return f16;
  return order == H5T_ORDER_BE ? std::optional(f16 + 1) : std::nullopt;
}

Handle number_type(std::size_t kind) {
  assert(kind < number_kinds);
  if (kind >= f16) return float16_type(kind == f16 ? H5T_ORDER_LE : H5T_ORDER_BE);
  return {H5Tcopy(predefined()[kind]), H5Tclose};
}

Element element_of(std::size_t kind) {
  constexpr std::array names{"<f4", "<f8", ">f4", ">f8", "<i1", "<u1", ">i1", ">u1",
                             "<i2", "<u2", ">i2", ">u2", "<i4", "<u4", ">i4", ">u4",
                             "<i8", "<u8", ">i8", ">u8", "<f2", ">f2"};
  static_assert(names.size() == number_kinds);
  return *parse_element(names[kind]);
}

std::size_t number_bytes(std::size_t kind) { return H5Tget_size(number_type(kind)); }

bool is_integer(std::size_t kind) { return kind >= floats && kind < f16; }

bool fits_single(std::size_t kind) { return number_bytes(kind) <= (is_integer(kind) ? 2 : 4); }

bool is_unsigned_byte(std::size_t kind) {
  const Handle type = number_type(kind);
  return is_integer(kind) && H5Tget_size(type) == 1 && H5Tget_sign(type) == H5T_SGN_NONE;
}

}  // namespace flow
