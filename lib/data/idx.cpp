#include "data/idx.h"

#include "core/error.h"
#include "data/raw.h"

namespace flow {

namespace {

constexpr struct {
  unsigned char code;
  const char* element;
} types[] = {{0x08, "u1"},  {0x09, "i1"},  {0x0b, ">i2"},
             {0x0c, ">i4"}, {0x0d, ">f4"}, {0x0e, ">f8"}};

std::optional<Element> element_of(std::byte code) {
  for (const auto& t : types)
    if (std::byte{t.code} == code) return parse_element(t.element);
  return {};
}

}  // namespace

bool is_idx(std::span<const std::byte> head) {
  return head.size() >= 4 && head[0] == std::byte{0} && head[1] == std::byte{0} &&
         element_of(head[2]).has_value();
}

std::unique_ptr<RowReader> open_idx(Input input) {
  std::byte head[4 + 4 * 255];
  input.read(head, 4);
  const std::size_t rank = std::to_integer<std::size_t>(head[3]), bytes = 4 + 4 * rank;
  require(input.read(head + 4, 4 * rank) == 4 * rank, Exit::data,
          input.name() + ": the IDX header is truncated; make the file again");
  std::vector<std::uint64_t> dims;
  for (std::size_t at = 4; at < bytes; at += 4) {
    std::uint64_t dim = 0;
    for (std::size_t k = 0; k < 4; ++k)
      dim = dim << 8 | std::to_integer<std::uint64_t>(head[at + k]);
    dims.push_back(dim);
  }
  const Element element = *element_of(head[2]);
  RowShape shape = array_shape(input, element, dims, bytes);
  return std::make_unique<RawReader>(std::move(input), element, std::move(shape));
}

}  // namespace flow
