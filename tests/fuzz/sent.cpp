// What the confined reader of a model or of data sends, which the targets archive and found
// take: their seeds.
//   sent archive|found FILE.h5 OUT      found: of the data set /test/x
#include <cstdio>
#include <fstream>
#include <string>

#include "core/error.h"
#include "core/input.h"
#include "h5/archive_reader.h"
#include "h5/rows.h"

namespace {

using namespace flow;

void put_data(ConfinedSink& sink, Store store, const std::string& name) {
  auto kept = std::make_unique<Store>(store);
  Handle file = open_store(*kept);
  Hdf5Dataset dataset = open_dataset(file, name, "/test/x", 1 << 20);
  Found found{std::move(file), std::move(dataset), kept->declared};
  put_found_and_rows(sink, std::move(kept), std::move(found));
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 4) {
    std::fprintf(stderr, "usage: sent archive|found FILE.h5 OUT\n");
    return 2;
  }
  const bool archive = argv[1] == std::string("archive");
  start_hdf5();
  const Input input = open_input(argv[2]);
  const std::string name = input.name();
  const std::uint64_t size = *input.size();
  ConfinedStream stream(name, Exit::data, input.descriptor(), 1 << 28, size,
                        [&](int descriptor, ConfinedSink& sink) {
                          const Store store{.descriptor = descriptor, .size = size};
                          if (archive) return put_archive(sink, store, name);
                          put_data(sink, store, name);
                        });
  std::ofstream out(argv[3], std::ios::binary);
  try {
    for (;;) out.put(static_cast<char>(stream.take<std::uint8_t>()));
  } catch (const Error& e) {  // its end, or what it could not read
    if (std::string(e.what()).find("ended early") == std::string::npos) throw;
  }
  if (!out.flush()) throw Error(Exit::failed, std::string(argv[3]) + ": cannot be written");
} catch (const std::exception& e) {
  std::fprintf(stderr, "sent: %s\n", e.what());
  return 1;
}
