#!/usr/bin/env bats
# flow-train --plan: what an epoch over many ranks would take, by a model whose constants are given or
# measured.

load common
setup_file() { make_files; }
setup() { cd "$BATS_TEST_TMPDIR" || return; }

plan() { flow-train -q -c realnvp -s 'model.net.hidden=[16]' -s train.batch=800 -s train.shards=8 "$files/rows.csv" --plan "$1"; }
# The number behind a name.
number() { awk -v name="$1" '{line = $0; sub(/^ */, "", line)} index(line, name) == 1 {sub(name, "", line); print line + 0; exit}' plan; }
near() { awk -v a="$1" -v b="$2" 'BEGIN {exit !(a > b * 0.999 && a < b * 1.001)}' || { echo "$1, expected $2"; cat plan; false; }; }

@test "the parts of a step are those of the model" {
  n=$(flow-train -q -c realnvp -s 'model.net.hidden=[16]' "$files/rows.csv" --dry-run | awk '$1 == "total" {print $2 + $3}')
  plan ranks=4,threads=2,rows=1e6,shard=0.01,update=0.002,latency=1e-3,bandwidth=1e6,read=1e6 >plan
  # 8 shards on 4 ranks of 2 threads: one each. 3 + 3 messages and 2 for the word to stop; each rank gets
  # and gives 3/4 of the parameters twice. Rows of 3 numbers.
  near "$(number gradient)" 10
  near "$(number update)" 2
  near "$(number sum)" "$(awk -v n="$n" -v b="$(number_bytes)" 'BEGIN {print 1e3 * (8e-3 + 2 * 0.75 * b * n / 1e6)}')"
  near "$(number reading)" "$(awk -v b="$(number_bytes)" 'BEGIN {print 1e3 * 800 * 3 * b / 4 / 1e6}')"
  near "$(number 'an epoch')" 1250
  near "$(number 'a step')" "$(awk -v s="$(number sum)" 'BEGIN {print 12 + s}')"
  near "$(number efficiency)" "$(awk -v s="$(number 'a step')" 'BEGIN {printf "%.0f", 100 * 42 / 4 / s}')"
}

@test "one rank is its own measure, and slow reading is the bound" {
  plan ranks=1,rows=1e6,shard=0.01,update=0.002 >plan
  near "$(number efficiency)" 100
  near "$(number sum)" 0.0001 || [ "$(number sum)" = 0 ]
  plan ranks=8,rows=1e6,shard=0.01,update=0.002,read=1000 >plan
  near "$(number 'a step')" $((300 * $(number_bytes)))
}

@test "a step is measured here where its times are not given" {
  plan rows=1e9 >plan
  awk -v g="$(number gradient)" -v u="$(number update)" 'BEGIN {exit !(g > 0.001 && u > 0.0001)}'
  grep -q '1e+09 rows' plan
  [ ! -e m.h5 ]
}

@test "what cannot be planned is refused" {
  refused 2 "^flow-train: --plan: 'nodes' is not known; known are ranks, " plan nodes=3
  refused 2 "^flow-train: --plan: 'ranks=x': give NAME=NUMBER" plan ranks=x
  refused 2 '^flow-train: --plan: 9 ranks, and a batch has 8 shards' plan ranks=9
}
