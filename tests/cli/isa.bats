#!/usr/bin/env bats
# Every instruction set gives the same densities; a row alone has the bits it has among others; and a CPU
# without AVX, emulated, meets no instruction that it does not know. FLOW_BUILD: the build folder.

load common

setup_file() {
  make_files
  # Nets of each kind: plain, residual, masked, convolutional.
  for preset in realnvp rq-nsf-c maf-5; do
    flow-train -q -c $preset rows.csv -s train.epochs=2 -s model.net.hidden=[20] -o $preset.h5
  done
  flow-train -q -c glow-mnist "$root/configs/data/digits.h5:/test" -s train.epochs=1 -s model.net.hidden='[10, 10]' \
    -o glow-mnist.h5
  "$python" -c '
import h5py, numpy, sys
digits = h5py.File(sys.argv[1])["test"][:20]
numpy.save("digits.npy", digits), numpy.save("one.npy", digits[:1])' "$root/configs/data/digits.h5"
}
setup() { cd "$files" || return; }

# close A B: as many numbers in both, and each within 2e-3 of the other's, relative above 1.
close() {
  paste "$1" "$2" | awk '
    {d = $1 - $2; a = $1 < 0 ? -$1 : $1; if (d < 0) d = -d; if (NF != 2 || !(d <= 2e-3 * (a > 1 ? a : 1))) exit 1}
    END {if (NR == 0) exit 1}'
}

# Those of this CPU.
instruction_sets() {
  for isa in generic avx2 avx512; do
    FLOW_ISA=$isa flow-score --version >version 2>/dev/null && grep -q "kernels: $isa" version && echo $isa
  done
  return 0
}

data_of() {
  [ "$1" = glow-mnist ] && echo digits.npy || echo rows.csv
}

@test "every instruction set gives the same densities" {
  for model in m realnvp rq-nsf-c maf-5 glow-mnist; do
    FLOW_ISA=generic flow-score -q $model.h5 "$(data_of $model)" >generic.txt
    for isa in $(instruction_sets); do
      FLOW_ISA=$isa flow-score -q $model.h5 "$(data_of $model)" >"$isa.txt"
      close generic.txt "$isa.txt"
    done
  done
}

@test "a row alone has the bits that it has among others" {
  head -1 rows.csv >head
  for isa in $(instruction_sets); do
    export FLOW_ISA=$isa
    for model in m realnvp rq-nsf-c maf-5; do
      flow-score -q $model.h5 rows.csv | sed -n 5,9p >among.txt
      for row in 5 6 7 8 9; do
        sed -n "$((row + 1))p" rows.csv | cat head - | flow-score -q $model.h5 -
      done >alone.txt
      cmp among.txt alone.txt
    done
    flow-sample realnvp.h5 -n 5 -O csv | tail -n 1 >among.txt
    flow-sample realnvp.h5 -n 1 --row-offset 4 -O csv | tail -n 1 | cmp among.txt -
    flow-score -q glow-mnist.h5 digits.npy | head -n 1 >among.txt
    flow-score -q glow-mnist.h5 one.npy | cmp among.txt -
  done
}

# emulated CPU TOOL...: qemu has no seccomp, so our own files are read without it.
emulated() {
  local cpu=$1 tool=$2
  shift 2
  qemu-x86_64 -cpu "$cpu" "$(command -v "$tool")" "$@" 2> >(grep -v "TCG doesn't support" >&2)
}
needs_emulator() {
  [ "$(uname -m)" = x86_64 ] || skip "the emulated CPUs are x86"
  command -v qemu-x86_64 >/dev/null || skip "no qemu-x86_64 (Debian: qemu-user)"
}

@test "a CPU without AVX trains, scores and samples; one with AVX2 takes those kernels" {
  needs_emulator
  emulated Nehalem flow-score --version | grep -q 'kernels: generic'
  emulated Haswell flow-score --version | grep -q 'kernels: avx2'
  head -21 rows.csv >few.csv  # an emulated CPU is fifty times slower
  for cpu in Nehalem Haswell; do
    for model in m rq-nsf-c maf-5 glow-mnist; do
      data=few.csv
      [ $model != glow-mnist ] || data=one.npy
      flow-score -q $model.h5 $data >here.txt
      emulated $cpu flow-score -q --trusted $model.h5 $data >there.txt
      close here.txt there.txt
    done
  done
  emulated Nehalem flow-sample -q --trusted m.h5 -n 20 -O csv >"$BATS_TEST_TMPDIR/sample.csv"
  emulated Nehalem flow-train -q few.csv -s train.epochs=1 -s model.net.hidden=[16] -f -o old.h5
  flow-score -q old.h5 few.csv | awk '$1 != $1 + 0 {exit 1}'
  emulated Nehalem flow-bench-logdet -q --dim 8,32 --methods sum,lu --repeats 1 >"$BATS_TEST_TMPDIR/table"
}
