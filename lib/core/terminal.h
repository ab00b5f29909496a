// The terminal that a stream goes to.
#pragma once
#include <sys/ioctl.h>

#include <cstddef>

namespace flow {

// Letters a line; 80 where the descriptor is of no terminal, or of one that does not know. Asked
// anew each time, so that a resize needs no signal.
inline std::size_t terminal_width(int descriptor) {
  winsize size{};
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace flow
