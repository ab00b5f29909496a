#!/usr/bin/env bats
# --max-memory: rows that do not fit are streamed. The order of rows, and so the model, is that of the
# window, whatever holds the rows, reads them, or takes part; and memory stays where it was told to.

load common
setup_file() {
  enter_files || return
  $python - <<'EOF'
import h5py, numpy as np
r = np.random.default_rng(1)
x = r.normal(size=(30000, 4)).astype('f4')
x[:, 2] += x[:, 0] ** 2
np.save('x.npy', x)
x.tofile('x.raw')
with h5py.File('x.h5', 'w') as f: f['x'] = x
with h5py.File('chunked.h5', 'w') as f: f.create_dataset('x', data=x, chunks=(1000, 4), compression=1)
with open('x.csv', 'w') as f:
    for row in x: f.write(','.join(repr(float(v)) for v in row) + '\n')
EOF
}
setup() { cd "$BATS_TEST_TMPDIR" || return; }

# Of 30,000 rows 20 bytes each are held in 500 kB: windows of 3906 rows.
small="-c realnvp -q -s model.net.hidden=[16] -s train.epochs=2 -s train.batch=300 -s train.shards=3 -s train.average=0"
stream() { flow-train $small --max-memory 500000 "$@"; }
# The most memory that a command had, in MiB.
peak() { /usr/bin/time -f %M -o peak "$@" && echo $(($(tail -n 1 peak) / 1024)); }

@test "npy, HDF5 in one piece and in chunks, raw, text and a pipe give the same bytes" {
  stream "$files/x.npy" -o npy.h5
  stream "$files/x.h5" -o h5.h5
  stream "$files/chunked.h5" -o chunked.h5
  stream "$files/x.raw" --format raw --raw-columns 4 -o raw.h5
  stream "$files/x.csv" -o csv.h5
  stream - <"$files/x.npy" -o in.h5
  cat "$files/x.npy" | stream - -o pipe.h5
  cat "$files/x.h5" | stream - -o h5pipe.h5
  for m in h5 chunked raw csv in pipe h5pipe; do cmp npy.h5 $m.h5; done
  # The rows are streamed, and so in another order than all at once.
  flow-train $small "$files/x.npy" -o all.h5
  run ! cmp -s npy.h5 all.h5
}

@test "rows that fit are trained on as without it; and train.window alone streams" {
  flow-train $small "$files/x.npy" -o all.h5
  flow-train $small --max-memory 100M "$files/x.npy" -o fits.h5
  cmp all.h5 fits.h5
  cat "$files/x.csv" | flow-train $small --max-memory 100M -o csv.h5
  cmp all.h5 csv.h5
  stream "$files/x.npy" -o m.h5
  window=$(h5dump -d /config/resolved m.h5 | grep -o 'window: [0-9]*' | cut -d' ' -f2)
  [ "$window" -gt 3000 ] && [ "$window" -lt 5000 ]
  flow-train $small "$files/x.npy" -s "train.window=$window" -o w.h5
  cmp <(flow-score -q m.h5 "$files/x.npy") <(flow-score -q w.h5 "$files/x.npy")
}

@test "threads, sittings and ranks change no bit" {
  stream "$files/x.npy" --threads 1 -o one.h5
  stream "$files/x.npy" --threads 2 -o two.h5
  cmp one.h5 two.h5
  code=75 sittings=0
  while [ $code -eq 75 ]; do
    code=0
    stream "$files/x.npy" --time-limit 0.02s --resume -o sat.h5 2>said || code=$?
    sittings=$((sittings + 1))
  done
  [ $code -eq 0 ] || { cat said; false; }
  [ $sittings -gt 3 ]
  cmp one.h5 sat.h5
  command -v mpirun >/dev/null && command -v flow-train-mpi >/dev/null || skip 'no MPI here'
  allow_ranks
  for n in 1 2 3; do
    mpirun --oversubscribe -n $n flow-train-mpi $small --max-memory 500000 "$files/x.npy" --threads 1 -f -o ranks.h5
    cmp one.h5 ranks.h5
  done
  mpirun --oversubscribe -n 2 flow-train-mpi $small --max-memory 500000 "$files/chunked.h5" --threads 1 -f -o ranks.h5
  cmp one.h5 ranks.h5
}

