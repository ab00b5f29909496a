#!/usr/bin/env bats
# The commands of README work as they are printed, each block from top to bottom beside the files it names.
# Training is cut to an epoch, the largest numbers are made smaller; blocks that install or build are left
# to who does that. FLOW_BUILD: the build folder.

load common

setup_file() {
  enter_files
  export FLOW_REPEATS=1  # of flow-bench-logdet
  awk 'BEGIN {
    srand(1); print "a,b,t,kind,w,patient"
    for (i = 0; i < 400; ++i) {
      x = rand() - rand(); print x "," x * x + rand() "," rand() "," int(rand() * 5) "," 1 + rand() "," int(i / 4)
    }
  }' >my.csv
  cp my.csv rows.csv
  cp my.csv new.csv
  for name in m a b c; do
    flow-train -q my.csv -s train.epochs=2 --seed "$(printf %d "'$name")" -o $name.h5
  done
  flow-sample m.h5 -n 200 -o rows.h5
  flow-data convert "$root/configs/data/digits.h5:/test" -O png -o photos
  "$python" -c '
import numpy
images = numpy.random.RandomState(1).randint(0, 256, (40, 28, 28)).astype("u1")
for name in "train-images-idx3-ubyte", "t10k-images-idx3-ubyte":
    open(name, "wb").write(bytes([0, 0, 8, 3]) + numpy.array(images.shape, ">i4").tobytes() + images.tobytes())'
}

# block N: the Nth block of README that begins with a command of exactflow.
block() {
  awk -v n="$1" '/^```/ {inside = !inside; first = 1; next}
    inside && first {first = 0; mine = /^(flow-|until )/; at += mine}
    inside && mine && at == n' "$root/README.md"
}

# Runs block N beside fresh copies, less what it makes itself.
works() {
  local script made
  cp -r "$files" "$BATS_TEST_TMPDIR/fresh"
  cd "$BATS_TEST_TMPDIR/fresh" || return
  script=$(block "$1" | sed -e 's/--budget 10m/--budget 3s/' -e 's/^flow-bench-logdet  /& --dim 16/')
  [ -n "$script" ]
  echo "$script"
  made=$(grep -oE -- '(-o|--png|--metrics|>) [a-z0-9-]+\.[a-z0-9]+' <<<"$script" | cut -d' ' -f2)
  # shellcheck disable=SC2086  # words
  rm -f $made
  bash -o pipefail -c "trap 'c=\$?; [ \$c = 141 ] || exit \$c' ERR
    flow-train() { case \" \$* \" in *\" --budget \"*) command flow-train \"\$@\" ;;
      *) command flow-train \"\$@\" -s train.epochs=1 ;; esac; }
    $script
    :" </dev/null >out 2>err || { cat err; return 1; }
  for file in $made; do
    [ -s "$file" ] || { echo "$file was not made"; return 1; }
  done
}

@test "README: the five lines at the top" { works 1; }
@test "README: five minutes with a table" { works 2; }
@test "README: settings" { works 3; }
@test "README: given, ranked, compared" { works 4; }
@test "README: images" { works 5; }
@test "README: jobs that last" { works 6; }
@test "README: what the determinant costs" { works 7; }
@test "README: there is no other block" {
  [ -n "$(block 7)" ]
  [ -z "$(block 8)" ]
}
