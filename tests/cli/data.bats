#!/usr/bin/env bats
# flow-data: what goes in comes out again, in every format, split, shuffled, described.

load common
setup_file() {
  make_files
  printf 'a,kind,n\n1.5,red,1\n0.1,blue,70000\n-3,"dark red",2\n1e-300,blue,\n' >words.csv
}
setup() { cd "$files" || return; }

# Rows as text with all their digits, without a header.
rows_of() { flow-data convert -q "$@" -O csv | grep -v '^[a-z]' || true; }

@test "rows keep every digit from format to format" {
  for to in h5 npy csv tsv; do
    flow-data convert rows.csv -f -o there.$to
    diff <(rows_of there.$to) <(rows_of rows.csv)
  done
  flow-data convert rows.csv -f -o there.raw
  diff <(rows_of there.raw --format raw --raw-columns 3 --dtype f8) <(rows_of rows.csv)
  flow-data convert rows.csv -f -o there.idx
  diff <(rows_of there.idx) <(rows_of rows.csv)
  # Numbers stay as wide as they are: the file is no larger.
  flow-sample m.h5 -n 1000 -o single.h5
  flow-data convert single.h5 -f -o again.npy
  [ "$(stat -c %s again.npy)" -lt $((3000 * $(number_bytes) + 1000)) ]
  cmp <(rows_of single.h5) <(rows_of again.npy)
}

@test "names, words and missing cells stay in text" {
  flow-data convert -q words.csv -f -o again.csv
  diff <(sed 's/,$/,nan/' words.csv | tr -d '"') <(tr -d '"' <again.csv)
  run --separate-stderr flow-data convert words.csv -f -o words.npy
  [[ $stderr == *'column kind: '*'0 red, 1 blue, 2 dark red' ]]
}

@test "images stay images: HDF5, IDX, a folder of PNGs, and back" {
  digits=$root/configs/data/digits.h5:/test
  flow-data convert "$digits" -f -o one.h5
  flow-data convert one.h5 -f -o one.idx
  flow-data convert - <one.h5 -O idx >piped.idx
  cmp one.idx piped.idx
  [ "$(od -An -tx1 -N16 one.idx | tr -d ' ')" = 00000803000000b30000000800000008 ]
  rm -rf pictures
  flow-data convert one.idx -O png -o pictures
  [ "$(ls pictures | wc -l)" -eq 179 ]
  flow-data convert pictures -f -o back.h5
  cmp one.h5 back.h5
  refused 2 'pictures: is there, and not empty' flow-data convert one.h5 -O png -o pictures
  refused 2 'have height, width' flow-data convert rows.csv -O png -o none
  printf '\0\0\013\003\0\0\0\001\0\0\0\002\0\0\0\002\001\054\0\0\0\0\0\0' >bright.idx
  refused 1 'none: row 1: 300 is no brightness' flow-data convert bright.idx -O png -o none
  [ ! -e none ]
}

@test "a split is found by flow-train, whole, and the same for its seed" {
  flow-data split -q rows.csv --validation 0.25 --test 0.25 --seed 2 -f -o parts.h5
  flow-data split -q rows.csv --validation 0.25 --test 0.25 --seed 2 >piped.h5
  cmp parts.h5 piped.h5
  sort <(rows_of parts.h5:/train) <(rows_of parts.h5:/validation) <(rows_of parts.h5:/test) |
    diff - <(rows_of rows.csv | sort)
  flow-train parts.h5 -s train.epochs=1 -f -o p.h5 2>&1 | grep '300 rows to train on, 150 to validate'
  flow-score p.h5 parts.h5 2>&1 >/dev/null | grep -q 'parts.h5:/test: 150 rows'
  flow-data split -q rows.csv --seed 3 | cmp -s - parts.h5 && false
  flow-data split rows.csv --ordered --test 0 --validation 0.5 -f -o half.h5 2>&1 | grep '300 .* 300 .* 0 to test'
  diff <(rows_of half.h5:/train) <(rows_of rows.csv | head -300)
  awk -F'\t' '{print $0 "\t" NR % 10}' whole.tsv | flow-data split -q --group-column 4 -f -o groups.h5
  [ "$(rows_of groups.h5:/test | cut -d, -f4 | sort -u | wc -l)" -eq 1 ]
}

