#!/usr/bin/env bats
# A table with missing cells goes through each program, and its gaps are filled as its columns go together.

load common
setup_file() {
  enter_files || return
  # b = 2 a + noise of deviation 1, kind says the sign of a, n is one of six; cells of all are missing.
  awk 'BEGIN {
    srand(3)
    print "a,b,kind,n"
    print "0.5,,,2"
    for (i = 0; i < 3999; ++i) {
      a = sqrt(-2 * log(1 - rand())) * cos(6.2831853 * rand())
      b = 2 * a + sqrt(-2 * log(1 - rand())) * cos(6.2831853 * rand())
      kind = a > 0 ? "plus" : "minus"
      n = int(6 * rand())
      print (rand() < 0.25 ? "" : a) "," (rand() < 0.25 ? "NA" : b) "," (rand() < 0.5 ? "" : kind) "," (rand() < 0.05 ? "" : n)
    }
  }' >gaps.csv
  flow-train --missing marginal gaps.csv -s train.epochs=25 -o m.h5 2>log
}
setup() { cd "$files" || return; }

@test "the option, and a NaN without it, name what to do" {
  refused 3 "is NaN; .*--missing marginal" flow-train gaps.csv -o n.h5
  refused 2 "linear cannot leave missing cells out" flow-train -c realnvp --missing marginal gaps.csv -s model.layers='[{kind: linear}]' -o n.h5
  refused 2 "diagonal-normal|base" flow-train --missing marginal gaps.csv -s model.base=student-t -o n.h5
  printf 'a,b\n1,\n2,\n3,NaN\n4,\n' >empty.csv
  refused 3 "column 2 .b. has no number in any row" flow-train --missing marginal empty.csv -o n.h5
  printf 'a,b\n1,inf\n2,\n3,NaN\n4,\n' >inf.csv
  refused 3 "row 1: column 2 .'b'. is infinite" flow-train --missing marginal inf.csv -o n.h5
}

@test "columns are taken for what their observed cells say" {
  cat log
  grep -q 'column 1 (a): real: 3[0-9]* values' log
  grep -q 'column 3 (kind): categorical: 2 words' log
  grep -q 'column 4 (n): integer between bounds' log
}

@test "a score is that of the cells that are there" {
  flow-score -q m.h5 gaps.csv >scores
  # Of rows without kind, and with n: N(a) N(b - 2a)/6, N(a)/6, or N(b; 5)/6.
  tail -n +2 gaps.csv | paste -d, - scores | awk -F, '
    function normal(x, variance) {return -0.9189385 - log(variance) / 2 - x * x / variance / 2}
    $3 == "" && $4 != "" && !($1 == "" && $2 == "NA") {
      kind = ($1 != "") + 2 * ($2 != "NA")
      truth = -log(6) + (kind == 1 ? normal($1, 1) : kind == 2 ? normal($2, 5) : normal($1, 1) + normal($2 - 2 * $1, 1))
      d[kind] += $5 - truth; ++n[kind]}
    END {
      for (k = 1; k <= 3; ++k) print k, n[k], d[k] / n[k]
      for (k = 1; k <= 3; ++k) if ((d[k] / n[k]) ^ 2 > 0.01) exit 1}'
  printf 'a,b,kind,n\n,,,\n0.1,,,\n,3,,\n0.1,3,,\n1,2,plus,3\n' >rows.csv
  flow-score -q m.h5 rows.csv >scores
  [ "$(head -1 scores)" = 0 ]
  # One thread or two, a pipe or a file.
  flow-score -q --threads 1 m.h5 <rows.csv | cmp - scores
  flow-score -q m.h5 gaps.csv | awk '$1 != $1 + 0 || $1 == "nan" {exit 1} END {if (NR != 4000) exit 1}'
}

