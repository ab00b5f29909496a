#!/usr/bin/env bats
# A table with periodic columns beside others goes through each program with one command; a turn more
# or less changes nothing, and what comes out lies in the period.

load common
setup_file() {
  enter_files || return
  # The wind turns with the hour, its speed with the direction; the kind has to do with the hour.
  awk 'BEGIN {
    srand(2)
    pi = 3.14159265
    print "wind,speed,hour,kind"
    for (i = 0; i < 2000; ++i) {
      hour = int(24 * rand())
      wind = 340 + 3 * hour + 30 * sqrt(-2 * log(1 - rand())) * cos(2 * pi * rand())
      wind -= 360 * int(wind / 360); if (wind < 0) wind += 360
      print wind "," 5 + 2 * cos(wind * pi / 180) + (rand() - rand()) / 2 "," hour "," (rand() < 0.5 + 0.4 * sin(hour * pi / 12) ? "a" : "b")
    }
  }' >wind.csv
  printf 'columns: [{name: wind, type: periodic, period: 360}, {name: hour, type: periodic, period: 24, step: 1}]\n' >own.yaml
  flow-train -c auto -c ./own.yaml wind.csv -s train.epochs=12 -o m.h5 2>log
}
setup() { cd "$files" || return; }

@test "rows score, and better than without the period" {
  flow-score -q m.h5 wind.csv | awk '{s += $1} END {print s / NR; if (NR != 2000 || !(s / NR > -9.2)) exit 1}'
  flow-check m.h5 wind.csv
}

@test "a turn more or less changes nothing" {
  printf 'wind,speed,hour,kind\n5,6,3,a\n' >one.csv
  one=$(flow-score -q m.h5 one.csv)
  for row in 365,6,3,a -355,6,3,a 5,6,27,a 1085,6,-21,a; do
    printf 'wind,speed,hour,kind\n%s\n' "$row" >other.csv
    [ "$(flow-score -q m.h5 other.csv)" = "$one" ]
  done
  # Nor is there a step where the circle closes.
  printf 'wind,speed,hour,kind\n0,7,3,a\n' >zero.csv
  printf 'wind,speed,hour,kind\n359.999,7,3,a\n' >end.csv
  flow-score -q m.h5 zero.csv >a
  flow-score -q m.h5 end.csv | paste - a | awk '{if (($1 - $2) ^ 2 > 1e-4) exit 1}'
}

# Whether the rows on stdin, below the header, are ones that the table could have.
could_be() {
  awk -F, 'NR == 1 {if ($0 != "wind,speed,hour,kind") exit 1; next}
    !($1 >= 0 && $1 < 360 && $3 >= 0 && $3 < 24 && $3 == int($3) && ($4 == "a" || $4 == "b")) {print "row " NR ": " $0; exit 1}
    END {if (NR < 2) exit 1}'
}

@test "samples lie in the period, and keep what goes together" {
  flow-sample m.h5 -n 4000 -O csv >s.csv
  could_be <s.csv
  flow-sample m.h5 -n 500 --temperature 2 -O csv | could_be
  # Speed goes with the cosine of the direction, the kind with the sine of the hour.
  awk -F, 'NR > 1 {c = cos($1 * 3.14159265 / 180); v = $2 - 5; sc += c * v; cc += c * c
      s = sin($3 * 3.14159265 / 12); k += s * ($4 == "a"); ++n}
    END {print sc / cc, k / n; if (!(sc / cc > 1.7 && sc / cc < 2.3 && k / n > 0.1)) exit 1}' s.csv
}

@test "rows encode into latents and come back" {
  flow-encode m.h5 wind.csv --check
  flow-encode m.h5 wind.csv -O csv >z.csv
  [ "$(head -1 z.csv)" = z1,z2,z3,z4 ]
  # The angles are last, and uniform: as many on the left as on the right.
  awk -F, 'NR > 1 {for (j = 3; j <= 4; ++j) {if ($j < -3.1416 || $j > 3.1416) exit 1; up[j] += $j > 0}; ++n}
    END {for (j = 3; j <= 4; ++j) if (up[j] < 0.42 * n || up[j] > 0.58 * n) {print j, up[j]; exit 1}}' z.csv
  flow-encode m.h5 z.csv --decode -O csv >back.csv
  could_be <back.csv
  paste -d, wind.csv back.csv | awk -F, 'NR > 1 {
    e = ($1 - $5) ^ 2; if (e > 180 ^ 2) e = (sqrt(e) - 360) ^ 2
    if (e > 1e-4 || ($2 - $6) ^ 2 > 1e-6 || $3 != $7 || $4 != $8) {print NR, $0; exit 1}}'
}

@test "one periodic column alone, and cells that are missing" {
  cut -d, -f1 wind.csv >alone.csv
  flow-train -q -c auto -c ./own.yaml -s 'columns=[{name: wind, type: periodic, period: 360}]' alone.csv -s train.epochs=10 -o alone.h5
  flow-check alone.h5 alone.csv >report
  grep -q '^integral .* ok' report
  awk -F, -v OFS=, 'NR > 1 {if (NR % 4 == 0) $1 = ""; if (NR % 5 == 0) $2 = ""} {print}' wind.csv >gaps.csv
  flow-train -q --missing marginal -c missing -c ./own.yaml gaps.csv -s train.epochs=12 -s model.net.hidden=[32] -o gaps.h5
  flow-sample gaps.h5 --impute gaps.csv -O csv >full.csv
  could_be <full.csv
  # The winds that were filled go with the speeds as the others do.
  awk -F, 'NR > 1 && NR % 4 == 0 && NR % 5 != 0 {c = cos($1 * 3.14159265 / 180); v = $2 - 5; sc += c * v; cc += c * c}
    END {print sc / cc; if (!(sc / cc > 1.4)) exit 1}' full.csv
}

@test "what a periodic column cannot be, or hold, is said" {
  printf 'wind,speed,hour,kind\n5,6,3.5,a\n' >bad.csv
  [ "$(flow-score -q m.h5 bad.csv)" = -inf ]
  refused 3 "column 3 \('hour'\) is 3.5; it holds multiples of 1 from 0, once round 24" flow-score --on-out-of-support fail m.h5 bad.csv
  refused 2 "columns.0.step: must divide the period" flow-train -c auto -s 'columns=[{name: hour, type: periodic, period: 24, step: 5}]' wind.csv -o no.h5
  refused 2 "columns.0.period: missing" flow-train -c auto -s 'columns=[{name: hour, type: periodic}]' wind.csv -o no.h5
  refused 2 "linear is no map of angles" flow-train -c auto -c ./own.yaml -s 'model.angles=[{kind: linear}]' wind.csv -o no.h5
}
