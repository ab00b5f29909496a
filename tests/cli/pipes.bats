#!/usr/bin/env bats
# The programs in pipes: every format in and out, and the options that change what comes out.

load common
setup_file() { make_files; }
setup() { cd "$BATS_TEST_TMPDIR" || return; }

@test "sample into score into sort" {
  run -0 sh -c 'flow-sample "$files/m.h5" -n 2000 | flow-score -q "$files/m.h5" | sort -g | head -3'
  [ "${#lines[@]}" -eq 3 ]
  [ "$(printf '%s\n' "${lines[@]}" | sort -g)" = "$output" ]
}

@test "a table through a pipe scores as the file does" {
  flow-score -q "$files/m.h5" "$files/rows.csv" >file.txt
  cat "$files/rows.csv" | flow-score -q "$files/m.h5" >pipe.txt
  flow-score -q "$files/m.h5" - <"$files/rows.csv" >dash.txt
  cmp file.txt pipe.txt
  cmp file.txt dash.txt
  [ "$(wc -l <file.txt)" -eq 600 ]
}

@test "encode into decode gives the rows back, in every format" {
  flow-encode "$files/m.h5" "$files/rows.csv" | flow-encode "$files/m.h5" --decode -O csv >back.csv
  for extension in h5 npy csv tsv; do
    flow-encode "$files/m.h5" "$files/rows.csv" -o "z.$extension"
    flow-encode "$files/m.h5" "z.$extension" --decode -O csv | cmp - back.csv
    cat "z.$extension" | flow-encode "$files/m.h5" --decode -O csv | cmp - back.csv
  done
  flow-encode "$files/m.h5" "$files/rows.csv" -O raw >z.raw
  flow-encode "$files/m.h5" z.raw --format raw --raw-columns 3 --dtype "f$(number_bytes)" --decode -O csv | cmp - back.csv
  paste -d, "$files/rows.csv" back.csv | awk -F, '
    NR > 1 { for (j = 1; j <= 3; ++j) { e = $j - $(j + 3); if (e < 0) e = -e; if (e > 1e-5) exit 1 } }'
}

@test "integers come back exactly" {
  flow-encode "$files/w.h5" "$files/whole.tsv" | flow-encode "$files/w.h5" --decode -O tsv | cmp - "$files/whole.tsv"
}

@test "HDF5 through a pipe is HDF5 in a file, byte for byte" {
  flow-sample "$files/m.h5" -n 3000 -o file.h5
  flow-sample "$files/m.h5" -n 3000 >pipe.h5
  cmp file.h5 pipe.h5
  flow-score -q "$files/m.h5" file.h5 >a
  flow-score -q "$files/m.h5" <file.h5 >b
  cat file.h5 | flow-score -q "$files/m.h5" >c
  cmp a b
  cmp a c
}

@test "h5py, h5ls, h5dump and numpy read what is written" {
  flow-sample "$files/m.h5" -n 50 -o s.h5
  flow-sample "$files/m.h5" -n 50 -o s.npy
  h5ls -r "$files/m.h5" | grep -q '/parameters/layers/00-columns/centre'
  h5dump -d /config/resolved "$files/m.h5" | grep -q 'dequantise: none'
  "$python" - "<f$(number_bytes)" <<'END'
import os, sys, h5py, numpy
rows = h5py.File("s.h5")["x"]
assert rows.shape == (50, 3) and rows.dtype == sys.argv[1]
assert (numpy.load("s.npy") == rows[()]).all()
model = h5py.File(os.environ["files"] + "/m.h5")
assert model.attrs["format"] == b"exactflow model" or model.attrs["format"] == "exactflow model"
# The first layer by hand.
p = model["parameters/layers/00-columns"]
numpy.savetxt("z.txt", (rows[()] - p["centre"][()]) / p["deviation"][()])
END
  flow-encode "$files/m.h5" s.h5 --after 00-columns -O csv | tail -n +2 | cut -d, -f1-3 | tr , ' ' |
    paste -d' ' - z.txt | awk '{ for (j = 1; j <= 3; ++j) { e = $j - $(j + 3); if (e * e > 1e-10) exit 1 } }'
}

@test "a reader that closes the pipe ends the writer quietly, with 141" {
  run --separate-stderr bash -c 'flow-sample "$files/m.h5" -n 3000000 -O csv | head -1; exit "${PIPESTATUS[0]}"'
  [ "$status" -eq 141 ]
  [ -z "$stderr" ]
}

@test "--append, --per-layer and --bits-per-dim agree" {
  flow-score -q "$files/m.h5" "$files/rows.csv" >plain
  flow-score -q "$files/m.h5" "$files/rows.csv" --append >append
  [ "$(head -1 append)" = a,b,c,logp ]
  tail -n +2 append | cut -d, -f4 | cmp - plain
  flow-score -q "$files/m.h5" "$files/rows.csv" --per-layer | tail -n +2 >layers
  awk -F, '{print $NF}' layers | cmp - plain
  awk -F, '{s = 0; for (j = 1; j < NF; ++j) s += $j; e = s - $NF; if (e * e > 1e-8) exit 1}' layers
  flow-score -q "$files/m.h5" "$files/rows.csv" --bits-per-dim | paste plain - | awk '
    { e = $2 + $1 / (3 * log(2)); if (e * e > 1e-12) exit 1 }'
}

