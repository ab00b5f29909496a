// SHA-256 (FIPS 180-4), by nettle.
#pragma once
#include <cstddef>
#include <span>
#include <string>

namespace flow {

// 64 hexadecimal digits.
std::string sha256_hex(std::span<const std::byte> bytes);
std::string sha256_hex(const std::string& text);

}  // namespace flow
