#!/usr/bin/env bats
# Scores that people can use: p-values, typicality, ratios, mixtures, and the status of a row, each
# against the plain log-densities.

load common
setup_file() {
  make_files
  flow-train -q rows.csv -s train.epochs=6 --seed 3 -s 'model.net.hidden=[8]' -o other.h5
  flow-score -q m.h5 rows.csv >a
  flow-score -q other.h5 rows.csv >b
}
setup() { cd "$files" || return; }

close() { awk -v e="$1" '{d = $1 - $2; if (!(d < e && d > -e)) {print NR, $0; exit 1}} END {exit !NR}'; }

@test "a ratio is the difference of two log-densities, a mixture the log of their mean" {
  flow-score -q m.h5 rows.csv --ratio other.h5 | paste - a b | awk '{print $1, $2 - $3}' | close 1e-9
  flow-score -q m.h5 rows.csv --mix other.h5 | paste - a b | awk '{print $1, log((exp($2) + exp($3)) / 2)}' | close 1e-9
  flow-score -q m.h5 rows.csv --mix m.h5 --mix m.h5 | paste - a | close 1e-9
  flow-score -q m.h5 rows.csv --mix other.h5 --ratio m.h5 | paste - a b |
    awk '{print $1, log((exp($2) + exp($3)) / 2) - $2}' | close 1e-9
}

# Words are numbered as they come, and columns stand where each table has them.
@test "models of the same columns may number words, and order columns, otherwise" {
  awk 'BEGIN {srand(1); print "x,kind,y"; for (i = 0; i < 400; ++i) {k = i && rand() < 0.3 ? "blue" : "red"; print rand() + (k == "red" ? 0 : 3) "," k "," rand()}}' >first.csv
  { head -1 first.csv; grep blue first.csv; grep red first.csv; } | awk -F, '{print $2 "," $3 "," $1}' >second.csv
  for m in first second; do
    flow-train -q $m.csv -s train.epochs=3 -s 'model.net.hidden=[8]' -f -o $m.h5
    flow-score -q $m.h5 first.csv >$m
  done
  flow-score -q first.h5 first.csv --ratio second.h5 | paste - first second | awk '{print $1, $2 - $3}' | close 1e-9
  flow-score -q first.h5 first.csv --mix second.h5 | paste - first second | awk '{print $1, log((exp($2) + exp($3)) / 2)}' | close 1e-9
  # The same of a context of words; the scores of either are finite.
  for m in first second; do flow-train -q $m.csv --label-columns kind -s train.epochs=3 -s 'model.net.hidden=[8]' -f -o $m.h5 && flow-score -q $m.h5 first.csv >$m; done
  flow-score -q first.h5 first.csv --ratio second.h5 | paste - first second | awk '{print $1, $2 - $3}' | close 1e-9
  sed '3s/red/green/; 3s/blue/green/' second.csv >green.csv
  flow-train -q green.csv -s train.epochs=1 -f -o green.h5
  flow-train -q first.csv -s train.epochs=1 -f -o first.h5
  refused 4 "green.h5: knows the word 'green' in column 'kind', and the first model does not; give this model first" flow-score first.h5 first.csv --ratio green.h5
  flow-score -q green.h5 first.csv --ratio first.h5 | awk '!/^-?[0-9]/ {exit 1}'
}

# What stands for a row in messages, noise and lines is its number in the input.
@test "rows that are left out keep the numbers of those behind them" {
  printf '2,nan,1\n1,3,1\n4,8,2\n' >holes.tsv
  tr , '\t' <holes.tsv | flow-score -q w.h5 --on-nan keep >keep
  tr , '\t' <holes.tsv | flow-score -q w.h5 --on-nan skip 2>/dev/null | cmp - <(tail -n +2 keep)
  printf '9,9,9\n1,nan,1\n2,2,2\n3,3,3\n' | flow-encode -q m.h5 --on-nan skip --interpolate 3,4 --steps 2 -O csv 2>/dev/null |
    sed 1d | awk -F, '{printf "%d ", $1 + 0.5}' | grep -qx '2 3 '
  refused 3 'column 3 is NaN' sh -c "printf '5,1,nan,1\n' | flow-score m.h5 --columns 2-4"
  printf 'nan,1,1\n' | flow-score m.h5 --on-nan keep 2>said
  grep -q 'no row of finite numbers' said
  flow-train rows.csv -s train.epochs=1 -s 'model.net.hidden=[8]' -f -o z.h5 --validation-scores held.csv 2>said
  sort -t, -g -k2 held.csv | sed -n 2p | cut -d, -f1 | cmp - <(sed -n 's/.*worst .* in row //p' said)
}

