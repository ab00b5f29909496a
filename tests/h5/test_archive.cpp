// An archive comes back as it was written, or not at all: every single-bit flip and every cut.
#include <sys/wait.h>

#include <cmath>
#include <csignal>
#include <limits>

#include "files.h"
#include "h5/archive.h"
#include "h5/archive_reader.h"
#include "h5/sha256.h"

namespace flow {

namespace {

const std::vector<float> weights{0.0f,   -0.0f, 1.5f, std::numeric_limits<float>::infinity(),
                                 3e-45f, 7};
const std::vector<double> history{1.0 / 3, -2e300};
const std::vector<std::int64_t> order{2, 0, 1, std::numeric_limits<std::int64_t>::min()};

void write_archive(const std::string& path) {
  ArchiveWriter w(path, true);
  w.attribute("format", 1);
  w.attribute("creator", "a test");
  w.text("config/given", "kind: flow\nname: Fl\u00fc\u00dfe\n");
  w.text("config/empty", "");
  w.array("parameters/a/weight", {2, 3}, std::span(weights));
  w.array("parameters/a/none", {0, 3}, std::span(weights).first(0));
  w.array("history", {2}, std::span(history));
  w.array("order", {4}, std::span(order));
  w.finish();
}

// The same, changed by f in the open file.
void change_archive(const std::string& path, const std::function<void(hid_t)>& f) {
  write_archive(path);
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  BOOST_REQUIRE(file >= 0);
  f(file);
  BOOST_REQUIRE(H5Fclose(file) >= 0);
}

void change_history(hid_t file) {
  const hid_t set = H5Dopen2(file, "/history", H5P_DEFAULT);
  const double other[] = {1, 2};
  H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, other);
  H5Dclose(set);
}

Archive from(const std::string& bytes) {
  return Archive::from_bytes(std::as_bytes(std::span(bytes)), "m.h5");
}

// What became of one damaged file: refused, read as it was, read as something else.
enum class Outcome : char { refused, same, other };

Outcome outcome(const std::string& bytes, const std::string& digest) {
  try {
    return from(bytes).digest() == digest ? Outcome::same : Outcome::other;
  } catch (const Error& e) {
    return e.code() == Exit::model ? Outcome::refused : Outcome::other;
  }
}

// Tries the flips of bits first .. last-1 in a process of its own, as libhdf5 itself may die of
// one, and gives how many ended each way before that.
std::size_t flips_in_child(std::string bytes, const std::string& digest, std::size_t first,
                           std::size_t last, std::size_t (&counts)[3]) {
  int ends[2];
  BOOST_REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGSEGV, SIG_DFL), signal(SIGABRT, SIG_DFL);
    for (std::size_t bit = first; bit < last; ++bit) {
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
      const Outcome o = outcome(bytes, digest);
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
      if (write(ends[1], &o, 1) != 1) _exit(1);
    }
    _exit(outcome(bytes, digest) == Outcome::same ? 0 : 1);  // no refusal spoils the next file
  }
  close(ends[1]);
  std::size_t tried = 0;
  for (char o; read(ends[0], &o, 1) == 1; ++tried) ++counts[static_cast<std::size_t>(o)];
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  BOOST_TEST((WIFSIGNALED(status) || WEXITSTATUS(status) == 0));
  return tried;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(h5_archive)

