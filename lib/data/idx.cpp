#include "data/idx.h"

#include <algorithm>
#include <cassert>

#include "config/scalar.h"
#include "core/error.h"
#include "core/output.h"
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

class IdxWriter : public RowWriter {
 public:
  IdxWriter(const std::string& path, bool replace, const RowShape& shape, std::size_t type)
      : file_(path, replace), shape_(shape), type_(type) {
    require(shape.rows || !file_.is_stream(), Exit::usage,
            file_.name() +
                ": IDX begins with the number of rows, which is not known; name a file with -o");
    const std::vector<std::byte> head = header(shape.rows.value_or(0));
    file_.write(head.data(), head.size());
  }

  void write(std::span<const double> values) override {
    const Element element = *parse_element(types[type_].element);
    std::vector<std::byte> bytes(values.size() * element.size);
    for (std::size_t i = 0; i < values.size(); ++i)
      require(encode(element, values[i], &bytes[i * element.size]), Exit::failed,
              file_.name() + ": row " + std::to_string(rows_ + i / shape_.columns + 1) + ": " +
                  shortest(values[i]) + " is no byte, which are the integers from 0 to 255");
    file_.write(bytes.data(), bytes.size());
    rows_ += values.size() / shape_.columns;
  }
  void finish() override {
    const std::vector<std::byte> head = header(rows_);
    if (!shape_.rows) file_.rewrite(head.data(), head.size());
    file_.commit();
  }

 private:
  std::vector<std::byte> header(std::uint64_t rows) const {
    std::vector<std::byte> head{std::byte{0}, std::byte{0}, std::byte{types[type_].code},
                                static_cast<std::byte>(shape_.dims.size() + 1)};
    const auto add = [&](std::uint64_t dim) {
      require(dim <= UINT32_MAX, Exit::failed,
              file_.name() + ": IDX counts up to 4294967295 rows; choose another format");
      for (int shift = 24; shift >= 0; shift -= 8)
        head.push_back(static_cast<std::byte>(dim >> shift & 255));
    };
    add(rows);
    for (const std::size_t d : shape_.dims) add(d);
    return head;
  }

  OutputFile file_;
  RowShape shape_;
  std::size_t type_;
  std::uint64_t rows_ = 0;
};

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
  shape.format = "IDX";
  return std::make_unique<RawReader>(std::move(input), element, std::move(shape));
}

std::unique_ptr<RowWriter> create_idx(const std::string& path, bool replace, const RowShape& shape,
                                      const std::string& element) {
  const auto found = std::find_if(std::begin(types), std::end(types),
                                  [&](const auto& t) { return element == t.element; });
  assert(found != std::end(types));
  return std::make_unique<IdxWriter>(path, replace, shape,
                                     static_cast<std::size_t>(found - std::begin(types)));
}

}  // namespace flow
