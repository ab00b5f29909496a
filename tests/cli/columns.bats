#!/usr/bin/env bats
# A table whose columns are of every type goes through each program with one command, and what comes
# out respects the types.

load common
setup_file() {
  enter_files || return
  # A weight grows with the kind, so that there is something to learn; some weights are missing.
  awk 'BEGIN {
    srand(1)
    print "weight,share,rooms,kind,site,grade,kind again,price,level"
    for (i = 0; i < 1500; ++i) {
      kind = rand() < 0.6 ? 7 : rand() < 0.5 ? 300 : 1000
      weight = i % 100 == 50 ? "NA" : exp(kind / 500 + rand() - rand())
      print weight "," rand() "," int(-3 * log(1 - rand())) "," kind ",4," int(1 + 5 * rand()) "," kind \
        "," int(10 * exp(3 * rand())) / 10 "," rand() - rand()
    }
  }' >mixed.csv
  flow-train --on-nan skip --columns-from data mixed.csv -s train.epochs=8 -s model.net.hidden=[16] -o m.h5 2>log
}
setup() { cd "$BATS_TEST_TMPDIR" || return; }

# Whether each row on stdin, below the header, is one that the table could have.
could_be() {
  awk -F, '
    NR == 1 {if ($0 != "weight,share,rooms,kind,site,grade,kind again,price,level") exit 1; next}
    !($1 > 0 && $2 >= 0 && $2 <= 1 && $3 >= 0 && $3 == int($3)) ||
    !(($4 == 7 || $4 == 300 || $4 == 1000) && $5 == 4 && $6 >= 1 && $6 <= 5 && $6 == int($6)) ||
    !($7 == $4 && $8 >= 0 && (int(10 * $8 + 0.5) / 10 - $8) ^ 2 <= (1e-6 * $8) ^ 2) {print "row " NR ": " $0; exit 1}
    END {if (NR < 2) exit 1}'
}

@test "a type is proposed for each column, with its reason" {
  cat "$files/log"
  for line in '1 (weight): positive: ' '2 (share): interval from 0 to 1: ' '3 (rooms): integer' \
    '4 (kind): categorical: ' '5 (site): constant: every value is 4' '6 (grade): integer between bounds: ' \
    '7 (kind again): duplicate of column 4' '8 (price): integer of step 0.1 from 0: ' '9 (level): real: '; do
    grep -qF "flow-train: column $line" "$files/log"
  done
  [[ $(cat "$files/log") == *"15 rows with NaN"* ]]
}

@test "samples respect the type of every column, and the shares of the categories" {
  grep -v NA "$files/mixed.csv" | could_be
  flow-sample "$files/m.h5" -n 4000 -O csv >s.csv
  could_be <s.csv
  flow-sample "$files/m.h5" -n 4000 --temperature 3 -O csv | could_be
  flow-sample "$files/m.h5" -n 4000 | flow-encode "$files/m.h5" | flow-encode "$files/m.h5" --decode -O csv | could_be
  awk -F, 'NR > 1 && $4 == 7 {++n} END {if (n < 2100 || n > 2700) {print n; exit 1}}' s.csv
  # The weight still grows with the kind.
  awk -F, 'NR > 1 {w[$4] += log($1); ++n[$4]} END {if (!(w[7] / n[7] + 0.8 < w[1000] / n[1000])) exit 1}' s.csv
}

@test "rows score, and encode into latents of the modelled columns and back" {
  flow-score -q --on-nan skip "$files/m.h5" "$files/mixed.csv" | awk '!($1 > -60 && $1 < 60) {exit 1} END {if (NR != 1485) exit 1}'
  flow-encode --on-nan skip "$files/m.h5" "$files/mixed.csv" -O csv >z.csv
  [ "$(head -1 z.csv)" = z1,z2,z3,z4,z5,z6,z7 ]
  flow-encode "$files/m.h5" z.csv --decode -O csv >back.csv
  could_be <back.csv
  grep -v NA "$files/mixed.csv" | paste -d, - back.csv | awk -F, '
    NR > 1 {
      for (j = 1; j <= 9; ++j) {
        e = $j - $(j + 9); if (e < 0) e = -e
        exact = j >= 3 && j <= 7
        if (e > (exact ? 0 : 1e-4 * (1 + $j))) {print NR, j, $j, $(j + 9); exit 1}
      }
    }'
  flow-encode --on-nan skip "$files/m.h5" "$files/mixed.csv" --check
}