@test "the noise of a row is that of its number" {
  flow-score -q "$files/w.h5" "$files/whole.tsv" >all
  head -100 "$files/whole.tsv" | flow-score -q "$files/w.h5" >first
  tail -n +101 "$files/whole.tsv" | flow-score -q "$files/w.h5" --row-offset 100 >rest
  cat first rest | cmp - all
  run ! cmp -s all <(flow-score -q "$files/w.h5" "$files/whole.tsv" --seed 1)
  flow-sample "$files/m.h5" -n 10 -O csv | tail -n +5 >a
  flow-sample "$files/m.h5" -n 7 --row-offset 3 -O csv | tail -n +2 | cmp - a
}

@test "--columns by name, number and range" {
  awk -F, -v OFS=, '{print "x", $3, $1, $2}' "$files/rows.csv" | sed '1s/^x/label/' >mixed.csv
  flow-score -q "$files/m.h5" "$files/rows.csv" >want
  sed '2,$s/^x/0/' mixed.csv >numbers.csv
  flow-score -q "$files/m.h5" numbers.csv --columns a,b,c | cmp - want
  flow-score -q "$files/m.h5" numbers.csv --columns a-b,2 | cmp - want
}

@test "--on-nan fail, skip and keep" {
  sed '4s/^[^,]*/nan/' "$files/rows.csv" >holes.csv
  run --separate-stderr flow-score "$files/m.h5" holes.csv
  [ "$status" -eq 3 ]
  [[ $stderr == *"row 3"*"column 1"* ]]
  flow-score -q "$files/m.h5" holes.csv --on-nan skip >skip
  [ "$(wc -l <skip)" -eq 599 ]
  flow-score -q "$files/m.h5" holes.csv --on-nan keep >keep
  [ "$(sed -n 3p keep)" = nan ]
  sed 3d keep | cmp - skip
  [ "$(printf '1,2,3\n-inf,1,inf\n' | flow-encode "$files/m.h5" --on-nan keep -O csv | tail -1)" = nan,nan,nan ]
}

@test "no rows are no rows in every format" {
  for extension in h5 npy csv tsv; do
    flow-sample "$files/m.h5" -n 0 -o "none.$extension"
    run -0 --separate-stderr flow-score "$files/m.h5" "none.$extension"
    [ -z "$output" ]
    [[ $stderr == "flow-score: none.$extension"*": no rows" ]]
    run -0 --separate-stderr sh -c 'cat "$1" | flow-encode "$files/m.h5" -O csv' - "none.$extension"
    [ "$output" = z1,z2,z3 ]
  done
}

@test "the summary names what was read" {
  run -0 --separate-stderr sh -c 'flow-score "$files/m.h5" <"$files/rows.csv"'
  [[ $stderr == "flow-score: standard input: 600 rows, mean log-density "* ]]
}

@test "a row out of the model's support scores -inf, or fails" {
  awk 'BEGIN {for (i = 0; i < 200; ++i) print rand() "," rand()}' >unit.csv
  flow-train -q -c realnvp unit.csv -s train.epochs=1 -s 'model.layers=[{kind: logit, low: 0, high: 1}, {kind: affine-coupling}]' -o u.h5
  run -0 --separate-stderr sh -c 'printf "0.5,0.5\n2,0.5\n" | flow-score u.h5'
  [ "${lines[1]}" = -inf ]
  [[ $stderr == *"1 rows of density 0"* ]]
  run --separate-stderr sh -c 'printf "0.5,0.5\n2,0.5\n" | flow-score u.h5 --on-out-of-support fail'
  [ "$status" -eq 3 ]
  [[ $stderr == *"row 2"* ]]
}

@test "pictures are written beside rows, or alone" {
  flow-sample "$files/m.h5" -n 300 --png pairs.png -o rows.npy
  [[ $(file pairs.png) == *"PNG image data"* ]]
  [ -s rows.npy ]
}

@test "flow-encode --check" {
  run -0 flow-encode "$files/m.h5" "$files/rows.csv" --check
  [[ $output == "worst round-trip error "* ]]
  run -1 --separate-stderr flow-encode "$files/m.h5" "$files/rows.csv" --check --tolerance 1e-20
  [[ $stderr == *"is above --tolerance"* ]]
}

@test "--line-buffered answers a row before the stream ends" {
  mkfifo in
  flow-score -q "$files/m.h5" --line-buffered <in >live &
  exec 7>in
  head -4 "$files/rows.csv" >&7
  for _ in $(seq 100); do
    [ "$(wc -l <live)" = 3 ] && break
    sleep 0.1
  done
  [ "$(wc -l <live)" = 3 ]
  exec 7>&-
  wait
  head -4 "$files/rows.csv" | flow-score -q "$files/m.h5" | cmp - live
}