@test "what was there comes back from latents, and what was not is not" {
  flow-encode m.h5 gaps.csv | flow-encode m.h5 --decode -O csv >back.csv
  awk -F, 'NR == FNR {k[FNR] = $0; next}
    {split(k[FNR], was, ",")
     for (j = 1; j <= 4; ++j) {
       gone = was[j] == "" || was[j] == "NA"
       if (gone != ($j == "nan" || $j == "NA")) {print FNR, $0, k[FNR]; exit 1}
       if (j < 3 && !gone && (was[j] - $j) ^ 2 > 1e-6) exit 1
       if (j > 2 && !gone && was[j] != $j) exit 1}}' gaps.csv back.csv
  flow-encode m.h5 gaps.csv --check
}

@test "imputed cells follow the cells that are there" {
  printf 'a,b,kind,n\n,3,,1\n1,,,2\n,,plus,3\n' >rows.csv
  flow-sample m.h5 --impute rows.csv -n 2000 -O csv >filled.csv
  [ "$(wc -l <filled.csv)" -eq 6001 ]
  # a given b = 3 is N(1.2, 0.2); b given a = 1 is N(2, 1); a given plus is positive. The model is a fit.
  awk -F, 'NR > 1 {
      i = int((NR - 2) / 2000)
      if (i == 0 && ($2 != 3 || $4 != 1) || i == 1 && ($1 != 1 || $4 != 2) || i == 2 && $3 != "plus") exit 1
      if ($3 != "plus" && $3 != "minus" || $4 < 0 || $4 > 5 || $4 != int($4)) exit 1
      v = i == 1 ? $2 : $1; s[i] += v; q[i] += v * v; plus[i] += v > 0}
    END {
      for (i in s) {m[i] = s[i] / 2000; var[i] = q[i] / 2000 - m[i] ^ 2}
      print m[0], var[0], m[1], var[1], plus[2]
      exit !((m[0] - 1.2) ^ 2 < 0.02 && (var[0] - 0.2) ^ 2 < 0.005 && (m[1] - 2) ^ 2 < 0.03 && (var[1] - 1) ^ 2 < 0.06 && plus[2] > 1400)}' filled.csv
  # Cells that are filled go together: b given a is N(2 a, 1), and kind is the sign of a (0.5: by chance).
  printf 'a,b,kind,n\n,,,1\n' | flow-sample m.h5 --impute - -n 4000 -O csv | awk -F, 'NR > 1 {
      a += $1 ^ 2; d = $2 - 2 * $1; s += d; q += d * d; off += ($1 > 0) != ($3 == "plus")}
    END {
      print a / 4000, s / 4000, q / 4000, off / 4000
      exit !(a / 4000 > 0.8 && a / 4000 < 1.25 && (s / 4000) ^ 2 < 0.02 && q / 4000 > 0.7 && q / 4000 < 1.6 && off / 4000 < 0.15)}'
  # Draws are those of the row, whatever is drawn beside it.
  head -2 rows.csv | flow-sample m.h5 --impute - -n 2000 -O csv --threads 1 | cmp - <(head -2001 filled.csv)
  flow-sample m.h5 --impute gaps.csv -o all.csv
  [ "$(grep -c nan all.csv)" -eq 0 ]
  [ "$(wc -l <all.csv)" -eq 4001 ]
}

@test "in parts: what is scored, encoded and filled has the bytes of one output" {
  cd "$BATS_TEST_TMPDIR" || return
  in_parts() {
    for out in o.csv o.h5; do
      "$@" -o whole-$out
      for part in 3 1 2; do "$@" --shard $part/3 -o $out; done
      "$@" --gather 3 -o $out
      cmp whole-$out $out
      rm -- *$out*
    done
  }
  in_parts flow-score -q "$files/m.h5" "$files/gaps.csv"
  in_parts flow-encode "$files/m.h5" "$files/gaps.csv"
  in_parts flow-sample "$files/m.h5" --impute "$files/gaps.csv" -n 3
}

