// Every type, byte order, rank and layout comes back exactly; what is no rows is refused by name.
#include <cmath>
#include <limits>
#include <numeric>

#include "files.h"

namespace flow {

namespace {

struct Typed {
  const char* name;
  hid_t type;
  std::vector<double> values;  // six, with the extremes that a double holds
};

hid_t float16(H5T_order_t order) {
  const hid_t t = H5Tcopy(H5T_IEEE_F32LE);
  H5Tset_fields(t, 15, 10, 5, 0, 10);
  H5Tset_size(t, 2);
  H5Tset_ebias(t, 15);
  H5Tset_order(t, order);
  return t;
}

std::vector<Typed> types() {
  const double inf = std::numeric_limits<double>::infinity();
  const std::vector<double> halves{0, -0.0, 65504, -inf, 0x1p-24, 0.333251953125};
  const std::vector<double> singles{0, -0.0, 3.4028234663852886e38, -inf, 0x1p-149, 1.0f / 3};
  const std::vector<double> doubles{0, -0.0, 1.7976931348623157e308, inf, 0x1p-1074, 1.0 / 3};
  const std::vector<double> i64{0, 1, -0x1p63, 0x1p53, -3, 0x1p62}, u64{0, 1, 0x1p63, 0x1p53, 3, 7};
  const auto ints = [](double low, double high) {
    return std::vector<double>{0, 1, low, high, 100, high - 1};
  };
  return {{"f16le", float16(H5T_ORDER_LE), halves},
          {"f16be", float16(H5T_ORDER_BE), halves},
          {"f32le", H5T_IEEE_F32LE, singles},
          {"f32be", H5T_IEEE_F32BE, singles},
          {"f64le", H5T_IEEE_F64LE, doubles},
          {"f64be", H5T_IEEE_F64BE, doubles},
          {"i8", H5T_STD_I8LE, ints(-128, 127)},
          {"u8", H5T_STD_U8BE, ints(0, 255)},
          {"i16le", H5T_STD_I16LE, ints(-32768, 32767)},
          {"i16be", H5T_STD_I16BE, ints(-32768, 32767)},
          {"u16be", H5T_STD_U16BE, ints(0, 65535)},
          {"u16le", H5T_STD_U16LE, ints(0, 65535)},
          {"i32le", H5T_STD_I32LE, ints(-0x1p31, 0x1p31 - 1)},
          {"i32be", H5T_STD_I32BE, ints(-0x1p31, 0x1p31 - 1)},
          {"u32be", H5T_STD_U32BE, ints(0, 0x1p32 - 1)},
          {"u32le", H5T_STD_U32LE, ints(0, 0x1p32 - 1)},
          {"i64le", H5T_STD_I64LE, i64},
          {"i64be", H5T_STD_I64BE, i64},
          {"u64le", H5T_STD_U64LE, u64},
          {"u64be", H5T_STD_U64BE, u64}};
}

bool same(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](double x, double y) {
           return x == y && std::signbit(x) == std::signbit(y);
         });
}

using Creation = std::function<void(hid_t)>;

void in_chunks(hid_t list) {
  const hsize_t chunk[] = {2, 2};
  H5Pset_chunk(list, 2, chunk);
}

void packed(hid_t list) {
  in_chunks(list);
  H5Pset_shuffle(list), H5Pset_deflate(list, 6), H5Pset_fletcher32(list);
}

void compact(hid_t list) { H5Pset_layout(list, H5D_COMPACT); }

