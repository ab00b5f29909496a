// Files that reach for other files, and files that declare what they do not hold.
#include <sys/resource.h>

#include "files.h"

namespace flow {

namespace {

// The library loses its external links once a file was read, so this one is made before any test.
struct ExternalLink {
  ExternalLink() {
    make_file(folder() / "link.h5", [](hid_t file) {
      BOOST_REQUIRE(H5Lcreate_external("target.h5", "/x", file, "x", H5P_DEFAULT, H5P_DEFAULT) >=
                    0);
    });
  }
  static const Folder& folder() {
    static const Folder made;
    return made;
  }
};

BOOST_TEST_GLOBAL_FIXTURE(ExternalLink);

const std::vector<double> six{1, 2, 3, 4, 5, 6};

long peak_kilobytes() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  return use.ru_maxrss;
}

std::string refusal(const std::string& path, const DatasetChoice& choice = {.dataset = "x"}) {
  return error_of(Exit::data, [&] { read_file(path, choice); });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(h5_hostile)

BOOST_AUTO_TEST_CASE(links_are_not_followed) {
  const Folder& folder = ExternalLink::folder();
  make_file(folder / "target.h5", MadeDataset{.dims = {3, 2}, .values = six.data()});
  BOOST_TEST(contains(refusal(folder / "link.h5"), "link"));
  refusal(folder / "link.h5", {});
  const std::string path = folder / "soft.h5";
  make_file(path, [](hid_t file) {
    make_dataset(file, {.path = "g/y", .dims = {3, 2}, .values = six.data()});
    H5Lcreate_soft("/g/y", file, "x", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/g", file, "h", H5P_DEFAULT, H5P_DEFAULT);
  });
  BOOST_TEST(contains(refusal(path), "is a link"));
  BOOST_TEST(contains(refusal(path, {.dataset = "/h/y"}), "/h is a link"));
  BOOST_TEST(read_file(path).size() == 6);
}

BOOST_AUTO_TEST_CASE(rows_of_other_files_are_refused) {
  const Folder folder;
  const std::string path = folder / "e.h5";
  make_file(path, MadeDataset{.dims = {1, 2}, .creation = [](hid_t list) {
                                H5Pset_external(list, "/etc/passwd", 0, 16);
                              }});
  BOOST_TEST(contains(refusal(path), "lies in other files"));
  make_file(folder / "source.h5", MadeDataset{.dims = {3, 2}, .values = six.data()});
  make_file(path, MadeDataset{.dims = {3, 2}, .creation = [&](hid_t list) {
                                const hsize_t dims[] = {3, 2};
                                const hid_t space = H5Screate_simple(2, dims, nullptr);
                                H5Pset_virtual(list, space, (folder / "source.h5").c_str(), "x",
                                               space);
                                H5Sclose(space);
                              }});
  BOOST_TEST(contains(refusal(path), "virtual"));
  make_file(path, MadeDataset{.dims = {3, 2}, .values = six.data(), .creation = [](hid_t list) {
                                const hsize_t chunk[] = {3, 2};
                                H5Pset_chunk(list, 2, chunk);
                                H5Pset_nbit(list);
                              }});
  BOOST_TEST(contains(refusal(path), "filter"));
}

BOOST_AUTO_TEST_CASE(bombs_are_refused_before_they_are_fed) {
  const Folder folder;
  const std::string path = folder / "b.h5";
  const long before = peak_kilobytes();
  const auto chunked = [](hsize_t rows, hsize_t columns) {
    return [=](hid_t list) {
      const hsize_t chunk[] = {rows, columns};
      H5Pset_chunk(list, 2, chunk), H5Pset_deflate(list, 9);
    };
  };
  make_file(path, MadeDataset{.dims = {20000, 20000}, .creation = chunked(1000, 1000)});
  BOOST_TEST(contains(refusal(path), "holds 0"));
  make_file(path, MadeDataset{.dims = {20000, 20000}, .creation = chunked(20000, 20000)});
  BOOST_TEST(contains(refusal(path), "64 MiB"));
  make_file(path, MadeDataset{.dims = {20000, 20000}});  // contiguous, never written
  BOOST_TEST(contains(refusal(path), "never written"));
  make_file(path,
            MadeDataset{.dims = {hsize_t{1} << 40, hsize_t{1} << 40}, .creation = chunked(1, 1)});
  BOOST_TEST(contains(refusal(path), "--max-bytes"));
  make_file(path, MadeDataset{.dims = {3, 2}, .values = six.data()});
  DatasetChoice small;
  small.max_bytes = 47;
  BOOST_TEST(contains(refusal(path, small), "--max-bytes"));
  BOOST_TEST(peak_kilobytes() - before < 50000);
}

BOOST_AUTO_TEST_CASE(missing_chunks_are_no_zeros) {
  const Folder folder;
  const std::string path = folder / "m.h5";
  make_file(path, [](hid_t file) {
    make_dataset(file, {.dims = {4, 2}, .creation = [](hid_t list) {
                          const hsize_t chunk[] = {2, 2};
                          H5Pset_chunk(list, 2, chunk);
                        }});
    const hid_t set = H5Dopen2(file, "x", H5P_DEFAULT), space = H5Dget_space(set);
    const hsize_t first[] = {0, 0}, count[] = {2, 2}, four = 4;
    H5Sselect_hyperslab(space, H5S_SELECT_SET, first, nullptr, count, nullptr);
    const hid_t memory = H5Screate_simple(1, &four, nullptr);
    H5Dwrite(set, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, six.data());
    H5Sclose(memory), H5Sclose(space), H5Dclose(set);
  });
  BOOST_TEST(contains(refusal(path), "holds 1 of 2 chunks"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flow