BOOST_AUTO_TEST_CASE(sha256_of_the_standard) {
  BOOST_TEST(sha256_hex(std::string("abc")) ==
             "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

BOOST_AUTO_TEST_CASE(round_trip) {
  const Folder folder;
  write_archive(folder / "a.h5");
  const Archive a = Archive::open(folder / "a.h5");
  BOOST_TEST(
      a.names() == (std::vector<std::string>{"/config/empty", "/config/given", "/history", "/order",
                                             "/parameters/a/none", "/parameters/a/weight"}),
      boost::test_tools::per_element());
  BOOST_TEST(a.integer_attribute("format") == 1);
  BOOST_TEST(a.text_attribute("creator") == "a test");
  BOOST_TEST(a.text("/config/given") == "kind: flow\nname: Fl\u00fc\u00dfe\n");
  BOOST_TEST(a.text("/config/empty") == "");
  BOOST_TEST(a.dims("/parameters/a/weight") == (std::vector<std::size_t>{2, 3}),
             boost::test_tools::per_element());
  BOOST_TEST((a.array<float>("/parameters/a/weight") == weights));
  BOOST_TEST(std::signbit(a.array<double>("/parameters/a/weight")[1]));
  BOOST_TEST(a.array<double>("/parameters/a/weight").size() == 6);
  BOOST_TEST(a.array<float>("/parameters/a/none").empty());
  BOOST_TEST((a.array<double>("/history") == history));
  BOOST_TEST(a.array<float>("/history")[0] == 1.0f / 3);
  BOOST_TEST((a.array<std::int64_t>("/order") == order));
  const std::string missing = error_of(Exit::model, [&] { a.array<float>("/b"); });
  BOOST_TEST(contains(missing, "a.h5: /b: is missing"));
  error_of(Exit::model, [&] { a.array<float>("/order"); });
  error_of(Exit::model, [&] { a.text("/order"); });
  error_of(Exit::model, [&] { Archive::open(folder / "b.h5"); });
  write_archive(folder / "b.h5");
  BOOST_TEST((bytes_of(folder / "a.h5") == bytes_of(folder / "b.h5")));
  BOOST_TEST(Archive::open(folder / "b.h5").digest() == a.digest());
}

BOOST_AUTO_TEST_CASE(what_is_written_is_compared_with_what_was_meant) {
  const Folder folder;
  const std::string path = folder / "a.h5";
  const auto store_of = [](const std::string& bytes) {
    return Store{.memory = std::as_bytes(std::span(bytes)), .size = bytes.size()};
  };
  write_archive(path);
  const std::string bytes = bytes_of(path);
  const ArchiveContent meant = read_archive(store_of(bytes), path);
  const auto holds = [&](const std::function<void(hid_t)>& f) {
    change_archive(path, f);
    const std::string changed = bytes_of(path);
    return holds_archive(store_of(changed), path, meant);
  };
  BOOST_TEST(holds([](hid_t) {}));
  BOOST_TEST(!holds(change_history));
  BOOST_TEST(!holds([](hid_t f) { H5Ldelete(f, "/order", H5P_DEFAULT); }));
  BOOST_TEST(!holds([](hid_t f) { H5Adelete(f, "format"); }));
  BOOST_TEST(!holds([](hid_t f) { H5Adelete(f, "digest"); }));
}

BOOST_AUTO_TEST_CASE(changed_by_another_program) {
  const Folder folder;
  const std::string path = folder / "a.h5";
  const auto change = [&](const std::function<void(hid_t)>& f) {
    change_archive(path, f);
    return error_of(Exit::model, [&] { Archive::open(path); });
  };
  BOOST_TEST(contains(change(change_history), "a.h5: /history: digest does not match"));
  const auto digest = "a.h5: digest does not match";
  BOOST_TEST(contains(change([](hid_t f) { H5Ldelete(f, "/order", H5P_DEFAULT); }), digest));
  BOOST_TEST(
      contains(change([](hid_t f) { H5Lmove(f, "/order", f, "/ordre", H5P_DEFAULT, H5P_DEFAULT); }),
               digest));
  BOOST_TEST(contains(change([](hid_t f) { H5Adelete(f, "format"); }), digest));
}

// What no digest tells of: another program's file, which has none.
BOOST_AUTO_TEST_CASE(what_is_no_archive_is_told_by_its_data_set) {
  const Folder folder;
  const std::string path = folder / "a.h5";
  const double one = 1;
  const auto foreign = [&](const MadeDataset& d) {
    make_file(path, d);
    const std::string confined = error_of(Exit::model, [&] { Archive::open_foreign(path); });
    BOOST_TEST(error_of(Exit::model, [&] { Archive::open_foreign(path, true); }) == confined);
    return confined;
  };
  BOOST_TEST(contains(foreign({.dims = {1 << 30}}), "a.h5: /x: is larger than the file"));
  const auto chunked = [](hid_t list) {
    const hsize_t chunk = 1;
    H5Pset_chunk(list, 1, &chunk);
  };
  BOOST_TEST(contains(foreign({.dims = {1}, .values = &one, .creation = chunked}),
                      "a.h5: /x: is not stored in one piece"));
  BOOST_TEST(contains(foreign({.stored = H5T_STD_U8LE, .dims = {1}, .values = &one}),
                      "a.h5: /x: has a type that no model holds"));
  make_file(path, [](hid_t file) {
    const hid_t space = H5Screate(H5S_NULL);
    const hid_t set =
        H5Dcreate2(file, "x", H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Dclose(set), H5Sclose(space);
  });
  BOOST_TEST(contains(error_of(Exit::model, [&] { Archive::open_foreign(path); }),
                      "a.h5: /x: is empty; the file is damaged"));
  const std::string long_name(20000, 'n');
  make_file(path, {.path = long_name + "/" + long_name + "/" + long_name + "/" + long_name,
                   .dims = {1},
                   .values = &one});
  BOOST_TEST(contains(error_of(Exit::model, [&] { Archive::open_foreign(path); }),
                      "a.h5: cannot be read as a model: a name in it is too long"));
}

BOOST_AUTO_TEST_CASE(attributes_that_are_not_there_or_no_number) {
  const Folder folder;
  write_archive(folder / "a.h5");
  const Archive a = Archive::open(folder / "a.h5");
  BOOST_TEST(contains(error_of(Exit::model, [&] { a.text_attribute("no"); }),
                      "a.h5: has no text attribute no"));
  BOOST_TEST(contains(error_of(Exit::model, [&] { a.integer_attribute("creator"); }),
                      "a.h5: has no integer attribute creator"));
  change_archive(folder / "b.h5", [](hid_t file) {
    const hid_t space = H5Screate(H5S_SCALAR);
    const hid_t attribute =
        H5Acreate2(file, "half", H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, H5P_DEFAULT);
    H5Aclose(attribute), H5Sclose(space);
  });
  BOOST_TEST(contains(error_of(Exit::model, [&] { Archive::open(folder / "b.h5"); }),
                      "b.h5: half: is an attribute that no model has"));
}

BOOST_AUTO_TEST_CASE(names_that_exclude_each_other) {
  const Folder folder;
  ArchiveWriter w(folder / "a.h5", true);
  w.array("a", {2}, std::span(history));
  w.array("a/b", {2}, std::span(history));
  BOOST_TEST(
      contains(error_of(Exit::failed, [&] { w.finish(); }), "a.h5: cannot be written as HDF5: "));
}

BOOST_AUTO_TEST_CASE(every_single_bit_flip_and_every_cut) {
  const Folder folder;
  const std::string path = folder / "a.h5";
  write_archive(path);
  const std::string bytes = bytes_of(path), digest = from(bytes).digest();
  BOOST_TEST(bytes.size() < 8000u);
  std::size_t counts[3] = {}, crashes = 0;
  for (std::size_t bit = 0; bit < 8 * bytes.size();) {
    const std::size_t last = std::min(bit + 8000, 8 * bytes.size());
    bit += flips_in_child(bytes, digest, bit, last, counts);
    if (bit < last) ++bit, ++crashes;
  }
  BOOST_TEST(counts[static_cast<std::size_t>(Outcome::other)] == 0u);
  BOOST_TEST(counts[static_cast<std::size_t>(Outcome::refused)] > 4 * bytes.size());
  BOOST_TEST_MESSAGE(counts[0] << " flips refused, " << counts[1] << " without effect, " << crashes
                               << " crashed libhdf5, of " << 8 * bytes.size());
  for (std::size_t size = 0; size < bytes.size(); size += 7)
    BOOST_TEST((outcome(bytes.substr(0, size), digest) == Outcome::refused), size << " bytes");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flow
