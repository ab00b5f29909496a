#!/usr/bin/env bats
# What the programs say when the disk, the system or a library fails them: calls that fail are made to by
# tests/fault/fault.cpp. That nothing is lost then is for tests/fault/run.

load common
setup_file() {
  make_files || return
  export fault_library="$(dirname "$(command -v flow-score)")/libfault.so"
  flow-sample -q m.h5 -n 50 -o rows.h5
}
setup() {
  [ -e "$fault_library" ] || skip 'libfault.so is not built'
  ! ldd "$(command -v flow-score)" | grep -Eq 'lib[at]san' || skip 'a sanitizer comes before all other libraries'
  cd "$files"
}
teardown() { [ ! -e z.h5 ] && no_temporaries; }

# fault CALL UNDER COMMAND...: with the first (at=N: the N-th) such CALL on a file whose path begins with UNDER
# failing.
fault() {
  FAULT_CALL=$1 FAULT_AT=${at:-1} FAULT_UNDER=$PWD/$2 FAULT_MARK=$BATS_TEST_TMPDIR/mark \
    LD_PRELOAD="$fault_library${LD_PRELOAD:+ $LD_PRELOAD}" "${@:3}"
}
fails() {
  local pattern=$1
  shift
  rm -f "$BATS_TEST_TMPDIR/mark"
  refused "${code:-1}" "$pattern" fault "$@"
  [ -e "$BATS_TEST_TMPDIR/mark" ]
}

@test "an output that cannot be written, closed, renamed or kept" {
  fails 'z.csv: cannot be written: No space left on device; make room' write .z flow-sample m.h5 -o z.csv
  fails 'z.csv: cannot be written: Input/output error; check the disk' fsync .z flow-sample m.h5 -o z.csv
  fails 'z.csv: cannot be closed: Input/output error' close .z flow-sample m.h5 -o z.csv
  fails 'z.csv: cannot be renamed: Input/output error' rename z flow-sample m.h5 -o z.csv
  [ ! -e z.csv ]
  mkdir -p there
  at=2 fails 'there/z.csv: its folder cannot be synced: Input/output error' fsync there flow-sample m.h5 -o there/z.csv
}

@test "a model that does not come to the disk as it was made" {
  fails 'z.h5: cannot be written: Input/output error; check the disk' fsync .z flow-train -q rows.csv -s train.epochs=1 -o z.h5
  fails 'z.h5: reads back other than it was written; check the disk' flip .z flow-train -q rows.csv -s train.epochs=1 -o z.h5
}

@test "an input that cannot be read, or opened" {
  code=3 fails 'rows.csv: cannot be read: Input/output error' read rows.csv flow-score --trusted m.h5 rows.csv
  code=3 fails 'rows.csv: cannot be opened: Input/output error' open rows.csv flow-score --trusted m.h5 rows.csv
}

@test "no process for a reader, and none that can be confined" {
  fails 'm.h5: no process can be started to read it: Resource temporarily unavailable; wait until the machine has room' \
    fork '' flow-score m.h5 rows.csv
  code=4 fails 'm.h5: this system cannot confine the reader of a file; if the file is your own, give --trusted' \
    seccomp_load '' flow-score m.h5 rows.csv
  flow-score -q m.h5 rows.csv --trusted >scores
  fault seccomp_load '' flow-score -q --trusted m.h5 rows.csv | cmp - scores
}

@test "no memory" {
  refused 1 'out of memory; use fewer threads, a smaller model or less data' \
    prlimit --as=500000000 flow-train -q rows.csv --threads 1 -s model.net.hidden=[8192,8192] -o z.h5
}

@test "no room for a temporary file" {
  refused 1 'none: no temporary file can be made: No such file or directory; set TMPDIR' \
    env TMPDIR=none flow-data shuffle rows.csv
  refused 1 'standard output: rows cannot be kept in a temporary file: File too large; set TMPDIR to a folder with room' \
    sh -c "trap '' XFSZ; ulimit -f 1; flow-data shuffle rows.csv"
}

@test "MPI that fails" {
  command -v mpirun >/dev/null || skip 'no mpirun here (Debian: openmpi-bin)'
  command -v flow-train-mpi >/dev/null || skip 'flow-train-mpi is not built: no MPI (Debian: libopenmpi-dev)'
  allow_ranks
  ! fault MPI_Testall '' mpirun --oversubscribe -n 2 flow-train-mpi -q rows.csv -s train.epochs=1 -o z.h5 2>said || false
  cat said
  grep -q '^flow-train: .*MPI: exchange: .*; a rank may have died; --resume goes on from the last checkpoint' said
}
