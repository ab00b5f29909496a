#!/usr/bin/env bats
# The recipes of flow-recipes(7), each run as the page prints it, in an empty folder, with an installation
# that has been moved; what comes out is held against the known answer. FLOW_BUILD: the build folder.

load common

setup_file() {
  enter_files
  DESTDIR='' cmake --install "${FLOW_BUILD:-$root/build/release}" --prefix "$files/first" >log
  mv first prefix
  export PATH=$files/prefix/bin:$PATH
}

# recipe TITLE: runs the one displayed script of that section; fails where any command in it does.
recipe() {
  mkdir "$BATS_TEST_TMPDIR/empty"
  cd "$BATS_TEST_TMPDIR/empty" || return
  awk -v title=".Ss $1" '/^\.S[sh]/ {on = $0 == title} on' "$root/man/flow-recipes.7" |
    sed -n '/^\.Bd/,/^\.Ed/{/^\.[BE]d/d; s/\\e/\\/g; p}' >../script
  [ -s ../script ]
  bash -euo pipefail ../script
}

# value FILE COLUMN: what flow-data describe says of the last column of its rows.
value() {
  awk -v name="$2" 'NR == 1 {for (j = 1; j <= NF; ++j) if ($j == name) at = j} END {print $at}' "$1"
}

# between LOW HIGH NUMBER
between() {
  awk -v low="$1" -v high="$2" -v x="$3" 'BEGIN {exit !(x != "" && low <= x + 0 && x + 0 <= high)}' ||
    { echo "$3 is not from $1 to $2"; false; }
}

@test "anomalies in a stream: the three faults, and few false alarms" {
  recipe 'Anomalies in a stream'
  [ "$(wc -l <stream.csv)" -eq 1001 ]
  for row in 'row 119: 95,30,' 'row 479: 20,60,' 'row 899: 60,90,'; do
    grep -qF "$row" alarms.txt
  done
  between 3 13 "$(wc -l <alarms.txt)"
}

@test "the ratio of two densities: of two normal ones" {
  recipe 'The ratio of two densities'
  between 1.3 1.7 "$(sed -n 1p ratio.txt)"
  between -0.15 0.15 "$(sed -n 2p ratio.txt)"
  between -1.7 -1.3 "$(sed -n 3p ratio.txt)"
  between 0.45 0.55 "$(value divergence.txt mean)"
  between -0.12 0.12 "$(sed -n 's/^mean.*: *//p; s/.*rows of b: //' weighted.txt | sed -n 1p)"
  between 600 2500 "$(sed -n 's/^these.*: //p' weighted.txt)"
}

@test "inference from a simulator: the posterior that is known, and ranks" {
  recipe 'Inference from a simulator'
  # At one x by the luck of the fit: over ten seeds from 0.84 to 0.92, and from 0.34 to 0.4.
  if [ "$(number_bytes)" -eq 4 ]; then
    between 0.85 0.93 "$(value observed.txt mean)"
    between 0.3 0.37 "$(value observed.txt deviation)"
  fi
  # At every x, in units of the posterior that is known; over ten seeds from -0.06 to 0.02, and from 1.03 to 1.18.
  draws=$(awk -F, 'FNR == 1 {next}
    NR == FNR {mean[FNR - 2] = 4 * ($2 + $3) / 9; next}
    {z = 3 * ($1 - mean[int((FNR - 2) / 19)]); ++n; sum += z; squares += z * z}
    END {print sum / n, sqrt(squares / n - (sum / n) ^ 2)}' fresh.csv draws.csv)
  between -0.1 0.1 "${draws% *}"
  between 0.9 1.2 "${draws#* }"
  # By chance the mean is off by 0.016 and no posterior is better than the true one.
  between -0.36 -0.27 "$(value fresh.txt mean)"
  [ "$(wc -l <ranks.txt)" -eq 20 ]
  # A share of 0.05 of 2000 rows is off by 0.005.
  while read -r _ share; do between 0.03 0.07 "$share"; done <ranks.txt
}

@test "images: drawn by their labels, and recognised" {
  recipe 'Images, drawn and recognised'
  cmp "$root/configs/data/digits.h5" digits.h5
  file sevens.png | grep -q 'PNG image data, 422 x 400'
  file line.png | grep -q 'PNG image data'
  [ "$(stat -c %s sevens.f4)" -eq $((3 * 30 * 64 * $(number_bytes))) ]
  between 1.5 3 "$(value bits.txt mean)"
  between 0.9 1 "$(sed 's/.*: //' recognised.txt)"
}

@test "a sweep: four runs, ranked, the best near the truth" {
  recipe 'A sweep, on one machine or on Slurm'
  [ "$(wc -l <ranking.jsonl)" -eq 4 ]
  sed -n 1p ranking.jsonl | grep -q '"model":"r4e-3-w32.h5","status":"complete"'
  between -1.282 -1.15 "$(value fresh.txt mean)"
}

@test "from R: rows there, scores and samples back" {
  Rscript -e 'library(hdf5r)' || skip 'no R with hdf5r here (Debian: r-cran-hdf5r)'
  recipe 'From R'
  grep -qE '^\[1\]( +[0-9]+){6}$' least-likely.txt
  # Flowers in centimetres, with deviations of at most 1.8.
  awk -F, 'NR > 1 {d = $1 - $2; if (d > 0.3 || d < -0.3) exit 1} END {exit NR != 5}' means.csv
}

# Of Julia there is none in Debian 12, and the page says so.
@test "each recipe of the page but one has a test" {
  [ "$(grep '^\.Ss' "$root/man/flow-recipes.7" | grep -vc 'From Julia$')" -eq "$(grep -c '^  recipe ' "$BATS_TEST_FILENAME")" ]
}
