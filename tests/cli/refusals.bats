#!/usr/bin/env bats
# Bad input: one clear line, the right exit code, nothing lost and nothing half-written.

load common
setup_file() { make_files; }
setup() { cd "$BATS_TEST_TMPDIR" || return; }
teardown() { no_temporaries; }

@test "input that is not there, a folder, empty, compressed" {
  refused 3 'none.csv: there is no such file' flow-score "$files/m.h5" none.csv
  refused 3 "$files" flow-score "$files/m.h5" "$files"
  : >empty
  refused 3 'empty' flow-score "$files/m.h5" empty
  gzip -c "$files/rows.csv" >rows.gz
  refused 3 'zcat' flow-score "$files/m.h5" rows.gz
}

@test "truncated HDF5, npy and CSV" {
  flow-sample "$files/m.h5" -n 5000 -o s.h5
  flow-sample "$files/m.h5" -n 5000 -o s.npy
  head -c 30000 s.h5 >t.h5
  head -c 30000 s.npy >t.npy
  refused 3 'rows' flow-encode "$files/m.h5" t.h5 -o z.h5
  refused 3 'of 5000 rows, [0-9]+ bytes short' flow-encode "$files/m.h5" t.npy -o z.h5
  refused 3 'of 5000 rows, [0-9]+ bytes short' sh -c 'cat t.npy | flow-encode "$files/m.h5" -o z.h5'
  [ ! -e z.h5 ]
  printf '1,2,3\n4,5' >t.csv
  refused 3 't.csv:2: 2 columns, expected 3' flow-encode "$files/m.h5" t.csv -o z.h5
  [ ! -e z.h5 ]
}

@test "cells that are no numbers, and ragged rows, by line" {
  printf 'a,b,c\n1,2,3\n4,abc,6\n' >text.csv
  refused 3 "text.csv:3: column 2 is 'abc'; expected a number" flow-encode "$files/m.h5" text.csv -o z.h5
  printf '1,2,3\n4,5,6,7\n' >ragged.csv
  refused 3 'ragged.csv:2: 4 columns, expected 3' flow-encode "$files/m.h5" ragged.csv -o z.h5
}

@test "NaN and Inf rows by number, in training too" {
  printf '1,2,3\n4,nan,6\n' >nan.csv
  printf '1,2,3\n4,5,6\ninf,8,9\n' >inf.csv
  refused 3 'nan.csv: row 2: column 2' flow-encode "$files/m.h5" nan.csv -o z.h5
  refused 3 'inf.csv: row 3: column 1' flow-train inf.csv -o z.h5
  refused 2 'on-nan keep' flow-train nan.csv --on-nan keep -o z.h5
  [ ! -e z.h5 ]
}

@test "columns that are not the model's" {
  printf '1,2\n' >two.csv
  refused 3 'two.csv: 2 columns, and the model has 3' flow-score "$files/m.h5" two.csv
  refused 2 "'d'" flow-score "$files/m.h5" "$files/rows.csv" --columns a,b,d
}

@test "too few rows" {
  printf '1,2,3\n' >one.csv
  refused 3 'one.csv: 1 row is too few' flow-train one.csv -o z.h5
}

@test "a constant column and undequantised integers are warned of" {
  awk 'BEGIN {for (i = 0; i < 100; ++i) print rand() ",7," rand()}' >constant.csv
  run -0 --separate-stderr flow-train constant.csv -s train.epochs=1 -o c.h5
  [[ $stderr == *"warning: constant.csv: column 2 is constant"* ]]
  run -0 --separate-stderr flow-train "$files/whole.tsv" -s train.epochs=1 -o i.h5
  [[ $stderr == *"warning: "*"integers"*"data.dequantise=uniform"* ]]
  refused 3 'data.dequantise' flow-train "$files/rows.csv" -s data.dequantise=uniform -o z.h5
}

