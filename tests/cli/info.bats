#!/usr/bin/env bats
# flow-info: what it says of models and of rows is what is there.

load common
setup_file() { make_files; }
setup() { cd "$files" || return; }

# json COMMAND...: its output as `d` in the Python expression on stdin, which must hold.
json() {
  "$@" >object.json
  $python -c 'import json, math, sys
d = json.load(open("object.json"))
assert eval(sys.stdin.read()), d'
}

@test "of a model: rows, parameters, history, as the file has them" {
  flow-train rows.csv -s train.epochs=3 -o told.h5 2>told
  flow-info told.h5 >page
  cat page
  rows=$(grep -oE '[0-9]+ rows to train on' told | cut -d' ' -f1)
  held=$(grep -oE '[0-9]+ held out' told | cut -d' ' -f1)
  grep -q "^trained on  *$rows rows, $held to validate; digest [0-9a-f]\{64\}$" page
  grep -q '^held-out rows  mean log-density .* nats, epoch [1-3] of 3$' page
  grep -qE '^b +type: (positive|real)' page
  [ "$(grep -c 'nats, over 3 epochs' page)" -eq 2 ]
  parameters=$(grep -oE '[0-9]+ parameters' told | cut -d' ' -f1)
  grep -qE "^total +$parameters " page
  json flow-info told.h5 --json <<<"d['parameters'] == $parameters == sum(l['trained'] for l in d['layers']) \
    and d['rows'] == $rows and len(d['history']['train']) == 3 and len(d['reference']) == $held \
    and [c['name'] for c in d['columns']] == ['a', 'b', 'c'] and d['round_trip'] < 1e-3"
}

@test "the digest of the rows is that of the rows" {
  flow-train -q rows.csv -s train.epochs=1 --seed 4 -f -o one.h5
  flow-train -q rows.csv -s train.epochs=2 --seed 4 -f -o two.h5
  sed '$s/$/1/' rows.csv | flow-train -q -s train.epochs=1 --seed 4 -f -o other.h5
  digest() { flow-info "$1" --json | grep -oE '"data":"[0-9a-f]{64}"'; }
  [ "$(digest one.h5)" = "$(digest two.h5)" ]
  [ "$(digest one.h5)" != "$(digest other.h5)" ]
}

@test "the layers are those that --dry-run prints" {
  flow-train -q rows.csv -s train.epochs=1 -f -o dry.h5
  diff <(flow-train rows.csv -s train.epochs=1 --dry-run 2>/dev/null | sed '/^$/,$d') \
    <(flow-info dry.h5 | sed -n '/^layer /,/^total/p')
}

@test "curves are ASCII where the terminal or the locale asks" {
  LC_ALL=C.UTF-8 TERM=xterm flow-info m.h5 | grep -q '▁'
  ! LC_ALL=C.UTF-8 TERM=dumb flow-info m.h5 | LC_ALL=C grep -q '[^ -~]' || false
  ! LC_ALL=C TERM=xterm flow-info m.h5 | LC_ALL=C grep -q '[^ -~]' || false
}

@test "of rows: how many, of what, with what missing" {
  printf 'a,kind,n\n1.5,red,1\n2.25,blue,\n-3,red,2\n,blue,1\n' >holes.csv
  flow-info holes.csv >page
  cat page
  grep -qx 'holes.csv: text, 4 rows of 3 columns; 2 of them with NaN or infinite numbers' page
  grep -q '^kind  *categorical: 2 words$' page
  flow-info - --json <holes.csv | grep -q '"rows":4,"missing":2'
  flow-info "$root/configs/data/digits.h5" >page
  cat page
  grep -q ':/train: HDF5, 1439 rows of 8 x 8 image, 64 numbers, bytes$' page
  grep -q '^data sets: .*/validation_y$' page
  json flow-info "$root/configs/data/digits.h5:/test" --json <<<"d['shape'] == [8, 8] and d['bytes']"
}

@test "what it cannot read is said" {
  refused 3 'none.h5: does not exist' flow-info none.h5
  refused 2 'FILE is missing' flow-info
  head -c 3000 m.h5 >cut.h5
  refused 3 'cut.h5' flow-info cut.h5
  $python -c 'import h5py' || skip 'no python3-h5py here'
  cp m.h5 bent.h5
  $python -c 'import h5py; h5py.File("bent.h5", "r+")["reference/round_trip"][0] = 7'
  refused 4 'bent.h5: .*round_trip' flow-info bent.h5
}