@test "weights, contexts, labels, noise, missing cells and rows left out are streamed too" {
  $python - <<'EOF'
import numpy as np
r = np.random.default_rng(2)
n = 20000
x = np.c_[r.normal(size=(n, 2)), r.integers(0, 4, n), r.uniform(0.5, 2, n)]
x[n - 1, 2] = 7
np.savetxt('w.csv', x, fmt='%.6g', delimiter=',')
x[r.uniform(size=n) < 0.1, 1] = np.nan
np.savetxt('nan.csv', x, fmt='%.6g', delimiter=',')
np.savetxt('int.csv', r.integers(0, 9, (n, 3)), fmt='%d', delimiter=',')
EOF
  for threads in 1 2; do
    stream w.csv --weight-column 4 --label-columns 3 --threads $threads -f -o w$threads.h5
    stream nan.csv --on-nan skip --threads $threads -f -o s$threads.h5
    flow-train -q nan.csv --missing marginal --max-memory 500000 -s model.net.hidden=[8] -s train.epochs=1 --threads $threads -f -o g$threads.h5
    stream int.csv -s data.dequantise=uniform --threads $threads -f -o i$threads.h5
    flow-train -q w.csv -s train.epochs=1 --max-memory 500000 -s model.net.hidden=[8] --threads $threads -f -o a$threads.h5
  done
  for m in w s g i a; do cmp ${m}1.h5 ${m}2.h5; done
  # The label of the last row alone was seen.
  h5dump -d /config/resolved w1.h5 | grep -q 'values: \[0, 1, 2, 3, 7\]'
}

# A type must be right of every row, and a sample of them does not have each value.
@test "columns are what all rows make them, seldom values too" {
  awk 'BEGIN {
    srand(7); print "dose,tenths,y"
    for (i = 0; i < 60000; ++i) {
      print (i % 20011 == 7 ? 75 : 50 * int(rand() * 6)) "," (i == 40000 ? 20.25 : int(rand() * 400) / 10) "," rand()
    }
  }' >seldom.csv
  flow-train seldom.csv -s train.epochs=1 -s 'model.net.hidden=[8]' -s data.validation=0.01 --max-memory 400K -o s.h5 2>said
  grep -q 'column 1 (dose): categorical: .* 7 distinct' said
  grep -q 'column 2 (tenths): integer of step 0.05' said
}

@test "what is held out is not trained on: the folds part the rows" {
  for i in 1 2 3 4; do
    flow-train $small "$files/x.npy" -s train.epochs=0 -s train.window=16000 --fold $i/4 --validation-scores f$i.csv -o f$i.h5
  done
  tail -qn +2 f?.csv | cut -d, -f1 | sort -n | cmp - <(seq 30000)
}

