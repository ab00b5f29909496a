#!/usr/bin/env bats
# flow-check: good models pass, at rows and at samples, with and without context; and each check fails
# where its promise is broken.

load common
setup_file() { make_files; }
setup() { cd "$files" || return; }

@test "models pass, at their rows and at their own samples" {
  flow-train -q rows.csv -s train.epochs=3 -f -o auto.h5
  flow-train -q -c maf-5 -s 'model.net.hidden=[16]' rows.csv -s train.epochs=3 -f -o maf.h5
  for model in m auto maf; do
    flow-check $model.h5 rows.csv >table
    cat table
    [ "$(grep -c ' ok ' table)" -eq 4 ]
    flow-check $model.h5 -n 500 | grep -q 'two ways .* ok '
  done
  flow-check w.h5 whole.tsv | grep -q 'log-det .* ok '
  flow-train -q rows.csv --context-columns c -s train.epochs=3 -f -o given.h5
  flow-check given.h5 rows.csv | grep -q 'inverse .* ok '
  refused 2 'the model is conditional; give DATA' flow-check given.h5
}

@test "models of all presets pass; their rows come back within 16 eps times the condition" {
  for preset in "$root"/configs/*.yaml; do
    data=whole.tsv
    ! for_images "$preset" || data=$root/configs/data/digits.h5:/test
    flow-train -q -c "$preset" "$data" -s "$(small_net "$preset")" -s train.epochs=2 -s data.dequantise=uniform -f -o p.h5
    flow-check p.h5 "$data" -n 200 >table || { echo "$preset"; cat table; return 1; }
    awk -v preset="$preset" '$1 == "inverse" {print preset, $2, $3; ok = $3 < 1e-3} END {exit !ok}' table
  done
}

@test "the density of one and of two columns integrates to 1" {
  for columns in a a,b; do
    flow-train -q -c rq-nsf-ar -s 'model.net.hidden=[16]' rows.csv --columns $columns -s train.epochs=3 -f -o few.h5
    flow-check few.h5 rows.csv --columns $columns | awk '/^integral/ {print; ok = $2 < 1e-4 && /ok/} END {exit !ok}'
  done
}

@test "a bound that is not kept is exit 1, with the whole table" {
  for bound in '--tolerance 1e-20' '--log-det-tolerance 1e-20'; do
    run --separate-stderr flow-check m.h5 rows.csv $bound
    [ "$status" -eq 1 ]
    [[ $output == *FAILED* && $output == *latents* ]]
    [[ $stderr == "flow-check: m.h5: does not keep what a flow promises; see the table" ]]
  done
}

@test "rows that the model has not learned lie far from the base" {
  awk 'BEGIN {for (i = 0; i < 500; ++i) print 5 + rand() "," rand() "," 2}' >far.csv
  flow-check m.h5 far.csv | awk '/^latents/ {print; ok = $2 > 0.8} END {exit !ok}'
}

@test "what cannot be checked is said" {
  refused 4 'none.h5' flow-check none.h5
  refused 3 'columns, and the model has 3' flow-check m.h5 whole.tsv --columns 1,2
  refused 2 '\-\-rows: 0' flow-check m.h5 --rows 0
  head -c 3000 m.h5 >cut.h5
  refused 4 'cut.h5' flow-check cut.h5
}
