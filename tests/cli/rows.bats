#!/usr/bin/env bats
# Rows that count more than others, that belong together, in the order of time, and in folds: what is
# trained on, what validates, and the scores of rows that a model has not seen.

load common

# 400 rows of 50 groups, numbers that no float32 tells apart; weights 1, 2 and 3.
setup_file() {
  make_files
  awk 'BEGIN {
    srand(4); print "group,x,w,y"
    for (i = 0; i < 400; ++i) {x = rand() - rand(); print "10000000" 100 + i * 7 % 50 "," x "," i % 3 + 1 "," x * x + rand()}
  }' >d.csv
}
setup() { cd "$files" || return; }

fit() { flow-train -q "$@" -s train.epochs=3 -s 'model.net.hidden=[16]' -f; }

# The groups of rows whose numbers are the first column of stdin.
groups_of() { awk -F, 'NR == FNR {g[NR - 1] = $1; next} FNR > 1 {print g[$1]}' d.csv - | sort -u; }

@test "weights are not modelled, weigh the means, and do not mind their scale" {
  fit d.csv --columns x,y,w --weight-column w -o w.h5 --validation-scores s.csv --metrics w.jsonl
  flow-sample w.h5 -n 2 -O csv | grep -qx 'x,y'
  mean=$(awk -F, 'NR == FNR {w[FNR - 1] = $3; next} FNR > 1 {s += w[$1] * $2; t += w[$1]} END {printf "%.12f", s / t}' d.csv s.csv)
  "$python" - "$mean" <<'end'
import json, sys
best = [e for e in map(json.loads, open("w.jsonl")) if e["best"]][-1]
assert abs(best["validation"] - float(sys.argv[1])) < 1e-5, (best, sys.argv[1])
end
  awk -F, -v OFS=, 'NR > 1 {$3 *= 4} 1' d.csv >four.csv
  fit four.csv --columns x,y --weight-column 3 -o four.h5 --metrics four.jsonl
  fit d.csv --columns x,y -o plain.h5
  for m in w four plain; do flow-score -q $m.h5 d.csv --columns x,y >$m; done
  cmp w four
  # The optimiser hides a scale that the norms of the gradients show.
  norms() { grep -oE '"norm": ?[^,]*' "$1"; }
  [ "$(norms w.jsonl | wc -l)" -eq 3 ]
  cmp <(norms w.jsonl) <(norms four.jsonl)
  run ! cmp -s w plain
}

@test "a heavy row counts as many: a density moves to where the weight is" {
  awk 'BEGIN {srand(5); print "x,w"; for (i = 0; i < 1000; ++i) {k = i % 2; print 4 * k + rand() "," (k ? 9 : 1)}}' >two.csv
  flow-train -q two.csv --weight-column w -s train.epochs=60 -s train.rate=5e-3 -f -o two.h5
  flow-sample two.h5 -n 4000 -O csv | awk 'NR > 1 {n += $1 > 2.5} END {print n / (NR - 1); exit !(n / (NR - 1) > 0.85 && n / (NR - 1) < 0.95)}'
}

@test "a group never stands on both sides" {
  fit d.csv --columns x,y --group-column group -s data.validation=0.3 -o g.h5 --validation-scores s.csv
  groups_of <s.csv >held
  [ "$(wc -l <held)" -eq 15 ]
  [ "$(wc -l <s.csv)" -eq 121 ]
  awk -F, 'NR == FNR {held[$1]; next} FNR == 1 || $1 in held' held d.csv >some.csv
  awk -F, 'NR == FNR {held[$1]; next} !($1 in held)' held d.csv >others.csv
  fit others.csv --validation some.csv --columns x,y --group-column group -o g2.h5
  sed -n '1p;7p' others.csv >>some.csv
  sed -i '/^group/{1!d}' some.csv
  refused 3 'some.csv: row 121: its group has rows in others.csv too' flow-train others.csv --validation some.csv --group-column group -o none.h5
}

@test "context beside them or in a file of its own, a table or HDF5: the same model" {
  cut -d, -f2 d.csv >c.csv
  fit d.csv --context-columns x --weight-column w --group-column group --fold 1/3 -o one.h5 --validation-scores one
  cut -d, -f1,3,4 d.csv >rest.csv
  fit rest.csv --context c.csv --weight-column w --group-column group --fold 1/3 -o two.h5 --validation-scores two
  # Rows to validate on in the same file are left aside by a fold.
  "$python" - <<'end'
import h5py, numpy as np
rows = np.loadtxt("d.csv", delimiter=",", skiprows=1)
with h5py.File("d.h5", "w") as f:
    f["train"], f["validation"] = rows, rows[:7]
end
  fit d.h5 --context-columns 2 --weight-column 3 --group-column 1 --fold 1/3 -o three.h5 --validation-scores three
  for scores in one two three; do h5dump -d x $scores | tail -n +2 >$scores.dump; done
  grep -q '(127,0)' one.dump
  cmp one.dump two.dump
  cmp one.dump three.dump
}

@test "groups of words too, as each file comes to them" {
  awk 'BEGIN {srand(6); split("ann bob cat dan", n, " "); print "x,who"; for (i = 0; i < 80; ++i) print rand() "," n[i % 4 + 1]}' >words.csv
  grep -v -e ann -e bob words.csv >train.csv
  grep -e who -e bob words.csv >bob.csv
  fit words.csv --group-column who --fold 2/4 -o q.h5 --validation-scores s.csv
  [ "$(tail -n +2 s.csv | awk -F, '{print $1 % 4}' | sort -u | wc -l)" -eq 1 ]
  fit train.csv --validation bob.csv --group-column who -o q.h5
  tail -n 1 words.csv >>bob.csv
  refused 3 'bob.csv: row 21: its group has rows in train.csv too' flow-train train.csv --validation bob.csv --group-column who -o none.h5
}

