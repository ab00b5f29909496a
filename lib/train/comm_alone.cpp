// Of the library, and so of every program that is not linked with comm_mpi.cpp.
#include "train/comm.h"

namespace flow {

std::unique_ptr<Comm> join(double) { return std::make_unique<Comm>(); }

}  // namespace flow
