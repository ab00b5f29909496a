// What a reader that a hostile file has taken over may say of a model.
#include "fuzz/target.h"
#include "h5/archive_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  flow::start_hdf5();
  return flow::fuzz::answer([&] {
    flow::ConfinedStream stream(
        "x", flow::Exit::model, -1, 1 << 24, 0,
        [&](int, flow::ConfinedSink& sink) { sink.put(std::as_bytes(std::span(data, size))); });
    // Digests end what is not whole, but for what other programs wrote.
    const auto origin = size % 2 ? flow::Origin::own : flow::Origin::foreign;
    flow::take_archive(stream, "x", 1 << 20, origin);
  });
}
