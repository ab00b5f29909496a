#!/usr/bin/env bats
# Tables as they come: with names of rows, dates, gaps, columns in another order. What is said of them
# helps, and what it tells one to do works.

load common
setup_file() {
  enter_files || return
  awk 'BEGIN {
    srand(3); print "name,day,a,b,c,size"
    for (i = 1; i <= 300; ++i) {
      a = rand() - rand()
      print "n" i ",2026-" i "," a "," a * a + rand() / 4 "," rand() "," (i == 290 ? "rotary" : 4 + i % 3)
    }
  }' >cars.csv
  flow-train cars.csv --columns 3-5 -s train.epochs=30 -o m.h5 2>told
}
setup() { cd "$BATS_TEST_TMPDIR" || return; }

# The columns that a message on stdin tells one to keep.
remedy() { grep -oE 'leave it out with --columns [0-9,-]+' | tail -n 1 | grep -oE '[0-9,-]+$'; }

@test "the end of training compares, and says what is next" {
  cat "$files/told"
  grep -qE 'one Gaussian with all covariances has -?[0-9.]+: [0-9.]+ \+- [0-9.]+ nats less$' "$files/told"
  grep -qE 'a mixture of (2|5|10) Gaussians has -?[0-9.]+: [0-9.]+ \+- [0-9.]+ nats ' "$files/told"
  grep -q '30 rows to validate are few; --fold 1/10' "$files/told"
  grep -q ': m.h5: written; flow-info m.h5 shows it, flow-check m.h5 cars.csv tests it, ' "$files/told"
  run -0 --separate-stderr flow-train -q "$files/cars.csv" --columns 3-5 -s train.epochs=1 -o q.h5
  [ -z "$stderr" ]
  flow-train "$files/cars.csv" --columns 3-5 --fold 1/10 -s train.epochs=1 -o f.h5 2>told
  ! grep 'are few' told || false
  flow-train - --columns 3-5 -s train.epochs=1 -s train.patience=1 -o - <"$files/cars.csv" 2>told >piped.h5
  ! grep 'written' told || false
}

@test "where a Gaussian does as well, it is said" {
  awk 'BEGIN {srand(1); for (i = 0; i < 400; ++i) print sqrt(-2 * log(1 - rand())) * cos(6.2831853 * rand())}' >normal.csv
  flow-train normal.csv -s train.patience=5 -o n.h5 2>told
  cat told
  grep -q 'the flow is not clearly better than one Gaussian' told
  ! grep 'warning' told || false
  grep -qE 'epochs in .*(the best epoch is|no better validation)' told
}

@test "too many words, and a word among numbers: what is said to be left out can be" {
  flow-train "$files/cars.csv" -q -o x.h5 2>told && false
  grep -q "cars.csv: column 1 ('name') holds more than 256 different words" told
  columns=$(remedy <told)
  [ "$columns" = 2-6 ]
  flow-train "$files/cars.csv" -q --columns "$columns" -o x.h5 2>told && false
  grep -q "column 2 ('day')" told
  flow-train "$files/cars.csv" -q --columns 3-6 -o x.h5 2>told && false
  grep -q "cars.csv:291: column 6 ('size') is 'rotary'; expected a number, as in the rows before; write NA" told
  columns=$(remedy <told)
  [ "$columns" = 1-5 ]
  flow-train "$files/cars.csv" -q --columns 3-5 -s train.epochs=1 -o x.h5
  flow-info "$files/cars.csv" --columns a-c | grep -q '300 rows of 3 columns'
}

@test "columns that tell rows apart are doubted" {
  { echo id,a,word; awk 'BEGIN {srand(2); for (i = 7; i < 47; ++i) print i "," rand() ",w" i}'; } >ids.csv
  flow-train ids.csv -s train.epochs=1 -o i.h5 2>told
  cat told
  grep -q 'warning: ids.csv: column 1 (id) tells rows apart' told
  grep -q 'warning: ids.csv: column 3 (word) tells rows apart' told
  ! grep 'column 2 .* tells' told || false
  sed '$s/46/45/g' ids.csv >twice.csv
  flow-train twice.csv -s train.epochs=1 -o t.h5 2>told
  ! grep 'tells rows apart' told || false
}

@test "a model finds its columns by name, and in the order of --columns" {
  flow-score -q "$files/m.h5" "$files/cars.csv" --columns 3-5 >want
  flow-score -q "$files/m.h5" "$files/cars.csv" | cmp - want
  awk -F, -v OFS=, '{print $5, $1, $3, $4}' "$files/cars.csv" >turned.csv
  flow-score -q "$files/m.h5" turned.csv | cmp - want
  flow-encode "$files/m.h5" turned.csv -O csv | cmp - <(flow-encode "$files/m.h5" "$files/cars.csv" --columns 3-5 -O csv)
  flow-score -q "$files/m.h5" turned.csv --columns 1,3,4 >other
  ! cmp -s other want || false
  sed 1d turned.csv | cut -d, -f 1,3,4 | flow-score -q "$files/m.h5" | cmp - other
  refused 3 "there is no column 'c'; .*the columns are 'd', 'name', 'a', 'b'" flow-score "$files/m.h5" <(sed '1s/c/d/' turned.csv)
  refused 3 '4 columns, and the model has 3; choose them with --columns' flow-score "$files/m.h5" <(awk -F, -v OFS=, 'NR > 1 {print $1, $3, $4, $4}' turned.csv)
}

@test "rows with gaps are left out where a model that knows gaps is checked" {
  awk -F, 'NR == 1 || !(NR % 3) {print "," $4 "," $5; next} {print $3 "," $4 "," $5}' "$files/cars.csv" | sed '1s/.*/a,b,c/' >gaps.csv
  flow-train --missing marginal gaps.csv -s train.epochs=3 -o g.h5 2>told
  grep -q 'one Gaussian with all covariances has' told
  run -0 --separate-stderr flow-check g.h5 gaps.csv
  [[ $stderr == *'gaps.csv: 100 rows with missing cells were left out'* ]]
  refused 3 'each of 3 rows has a missing cell' flow-check g.h5 <(printf 'a,b,c\n,1,2\n1,,2\n,,1\n')
}