@test "configurations" {
  printf 'model:\n  layers:\n    - kind: actnorm\ntrain:\n  epocs: 3\n' >unknown.yaml
  refused 2 "unknown.yaml:5: train.epocs: unknown key; did you mean 'epochs'" flow-train -c unknown.yaml "$files/rows.csv" -o z.h5
  printf 'train:\n  epochs: 3\n  epochs: 4\n' >twice.yaml
  refused 2 "twice.yaml:3: .*'epochs'" flow-train -c twice.yaml "$files/rows.csv" -o z.h5
  printf 'train: &a {epochs: 3}\nmodel: *a\n' >alias.yaml
  refused 2 'alias.yaml:1: ' flow-train -c alias.yaml "$files/rows.csv" -o z.h5
  printf 'model: {net: {hidden: [-4]}, layers: [{kind: affine-coupling}]}\n' >negative.yaml
  refused 2 'negative.yaml:1: ' flow-train -c negative.yaml "$files/rows.csv" -o z.h5
  printf 'model: {layers: [{kind: affine-cuopling}]}\n' >kind.yaml
  refused 2 'kind.yaml:1: .*affine-coupling' flow-train -c kind.yaml "$files/rows.csv" -o z.h5
  refused 2 'no such file or preset; presets: .*realnvp' flow-train -c nope "$files/rows.csv" -o z.h5
  refused 2 'train.epochs' flow-train -s train.epochs=many "$files/rows.csv" -o z.h5
  refused 2 'KEY=VALUE' flow-train -s train.epochs "$files/rows.csv" -o z.h5
}

@test "outputs: existing, unwritable, full" {
  echo precious >kept.h5
  refused 2 'kept.h5: exists; use -f' flow-train "$files/rows.csv" -o kept.h5
  refused 2 'kept.h5: exists; use -f' flow-sample "$files/m.h5" -o kept.h5
  [ "$(cat kept.h5)" = precious ]
  refused 1 'none/z.h5: cannot be written' flow-train "$files/rows.csv" -o none/z.h5
  refused 1 'cannot be written' flow-sample "$files/m.h5" -o "$BATS_TEST_TMPDIR"
  for command in "flow-score $files/m.h5 $files/rows.csv" "flow-sample $files/m.h5" \
    "flow-encode $files/m.h5 $files/rows.csv" "flow-bench-logdet --dim 2" "flow-train --help"; do
    run --separate-stderr sh -c "$command >/dev/full"
    [ "$status" -eq 1 ]
    [[ $stderr == *"No space left"* ]]
    run --separate-stderr sh -c "$command >&-"
    [ "$status" -ne 0 ]
  done
}

@test "models: missing, damaged, newer, incomplete, no model at all" {
  refused 4 'none.h5' flow-score none.h5 "$files/rows.csv"
  refused 4 'rows.csv' flow-score "$files/rows.csv" "$files/rows.csv"
  flow-sample "$files/m.h5" -o rows.h5
  refused 4 'rows.h5' flow-score rows.h5 "$files/rows.csv"
  "$python" - <<'END'
import os, shutil, h5py
source = os.environ["files"] + "/m.h5"
def change(name, f):
    shutil.copy(source, name)
    with h5py.File(name, "r+") as file:
        f(file)
def newer(f): f.attrs["format_version"] = 99
def weight(f): f["parameters/layers/01-actnorm/shift"][0, 0] = 3
def missing(f): del f["parameters/layers/01-actnorm/shift"]
change("newer.h5", newer), change("weight.h5", weight), change("missing.h5", missing)
END
  refused 4 'newer.h5: ' flow-score newer.h5 "$files/rows.csv"
  refused 4 'weight.h5: .*/parameters/layers/01-actnorm/shift' flow-score weight.h5 "$files/rows.csv"
  refused 4 'missing.h5: ' flow-score missing.h5 "$files/rows.csv"
}

@test "command lines" {
  refused 2 'MODEL is missing' flow-score
  refused 2 'nope' flow-score --nope "$files/m.h5"
  refused 2 "10x" flow-sample "$files/m.h5" -n 10x
  refused 2 '' flow-sample "$files/m.h5" -n -5
  refused 2 'no such layer; there are: 00-standardise' flow-encode "$files/m.h5" "$files/rows.csv" --after nothing
  refused 2 'MODEL is missing' flow-train "$files/rows.csv"
  refused 2 'operand too many' flow-sample "$files/m.h5" other
  FLOW_THREADS=many refused 2 'FLOW_THREADS' flow-sample "$files/m.h5" -o z.npy
  FLOW_ISA=mmx refused 2 'FLOW_ISA' flow-sample "$files/m.h5" -o z.npy
}

@test "terminals: no binary to one, no waiting for one" {
  run script -qec 'flow-sample "$files/m.h5"' /dev/null
  [ "$status" -eq 2 ]
  [[ $output == *"-O csv"* ]]
  run script -qec 'flow-score "$files/m.h5"' /dev/null
  [ "$status" -eq 2 ]
  [[ $output == *"standard input is a terminal"* ]]
}