@test "a split goes to HDF5, which has data sets, and to nothing else" {
  for format in csv tsv npy raw idx; do
    refused 2 'the parts are data sets of one file, which HDF5 alone holds; use -O h5' flow-data split words.csv -o split.$format
    refused 2 'use -O h5' flow-data split words.csv -O $format
    [ ! -e split.$format ]
  done
  flow-data split -q rows.csv -O h5 -o split.csv
  flow-data split -q rows.csv | cmp - split.csv
}

@test "a shuffle has the same rows in another order" {
  flow-data shuffle rows.csv -f -o one.csv
  flow-data shuffle - <rows.csv -O csv | cmp - one.csv
  flow-data shuffle rows.csv --seed 1 -O csv | cmp -s - one.csv && false
  [ "$(head -1 one.csv)" = a,b,c ]
  diff <(sort one.csv) <(flow-data convert rows.csv -O csv | sort)
  cmp -s one.csv rows.csv && false
  flow-data shuffle -q words.csv -O csv | grep -q 'dark red'
}

@test "a description has what numpy says" {
  $python -c 'import numpy' || skip 'no python3-numpy here'
  flow-data describe rows.csv --json --quantiles 0.25,0.5 >description
  $python - <<'END'
import json, numpy as np
d = json.load(open("description"))
x = np.loadtxt("rows.csv", delimiter=",", skiprows=1)
assert d["rows"] == len(x) and d["shares"] == [0.25, 0.5]
for c, v in zip(d["columns"], x.T):
    assert c["count"] == len(v) and c["missing"] == 0
    assert np.allclose([c["min"], c["max"], c["mean"], c["deviation"]], [v.min(), v.max(), v.mean(), v.std(ddof=1)])
    assert np.allclose(c["quantiles"], np.quantile(v, [0.25, 0.5], method="inverted_cdf"))
END
  flow-data describe -q words.csv >table
  cat table
  [ "$(awk '/^n / {print $2, $3}' table)" = '3 1' ]
  flow-data describe words.csv --json | grep -q '"name":"kind","count":4.*"words":3'
}

@test "a toy has its entropy" {
  run --separate-stderr flow-data toy gaussians -n 5000 -O csv
  [ "${#lines[@]}" -eq 5001 ]
  [[ $stderr == 'flow-data: gaussians: the entropy is 1.677'* ]]
  flow-data toy gaussians -n 10 -q -O csv | diff - <(head -11 <<<"$output")
  flow-data toy gaussians -n 10 -q -O csv --seed 1 | cmp -s - <(head -11 <<<"$output") && false
  refused 2 "moons" flow-data toy suns
}

@test "what is wrong with a command line is said" {
  refused 2 "'sort' is no command; there are: convert, split" flow-data sort rows.csv
  refused 2 'COMMAND is missing' flow-data
  refused 2 '\-\-json: is not for convert, but for describe' flow-data convert rows.csv --json
  refused 2 '\-\-test: are shares' flow-data split rows.csv --test 0.95 --validation 0.05 -o never.h5
  refused 2 '\-\-quantiles: are shares' flow-data describe rows.csv --quantiles 5
  refused 2 'holds no several|names several|no column' flow-data split rows.csv --group-column d -o never.h5
  refused 2 'exists; use -f' flow-data convert rows.csv -o m.h5
  refused 3 'none.csv' flow-data describe none.csv
  refused 3 'no rows' flow-data split - -o never.h5 < <(head -1 rows.csv)
  [ ! -e never.h5 ]
}
