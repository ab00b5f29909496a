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
  refused 3 'zcat rows.gz' flow-score "$files/m.h5" rows.gz
  refused 3 'standard input: .*zcat FILE' sh -c 'flow-score "$files/m.h5" <rows.gz'
  refused 3 'standard input: is empty' sh -c 'flow-score "$files/m.h5" </dev/null'
  refused 3 'none.csv' flow-train "$files/rows.csv" --validation none.csv -o z.h5
  [ ! -e z.h5 ]
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
  refused 3 "text.csv:3: column 2 \('b'\) is 'abc'; expected a number$" flow-encode "$files/m.h5" text.csv -o z.h5
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
  refused 3 'standard input: 2 columns' sh -c 'flow-score "$files/m.h5" <two.csv'
  refused 3 'two.csv: 2 columns, and the training rows have 3' flow-train "$files/rows.csv" --validation two.csv -o z.h5
  [ ! -e z.h5 ]
  refused 2 "'d'" flow-score "$files/m.h5" "$files/rows.csv" --columns a,b,d
}

@test "raw numbers need their layout" {
  printf 12345678 >two.f4
  refused 2 'give --raw-columns' flow-score "$files/m.h5" two.f4 --format raw
  refused 3 'truncated: row 1 is 4 bytes short; check --raw-columns' flow-score "$files/m.h5" two.f4 --format raw --raw-columns 3
  refused 2 "'q9' is no type" flow-score "$files/m.h5" two.f4 --format raw --raw-columns 2 --dtype q9
  refused 3 'leave it out' flow-score "$files/m.h5" "$files/rows.csv" --format npy
}

@test "too few rows" {
  echo a,b,c >none.csv
  refused 3 'none.csv: no rows' flow-train none.csv -o z.h5

  printf '1,2,3\n' >one.csv
  refused 3 'one.csv: 1 row is too few' flow-train one.csv -o z.h5

  printf '1,2\n1,2\n1,2\n' >same.csv
  refused 3 'same.csv: every column is constant' flow-train same.csv -o z.h5
}

@test "a constant column and undequantised integers are warned of" {
  awk 'BEGIN {for (i = 0; i < 100; ++i) print rand() ",7," rand()}' >constant.csv
  run -0 --separate-stderr flow-train -c realnvp constant.csv -s train.epochs=1 -o c.h5
  [[ $stderr == *"warning: constant.csv: column 2 is constant"* ]]
  run -0 --separate-stderr flow-train -c realnvp "$files/whole.tsv" -s train.epochs=1 -o i.h5
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
  echo 'train: {epochs: 3}' >model.yaml
  refused 2 "model.yaml: has no 'model'; put a preset in front" flow-train -c model.yaml "$files/rows.csv" -o z.h5
  refused 2 'none.yaml: ' flow-train -c none.yaml "$files/rows.csv" -o z.h5
  printf 'train: [\n' >broken.yaml
  refused 2 'broken.yaml:2: not valid YAML' flow-train -c broken.yaml "$files/rows.csv" -o z.h5
  refused 2 'KEY=VALUE' flow-train -s train.epochs "$files/rows.csv" -o z.h5
}