@test "samples are whole, and imputing takes a model that knows how" {
  flow-sample m.h5 -n 500 -O csv | awk -F, 'NR > 1 && ($1 == "nan" || $2 == "nan" || ($3 != "plus" && $3 != "minus")) {exit 1}'
  flow-check m.h5
  flow-train -q --on-nan skip gaps.csv -s train.epochs=1 -s model.net.hidden=[8] -o plain.h5
  refused 2 "knows no missing cells" flow-sample plain.h5 --impute gaps.csv -O csv
  refused 2 "takes neither" flow-sample m.h5 --impute gaps.csv --temperature 2 -O csv
  printf 'a,b,kind,n\n1,,plus,77\n' >far.csv
  refused 3 "far.csv: row 1: column 4 .'n'. is 77; it holds integers from 0 to 5" flow-sample m.h5 --impute far.csv -O csv
}

@test "with a context beside the mask" {
  flow-train -q --missing marginal --context-columns n -c missing --on-nan skip <(awk -F, 'NR == 1 || $4 != ""' gaps.csv) -s train.epochs=2 -f -o c.h5
  awk -F, 'NR == 1 || $4 != ""' gaps.csv >known.csv
  flow-score -q c.h5 known.csv | awk '$1 != $1 + 0 || $1 == "nan" {exit 1}'
  flow-sample c.h5 --given 3 -n 5 -O csv | awk -F, 'NR > 1 && NF != 3 {exit 1}'
  flow-sample c.h5 --impute known.csv -O csv >filled.csv
  [ "$(grep -c nan filled.csv)" -eq 0 ]
  refused 3 "column 4 .'n'. is NaN" flow-score c.h5 gaps.csv
}

@test "a table with a column of each type, gaps in all but the constant, takes one command each" {
  awk 'BEGIN {
    srand(5)
    print "weight,share,rooms,kind,site,level"
    for (i = 0; i < 1200; ++i) {
      kind = rand() < 0.6 ? 7 : rand() < 0.5 ? 300 : 1000
      split(exp(kind / 500 + rand() - rand()) " " rand() " " int(-3 * log(1 - rand())) " " kind " 4 " rand() - rand(), cell, " ")
      for (j = 1; j <= 6; ++j) printf "%s%s", j != 5 && rand() < 0.1 ? "" : cell[j], j < 6 ? "," : "\n"
    }
  }' >every.csv
  # holds GAPS: each cell on stdin is one that its column can hold; GAPS says whether it may be empty.
  holds() {
    awk -F, -v gaps="$1" '
      function bad(what) {print FNR ": " what ": " $0; failed = 1; exit 1}
      NR == 1 {if ($0 != "weight,share,rooms,kind,site,level") bad("names"); next}
      {for (j = 1; j <= NF; ++j) if ($j == "" || $j == "nan") {if (!gaps) bad("gap"); ++empty; there[j] = 0} else there[j] = 1}
      there[1] && !($1 > 0) {bad("weight")}
      there[2] && !($2 >= 0 && $2 <= 1) {bad("share")}
      there[3] && !($3 >= 0 && $3 == int($3)) {bad("rooms")}
      there[4] && !($4 == 7 || $4 == 300 || $4 == 1000) {bad("kind")}
      !(there[5] && $5 == 4 && NF == 6) {bad("site")}
      END {if (failed || NR != 1201 || gaps && empty < 400) exit 1}'
  }
  holds 1 <every.csv
  flow-train --missing marginal every.csv -s train.epochs=6 -o every.h5 2>log
  for line in '1 (weight): positive: ' '2 (share): interval from 0 to 1: ' '3 (rooms): integer' \
    '4 (kind): categorical: ' '5 (site): constant: ' '6 (level): real: '; do
    grep -qF "column $line" log
  done
  flow-score -q every.h5 every.csv | awk '$1 != $1 + 0 || $1 < -60 || $1 > 60 {print; exit 1} END {if (NR != 1200) exit 1}'
  flow-sample every.h5 -n 1200 -O csv | holds 0
  flow-sample every.h5 -n 1200 --temperature 2 -O csv | holds 0
  flow-sample every.h5 --impute every.csv -O csv | holds 0
  flow-encode every.h5 every.csv | flow-encode every.h5 --decode -O csv | holds 1
}