std::vector<double> counting(std::size_t n) {
  std::vector<double> v(n);
  std::iota(v.begin(), v.end(), 1.0);
  return v;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(h5_reader)

BOOST_AUTO_TEST_CASE(every_type_in_every_layout) {
  const Folder folder;
  const std::string path = folder / "t.h5";
  for (const Typed& t : types())
    for (const Creation& layout :
         {Creation(), Creation(in_chunks), Creation(packed), Creation(compact)}) {
      make_file(
          path,
          MadeDataset{
              .stored = t.type, .dims = {3, 2}, .values = t.values.data(), .creation = layout});
      const auto reader = open_hdf5(open_input(path));
      BOOST_TEST(reader->shape().integers == (t.name[0] != 'f'));
      BOOST_TEST(reader->shape().bytes == (t.name == std::string("u8")));
      BOOST_TEST(same(read_all(*reader, 2), t.values), t.name);
      const FedPipe pipe(bytes_of(path));
      BOOST_TEST(same(read_all(*open_hdf5(pipe.input())), t.values), t.name << " through a pipe");
    }
}

BOOST_AUTO_TEST_CASE(ranks) {
  const Folder folder;
  const std::string path = folder / "r.h5";
  const std::vector<double> v = counting(2 * 3 * 4 * 5);
  const std::vector<std::pair<std::vector<hsize_t>, std::vector<std::size_t>>> cases{
      {{120}, {1}}, {{6, 20}, {20}}, {{2, 12, 5}, {12, 5}}, {{2, 3, 4, 5}, {3, 4, 5}}};
  for (const auto& [dims, row] : cases) {
    make_file(path, MadeDataset{.dims = dims, .values = v.data()});
    const auto reader = open_hdf5(open_input(path));
    BOOST_TEST(reader->shape().dims == row, boost::test_tools::per_element());
    BOOST_TEST(*reader->shape().rows == dims[0]);
    BOOST_TEST(same(read_all(*reader, 3), v));
  }
  make_file(path, MadeDataset{.dims = {}, .values = v.data()});
  error_of(Exit::data, [&] { read_file(path); });
  make_file(path, MadeDataset{.dims = {2, 3, 2, 5, 2}, .values = v.data()});
  BOOST_TEST(contains(error_of(Exit::data, [&] { read_file(path); }), "rank 5"));
  make_file(path, MadeDataset{.dims = {0, 3}});
  BOOST_TEST(read_file(path).empty());
  make_file(path, MadeDataset{.dims = {3, 0}});
  BOOST_TEST(contains(error_of(Exit::data, [&] { read_file(path); }), "no columns"));
}

BOOST_AUTO_TEST_CASE(choice_of_the_data_set) {
  const Folder folder;
  const std::string path = folder / "c.h5";
  const std::vector<double> v = counting(12);
  make_file(path, [&](hid_t file) {
    make_dataset(file, {.path = "train/x", .dims = {3, 4}, .values = v.data()});
    make_dataset(file, {.path = "train/y", .dims = {3}, .values = v.data()});
    make_dataset(file, {.path = "test/x", .dims = {2, 2}, .values = v.data()});
  });
  BOOST_TEST(hdf5_datasets(path) == (std::vector<std::string>{"/test/x", "/train/x", "/train/y"}),
             boost::test_tools::per_element());
  const std::string several = error_of(Exit::data, [&] { read_file(path); });
  BOOST_TEST(contains(several, "/test/x /train/x; name one"));
  BOOST_TEST(read_file(path, {.dataset = "/train/x"}).size() == 12);
  BOOST_TEST(read_file(path, {.dataset = "/train/"}).size() == 12);  // the only rows in the group
  BOOST_TEST(read_file(path, {.dataset = "train/y"}).size() == 3);
  BOOST_TEST(read_file(path, {.preferred = {"valid", "test", "train"}}).size() == 4);
  const std::string missing = error_of(Exit::data, [&] { read_file(path, {.dataset = "/trian"}); });
  BOOST_TEST(contains(missing, "/trian"));
  BOOST_TEST(contains(missing, "/train/x"));
  const DatasetName split = split_dataset(path + ":/train/x");
  BOOST_TEST((split.file == path && split.dataset == "/train/x"));
  const std::string odd = folder / "odd:";
  make_file(odd, MadeDataset{.dims = {3, 4}, .values = v.data()});
  BOOST_TEST(split_dataset(odd).file == odd);
  BOOST_TEST(split_dataset(odd + ":/x").file == odd);
  BOOST_TEST(split_dataset("a:b.h5").file == "a:b.h5");
}

// So many that HDF5 and glibc sort them another way.
BOOST_AUTO_TEST_CASE(many_data_sets) {
  const Folder folder;
  const std::vector<double> v = counting(4);
  make_file(folder / "m.h5", [&](hid_t file) {
    for (int k = 0; k < 3000; ++k)
      make_dataset(file, {.path = "g/x" + std::to_string(k), .dims = {2, 2}, .values = v.data()});
  });
  BOOST_TEST(hdf5_datasets(folder / "m.h5").size() == 3000u);
  BOOST_TEST(read_file(folder / "m.h5", {.dataset = "g/x7"}) == v,
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(column_names) {
  const Folder folder;
  const std::string path = folder / "n.h5";
  const std::vector<double> v = counting(6);
  const auto attribute = [](hid_t object, std::vector<const char*> texts) {
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    const hsize_t n = texts.size();
    const hid_t space = n == 1 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &n, nullptr);
    const hid_t a = H5Acreate2(object, "columns", type, space, H5P_DEFAULT, H5P_DEFAULT);
    BOOST_REQUIRE(H5Awrite(a, type, texts.data()) >= 0);
    H5Aclose(a), H5Sclose(space), H5Tclose(type);
  };
  const std::vector<std::string> expected{"a", "b"};
  for (const std::vector<const char*>& texts :
       {std::vector<const char*>{"a", "b"}, {"a b"}, {"a, b"}, {"a\tb"}})
    for (const char* place : {"g/x", "g", "/"}) {
      make_file(path, [&](hid_t file) {
        make_dataset(file, {.path = "g/x", .dims = {3, 2}, .values = v.data()});
        const hid_t object = H5Oopen(file, place, H5P_DEFAULT);
        attribute(object, texts);
        H5Oclose(object);
      });
      BOOST_TEST(open_hdf5(open_input(path))->shape().names == expected,
                 boost::test_tools::per_element());
    }
  make_file(path, [&](hid_t file) {
    make_dataset(file, {.dims = {3, 2}, .values = v.data()});
    attribute(file, {"a b c"});
  });
  BOOST_TEST(open_hdf5(open_input(path))->shape().names.empty());
}

BOOST_AUTO_TEST_CASE(what_holds_no_numbers) {
  const Folder folder;
  const std::string path = folder / "s.h5";
  const hid_t text = H5Tcopy(H5T_C_S1);
  H5Tset_size(text, 4);
  make_file(
      path,
      MadeDataset{.stored = text, .memory = text, .dims = {2, 2}, .values = "aaaabbbbccccdddd"});
  BOOST_TEST(contains(error_of(Exit::data, [&] { read_file(path, {.dataset = "x"}); }),
                      ":/x: holds strings"));
  BOOST_TEST(contains(error_of(Exit::data, [&] { read_file(path); }), "no data set of numbers"));
  const hid_t pair = H5Tcreate(H5T_COMPOUND, 16);
  H5Tinsert(pair, "a", 0, H5T_NATIVE_DOUBLE), H5Tinsert(pair, "b", 8, H5T_NATIVE_DOUBLE);
  const std::vector<double> v = counting(12);
  make_file(path, MadeDataset{.stored = pair, .memory = pair, .dims = {3, 2}, .values = v.data()});
  BOOST_TEST(
      contains(error_of(Exit::data, [&] { read_file(path, {.dataset = "x"}); }), "compounds"));
  make_file(path, MadeDataset{.stored = H5T_NATIVE_LDOUBLE, .dims = {3, 2}, .values = v.data()});
  BOOST_TEST(
      contains(error_of(Exit::data, [&] { read_file(path, {.dataset = "x"}); }), "128-bit float"));
  put_bytes(path, "\x89HDF\r\n\x1a\n" + std::string(3000, 'x'));
  BOOST_TEST(contains(error_of(Exit::data, [&] { read_file(path); }), "cannot be read as HDF5"));
}

BOOST_AUTO_TEST_CASE(truncation_is_counted) {
  const Folder folder;
  const std::string path = folder / "t.h5";
  const std::vector<double> v = counting(4000);
  make_file(path, MadeDataset{.dims = {1000, 4}, .values = v.data()});
  const std::string whole = bytes_of(path);
  const std::string expected = "609 of 1000 rows, 12501 bytes short";  // 609.34 rows are there
  for (const bool piped : {false, true}) {
    const std::string part = whole.substr(0, whole.size() - 12501);
    put_bytes(path, part);
    const FedPipe pipe(part);
    const std::string message = error_of(
        Exit::data, [&] { read_all(*open_hdf5(piped ? pipe.input() : open_input(path))); });
    if (!piped) Input(pipe.input());
    BOOST_TEST(contains(message, expected), message);
  }
  make_file(path, MadeDataset{.dims = {1000, 4}, .values = v.data(), .creation = in_chunks});
  const std::string chunks = bytes_of(path);
  for (const std::size_t cut : {std::size_t{1}, chunks.size() / 2, chunks.size() - 200}) {
    put_bytes(path, chunks.substr(0, chunks.size() - cut));
    const std::string message = error_of(Exit::data, [&] { read_file(path); });
    BOOST_TEST(contains(message, "truncated, " + std::to_string(cut) + " byte"), message);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flow