@test "memory stays near what it was told, for files of many times that" {
  [ "$(basename "$FLOW_BUILD")" = release ] || skip 'sanitizers take memory of their own'
  $python - <<'EOF'
import h5py, numpy as np
r = np.random.default_rng(1)
x = r.normal(size=(3000000, 8)).astype('f4')
np.save('x.npy', x)
x.tofile('x.raw')
with h5py.File('x.h5', 'w') as f: f['x'] = x
with h5py.File('chunked.h5', 'w') as f: f.create_dataset('x', data=x, chunks=(4096, 8))
EOF
  set -- -c realnvp -q -s 'model.net.hidden=[8]' -s train.epochs=1 -s train.batch=8192 -s train.average=0
  all=$(peak flow-train "$@" x.npy -o all.h5)
  raw="--format raw --raw-columns 8"
  for data in x.npy x.h5 chunked.h5 "x.raw $raw"; do
    streamed=$(peak flow-train "$@" --max-memory 16M $data -f -o m.h5)
    scored=$(peak flow-score -q m.h5 $data -o scores.npy -f)
    encoded=$(peak flow-encode -q m.h5 $data -o z.npy -f)
    echo "$data: all $all MiB, streamed $streamed, scored $scored, encoded $encoded"
    [ "$all" -gt 250 ]
    [ "$streamed" -lt 80 ]
    [ "$scored" -lt 60 ]
    [ "$encoded" -lt 60 ]
  done
  cat x.npy | (peak flow-train "$@" --max-memory 16M - -f -o m.h5 >streamed)
  [ "$(cat streamed)" -lt 80 ]
}

@test "a file that becomes shorter while it is read ends the run with 3" {
  cp "$files/x.npy" cut.npy
  code=0
  flow-train $small --max-memory 500000 cut.npy -s train.epochs=100000 -o m.h5 2>said &
  until [ -e m.h5.lock ]; do sleep 0.05; done
  sleep 1
  truncate -s 200000 cut.npy
  wait $! || code=$?
  cat said
  [ $code -eq 3 ]
  grep -q 'cut.npy: truncated: [0-9]* of 30000 rows, [0-9]* bytes short' said
  [ ! -e m.h5 ]
  no_temporaries
}

@test "what cannot be streamed is refused in one line" {
  awk 'BEGIN {print "a,b,group,hue"; for (i = 0; i < 30000; ++i) print rand() "," rand() "," int(i / 10) "," (i % 3 ? "red" : "blue")}' >t.csv
  refused 2 '--group-column: groups are told apart in memory' stream t.csv --columns 1-3 --group-column 3 -o m.h5
  stream t.csv -s data.columns-from=data -o words.h5
  cat >declared.yaml <<'EOF'
columns: [{name: hue, type: categorical, values: [red, blue]}]
EOF
  refused 2 'column 4 .hue. lists its words, and rows that are streamed number them' stream t.csv -c declared.yaml -o m.h5
  refused 2 '--max-memory: 100 bytes are too few' flow-train -q t.csv --max-memory 100 -o m.h5
  refused 2 'are less than four batches' stream "$files/x.npy" -s train.batch=2000 -o m.h5
  refused 2 'a batch has 280 shards' stream "$files/x.npy" -s train.shards=280 -o m.h5
  refused 2 'batch norm takes its statistics over all' flow-train -q --max-memory 500000 "$files/x.npy" -c realnvp-5 -s 'model.net.scale.hidden=[8]' -o m.h5
  refused 2 '--fold: 1[45][0-9]+ rows to validate on are more than half a window' stream "$files/x.npy" --fold 1/2 -o m.h5
  refused 3 'row 29000: column 2 is NaN; give --on-nan skip' stream <(sed '29000s/,[^,]*/,nan/' "$files/x.csv") -o m.h5
  TMPDIR=/absent refused 1 '/absent: no temporary file can be made' stream "$files/x.csv" -o m.h5
  [ ! -e m.h5 ]
  no_temporaries
}

@test "--dry-run tells the memory, which the rows do not change" {
  flow-train $small --max-memory 500000 "$files/x.npy" --dry-run >plan
  grep -Eq '^window +[0-9]+ rows' plan
  grep -q '^memory' plan
}

@test "a separate validation set is thinned where it is too large" {
  flow-train -c realnvp -s model.net.hidden=[8] -s train.epochs=1 --max-memory 500000 "$files/x.npy" --validation "$files/x.csv" --validation-scores v.csv -o m.h5 2>said
  grep -q '1[0-9]* rows validate, evenly spread' said
  [ "$(tail -n +2 v.csv | wc -l)" -lt 5000 ]
}
