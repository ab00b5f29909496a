// What is written is read back, by us and by HDF5 itself; pipes and files give the same rows; equal
// content gives equal bytes.
#include <cmath>
#include <cstring>
#include <numeric>

#include "core/output.h"
#include "files.h"
#include "h5/writer.h"

namespace flow {

namespace {

std::vector<double> waves(std::size_t n) {
  std::vector<double> v(n);
  for (std::size_t i = 0; i < n; ++i) v[i] = static_cast<float>(std::sin(static_cast<double>(i)));
  return v;
}

Hdf5Spec spec_of(std::size_t columns, std::optional<std::uint64_t> rows) {
  Hdf5Spec spec;
  spec.shape.columns = columns;
  spec.shape.rows = rows;
  spec.attributes = {{"creator", "a test"}, {"seed", std::int64_t{7}}, {"step", 0.5}};
  return spec;
}

void write_rows(RowWriter& writer, const std::vector<double>& v, std::size_t columns) {
  for (std::size_t at = 0; at < v.size(); at += 100 * columns)
    writer.write(std::span(v).subspan(at, std::min(100 * columns, v.size() - at)));
  writer.finish();
}

// Runs f with the standard output going into a pipe, and gives what came out.
std::string piped_output(const std::function<void()>& f) {
  int ends[2];
  BOOST_REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  const int saved = dup(STDOUT_FILENO);
  dup2(ends[1], STDOUT_FILENO), close(ends[1]);
  std::string bytes;
  std::thread drain([&] {
    char buffer[4096];
    for (ssize_t n; (n = read(ends[0], buffer, sizeof buffer)) > 0;)
      bytes.append(buffer, static_cast<std::size_t>(n));
  });
  f();
  dup2(saved, STDOUT_FILENO), close(saved);
  drain.join();
  close(ends[0]);
  return bytes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(h5_pipes)

BOOST_AUTO_TEST_CASE(four_ways_of_writing_give_one_file) {
  const Folder folder;
  const std::string path = folder / "w.h5";
  for (const std::size_t rows : {0, 1, 3, 1000}) {
    const std::vector<double> v = waves(rows * 5);
    std::vector<std::string> files;
    for (const bool known : {true, false}) {
      const auto spec = spec_of(5, known ? std::optional<std::uint64_t>(rows) : std::nullopt);
      write_rows(*create_hdf5(path, true, spec), v, 5);
      files.push_back(bytes_of(path));
      files.push_back(piped_output([&] { write_rows(*create_hdf5("-", false, spec), v, 5); }));
    }
    BOOST_TEST(read_file(path) == v, boost::test_tools::per_element());
    for (const std::string& f : files) BOOST_TEST((f == files[0]), rows << " rows");
  }
}

BOOST_AUTO_TEST_CASE(parts_that_are_cut_off_behind_those_that_are_read) {
  const Folder folder;
  const std::string path = folder / "p.h5";
  const std::vector<double> v = waves(20);
  auto spec = spec_of(2, 10);
  spec.parts = {{"train", 6}, {"test", 4}};
  write_rows(*create_hdf5(path, true, spec), v, 2);
  const std::string bytes = bytes_of(path);
  for (const std::size_t cut : {0, 3}) {
    FedPipe pipe(bytes.substr(0, bytes.size() - cut));
    const auto read = [&] { return read_all(*open_hdf5(pipe.input(), {.dataset = "/train"})); };
    if (cut == 0)
      BOOST_TEST(read() == std::vector<double>(v.begin(), v.begin() + 12),
                 boost::test_tools::per_element());
    else
      BOOST_TEST(contains(error_of(Exit::data, [&] { read(); }),
                          "pipe: is truncated behind the rows of pipe:/train, 3 bytes short"));
  }
  spec.parts = {{"train", 6}, {"train", 4}};
  BOOST_TEST(contains(error_of(Exit::failed, [&] { create_hdf5(path, true, spec); }),
                      "p.h5: cannot be written as HDF5: "));
}

BOOST_AUTO_TEST_CASE(a_written_pipe_is_streamed_not_spooled) {
  const Folder folder;
  const std::string path = folder / "s.h5";
  const std::vector<double> v = waves(200000 * 2);
  auto spec = spec_of(2, 200000);
  spec.dataset = "train/x";
  spec.shape.names = {"a", "b"};
  write_rows(*create_hdf5(path, false, spec), v, 2);
  const FedPipe pipe(bytes_of(path));
  setenv("TMPDIR", "/nowhere", 1);  // so spooling would fail
  {
    const auto reader = open_hdf5(pipe.input());
    BOOST_TEST(reader->shape().names.size() == 2);
    BOOST_TEST((read_all(*reader, 1000) == v));
  }
  unsetenv("TMPDIR");
}

BOOST_AUTO_TEST_CASE(rows_in_front_of_their_metadata_are_spooled) {
  const Folder folder;
  const std::string path = folder / "late.h5";
  const std::vector<double> v = waves(60000), w = waves(8);
  make_file(path, [&](hid_t file) {
    make_dataset(file, {.path = "big", .dims = {60000}, .values = v.data()});
    for (int k = 0; k < 40; ++k)  // enough groups that some metadata come behind the big rows
      make_dataset(file, {.path = "g" + std::to_string(k) + "/y", .dims = {4}, .values = w.data()});
    make_dataset(file, {.path = "late/x", .dims = {4, 2}, .values = w.data()});
  });
  const std::string bytes = bytes_of(path);
  for (const char* name : {"late/x", "big", ""}) {
    const FedPipe pipe(bytes);
    const DatasetChoice choice{.dataset = name};
    BOOST_TEST((read_all(*open_hdf5(pipe.input(), choice)) == read_file(path, choice)));
  }
}

BOOST_AUTO_TEST_CASE(what_does_not_show_in_the_head_is_not_missing) {
  const Folder folder;
  const std::string path = folder / "later.h5";
  const std::vector<double> v = waves(60000), w = waves(8);
  make_file(path, [&](hid_t file) {
    make_dataset(file, {.path = "big", .dims = {60000}, .values = v.data()});
    make_dataset(file, {.path = "late/x", .dims = {4, 2}, .values = w.data()});
  });
  const FedPipe pipe(bytes_of(path));
  BOOST_TEST(read_all(*open_hdf5(pipe.input(), {.preferred = {"late/x", "big"}})).size() == 8);
}

BOOST_AUTO_TEST_CASE(number_types_images_and_many_names) {
  const Folder folder;
  const std::string path = folder / "n.h5";
  const std::vector<double> v{0, 1, 2, 100, 127, 3, 4, 5, 6, 7, 8, 9};
  for (const NumberType type :
       {NumberType::f32, NumberType::f64, NumberType::i8, NumberType::u8, NumberType::i16,
        NumberType::u16, NumberType::i32, NumberType::u32, NumberType::i64, NumberType::u64}) {
    Hdf5Spec spec = spec_of(6, std::nullopt);
    spec.type = type;
    spec.shape.dims = {3, 2};
    write_rows(*create_hdf5(path, true, spec), v, 6);
    const auto reader = open_hdf5(open_input(path));
    BOOST_TEST(reader->shape().dims == (std::vector<std::size_t>{3, 2}),
               boost::test_tools::per_element());
    BOOST_TEST(reader->shape().integers == (type > NumberType::f64));
    BOOST_TEST(read_all(*reader) == v, boost::test_tools::per_element());
  }
  Hdf5Spec spec = spec_of(20000, 1);
  for (std::size_t k = 0; k < 20000; ++k) spec.shape.names.push_back("column" + std::to_string(k));
  write_rows(*create_hdf5(path, true, spec), waves(20000), 20000);
  BOOST_TEST((open_hdf5(open_input(path))->shape().names == spec.shape.names));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_written_is_said_and_leaves_nothing) {
  const Folder folder;
  const std::string path = folder / "bad.h5";
  const auto empty = [&] { return std::filesystem::is_empty(folder.path); };
  Hdf5Spec bytes = spec_of(2, std::nullopt);
  bytes.type = NumberType::u8;
  for (const double bad : {256.0, -1.0, std::nan("")})
    BOOST_TEST(contains(error_of(Exit::failed,
                                 [&] {
                                   const auto w = create_hdf5(path, false, bytes);
                                   w->write(std::vector<double>{0, 255, 1, bad});
                                 }),
                        "row 2"));
  BOOST_TEST(empty());
  const auto few = [&] { write_rows(*create_hdf5(path, false, spec_of(2, 3)), {1, 2}, 2); };
  BOOST_TEST(contains(error_of(Exit::failed, few), "1 of 3 rows"));
  const auto none = [&] { create_hdf5(folder / "no/such.h5", false, bytes); };
  BOOST_TEST(contains(error_of(Exit::failed, none), "No such file"));
  error_of(Exit::failed, [&] { create_hdf5(folder.path, true, bytes); });
  error_of(Exit::failed, [&] {
    write_rows(*create_hdf5("/dev/full", false, spec_of(2, 1)), {1, 2}, 2);
  });
  BOOST_TEST(empty());
  put_bytes(path, "old");
  BOOST_TEST(contains(error_of(Exit::usage, [&] { create_hdf5(path, false, bytes); }), "-f"));
  { const auto unfinished = create_hdf5(path, true, spec_of(2, 1)); }
  BOOST_TEST(bytes_of(path) == "old");
}

BOOST_AUTO_TEST_CASE(inputs_are_refused_in_one_line) {
  const Folder folder;
  const std::string path = folder / "in";
  BOOST_TEST(contains(error_of(Exit::data, [&] { open_input(path); }), "no such file"));
  BOOST_TEST(contains(error_of(Exit::data, [&] { open_input(folder.path); }), "is a folder"));
  put_bytes(path, "");
  BOOST_TEST(contains(error_of(Exit::data, [&] { open_input(path); }), "is empty"));
  put_bytes(path, "\x1f\x8b 12345678");
  BOOST_TEST(contains(error_of(Exit::data, [&] { open_input(path); }), "zcat"));
  put_bytes(path, "\x28\xb5\x2f\xfd 12345678");
  BOOST_TEST(contains(error_of(Exit::data, [&] { open_input(path); }), "zstdcat"));
}

BOOST_AUTO_TEST_CASE(peeked_bytes_are_read_again) {
  std::string text(300000, '\0');
  std::iota(text.begin(), text.end(), 'a');
  const FedPipe pipe(text);
  Input input = pipe.input();
  BOOST_TEST(input.peek(8).size() == 8);
  BOOST_TEST(input.peek(100000).size() == 100000);
  std::string all(text.size(), '\0');
  BOOST_TEST(input.read(all.data(), 10) == 10);
  BOOST_TEST(input.skip(70000) == 70000);
  BOOST_TEST((std::memcmp(input.peek(60000).data(), text.data() + 70010, 60000) == 0));
  Input rest = spooled(std::move(input));
  BOOST_TEST(*rest.size() == text.size() - 70010);
  BOOST_TEST(rest.read(all.data() + 70010, text.size()) == text.size() - 70010);
  BOOST_TEST((all.substr(70010) == text.substr(70010)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flow
