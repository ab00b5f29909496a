// What a reader that a hostile file has taken over may say of rows.
#include "fuzz/target.h"
#include "h5/rows.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  flow::start_hdf5();
  return flow::fuzz::answer([&] {
    auto stream = std::make_unique<flow::ConfinedStream>(
        "x", flow::Exit::data, -1, 1 << 24, 0,
        [&](int, flow::ConfinedSink& sink) { sink.put(std::as_bytes(std::span(data, size))); });
    std::uint64_t end = 0;
    flow::StoredRows stored = flow::take_found(*stream, 1 << 24, end);
    flow::fuzz::read_some(*flow::taken_rows(std::move(stream), std::move(stored)));
  });
}
