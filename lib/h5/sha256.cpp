#include "h5/sha256.h"

#include <nettle/sha2.h>

#include <array>
#include <cstdint>

namespace flow {

std::string sha256_hex(std::span<const std::byte> bytes) {
  sha256_ctx state;
  sha256_init(&state);
  sha256_update(&state, bytes.size(), reinterpret_cast<const std::uint8_t*>(bytes.data()));
  std::array<std::uint8_t, SHA256_DIGEST_SIZE> digest{};
  sha256_digest(&state, digest.size(), digest.data());
  std::string text;
  for (const std::uint8_t b : digest) {
    text += "0123456789abcdef"[b >> 4];
    text += "0123456789abcdef"[b & 15];
  }
  return text;
}

std::string sha256_hex(const std::string& text) {
  return sha256_hex(std::as_bytes(std::span(text)));
}

}  // namespace flow