@test "outputs: existing, unwritable, full" {
  echo precious >kept.h5
  refused 2 'kept.h5: exists; use -f' flow-train "$files/rows.csv" -o kept.h5
  refused 2 'kept.h5: exists; use -f' flow-sample "$files/m.h5" -o kept.h5
  [ "$(cat kept.h5)" = precious ]
  printf '1,2,3\n4,nan,6\n' >nan.csv
  refused 3 'row 2' flow-encode "$files/m.h5" nan.csv -f -o kept.h5
  [ "$(cat kept.h5)" = precious ]
  refused 1 'none/z.h5: cannot be written: .*; make its folder' flow-train "$files/rows.csv" -o none/z.h5
  refused 1 'cannot be written' flow-sample "$files/m.h5" -o "$BATS_TEST_TMPDIR"
  for command in "flow-score $files/m.h5 $files/rows.csv" "flow-sample $files/m.h5" \
    "flow-encode $files/m.h5 $files/rows.csv" "flow-bench-logdet --dim 2" "flow-train --help"; do
    run --separate-stderr sh -c "$command >/dev/full"
    [ "$status" -eq 1 ]
    [[ $stderr == *"No space left"* ]]
    run --separate-stderr sh -c "$command >&-"
    [ "$status" -eq 1 ]
    [[ $stderr == *"standard output: "*"Bad file descriptor" ]]
  done
  refused 2 '--metrics: ./z.h5 is the file of -o' flow-train "$files/rows.csv" -o z.h5 --metrics ./z.h5
  refused 2 '--validation-scores: z.h5 is the file of -o' flow-train "$files/rows.csv" -o z.h5 --validation-scores z.h5
  cp "$files/rows.csv" mine.csv
  refused 2 '-o: mine.csv holds rows that are read' flow-train mine.csv -f -o mine.csv
  refused 2 '--metrics: mine.csv holds rows that are read' flow-train "$files/rows.csv" --validation mine.csv -f -o z.h5 --metrics mine.csv
  cmp "$files/rows.csv" mine.csv
  refused 1 '/dev/full: .*No space left' flow-train -q "$files/rows.csv" -s train.epochs=1 -o /dev/full
  refused 1 '/dev/full: ' flow-train -q "$files/rows.csv" -s train.epochs=1 -o z.h5 --metrics /dev/full
  refused 1 '/dev/full: .*No space left' flow-encode "$files/m.h5" "$files/rows.csv" -o /dev/full
  refused 1 '/dev/full: .*No space left' flow-score "$files/m.h5" "$files/rows.csv" -o /dev/full
  [ ! -e z.h5 ]
}

@test "an output that replaces a file is as private, and metrics go behind what stands there" {
  (umask 022 && flow-score -q "$files/m.h5" "$files/rows.csv" -o p.csv && chmod 640 p.csv)
  flow-score -q "$files/m.h5" "$files/rows.csv" -f -o p.csv
  [ "$(stat -c %a p.csv)" = 640 ]
  train="flow-train -q $files/rows.csv -s train.epochs=1 -s model.net.hidden=[8] -f -o z.h5"
  (echo first && $train --metrics /dev/stdout) >log
  [ "$(head -1 log)" = first ]
  tail -1 log | grep -q '^{"epoch":'
  $train --metrics - | cmp <(cut -c1-20 | head -1) <(tail -1 log | cut -c1-20)
  [ ! -e ./- ]
}

# A file of this name is no standard input.
@test "a file that is called - is left alone" {
  echo 'no,rows' >./-
  flow-train -q -s train.epochs=1 -s model.net.hidden=[8] -o z.h5 <"$files/rows.csv"
  cat "$files/rows.csv" | flow-info - | grep -q '600 rows of 3 columns'
  [ "$(cat ./-)" = no,rows ]
}

@test "outputs: the extension says the format, or there is none and it is the usual one" {
  score() { flow-score -q "$files/m.h5" "$files/rows.csv" "$@"; }
  score >usual
  for out in scores .scores v1.0/scores s.CSV; do
    mkdir -p v1.0
    score -o "$out"
    cmp usual "$out"
  done
  score -O csv -o s.txt
  cmp usual s.txt
  for out in /dev/stdout /dev/fd/1; do score -o $out | cmp usual -; done
  mkfifo pipe.txt
  score -o pipe.txt &
  cmp usual pipe.txt
  wait
  flow-sample "$files/m.h5" >usual.h5
  for out in samples s.H5 s.hdf5; do
    flow-sample "$files/m.h5" -o $out
    cmp usual.h5 $out
  done
  for out in z.txt z.csv.gz z.auto; do
    refused 2 "$out: '.${out##*.}' is the extension of no format; .* give -O FORMAT" score -o $out
    refused 2 'is the extension of no format' flow-train -q "$files/rows.csv" -o z.h5 --validation-scores $out
    refused 2 'is the extension of no format' flow-data toy moons -q -o $out
    [ ! -e $out ]
  done
  [ ! -e z.h5 ]
}