@test "the p-value is the rank among held-out rows" {
  "$python" - <<end
import h5py, numpy as np
r = h5py.File("m.h5")["/reference/logp"][:]
assert len(r) == 60 and (np.diff(r) >= 0).all(), r
a = np.loadtxt("a")
np.savetxt("p", ((r[None] <= a[:, None]).sum(1) + 1) / 61)
t = abs(a - r.mean())
np.savetxt("t", ((abs(r - r.mean())[None] >= t[:, None]).sum(1) + 1) / 61)
end
  flow-score -q m.h5 rows.csv --pvalue | paste - p | close 1e-12
  flow-score -q m.h5 rows.csv --typicality | paste - t | close 1e-12
  # Rows of the model itself are as likely as not; a far one is less likely than all.
  flow-sample m.h5 -n 2000 | flow-score -q m.h5 --pvalue | awk '{s += $1} END {m = s / NR; print m; exit !(m > 0.3 && m < 0.7)}'
  [ "$(echo '50,50,50' | flow-score -q m.h5 --pvalue | awk '{print ($1 < 0.017)}')" = 1 ]
}

@test "the status says why a row has no score" {
  printf '1,2,3\nnan,1,1\n' >some.csv
  flow-score -q m.h5 some.csv --on-nan keep --status >out
  [ "$(head -1 out)" = logp,status ]
  [ "$(tail -n +2 out | cut -d, -f2 | tr '\n' ' ')" = '0 2 ' ]
  echo 'model: {layers: [{kind: log}, {kind: actnorm}]}' >log.yaml
  flow-train -q -c ./log.yaml -s train.epochs=5 <(awk 'BEGIN {for (i = 0; i < 200; ++i) print exp(rand()) "," exp(rand())}') -f -o log.h5
  [ "$(printf '2,2\n-1,2\n' | flow-score -q log.h5 --status | tail -n +2 | cut -d, -f2 | tr '\n' ' ')" = '0 1 ' ]
  flow-score -q m.h5 rows.csv --append --status -O tsv | head -2 >two
  [ "$(head -1 two | tr '\t' ' ')" = 'a b c logp status' ]
}

@test "what does not go together is refused" {
  refused 2 'a row has one score' flow-score m.h5 rows.csv --pvalue --ratio other.h5
  refused 2 'a mixture has no layers' flow-score m.h5 rows.csv --mix other.h5 --per-layer
  refused 2 'that of a single model' flow-score m.h5 rows.csv --mix other.h5 --pvalue
  flow-train -q rows.csv --columns a,b -s train.epochs=1 -f -o two.h5
  refused 4 'two.h5: a model of 2 columns' flow-score m.h5 rows.csv --mix two.h5
  refused 4 'two.h5: a model of 2 columns' flow-score m.h5 rows.csv --ratio two.h5
  refused 4 'none.h5' flow-score m.h5 rows.csv --ratio none.h5
}

@test "a column's share of the score, of an autoregressive model" {
  flow-train -q rows.csv -c maf-5 -s 'model.layers=[{kind: standardise}, {kind: permute, order: reverse}, {kind: affine-autoregressive}, {kind: spline-autoregressive}]' -s model.net.hidden=[16] -s train.epochs=5 -f -o ar.h5
  flow-score -q ar.h5 rows.csv --per-column -o parts.csv -f
  [ "$(head -1 parts.csv)" = 'logp a,logp b,logp c,logp' ]
  awk -F, 'NR > 1 && ($1 + $2 + $3 - $4) ^ 2 > 1e-6 {print; exit 1}' parts.csv
  flow-score -q ar.h5 rows.csv | cmp - <(tail -n +2 parts.csv | cut -d, -f4)
  flow-score -v ar.h5 rows.csv --per-column 2>&1 >/dev/null | grep -q 'the order is c, b, a'
  # The last column does not move the first, and the first moves it.
  awk -F, 'NR > 1 {$1 += 0.1} {print $1 "," $2 "," $3}' rows.csv | flow-score -q ar.h5 --per-column >moved
  paste -d, parts.csv moved | awk -F, 'NR > 1 && ($3 != $7 || $2 != $6 || $1 == $5) {print; exit 1}'
  refused 2 'layer .*linear mixes columns' flow-score m.h5 rows.csv --per-column
  refused 2 'give one' flow-score ar.h5 rows.csv --per-column --per-layer
}
