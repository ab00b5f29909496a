// What a confined process cannot do, and what its parent makes of it.
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <numeric>

#include "files.h"
#include "h5/archive.h"
#include "h5/confined.h"
#include "h5/sandbox.h"

namespace flow {

namespace {

constexpr std::uint64_t memory = std::uint64_t{64} << 20;

// What the parent says of a child that does this.
std::string refusal(const std::function<void(ConfinedSink&)>& act) {
  return error_of(Exit::data, [&] {
    ConfinedStream stream("x.h5", Exit::data, -1, memory, 0, [&](int, ConfinedSink& sink) {
      act(sink);
      sink.put(std::uint64_t{7});
    });
    stream.take<std::uint64_t>();
  });
}

double seconds_of(const std::function<void()>& f) {
  const auto start = std::chrono::steady_clock::now();
  f();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(h5_confined)

BOOST_AUTO_TEST_CASE(bytes_arrive_in_order) {
  const std::size_t count = std::size_t{1} << 20;  // of 8 bytes: the halves are filled four times
  ConfinedStream stream("x.h5", Exit::data, -1, memory, 0, [&](int, ConfinedSink& sink) {
    sink.put(std::string("name"));
    for (std::uint64_t k = 0; k < count; ++k) sink.put(k);
  });
  BOOST_TEST(stream.take_text() == "name");
  std::vector<std::uint64_t> taken(count), sent(count);
  const auto bytes = std::as_writable_bytes(std::span(taken));
  for (std::size_t at = 0; at < bytes.size(); at += 99991)
    stream.take(bytes.subspan(at, std::min<std::size_t>(99991, bytes.size() - at)));
  std::iota(sent.begin(), sent.end(), 0);
  BOOST_TEST((taken == sent));
  BOOST_TEST(contains(error_of(Exit::data, [&] { stream.take<char>(); }), "x.h5: refused"));
}

BOOST_AUTO_TEST_CASE(bytes_filled_in_place_arrive_and_half_filled_ones_do_not) {
  const std::vector<std::size_t> sizes{1, 700000, 400000, 1 << 20, 3000000, 5};
  ConfinedStream stream("x.h5", Exit::data, -1, memory, 0, [&](int, ConfinedSink& sink) {
    int value = 0;
    for (const std::size_t n : sizes)
      sink.fill(n, [&](std::byte* to) { std::fill_n(to, n, std::byte(++value)); });
    sink.fill(100, [](std::byte* to) {
      *to = std::byte(99);
      throw std::runtime_error("torn");
    });
  });
  int value = 0;
  for (const std::size_t n : sizes) {
    std::vector<std::byte> taken(n);
    stream.take(taken);
    BOOST_TEST((taken == std::vector<std::byte>(n, std::byte(++value))));
  }
  BOOST_TEST(error_of(Exit::data, [&] { stream.take<char>(); }) == "torn");
}

BOOST_AUTO_TEST_CASE(forbidden_calls_kill) {
  const Folder folder;
  put_bytes(folder / "secret", "secret");
  const std::string secret = folder / "secret";
  const std::vector<std::function<void(ConfinedSink&)>> calls{
      [&](auto&) { open(secret.c_str(), O_RDONLY); },
      [](auto&) { [[maybe_unused]] const ssize_t n = write(STDOUT_FILENO, "x", 1); },
      [](auto&) { [[maybe_unused]] const ssize_t n = write(STDERR_FILENO, "x", 1); },
      [](auto&) { [[maybe_unused]] const pid_t p = fork(); },
      [](auto&) { execl("/bin/true", "true", nullptr); },
      [](auto&) { kill(getppid(), SIGTERM); },
      [](auto&) { socket(AF_INET, SOCK_STREAM, 0); },
      [](auto&) { prctl(PR_SET_PDEATHSIG, 0); },
      [](auto&) { mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); },
      [](auto&) { mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE, confined_file, 0); },
  };
  for (std::size_t k = 0; k < calls.size(); ++k)
    BOOST_TEST(contains(refusal(calls[k]),
                        "x.h5: refused: damaged or hostile file, its reader "
                        "died: Bad system call"),
               "call " << k);
}

BOOST_AUTO_TEST_CASE(crashes_loops_and_bombs_are_refused) {
  BOOST_TEST(contains(refusal([](auto&) { raise(SIGSEGV); }), "refused: damaged or hostile"));
  BOOST_TEST(contains(refusal([](auto&) { *static_cast<volatile char*>(nullptr) = 1; }), "died"));
  std::string line;
  const double seconds = seconds_of([&] {
    line = refusal([](auto&) {
      for (volatile bool on = true; on;) {
      }
    });
  });
  BOOST_TEST(contains(line, "came to no end"));
  BOOST_TEST(seconds < 20);  // one second of the child's processor, however busy the machine
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  line = refusal([](auto&) {
    std::vector<std::vector<char>> all;
    for (;;) all.emplace_back(1 << 20);
  });
  BOOST_TEST(
      contains(line, "takes more than 64 MiB to read; if the file is your own, give --trusted"));
#endif
  BOOST_TEST(refusal([](ConfinedSink&) { throw Error(Exit::failed, "what it says"); }) ==
             "what it says");
}

BOOST_AUTO_TEST_CASE(what_breaks_the_rules_is_refused) {
  const auto sent = [](std::uint32_t kind, std::uint32_t bytes) {
    return [=](ConfinedSink&) {
      const std::uint32_t piece[]{kind, bytes};
      send(confined_socket, piece, sizeof piece, MSG_NOSIGNAL);
      _exit(0);
    };
  };
  for (const auto& [kind, bytes] : std::vector<std::pair<std::uint32_t, std::uint32_t>>{
           {1, 0}, {1, 0xffffffff}, {1, (1 << 20) + 1}, {2, 0xffffffff}, {3, 8}, {0, 8}})
    BOOST_TEST(contains(refusal(sent(kind, bytes)), "sent what it may not"));
  BOOST_TEST(contains(refusal([](ConfinedSink&) {
                        send(confined_socket, "abc", 3, MSG_NOSIGNAL);
                        _exit(0);
                      }),
                      "sent what it may not"));
  ConfinedStream stream("x.h5", Exit::data, -1, memory, 0,
                        [&](int, ConfinedSink& sink) { sink.put(std::uint32_t{1} << 30); });
  BOOST_TEST(contains(error_of(Exit::data, [&] { stream.take_text(); }), "sent what it may not"));
}

BOOST_AUTO_TEST_CASE(no_child_outlives_its_stream) {
  {
    ConfinedStream stream("x.h5", Exit::data, -1, memory, 0, [](int, ConfinedSink& sink) {
      for (;;) sink.put(std::uint64_t{1});
    });
    BOOST_TEST(stream.take<std::uint64_t>() == 1u);
  }
  BOOST_TEST((waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD));
}

BOOST_AUTO_TEST_CASE(confined_and_trusted_readers_agree) {
  const Folder folder;
  const std::string path = folder / "x.h5";
  std::vector<float> v(70000 * 3);
  std::iota(v.begin(), v.end(), 0.5f);
  for (const bool chunked : {false, true}) {
    make_file(path, MadeDataset{.stored = H5T_IEEE_F32BE,
                                .memory = H5T_NATIVE_FLOAT,
                                .dims = {70000, 3},
                                .values = v.data(),
                                .creation = [=](hid_t list) {
                                  const hsize_t chunk[] = {999, 2};
                                  if (chunked)
                                    H5Pset_chunk(list, 2, chunk), H5Pset_deflate(list, 1);
                                }});
    const std::vector<double> confined = read_file(path);
    BOOST_TEST(confined.size() == v.size());
    BOOST_TEST((confined == read_file(path, {.trusted = true})));
    const FedPipe pipe(bytes_of(path));
    BOOST_TEST((confined == read_all(*open_hdf5(pipe.input(), {.trusted = true}))));
    BOOST_TEST((hdf5_datasets(path) == hdf5_datasets(path, true)));
  }
  ArchiveWriter w(folder / "a.h5", true);
  w.attribute("format", 1);
  w.text("config/given", "kind: flow\n");
  w.array("weights", {3, 70000}, std::span<const float>(v));
  w.finish();
  const Archive confined = Archive::open(folder / "a.h5"),
                trusted = Archive::open(folder / "a.h5", true);
  BOOST_TEST(confined.digest() == trusted.digest());
  BOOST_TEST((confined.array<float>("/weights") == v));
  BOOST_TEST((confined.dims("/weights") == trusted.dims("/weights")));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flow
