#!/usr/bin/env bats
# An output made in parts, by --shard, and put together by --gather, has the bytes of one made at once;
# what is missing, cut short or of another model is named.

load common
setup_file() {
  make_files
  flow-sample m.h5 -n 700 --seed 5 -o many.h5
  flow-sample w.h5 -n 700 --seed 5 -o integers.npy
}
setup() { cd "$BATS_TEST_TMPDIR" || return; }

# in_parts N OUT COMMAND...: the parts, the last first, then all of them.
in_parts() {
  local n=$1 out=$2 part
  shift 2
  for part in $(seq "$n" -1 1); do "$@" --shard "$part/$n" -o "$out"; done
  [ ! -e "$out" ]
  "$@" --gather "$n" -o "$out"
}

@test "scores of text, HDF5 and integers with noise, in each format" {
  for data in rows.csv many.h5; do
    for out in s.csv s.h5 s.npy s.tsv; do
      flow-score -q "$files/m.h5" "$files/$data" -f -o "whole-$out"
      in_parts 3 $out flow-score -q "$files/m.h5" "$files/$data"
      cmp whole-$out $out
      rm $out ./*-of-*
    done
  done
  flow-score -q "$files/w.h5" "$files/integers.npy" --seed 2 -o whole.csv
  in_parts 4 s.csv flow-score -q "$files/w.h5" "$files/integers.npy" --seed 2
  cmp whole.csv s.csv
  rm ./*-of-*
  flow-score -q "$files/m.h5" "$files/rows.csv" --append --status -o whole.csv -f
  in_parts 2 a.csv flow-score -q "$files/m.h5" "$files/rows.csv" --append --status
  cmp whole.csv a.csv
}

@test "samples and latents" {
  for out in s.h5 s.csv s.npy s.raw; do
    flow-sample "$files/m.h5" -n 1000 --row-offset 7 -o whole-$out $([ $out != s.raw ] || echo -O raw)
    in_parts 5 $out flow-sample "$files/m.h5" -n 1000 --row-offset 7 $([ $out != s.raw ] || echo -O raw)
    cmp whole-$out $out
    flow-encode "$files/m.h5" "$files/many.h5" -f -o whole-$out
    rm $out ./*-of-*
    in_parts 2 $out flow-encode "$files/m.h5" "$files/many.h5"
    cmp whole-$out $out
    rm $out ./*-of-*
  done
}

@test "more parts than blocks: some are empty" {
  flow-sample "$files/m.h5" -n 200 -o whole.csv
  in_parts 7 s.csv flow-sample "$files/m.h5" -n 200
  cmp whole.csv s.csv
  # Without a header such a part is a file of no bytes.
  for out in s.tsv s.raw s.npy s.h5; do
    flow-score -q "$files/m.h5" "$files/rows.csv" -o whole-$out
    in_parts 7 $out flow-score -q "$files/m.h5" "$files/rows.csv"
    cmp whole-$out $out
  done
}

@test "a part on standard output is those rows" {
  flow-score -q "$files/m.h5" "$files/rows.csv" >whole
  for part in 1 2 3; do flow-score -q "$files/m.h5" "$files/rows.csv" --shard $part/3; done >parts
  cmp whole parts
}

@test "parts that are missing, cut short, or of another model or input are named" {
  score() { flow-score -q "$files/m.h5" "$files/rows.csv" -o s.csv "$@"; }
  score --shard 1/4
  score --shard 3/4
  refused 3 's.csv: of 4 parts these are missing or not whole: 2, 4; make them by --shard' score --gather 4
  score --shard 2/4
  score --shard 4/4
  truncate -s -1 s.csv.3-of-4
  refused 3 'not whole: 3;' score --gather 4
  score -f --shard 3/4
  flow-train -q "$files/rows.csv" -s train.epochs=1 --seed 3 -o other.h5
  refused 4 's.csv.1-of-4: of another model' flow-score -q other.h5 --gather 4 -o s.csv
  head -n 300 "$files/rows.csv" | flow-score -q "$files/m.h5" >/dev/null
  head -n 300 "$files/rows.csv" >few.csv
  flow-score -q "$files/m.h5" few.csv -f --shard 2/4 -o s.csv
  refused 3 's.csv.2-of-4: its rows do not follow' score --gather 4
  [ ! -e s.csv ]
  score -f --shard 2/4
  score --gather 4
  refused 2 'exists' score --gather 4
}

@test "parts of one output are made with the same options" {
  flow-sample "$files/m.h5" -n 300 --seed 1 --shard 1/2 -o s.csv
  flow-sample "$files/m.h5" -n 300 --seed 2 --shard 2/2 -o s.csv
  refused 3 's.csv.2-of-2: was made with other options than part 1' flow-sample "$files/m.h5" --gather 2 -o s.csv
  [ ! -e s.csv ]
  FLOW_SEED=1 flow-sample "$files/m.h5" -n 300 --shard 2/2 -f -o s.csv --threads 1
  flow-sample "$files/m.h5" --gather 2 -o s.csv
  flow-sample "$files/m.h5" -n 300 --seed 1 -O csv | cmp - s.csv
}

@test "what has no parts says so" {
  refused 2 "'0/3' is no part" flow-sample "$files/m.h5" --shard 0/3 -o s.csv
  refused 2 "'4/3' is no part" flow-sample "$files/m.h5" --shard 4/3 -o s.csv
  refused 2 "is not a whole number" flow-sample "$files/m.h5" --shard 3 -o s.csv
  refused 2 'standard input cannot be read in parts' flow-score -q "$files/m.h5" --shard 1/2 <"$files/rows.csv"
  refused 2 '/dev/fd/[0-9]+ cannot be read in parts; name a file' \
    flow-score -q "$files/m.h5" --shard 1/2 <(cat "$files/rows.csv")
  refused 2 '/dev/stdin cannot be read in parts' flow-encode "$files/m.h5" /dev/stdin --shard 1/2 -o s.csv <"$files/rows.csv"
  refused 2 'on-nan skip' flow-score -q "$files/m.h5" "$files/rows.csv" --on-nan skip --shard 1/2
  refused 2 'give the FILE of the parts by -o' flow-sample "$files/m.h5" --gather 2
}
