// Damaged HDF5 files, their metadata's checksums put right in two of three, through the programs:
//   fuzz-hdf5 PROGRAMS SEEDS N [FIRST]
// PROGRAMS is the build folder, SEEDS the folder that tests/fuzz/seeds filled; N cases from number
// FIRST on, each its own by its number alone. Prints counts by exit code. A case fails that ends in
// a signal, takes more than 2 s of the processor or 30 s of the clock, says more or less than one
// line, exits with a code that is none of 0, 3 and 4, or takes a model that is not the one that was
// written. Such files are kept beside the seeds. Exits 1 if there was one.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>

#include "fuzz/checksums.h"
#include "fuzz/command.h"

namespace {

using namespace flow::fuzz;
namespace fs = std::filesystem;
using Generator = std::mt19937_64;

constexpr double hang = 2;  // seconds

struct Seed {
  std::string name, bytes;
  std::vector<Checked> checked;
  bool model;
};

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::vector<Seed> read_seeds(const fs::path& folder) {
  std::vector<Seed> seeds;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".h5") {
      std::string bytes = read_file(entry.path()), name = entry.path().stem().string();
      auto checked = checked_blocks(bytes);
      seeds.push_back({name, std::move(bytes), std::move(checked), name.starts_with("model")});
    }
  std::sort(seeds.begin(), seeds.end(), [](auto& a, auto& b) { return a.name < b.name; });
  if (seeds.empty()) throw std::runtime_error(folder.string() + ": holds no seeds");
  return seeds;
}

// Numbers on which parsers fall.
std::uint64_t odd_number(Generator& random) {
  constexpr std::uint64_t odd[] = {0,
                                   1,
                                   2,
                                   0x7f,
                                   0x80,
                                   0xff,
                                   0x7fff,
                                   0xffff,
                                   0x7fffffff,
                                   0x80000000,
                                   0xffffffff,
                                   0x7fffffffffffffff,
                                   0xffffffffffffffff};
  return random() % 4 == 0 ? random() : odd[random() % std::size(odd)];
}

// Most damage goes where metadata are.
std::size_t place(const Seed& seed, Generator& random) {
  if (seed.checked.empty() || random() % 4 == 0) return random() % seed.bytes.size();
  const Checked& b = seed.checked[random() % seed.checked.size()];
  return b.first + random() % (b.end - b.first);
}

void damage(std::string& file, const Seed& seed, Generator& random) {
  const std::size_t at = place(seed, random);
  if (at >= file.size()) return;
  switch (random() % 6) {
    case 0:
      file[at] = static_cast<char>(file[at] ^ (1 << random() % 8));
      break;
    case 1:
      file[at] = static_cast<char>(random());
      break;
    case 2: {
      const std::uint64_t n = odd_number(random);
      const std::size_t size =
          std::min<std::size_t>(std::size_t{1} << random() % 4, file.size() - at);
      std::memcpy(file.data() + at, &n, size);
      break;
    }
    case 3: {  // some bytes from elsewhere
      const std::size_t from = random() % file.size();
      const std::size_t n =
          std::min({std::size_t{1} + random() % 64, file.size() - at, file.size() - from});
      std::memmove(file.data() + at, file.data() + from, n);
      break;
    }
    case 4:
      file[at] = static_cast<char>(file[at] + (random() % 2 ? 1 : -1));
      break;
    default:
      if (random() % 8 == 0) file.resize(at);
  }
}

std::string damaged(const Seed& seed, Generator& random) {
  std::string file = seed.bytes;
  const std::size_t times = std::size_t{1} + random() % 4 * (random() % 2);
  for (std::size_t k = 0; k < times && !file.empty(); ++k) damage(file, seed, random);
  if (random() % 3 != 0) put_right(file, seed.checked);
  return file;
}

// Each file goes to programs that would read it; pipes take another way in.
std::vector<std::string> command(const std::string& programs, const fs::path& seeds,
                                 const Seed& seed, const std::string& file, bool piped,
                                 Generator& random) {
  const std::string model = seeds / "model-old.h5", rows = seeds / "rows.csv";
  if (seed.model) {
    if (random() % 2) return {programs + "/flow-score", "-q", file, rows};
    return {programs + "/flow-sample", "-q", file, "-n", "3", "-O", "csv"};
  }
  const std::string data = piped ? "-" : file;
  if (random() % 2) return {programs + "/flow-score", "-q", model, data};
  return {programs + "/flow-train", "-q", "--dry-run", data};
}

std::string fault(const Outcome& o, const Seed& seed, const std::string& whole) {
  if (o.late) return "hangs";
  if (o.signal != 0) return "signal " + std::to_string(o.signal);
  if (o.seconds > hang) return "takes " + std::to_string(o.seconds) + " s";
  if (o.code != 0 && o.code != 3 && o.code != 4) return "exit code " + std::to_string(o.code);
  if (o.code != 0 && (std::count(o.err.begin(), o.err.end(), '\n') != 1 || !o.out.empty()))
    return "says not one line";
  if (o.code == 0 && seed.model && o.out != whole) return "another model passes";
  return "";
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 4) {
    std::fprintf(stderr, "usage: fuzz-hdf5 PROGRAMS SEEDS N [FIRST]\n");
    return 2;
  }
  const std::string programs = argv[1];
  const fs::path folder = argv[2];
  const std::uint64_t cases = std::strtoull(argv[3], nullptr, 10),
                      first = argc > 4 ? std::strtoull(argv[4], nullptr, 10) : 0;
  const std::vector<Seed> seeds = read_seeds(folder);
  const std::string file = folder / ("case-" + std::to_string(getpid()));
  std::map<std::string, std::string> whole;  // what a command says of the undamaged file
  std::map<int, std::uint64_t> codes;
  std::uint64_t faults = 0, refused = 0;
  double slowest = 0;
  for (std::uint64_t k = first; k < first + cases; ++k) {
    Generator random(k);
    const Seed& seed = seeds[random() % seeds.size()];
    const bool piped = random() % 4 == 0;
    const std::string bytes = damaged(seed, random);
    const auto words = command(programs, folder, seed, file, piped, random);
    const std::string key = seed.name + words[0];
    if (!whole.contains(key)) {
      write_file(file, seed.bytes);
      const Outcome o = run(words, file, 60);
      if (o.code != 0) throw std::runtime_error("the seed " + seed.name + " fails: " + o.err);
      whole[key] = o.out;
    }
    write_file(file, bytes);
    const Outcome o = run(words, file, 30);
    ++codes[o.code];
    refused += o.err.find("hostile") != o.err.npos;
    slowest = std::max(slowest, o.seconds);
    const std::string what = fault(o, seed, whole[key]);
    if (what.empty()) continue;
    ++faults;
    write_file(folder / ("bad-" + std::to_string(k)), bytes);
    std::printf("case %llu (%s, %s): %s: %s", static_cast<unsigned long long>(k), seed.name.c_str(),
                words[0].c_str(), what.c_str(), o.err.empty() ? "\n" : o.err.c_str());
  }
  fs::remove(file);
  std::printf("%llu cases:", static_cast<unsigned long long>(cases));
  for (const auto& [code, n] : codes)
    std::printf(" exit %d: %llu,", code, static_cast<unsigned long long>(n));
  std::printf(" child stopped: %llu, slowest %.2f s, faults: %llu\n",
              static_cast<unsigned long long>(refused), slowest,
              static_cast<unsigned long long>(faults));
  return faults > 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "fuzz-hdf5: %s\n", e.what());
  return 2;
}
