// What a process that reads a file from a stranger may still do: next to nothing. The allow-list is
// that of seccomp(2), by libseccomp; for the files of this folder only.
#pragma once
#include <cstdint>

namespace flow {

// Where a confined process finds the two descriptors that it keeps.
constexpr int confined_file = 0, confined_socket = 1;

// For good, and for the calling process alone: it may read `file` (-1: none) at any place, send and
// receive on `socket`, take `memory` more bytes than it has, and end. Any other system call kills
// it. All other descriptors are closed. False where the system cannot do this.
bool confine(int file, int socket, std::uint64_t memory);

}  // namespace flow
