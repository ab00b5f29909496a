#!/usr/bin/env bats
# What measures speed says what it should: bench, the comparison of two of its runs, and the exponents of
# scaling. No figure is judged here. FLOW_BUILD: the build folder.

load common

setup_file() { enter_files; }
setup() { cd "$BATS_TEST_TMPDIR" || return; }

# run_of SHARE CPU: what bench prints of one work.
run_of() {
  for metric in train score; do
    echo '{"work":"w","metric":"'$metric'","cpu":"'"$2"'","isa":"avx2","threads":2,"batch":512,"share_of_peak":'"$1"'}'
  done
}

@test "two runs are compared by their shares of the peak" {
  run_of 0.50 X >old
  run_of 0.46 X >as-fast
  run_of 0.44 X >slower
  run_of 0.30 Y >elsewhere
  head -1 old >missing
  against=$root/tests/bench/against
  run -0 --separate-stderr "$against" old as-fast
  [ -z "$output" ]
  run -1 --separate-stderr "$against" old slower
  [ "${#lines[@]}" -eq 2 ]
  [[ ${lines[1]} == 'w, batch 512, score: 0.500 of the peak, now 0.440: -12%' ]]
  run -1 --separate-stderr "$against" old missing
  [[ $output == *'score: 0.500 of the peak, and now missing' ]]
  run -77 --separate-stderr "$against" old elsewhere
  [[ -z $output && $stderr == *'X, avx2, 2 threads'*'Y, avx2, 2 threads: not compared' ]]
  echo '{}' >other
  run -1 --separate-stderr "$against" old other
  [[ -z $output && $stderr == *'other: not the output of tests/bench/run'* ]]
}

@test "bench measures a work of any size, and its run compares with itself" {
  bench 1 0.001 realnvp:6,2,8,32 >new
  [ "$(wc -l <new)" -eq 4 ]
  "$root/tests/bench/tabulate" <new >tables
  rows=$(sed -n 's/.*"metric":"score".*"rows_per_s":\([0-9]*\).*/\1/p' new)
  grep -q "^| realnvp:6,2,8,32 | 32 | .* | $(sed ':a; s/\([0-9]\)\([0-9]\{3\}\)\($\|,\)/\1,\2\3/; ta' <<<"$rows") |" tables
  grep '^| realnvp' tables | tail -1 | awk -F'|' '{for (k = 4; k <= 9; ++k) s += $k; print s; exit !(s > 99 && s < 101)}'
  run -0 "$root/tests/bench/against" new new
  sed 's/"share_of_peak":/&1/' new >faster # 0.3 was 10.3
  run -1 "$root/tests/bench/against" faster new
  run -2 bench 1 0.001 no-such-work
  [[ $output == *'realnvp-2x128'* ]]
}

@test "bench: the shares of a step add up, and products are most of it" {
  bench 1 0.05 realnvp:64,2,256,256 | "$python" -c '
import json, sys
train, = (o for o in map(json.loads, sys.stdin) if o["metric"] == "train")
shares = train["share_of_step"]
assert abs(sum(shares.values()) - 1) < 1e-3, shares
rest = shares.pop("rest")
# No part is counted twice, and little is counted nowhere.
assert all(share > 0 for share in shares.values()) and -0.02 < rest < 0.25, (shares, rest)
assert shares["gemm"] > 0.5, shares'
}

@test "an exponent is that of its points" {
  FLOW_BIN=${FLOW_BUILD:-$root/build/release} "$python" - "$root/tests/bench/scaling" <<'END'
import importlib.machinery, importlib.util, sys
sys.dont_write_bytecode = True
loader = importlib.machinery.SourceFileLoader("scaling", sys.argv[1])
scaling = importlib.util.module_from_spec(importlib.util.spec_from_loader("scaling", loader))
loader.exec_module(scaling)
for b in 1, 2.5, -1:
    assert abs(scaling.exponent([(x, 3 * x**b) for x in (16, 64, 256)]) - b) < 1e-12
times = scaling.measure("rows", 64, 0.001)
assert set(times) == {"train", "score", "sample"} and all(t > 0 and n > 0 for t, n in times.values())
END
}

@test "a program loads what it uses, and not what Debian's libhdf5.so brings" {
  build=${FLOW_BUILD:-$root/build/release}
  grep -q '^FLOW_HDF5_ARCHIVE:BOOL=ON' "$build/CMakeCache.txt" || skip 'linked with libhdf5.so'
  ldd "$build/flow-score" >loaded
  grep -q libblis loaded
  ! grep -E 'curl|krb5|ldap|hdf5' loaded
}