# row FIELD VALUE: a table of one good row, with one value changed.
row() { awk -F, -v OFS=, -v j="$1" -v v="$2" 'NR == 2 {$j = v} {print} NR == 2 {exit}' "$files/mixed.csv"; }

@test "what a column cannot hold is named, or has density 0" {
  kind=$(awk -F, 'NR == 2 {print $4}' "$files/mixed.csv")
  while read -r field value what; do
    row "$field" "$value" >bad.csv
    [ "$(flow-score -q "$files/m.h5" bad.csv)" = -inf ]
    layers=$(flow-score -q "$files/m.h5" bad.csv --per-layer | tail -1)
    [[ $layers == *,-inf && $layers != *nan* ]]
    refused 3 "bad.csv: row 1: column $field \('[a-z ]+'\) is $value; it holds $what" \
      flow-score --on-out-of-support fail "$files/m.h5" bad.csv
    refused 3 "bad.csv: row 1: column $field .* is $value; it holds $what" flow-encode "$files/m.h5" bad.csv -O csv
  done <<END
1 -0.5 numbers above 0
1 0 numbers above 0
2 1.25 numbers from 0 to 1
3 2.5 integers from 0
4 8 7, 300 or 1000
5 5 4 alone
6 6 integers from 1 to 5
7 1 what column 4 holds, $kind
8 0.15 multiples of 0.1 from 0
END
  row 1 NA >nan.csv
  [ "$(flow-score -q --on-nan keep "$files/m.h5" nan.csv)" = nan ]
}

@test "the configuration goes before the proposals, and --print-config shows both" {
  printf 'columns: [{name: level, type: real, robust: true}, {name: share, type: positive}]\n' >own.yaml
  flow-train -c realnvp -c ./own.yaml --on-nan skip --columns-from data "$files/mixed.csv" --print-config >all.yaml
  flow-train -q -c ./all.yaml --on-nan skip "$files/mixed.csv" --dry-run
  grep -A1 'name: share' all.yaml | grep -q 'type: positive'
  grep -A2 'name: level' all.yaml | grep -q 'robust: true'
  grep -A1 'name: site' all.yaml | grep -q 'type: constant'
}

@test "training refuses a row that the declared columns cannot hold" {
  printf 'columns: [{name: share, type: interval, low: 0, high: 0.5}]\n' >own.yaml
  grep -v NA "$files/mixed.csv" >whole.csv
  refused 3 "whole.csv: row [0-9]+: column 2 \('share'\) is 0\.[0-9]{1,8}; it holds numbers from 0 to 0.5; change" \
    flow-train -q -c realnvp -c ./own.yaml whole.csv -o no.h5
  # The row is that of the file, whatever was held out.
  row=$(grep -oE 'row [0-9]+' <<<"$stderr" | cut -d' ' -f2)
  said=$(grep -oE 'is 0\.[0-9]+' <<<"$stderr" | cut -d' ' -f2)
  awk -F, -v row="$row" -v said="$said" 'NR == row + 1 {exit ($2 - said) ^ 2 > 1e-12}' whole.csv
  [ ! -e no.h5 ]
}

@test "without names the entries are in order, and give them" {
  awk 'BEGIN {for (i = 0; i < 300; ++i) print rand() "\t" int(3 * rand())}' >plain.tsv
  printf 'columns: [{name: u, type: interval, low: 0, high: 1}, {name: k, type: integer, low: 0, high: 2}]\n' >own.yaml
  flow-train -q -c realnvp -c ./own.yaml plain.tsv -s train.epochs=1 -o p.h5
  flow-sample p.h5 -n 50 -O csv | awk -F, 'NR == 1 {if ($0 != "u,k") exit 1; next} !($2 == 0 || $2 == 1 || $2 == 2) {exit 1}'
  h5dump -d /config/resolved p.h5 | grep -q 'name: u'
}

@test "without a configuration the rows decide on columns and size" {
  flow-train --on-nan skip "$files/mixed.csv" --print-config >auto.yaml 2>said
  grep -qF 'column 4 (kind): categorical' said
  grep -A1 'name: kind' auto.yaml | grep -q 'type: categorical'
  [[ $(grep 'hidden:' auto.yaml) == *'[32, 32]'*auto.yaml:* ]]
  flow-train --on-nan skip "$files/mixed.csv" -s model.net.hidden=[9] --print-config | grep -qF 'hidden: [9]'
  cut -d, -f2 "$files/mixed.csv" >one.csv
  flow-train -q one.csv -s train.epochs=1 -o one.h5
  flow-sample one.h5 -n 500 -O csv | awk 'NR > 1 && !($1 >= 0 && $1 <= 1) {exit 1}'
  # All integers, said so: nothing is proposed.
  awk 'BEGIN {for (i = 0; i < 200; ++i) print int(9 * rand()) "," int(5 * rand())}' >whole.csv
  run -0 --separate-stderr flow-train whole.csv -s data.dequantise=uniform -s train.epochs=1 -o w.h5
  [[ $stderr != *"column 1"* ]]
}

