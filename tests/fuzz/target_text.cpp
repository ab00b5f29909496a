#include "data/text.h"
#include "fuzz/target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return flow::fuzz::answer(
      [&] { flow::fuzz::read_some(*flow::open_text(flow::fuzz::input_of(data, size))); });
}