# Names tell groups apart, and are no categories.
@test "groups of many names" {
  awk 'BEGIN {srand(8); print "who,x"; for (i = 0; i < 3000; ++i) print "patient-" int(i / 3) "," rand()}' >many.csv
  fit many.csv --group-column who --fold 1/4 -o q.h5 --validation-scores s.csv
  tail -n +2 s.csv | awk -F, '{++n[int(($1 - 1) / 3)]} END {for (g in n) {++all; if (n[g] != 3) exit 1}; exit all != 250}'
  refused 3 "column 1 \('who'\) holds more than 256 different words" flow-train -q many.csv -o none.h5
}

@test "ordered: the last rows validate, and folds are neighbours" {
  fit d.csv --columns x,y -s data.split=ordered -s data.validation=0.2 -o o.h5 --validation-scores s.csv
  tail -n +2 s.csv | cut -d, -f1 | cmp - <(seq 321 400)
  fit d.csv --columns x,y -s data.split=ordered --fold 2/4 -o o.h5 --validation-scores s.csv
  tail -n +2 s.csv | cut -d, -f1 | cmp - <(seq 101 200)
}

@test "out-of-fold scores: each row once, under a model that has not seen it" {
  for i in 1 2 3; do
    fit d.csv --columns x,y --group-column group --weight-column w --fold $i/3 -o fold-$i.h5 --validation-scores oof-$i.csv
    flow-score -q fold-$i.h5 d.csv --columns x,y | awk 'NR == FNR {l[NR] = $1; next} FNR > 1 {split($1, a, ","); if (l[a[1]] != a[2]) exit 1}' - oof-$i.csv
    groups_of <oof-$i.csv
  done >seen
  [ "$(wc -l <seen)" -eq 50 ]
  [ "$(sort -u seen | wc -l)" -eq 50 ]
  tail -q -n +2 oof-?.csv | sort -n | cut -d, -f1 | cmp - <(seq 400)
  flow-train --fold 2/3 d.csv --print-config | grep -q 'fold: 2/3 *# --fold'
}

@test "rows that are left out keep the numbers of the others, in every format" {
  awk -F, -v OFS=, 'NR == 11 {$2 = "nan"} NR == 201 {$3 = "nan"} 1' d.csv >holes.csv
  for i in 1 2; do
    fit holes.csv --on-nan skip --columns x,y --weight-column w --fold $i/2 -o q.h5 --validation-scores oof-$i.h5 2>/dev/null
    flow-score -q q.h5 d.csv --columns x,y >all
    "$python" - oof-$i.h5 <<'end' >>numbers
import h5py, numpy as np, sys
rows, logp = h5py.File(sys.argv[1])["x"][:].T
assert (np.loadtxt("all")[rows.astype(int) - 1] == logp).all()
print(*rows.astype(int), sep="\n")
end
  done
  sort -n numbers | cmp - <(seq 400 | grep -vx -e 10 -e 200)
}

@test "a stopped run goes on to the same bits, with all of it" {
  all=(d.csv --columns 'x,y' --weight-column w --group-column group --fold 1/3 -s train.epochs=6)
  flow-train -q "${all[@]}" -o whole.h5 --validation-scores whole.csv
  refused 75 'saved' flow-train -q "${all[@]}" -o part.h5 --time-limit 0 --validation-scores part.csv
  [ ! -e part.csv ]
  awk -F, -v OFS=, 'NR == 30 {$3 = 2.5} 1' d.csv >other.csv
  refused 4 'other data or another configuration' flow-train -q other.csv "${all[@]:1}" -o part.h5 --resume
  refused 4 'other data or another configuration' flow-train -q "${all[@]}" -s data.fold=2/3 -o part.h5 --resume
  flow-train -q "${all[@]}" -o part.h5 --resume --validation-scores part.csv
  cmp whole.h5 part.h5
  cmp whole.csv part.csv
}

@test "what cannot be is refused" {
  for w in 0 -2; do
    sed "5s/[^,]*\(,[^,]*\)\$/$w\1/" d.csv >bad.csv
    refused 3 "bad.csv: row 4: weight $w; weights are above 0" flow-train bad.csv --weight-column w -o none.h5
  done
  sed '5s/[^,]*\(,[^,]*\)$/inf\1/' d.csv >bad.csv
  refused 3 "bad.csv: row 4: column .*'w'.* is infinite" flow-train bad.csv --weight-column w -o none.h5
  refused 2 'there is no column .weight.' flow-train d.csv --weight-column weight -o none.h5
  refused 2 'is more than one column; give one' flow-train d.csv --weight-column x,w -o none.h5
  refused 2 'all columns are context, weight or group' flow-train d.csv --columns w --weight-column w -o none.h5
  refused 3 'column of --weight-column holds words' flow-train words.csv --weight-column who -o none.h5
  for fold in 0/3 4/3 1/1 1 x/3 1/3/5; do
    refused 2 "'$fold' is no fold; give I/K" flow-train d.csv --fold $fold -o none.h5
  done
  refused 3 '400 rows are too few for 401 folds' flow-train d.csv --fold 1/401 -o none.h5
  refused 3 '50 groups are too few for 51 folds' flow-train d.csv --group-column group --fold 1/51 -o none.h5
  refused 2 'leave out --validation' flow-train d.csv --validation d.csv --fold 1/3 -o none.h5
  head -n 10 bob.csv >one.csv
  refused 3 '1 group is too few' flow-train one.csv --group-column who -o none.h5
  touch there.csv
  refused 2 'there.csv: exists' flow-train d.csv --validation-scores there.csv -o none.h5
}
