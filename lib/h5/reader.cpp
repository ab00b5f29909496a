#include "h5/reader.h"

#include <unistd.h>

#include <optional>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "h5/rows.h"

namespace flow {

namespace {

constexpr std::size_t head_bytes = std::size_t{256} << 10;  // metadata of a pipe are sought in it
// What a confined reader may take beside its chunks (64 MiB each, and 256 MiB of cache).
constexpr std::uint64_t confined_bytes = std::uint64_t{640} << 20;

Found find(Store& store, const std::string& name, const DatasetChoice& choice) {
  Handle file = open_store(store);
  const std::string path = choose_dataset(file, name, choice);
  Hdf5Dataset dataset = open_dataset(file, name, path, choice.max_bytes);
  return {std::move(file), std::move(dataset), store.declared};
}

// In the head of a pipe; nothing when that does not do.
std::optional<Found> find_in_head(Store& store, const std::string& name,
                                  const DatasetChoice& choice) {
  try {
    Found found = find(store, name, choice);
    if (store.beyond || !found.dataset.stored.contiguous) return {};
    return found;
  } catch (const Hdf5Failure&) {
    return {};
  } catch (const Error&) {
    if (!store.beyond) throw;  // else the whole file may hold what its head lacks
    return {};
  }
}

[[noreturn]] void refuse_cut_off(const Store& store, const std::string& name) {
  throw Error(Exit::data, name + ": is truncated, " + bytes_short(store.declared - store.size));
}

Found find_in_file(Store& store, const std::string& name, const DatasetChoice& choice) {
  Found found;
  try {
    found = find(store, name, choice);
  } catch (const std::runtime_error&) {  // what is said of a cut-off file does not help
    if (store.beyond && store.declared > store.size) refuse_cut_off(store, name);
    throw;
  }
  const StoredRows& d = found.dataset.stored;
  const std::uint64_t size = store.size, bytes = d.rows * d.row_bytes;
  if (d.contiguous && (d.offset > size || bytes > size - d.offset))
    refuse_truncated(d, d.offset < size ? size - d.offset : 0);
  if (store.declared > size) refuse_cut_off(store, name);
  return found;
}

std::unique_ptr<RowReader> open_stream(Input& input, const DatasetChoice& choice) {
  Store head;
  head.memory = input.peek(head_bytes);
  head.size = head.memory.size();
  if (choice.trusted) {
    auto found = find_in_head(head, input.name(), choice);
    if (!found) return nullptr;
    return contiguous_rows(std::move(input), std::move(found->dataset.stored), found->end);
  }
  ConfinedStream stream(input.name(), Exit::data, -1, confined_bytes, head.size,
                        [&](int, ConfinedSink& sink) {
                          const auto found = find_in_head(head, input.name(), choice);
                          sink.put(std::uint8_t{found.has_value()});
                          if (found) put_found(sink, found->dataset.stored, found->end);
                        });
  if (stream.take<std::uint8_t>() == 0) return nullptr;
  std::uint64_t end = 0;
  StoredRows stored = take_found(stream, choice.max_bytes, end);
  stream.require(stored.contiguous);
  return contiguous_rows(std::move(input), std::move(stored), end);
}

std::unique_ptr<RowReader> open_trusted(Input input, const DatasetChoice& choice) {
  auto store = std::make_unique<Store>();
  store->descriptor = input.descriptor();
  store->size = *input.size();
  Found found = find_in_file(*store, input.name(), choice);
  if (found.dataset.stored.contiguous)
    return contiguous_rows(std::move(input), std::move(found.dataset.stored), found.end);
  return chunked_rows(std::move(input), std::move(store), std::move(found));
}

std::unique_ptr<RowReader> open_confined(Input input, const DatasetChoice& choice) {
  const std::string name = input.name();
  auto stream = std::make_unique<ConfinedStream>(
      name, Exit::data, input.descriptor(), confined_bytes, *input.size(),
      [&](int descriptor, ConfinedSink& sink) {
        with_file_name(name, [&] {
          auto store = std::make_unique<Store>();
          store->descriptor = descriptor;
          store->size = *input.size();
          Found found = find_in_file(*store, name, choice);
          put_found_and_rows(sink, std::move(store), std::move(found));
        });
      });
  std::uint64_t end = 0;
  StoredRows stored = take_found(*stream, choice.max_bytes, end);
  if (stored.contiguous) return contiguous_rows(std::move(input), std::move(stored), end);
  return taken_rows(std::move(stream), std::move(stored));
}

}  // namespace

DatasetName split_dataset(const std::string& operand) {
  const std::size_t colon = operand.rfind(":/");
  if (colon == std::string::npos || colon == 0 || access(operand.c_str(), F_OK) == 0)
    return {operand, ""};
  return {operand.substr(0, colon), operand.substr(colon + 1)};
}

bool is_hdf5(std::span<const std::byte> head) {
  constexpr std::string_view signature = "\x89HDF\r\n\x1a\n";
  const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
  // A user block of 512 bytes, or a power of two more, may stand in front.
  for (std::size_t at = 0; at < text.size(); at = at ? 2 * at : 512)
    if (text.substr(at).starts_with(signature)) return true;
  return false;
}

std::unique_ptr<RowReader> open_hdf5(Input input, const DatasetChoice& choice) {
  start_hdf5();  // before a child would have to
  const std::string name = input.name();
  return with_file_name(name, [&]() -> std::unique_ptr<RowReader> {
    if (!input.size())
      if (auto reader = open_stream(input, choice)) return reader;
    Input whole = spooled(std::move(input));
    return choice.trusted ? open_trusted(std::move(whole), choice)
                          : open_confined(std::move(whole), choice);
  });
}

std::vector<std::string> hdf5_datasets(const std::string& path, bool trusted) {
  start_hdf5();
  const Input input = open_input(path);
  if (!input.size()) return {};  // a pipe has been put in the place of the file
  const auto list = [&](int descriptor) {
    return with_file_name(input.name(), [&] {
      Store store;
      store.descriptor = descriptor;
      store.size = *input.size();
      const Handle file = open_store(store);
      return number_datasets(file, "/");
    });
  };
  if (trusted) return list(input.descriptor());
  ConfinedStream stream(input.name(), Exit::data, input.descriptor(), confined_bytes, *input.size(),
                        [&](int descriptor, ConfinedSink& sink) {
                          const std::vector<std::string> names = list(descriptor);
                          sink.put(std::uint64_t{names.size()});
                          for (const std::string& n : names) sink.put(n);
                        });
  const auto count = stream.take<std::uint64_t>();
  std::vector<std::string> names;  // grows as names arrive, not as they are announced
  for (std::uint64_t k = 0; k < count; ++k) names.push_back(stream.take_text());
  return names;
}

}  // namespace flow