@test "models: missing, damaged, newer, incomplete, no model at all" {
  refused 4 'none.h5' flow-score none.h5 "$files/rows.csv"
  refused 4 'rows.csv' flow-score "$files/rows.csv" "$files/rows.csv"
  flow-sample "$files/m.h5" -o rows.h5
  refused 4 'rows.h5' flow-score rows.h5 "$files/rows.csv"
  gzip -c "$files/m.h5" >gz.h5
  refused 4 'zcat gz.h5' flow-score gz.h5 "$files/rows.csv"
  : >empty.h5
  refused 4 'empty.h5: is empty' flow-score empty.h5 "$files/rows.csv"
  head -c 5000 "$files/m.h5" >cut.h5
  refused 4 'cut.h5: is truncated, [0-9]+ bytes short' flow-score cut.h5 "$files/rows.csv"
}

# No silent garbage. Of some damage libhdf5 itself dies, in its confined process.
@test "a flipped byte of a model is found, or stands where nothing is stored" {
  flow-score -q "$files/m.h5" "$files/rows.csv" >want
  size=$(stat -c %s "$files/m.h5") found=0
  for place in {0..19}; do
    cp "$files/m.h5" flipped.h5
    printf '\xa5' | dd of=flipped.h5 bs=1 seek=$((size * place / 20)) conv=notrunc status=none
    code=0
    flow-score -q flipped.h5 "$files/rows.csv" >got 2>/dev/null || code=$?
    case $code in
      0) cmp got want ;;
      *) refused 4 'flipped.h5: ' flow-score flipped.h5 "$files/rows.csv" && found=$((found + 1)) ;;
    esac
  done
  [ "$found" -ge 10 ]
}

@test "models whose digests match and whose content does not fit" {
  "$python" -c 'import h5py' || skip 'no python3-h5py here'
  PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$BATS_TEST_DIRNAME "$python" - <<'END'
import os, re, numpy
from resign import change
shift = "parameters/layers/01-actnorm/shift"
def same(f): pass
def newer(f): f.attrs.create("format_version", 99, dtype="<i8")
def other(f): f.attrs["format"] = "tea"
def missing(f): del f[shift]
def extra(f): f["parameters/layers/99-more/shift"] = numpy.zeros((1, 3), "<f4")
def infinite(f): f[shift][0, 1] = numpy.inf
def misshaped(f):
    del f[shift]
    f[shift] = numpy.zeros((1, 2), "<f4")
def configured(f, old, new): f["config/resolved"][()] = re.sub(old, new, f["config/resolved"][()])
def kind(f): configured(f, b"kind: actnorm", b"kind: actnorn")
def key(f): configured(f, rb"( *)- kind: actnorm", rb"\1- extra: 1\n\1  kind: actnorm")
def of_data(f): configured(f, b"data:", rb"data:\n  turned: true")
for edit in same, newer, other, missing, extra, infinite, misshaped, kind, key, of_data:
    change(os.environ["files"] + "/m.h5", edit.__name__ + ".h5", edit)
END
  flow-score -q same.h5 "$files/rows.csv" | cmp - <(flow-score -q "$files/m.h5" "$files/rows.csv")
  refused 4 'newer.h5: format version 99 is newer' flow-score newer.h5 "$files/rows.csv"
  refused 4 'other.h5: not a model' flow-sample other.h5
  refused 4 'missing.h5: /parameters/layers/01-actnorm/shift is missing' flow-encode missing.h5 "$files/rows.csv"
  refused 4 'extra.h5: /parameters/layers/99-more/shift belongs to no layer' flow-score extra.h5 "$files/rows.csv"
  refused 4 'infinite.h5: /parameters/layers/01-actnorm/shift .*not finite' flow-sample infinite.h5
  refused 4 'misshaped.h5: /parameters/layers/01-actnorm/shift is not 1 x 3' flow-sample misshaped.h5
  refused 4 "kind.h5:/config/resolved:[0-9]+: .*did you mean 'actnorm'" flow-score kind.h5 "$files/rows.csv"
  refused 4 'key.h5:/config/resolved:[0-9]+: model\.layers.*\.extra: unknown key' flow-info key.h5
  refused 4 'of_data.h5:/config/resolved:[0-9]+: data.turned: unknown key' flow-sample of_data.h5
}

