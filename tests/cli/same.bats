#!/usr/bin/env bats
# The same command gives the same bytes, whatever the threads; every preset trains; a run that is killed
# leaves nothing half-written.

load common
setup_file() { make_files; }
setup() { cd "$BATS_TEST_TMPDIR" || return; }

@test "training, scores and samples have the same bits for 1, 2 and 3 threads, and twice" {
  for threads in 1 2 3 2; do
    flow-train -q "$files/rows.csv" -s train.epochs=3 -s train.batch=300 -s train.shards=5 --threads $threads -f -o m.h5
    flow-score -q m.h5 "$files/rows.csv" --threads $threads >scores
    flow-sample m.h5 -n 1000 --threads $threads >samples.h5
    sha256sum m.h5 scores samples.h5 >>sums
  done
  [ "$(sort sums | uniq | wc -l)" -eq 3 ]
}

@test "another seed gives another model" {
  flow-train -q "$files/rows.csv" -s train.epochs=2 -s model.net.hidden=[16] --seed 1 -o m.h5
  run ! cmp -s m.h5 "$files/m.h5"
}

@test "every preset trains and its model scores" {
  awk 'BEGIN {for (i = 0; i < 256; ++i) {for (j = 0; j < 8; ++j) printf "%d,", rand() * 17; print int(rand() * 3)}}' >whole.csv
  for preset in "$root"/configs/*.yaml; do
    data=whole.csv rows=256
    ! for_images "$preset" || data=$root/configs/data/digits.h5:/test rows=179
    flow-train -q -c "$preset" "$data" -s "$(small_net "$preset")" -s train.epochs=1 -s data.dequantise=uniform -f -o p.h5
    flow-score -q p.h5 "$data" | awk -v rows=$rows '$1 != $1 + 0 || $1 == "nan" {exit 1} END {if (NR != rows) exit 1}'
  done
}

@test "--print-config is a configuration that gives the same model" {
  flow-train "$files/rows.csv" -s train.epochs=2 -s model.net.hidden=[16] --print-config >all.yaml
  flow-train -q -c ./all.yaml "$files/rows.csv" -o m.h5
  h5dump -d /parameters/base/mean m.h5 | tail -n +2 >a
  h5dump -d /parameters/base/mean "$files/m.h5" | tail -n +2 | cmp - a
}

@test "--dry-run writes nothing" {
  run -0 flow-train -c nice "$root/configs/data/digits.h5" --dry-run -o n.h5
  [[ $output == *"memory"* ]]
  [ ! -e n.h5 ]
}

@test "splits in one HDF5 file are found, and others are made by the seed" {
  run -0 --separate-stderr flow-train -c digits "$root/configs/data/digits.h5" -s train.epochs=0 -o d.h5
  [[ $stderr == *"1439 rows to train on, 179 to validate"* ]]
  run -0 --separate-stderr flow-train "$files/rows.csv" -s train.epochs=0 -o r.h5
  [[ $stderr == *"540 rows to train on, 60 held out to validate"* ]]
}

@test "training from a pipe is training from the file" {
  cat "$files/rows.csv" | flow-train -q - -s train.epochs=2 -s model.net.hidden=[16] -o m.h5
  cmp m.h5 "$files/m.h5"
}

@test "a run that is killed leaves the old model and nothing else" {
  cp "$files/m.h5" old.h5
  cp old.h5 m.h5
  flow-train -q "$files/rows.csv" -s train.epochs=100000 -s train.patience=0 -s train.patience=0 -f -o m.h5 3>&- &
  sleep 0.4
  kill -KILL $!
  code=0
  wait $! || code=$?
  [ "$code" -eq 137 ]
  cmp m.h5 old.h5
  no_temporaries
}

@test "the log of a run has neither carriage returns nor colours" {
  flow-train -v "$files/rows.csv" -s train.epochs=3 -f -o m.h5 2>log
  run ! grep -qP '\r|\x1b' log
  grep -q 'validation: mean log-density' log
}

@test "--metrics has one object an epoch" {
  flow-train -q "$files/rows.csv" -s train.epochs=4 -f -o m.h5 --metrics m.jsonl
  "$python" -c '
import json
epochs = [json.loads(line) for line in open("m.jsonl")]
assert [e["epoch"] for e in epochs] == [1, 2, 3, 4] and all(e["validation"] < 0 for e in epochs)'
}
