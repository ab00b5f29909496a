// The logarithm of a scale, held where exp(s) x cannot overflow for any x that is data. No flow
// comes near the ends in training; what is beyond is a broken parameter, and its density stays a
// number.
#pragma once
#include <algorithm>

#include "core/view.h"

namespace flow {

inline real held_log_scale(real s) { return std::clamp(s, real(-40), real(40)); }

}  // namespace flow
