// SHA-256 (FIPS 180-4), by nettle.
#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace flow {

// 64 hexadecimal digits.
std::string sha256_hex(std::span<const std::byte> bytes);
std::string sha256_hex(const std::string& text);

// Of bytes that come in parts.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void update(std::span<const std::byte> bytes);
  std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace flow
