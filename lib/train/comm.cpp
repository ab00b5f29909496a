#include "train/comm.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "core/output.h"

namespace flow {

namespace {

template <class T>
std::span<std::byte> bytes_of(T& value) {
  return std::as_writable_bytes(std::span(&value, 1));
}

std::size_t itself(std::size_t rank) { return rank; }

}  // namespace

Comm& alone() {
  static Comm comm;
  return comm;
}

// In ceil(log2 size) rounds each rank hears from all, some twice, which changes no maximum.
std::uint64_t max_over(Comm& comm, std::uint64_t value) {
  const std::size_t n = comm.size(), rank = comm.rank();
  for (std::size_t step = 1; step < n; step *= 2) {
    std::uint64_t mine = value, theirs = 0;
    const Message out{(rank + step) % n, bytes_of(mine)},
        in{(rank + n - step) % n, bytes_of(theirs)};
    comm.exchange({&out, 1}, {&in, 1});
    value = std::max(value, theirs);
  }
  return value;
}

// Such numbers are in the order of their bits.
double longest_over(Comm& comm, double seconds) {
  return std::bit_cast<double>(max_over(comm, std::bit_cast<std::uint64_t>(seconds)));
}

void add_gathering(const Comm& comm, std::span<std::byte> all,
                   const std::function<std::size_t(std::size_t)>& begin, Gathering& to) {
  const auto part = [&](std::size_t rank) {
    return all.subspan(begin(rank), begin(rank + 1) - begin(rank));
  };
  for (std::size_t q = 0; q < comm.size(); ++q) {
    if (q == comm.rank()) continue;
    to.out.push_back({q, part(comm.rank())});
    to.in.push_back({q, part(q)});
  }
}

std::vector<std::string> texts_of(Comm& comm, const std::string& text) {
  std::vector<std::array<char, 64>> all(comm.size());
  text.copy(all[comm.rank()].data(), all[0].size());
  gather(comm, std::span(all), itself);
  std::vector<std::string> texts;
  for (const auto& t : all) texts.emplace_back(t.data(), strnlen(t.data(), t.size()));
  return texts;
}

void together(Comm& comm, const std::function<void()>& f) {
  std::vector<int> codes(comm.size());
  std::string line;
  try {
    f();
  } catch (const Error& e) {
    codes[comm.rank()] = static_cast<int>(e.code());
    line = e.what();
  }
  gather(comm, std::span(codes), itself);
  for (std::size_t q = 0; q < codes.size(); ++q) {
    if (codes[q] == 0) continue;
    comm.together_ = true;
    throw Error(static_cast<Exit>(codes[q]), q == comm.rank() ? line : "");
  }
}

void require_same(Comm& comm, const std::string& text, Exit code, const std::string& complaint) {
  const std::vector<std::string> texts = texts_of(comm, text), hosts = texts_of(comm, host_name());
  std::size_t other = 0;
  while (other < texts.size() && texts[other] == texts[0]) ++other;
  together(comm, [&] {
    require(other == texts.size() || !comm.first(), code,
            other == texts.size()
                ? ""
                : "rank " + std::to_string(other) + " on " + hosts[other] + " " + complaint);
  });
}

}  // namespace flow
