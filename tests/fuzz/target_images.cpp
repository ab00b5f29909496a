#include "data/idx.h"
#include "data/images.h"
#include "fuzz/target.h"
#include "png/png.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return flow::fuzz::answer([&] {
    flow::Input input = flow::fuzz::input_of(data, size);
    const auto head = input.peek(8);
    if (flow::is_idx(head))
      flow::fuzz::read_some(*flow::open_idx(std::move(input)));
    else if (head.size() == 8 && flow::is_png(head))
      flow::fuzz::read_some(*flow::open_png(std::move(input)));
  });
}