@test "command lines" {
  refused 2 'MODEL is missing' flow-score
  refused 2 '--nope: no such option' flow-score --nope "$files/m.h5"
  refused 2 "--sed: no such option; did you mean '--seed'" flow-score --sed 3 "$files/m.h5"
  refused 2 '--output: the value is missing' flow-sample "$files/m.h5" -o
  refused 2 '--seed: given twice' flow-sample "$files/m.h5" --seed 1 --seed 2
  refused 2 'out of range' flow-sample "$files/m.h5" -n 99999999999999999999
  refused 2 'temperature' flow-sample "$files/m.h5" --temperature nan
  refused 2 'threads' flow-sample "$files/m.h5" --threads 0
  refused 2 "--dim: 'x'" flow-bench-logdet --dim 4,x
  refused 2 "'y': one operand too many" flow-bench-logdet x y
  refused 2 "10x" flow-sample "$files/m.h5" -n 10x
  refused 2 '' flow-sample "$files/m.h5" -n -5
  refused 2 'no such layer; there are: 00-columns' flow-encode "$files/m.h5" "$files/rows.csv" --after nothing
  refused 2 'MODEL is missing' flow-train "$files/rows.csv"
  refused 2 'operand too many' flow-sample "$files/m.h5" other
  FLOW_THREADS=many refused 2 'FLOW_THREADS' flow-sample "$files/m.h5" -o z.npy
  FLOW_ISA=mmx refused 2 'FLOW_ISA' flow-sample "$files/m.h5" -o z.npy
}

@test "a closed standard stream does not send messages into data" {
  # A run that warns while its metrics are open, as most of such rows make it.
  set -- -q -s train.epochs=60 -s train.rate=10 -s train.clip=0 -s train.schedule=constant -s train.warm-up=0 --metrics m.jsonl -o z.h5
  for seed in $(seq 20); do
    awk -v seed="$seed" 'BEGIN {srand(seed); for (i = 0; i < 600; ++i) {x = rand() - rand(); print x "," x * x + rand() "," rand() * 3}}' >wild.csv
    { flow-train "$@" -f <wild.csv 2>&1 || :; } >said
    ! grep -q 'warning: .* not finite' said || break
  done
  grep -q 'warning: .* not finite' said
  cat wild.csv | flow-train "$@" -f 2>&- || :
  [ -s m.jsonl ]
  run ! grep -v '^{.*}$' m.jsonl
  refused 3 'standard input: cannot be ' sh -c 'flow-score "$files/m.h5" <&-'
}

@test "terminals: no binary to one, no waiting for one" {
  script -qec true /dev/null || skip 'no pseudo-terminals here'
  run script -qec 'flow-sample "$files/m.h5"' /dev/null
  [ "$status" -eq 2 ]
  [[ $output == *"-O csv"* ]]
  run script -qec 'flow-score "$files/m.h5"' /dev/null
  [ "$status" -eq 2 ]
  [[ $output == *"standard input is a terminal"* ]]
  run script -qec 'flow-train "$files/rows.csv" -o /dev/tty' /dev/null
  [ "$status" -eq 2 ]
  [[ $output == *"is a terminal, and a model is binary"* ]]
  run script -qec 'flow-sample "$files/m.h5" -n 9 --png /dev/tty' /dev/null
  [ "$status" -eq 2 ]
  [[ $output == *"/dev/tty: is a terminal, and a PNG is binary; name a file"* ]]
  run script -qec 'flow-sample "$files/m.h5" -o /dev/stdout' /dev/null
  [ "$status" -eq 2 ]
  run -0 script -qec 'flow-sample "$files/m.h5" -n 2 -O csv' /dev/null
  [ "${#lines[@]}" -eq 3 ]
}
