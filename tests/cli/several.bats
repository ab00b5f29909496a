#!/usr/bin/env bats
# Several files, or a pattern that the program expands, are one set of rows.

load common
setup_file() { make_files; }
setup() {
  cd "$BATS_TEST_TMPDIR" || return
  # Three parts of one table, of different lengths.
  head -n 1 "$files/rows.csv" | tee part-1.csv part-2.csv >part-3.csv
  sed -n 2,251p "$files/rows.csv" >>part-1.csv
  sed -n 252,262p "$files/rows.csv" >>part-2.csv
  sed -n '263,$p' "$files/rows.csv" >>part-3.csv
  for i in 1 2 3; do
    flow-data convert part-$i.csv -o part-$i.npy
    flow-data convert part-$i.csv -o part-$i.h5
  done
}
train="flow-train -q -s train.epochs=2 -s model.net.hidden=[16]"

@test "a pattern, several files and one file with all rows give the same model, scores and latents" {
  $train "$files/rows.csv" -o whole.h5
  $train 'part-*.csv' -o pattern.h5
  $train part-1.csv part-2.csv part-3.csv -o list.h5
  $train part-1.csv 'part-[23].csv' -o both.h5
  for m in pattern list both; do cmp whole.h5 $m.h5; done
  for format in csv npy h5; do
    flow-score -q whole.h5 "part-?.$format" >some
    flow-score -q whole.h5 part-1.$format part-2.$format part-3.$format | cmp - some
    flow-encode -q whole.h5 "part-*.$format" -O csv >encoded
    flow-data convert "$files/rows.csv" -o rows.$format -f
    flow-score -q whole.h5 rows.$format | cmp - some
    flow-encode -q whole.h5 rows.$format -O csv | cmp - encoded
  done
  flow-score -q whole.h5 'part-*.h5:/x' --shard 2/3 -o s-2-of-3.csv
}

@test "they are streamed as one file is" {
  train="$train -c realnvp -s train.batch=30 -s train.window=128"
  $train "$files/rows.csv" -o whole.h5
  for set in 'part-*.csv' 'part-*.npy' 'part-*.h5'; do
    $train "$set" --threads 2 -f -o set.h5
    cmp <(flow-score -q whole.h5 "$files/rows.csv") <(flow-score -q set.h5 "$files/rows.csv")
  done
}

@test "the order is that of the operands, and of the names within a pattern" {
  flow-score -q "$files/m.h5" part-3.csv part-1.csv >turned
  flow-score -q "$files/m.h5" part-3.csv >apart
  flow-score -q "$files/m.h5" part-1.csv >>apart
  cmp turned apart
}

@test "pipes are read once, and whole" {
  flow-score -q "$files/m.h5" "$files/rows.csv" >whole
  for format in csv npy h5; do
    flow-score -q "$files/m.h5" <(cat part-1.$format) part-2.$format <(cat part-3.$format) | cmp - whole
  done
  # More than is looked at in the beginning.
  for _ in {1..100}; do sed 1d "$files/rows.csv"; done >long.csv
  [ "$(flow-score -q "$files/m.h5" <(cat long.csv) <(cat long.csv) | wc -l)" -eq 120000 ]
}

@test "words are numbered on from file to file" {
  awk 'BEGIN {print "a,hue"; for (i = 0; i < 300; ++i) print rand() "," (i < 150 ? "red" : i % 2 ? "blue" : "red")}' >all.csv
  (head -n 1 all.csv; sed -n 2,151p all.csv) >w-1.csv
  (head -n 1 all.csv; sed -n '152,$p' all.csv | sort -r) >w-2.csv
  (cat w-1.csv; tail -n +2 w-2.csv) >all.csv
  flow-train -q all.csv -s train.epochs=1 -o all.h5
  flow-train -q 'w-*.csv' -s train.epochs=1 -o set.h5
  flow-train -q <(cat w-1.csv) <(cat w-2.csv) -s train.epochs=1 -o pipes.h5
  cmp all.h5 set.h5
  cmp all.h5 pipes.h5
  flow-score -q all.h5 all.csv | cmp - <(flow-score -q set.h5 'w-*.csv')
}

@test "validation rows of HDF5 files are one set too" {
  for i in 1 2; do
    h5copy -i part-$i.h5 -o v-$i.h5 -s x -d train
    h5copy -i part-3.h5 -o v-$i.h5 -s x -d validation
  done
  flow-train 'v-*.h5' -s train.epochs=1 -o v.h5 2>said
  grep -q '261 rows to train on, 678 to validate' said
}

@test "a file that differs, or is not there, is named" {
  printf 'a,b\n1,2\n' >part-2.csv
  refused 3 '^flow-train: part-2.csv: 2 columns, and part-1.csv has 3' $train 'part-*.csv' -o m.h5
  printf 'a,x,c\n1,2,3\n' >part-2.csv
  refused 3 "^flow-score: part-2.csv: column 2 is 'x', and 'b' in part-1.csv" flow-score -q "$files/m.h5" 'part-*.csv'
  printf '1,2,3\n' >part-2.csv
  refused 3 '^flow-encode: part-2.csv: its columns have no names, and not so those of part-1.csv' flow-encode -q "$files/m.h5" part-1.csv part-2.csv
  refused 3 '^flow-train: none-\*.csv: no file matches this pattern' $train 'none-*.csv' -o m.h5
  refused 2 '^flow-score: -: standard input cannot be one of several files' flow-score -q "$files/m.h5" part-1.csv - <part-3.csv
  printf 'a,b,c\n1,2,3\n4,5\n' >part-3.csv
  refused 3 '^flow-train: part-3.csv:3: 2 columns, expected 3' $train part-1.csv part-3.csv -o m.h5
  [ ! -e m.h5 ]
}

@test "a file of that very name is no pattern" {
  cp part-1.csv 'part-[1].csv'
  flow-score -q "$files/m.h5" 'part-[1].csv' | cmp - <(flow-score -q "$files/m.h5" part-1.csv)
}
