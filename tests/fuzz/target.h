// What the targets of libFuzzer share: bytes as an input, and which exceptions are answers.
#pragma once
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/input.h"
#include "core/rows.h"

namespace flow::fuzz {

inline Input input_of(const std::uint8_t* data, std::size_t size) {
  const int file = memfd_create("input", MFD_CLOEXEC);
  if (write(file, data, size) != static_cast<ssize_t>(size) || lseek(file, 0, SEEK_SET) != 0)
    throw std::runtime_error("no memory");
  return {file, "x"};
}

// An Error of one line is an answer; all else is a finding.
template <class F>
int answer(F f) {
  try {
    f();
  } catch (const Error& e) {
    const std::string line = e.what();
    if (line.empty() || line.find('\n') != line.npos) throw std::logic_error(line);
  }
  return 0;
}

inline void read_some(RowReader& rows) {
  if (rows.shape().columns > 1u << 16) return;
  std::vector<double> block(7 * rows.shape().columns);
  for (int k = 0; k < 100 && rows.read(block) > 0;) ++k;
}

}  // namespace flow::fuzz