@test "words are categories, and come out as words" {
  awk 'BEGIN {
    srand(2)
    print "size,colour,also"
    for (i = 0; i < 600; ++i) {
      big = rand() < 0.3
      print (big ? 5 : 1) + rand() "," (rand() < 0.1 ? "so, so" : big ? "red" : "blue") ",yes"
    }
  }' | sed 's/so, so/"so, so"/' >words.csv
  flow-train words.csv -s train.epochs=40 -o w.h5 2>said
  grep -qF 'column 2 (colour): categorical: 3 words' said
  flow-sample w.h5 -n 2000 -O csv >s.csv
  [ "$(head -1 s.csv)" = size,colour,also ]
  [ "$(tail -n +2 s.csv | cut -d, -f2- | sort -u | tr '\n' ' ')" = '"so, so",yes blue,yes red,yes ' ]
  # Red is big: p(size, colour) says so.
  [ "$(printf 'size,colour,also\n5.5,red,yes\n5.5,blue,yes\n1.5,green,yes\n' | flow-score -q w.h5 |
    awk '{l[NR] = $1} END {print (l[1] > l[2] + 1), l[3]}')" = '1 -inf' ]
  printf 'size,colour,also\n1.5,green,yes\n' >green.csv
  refused 3 "green.csv: row 1: column 2 \\('colour'\\) is another word; it holds '.*' or '.*'; " \
    flow-score --on-out-of-support fail w.h5 green.csv
  flow-encode w.h5 words.csv | flow-encode w.h5 --decode -O csv | cut -d, -f2- | cmp - <(cut -d, -f2- words.csv)
  flow-score -q w.h5 words.csv --append | cut -d, -f2 | head -20 | cmp - <(cut -d, -f2 words.csv | head -20)
  printf 'x,w\n1,one\n2,2\n3,1\n4,2\n' >mixed.csv
  printf 'x,w\n1,1\n2,2\n' >codes.csv
  flow-train -q mixed.csv --validation codes.csv -s train.epochs=0 -f -o z.h5 --validation-scores told.csv
  flow-score -q z.h5 codes.csv | cmp - <(sed 1d told.csv | cut -d, -f2)
  flow-data convert codes.csv -o codes.npy
  refused 3 'codes.npy: column 2 \(w\) holds numbers, and words in the training rows' flow-train -q mixed.csv --validation codes.npy -f -o z.h5
  # Validation rows number their words in another order.
  { head -1 words.csv; tail -n +2 words.csv | sort -r; } >turned.csv
  flow-train words.csv --validation turned.csv -s train.epochs=3 -f -o v.h5 2>said
  [[ $(cat said) == *"validation: mean log-density"* ]]
}

# What a number stands for goes with it through HDF5, and differs from file to file.
@test "words are the same words in HDF5" {
  awk 'BEGIN {srand(5); print "size,colour"; for (i = 0; i < 300; ++i) {k = int(rand() * 3); print k + rand() "," (k == 0 ? "red" : k == 1 ? "so, so" : "blue")}}' |
    sed 's/so, so/"so, so"/' >in.csv
  { head -1 in.csv; tail -n +2 in.csv | sort -r; printf '2,NA\n'; } >turned.csv
  flow-data convert in.csv -o in.h5
  flow-data convert turned.csv -o turned.h5
  flow-data convert turned.h5 -O csv | cmp - turned.csv
  fit="flow-train -q -s train.epochs=3 -s model.net.hidden=[8] -f"
  $fit in.csv -o text.h5
  $fit in.h5 -o binary.h5
  cmp text.h5 binary.h5
  flow-score -q text.h5 turned.csv --on-nan keep >scores
  for rows in turned.h5 --trusted\ turned.h5; do flow-score -q text.h5 $rows --on-nan keep | cmp - scores; done
  flow-data convert turned.csv | flow-score -q text.h5 --on-nan keep | cmp - scores
  # Of several files, and of rows to validate on, as of text.
  flow-score -q text.h5 in.h5 turned.h5 --on-nan keep | cmp - <(flow-score -q text.h5 in.csv turned.csv --on-nan keep)
  $fit in.csv turned.csv --on-nan skip -o text.h5 2>/dev/null
  $fit in.h5 turned.h5 --on-nan skip -o binary.h5 2>/dev/null
  cmp text.h5 binary.h5
  for f in csv h5; do $fit in.$f --validation turned.$f --on-nan skip -o v.h5 --validation-scores $f.csv 2>/dev/null; done
  cmp csv.csv h5.csv
  flow-data split in.csv -o split.h5
  $fit split.h5 -o s.h5
  flow-sample s.h5 -n 200 | flow-data convert -O csv | cut -d, -f2- | sort -u | tr '\n' ' ' | grep -qx '"so, so" blue colour red '
  flow-data shuffle turned.csv | flow-data convert -O csv | sort | cmp - <(sort turned.csv)
  flow-score -q s.h5 in.csv --append -o scored.h5
  flow-data convert scored.h5 -O csv | cut -d, -f2 | cmp - <(sed 's/"so, so"/"so/' in.csv | cut -d, -f2)
}

@test "one column that varies among constants and copies is a density of one column" {
  awk 'BEGIN {srand(6); for (i = 0; i < 300; ++i) {x = rand(); print 7 "," x "," x ",3"}}' >one.csv
  flow-train -q one.csv -o one.h5
  flow-score -q one.h5 one.csv | awk '{s += $1} END {print s / NR; exit !(s / NR > -0.3 && s / NR < 0.3)}'
  flow-sample one.h5 -n 50 -O csv | awk -F, '$1 != 7 || $2 != $3 || $4 != 3 {exit 1}'
}

@test "a first line is doubted that looks like what it was not taken for" {
  # said FIRST: of what flow-train says about it where rows of a number each and a word follow.
  said() {
    { echo "$1"; awk 'BEGIN {srand(7); for (i = 0; i < 40; ++i) print rand() "," rand() "," rand() (1 - ARGV[1] ? "" : "," (rand() < 0.5 ? "red" : "blue"))}' "$2"; } >first.csv
    run -0 --separate-stderr flow-train first.csv --dry-run
    echo "$stderr"
    [[ $stderr == *"${3:+first.csv: $3}"* ]]
  }
  said 0.5,0.25,0.125,red 1 "the first line is taken for the names of the columns, and has 3 numbers among them, '0.5' first; if it is a row, put a line of names before it"
  said a,b,3.5,kind 1 "the first line is taken for the names of the columns, and has a number among them, '3.5'; if"
  said 0,1,2 0 'row 1 counts up by ones from 0, as a line of names would; if it is one, leave it out: tail -n +2'
  for plain in '2019,2020,2021,kind 1' 'a,b,c 0' '0.5,0.25,0.125 0' '3,1,2 0'; do
    said ${plain% *} ${plain#* } ''
    [[ $stderr != *'first line'* && $stderr != *'row 1'* ]]
  done
}

# Scores of a typed model are densities of the value plus noise: those of a model that takes columns as real
# compare with them on rows plus the same noise, and only there.
@test "a column with ties is compared with a real one on rows plus noise" {
  awk 'BEGIN {srand(9); print "size,price"; for (i = 0; i < 4000; ++i) {
    s = int(2 * exp(rand() + rand())) / 10; print s "," int(900 * s * exp(rand() - rand()))}}' >ties.csv
  noisy() { awk -F, -v seed="$1" 'BEGIN {srand(seed)} NR == 1 {print; next} {printf "%.7g,%.9g\n", $1 + 0.1 * rand(), $2 + rand()}' ties.csv; }
  noisy 1 >train.csv
  noisy 2 >test.csv
  small=(-q -c plane -s model.net.hidden=[16] -s train.epochs=20)
  flow-train "${small[@]}" --columns-from data ties.csv -o typed.h5
  flow-train "${small[@]}" train.csv -o noisy.h5
  flow-train "${small[@]}" ties.csv -o plain.h5
  mean() { flow-score -q "$@" | awk '{s += $1} END {print s / NR}'; }
  typed=$(mean typed.h5 ties.csv) noisy=$(mean noisy.h5 test.csv) ties=$(mean plain.h5 ties.csv) cheat=$(mean plain.h5 test.csv)
  echo "typed $typed, trained on noise $noisy, on ties $ties, and that on noise $cheat"
  awk -v t="$typed" -v n="$noisy" -v p="$ties" -v c="$cheat" 'BEGIN {exit !((t - n) ^ 2 < 0.0225 && p > c + 0.05 && t > c)}'
}
