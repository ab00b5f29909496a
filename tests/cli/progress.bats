#!/usr/bin/env bats
# What a terminal shows of a run, drawn in one of each width: terminal.py. FLOW_BUILD: the build folder.

load common

setup_file() {
  enter_files
  awk 'BEGIN {for (i = 0; i < 600; ++i) {x = rand() - rand(); print x "," x * x + rand() "," rand() * 3}}' >rows.csv
}
setup() {
  "$python" -c 'import pty; pty.openpty()' || skip 'no pseudo-terminals here'
  cd "$BATS_TEST_TMPDIR" || return
  unset NO_COLOR
  export TERM=xterm
}

# Of a run with no end: in short, `terminal OPTION... WIDTH long OPTION...`.
train="flow-train --threads 1 $BATS_FILE_TMPDIR/rows.csv -f -o m.h5 -s train.patience=0 -s train.epochs"
long="$train=1000000"

# terminal CODE ARGUMENT...: what terminal.py says is in $output, the lines drawn in `drawn`, the bytes
# in `bytes`.
terminal() {
  local code=$1
  shift
  [[ $* == *--resume* ]] || rm -f m.h5*
  run "$python" "$root/tests/cli/terminal.py" -b bytes -d drawn "$@"
  printf 'exit %s\n%s\ndrawn:\n' "$status" "$output"
  cat drawn
  [ "$status" -eq "$code" ]
}

# matches PATTERN [FILE]: FILE (drawn) has lines, and all of them match the extended regular expression.
matches() {
  [ -s "${2-drawn}" ]
  if grep -vE "$1" "${2-drawn}"; then return 1; fi
}

# Nothing of a drawn line is left on the screen.
taken_away() { [[ $output != *' left'* && $output != *'% '* ]]; }

number='-?[0-9.]+'
left='  0%  [0-9][0-9:. s]* left'

@test "what fits is shown, the bar where there is room, and no line wraps" {
  terminal 75 -e 3:^C 200 $long
  matches "^\[\.{20}\] $left  train $number  validation $number  [0-9.]+ steps/s  epoch [0-9]+ of 1000000(\^C)?$"
  for width in 80 0; do
    terminal 75 -e 3:^C $width $long
    matches "^\[\.{6}\] $left  train $number  validation $number  [0-9.]+ steps/s(\^C)?$"
    taken_away
  done
  terminal 75 -e 3:^C 60 $long
  matches "^$left  train $number  validation $number(  [0-9.]+ steps/s)?(\^C)?$"
  terminal 75 -e 3:^C 40 $long
  matches "^$left  train $number(\^C)?$"
  terminal 75 -e 3:^C 22 $long
  matches "^$left(\^C)?$"
  taken_away
  terminal 75 -e 3:^C 7 $long
  matches '^  0%(\^C)?$'
}

@test "a terminal too narrow for anything shows nothing" {
  for width in 1 3 6; do
    terminal 75 $width $long --time-limit 0.5s
    [ ! -s drawn ]
    [[ $output != *%* ]]
  done
}

@test "a resize half-way" {
  terminal 75 -e 1:40 -e 5:^C 80 $long
  sed 1,3d drawn >behind # the second was drawn before, too, and the third has no rate yet
  matches "^$left  train $number(\^C)?$" behind
  taken_away
  terminal 75 -e 1:120 -e 5:^C 22 $long
  sed 1,3d drawn >behind
  matches '^\[\.{16}\] .*steps/s  epoch' behind
}

@test "the line goes when the run ends, is stopped, or is killed" {
  terminal 0 200 $train=300
  matches '^\[[#.]{20}\] +[0-9]+%'
  grep -q '^\[#' drawn
  taken_away
  [[ $output == *'300 epochs in'* ]]
  terminal 129 -e 2:SIGHUP 200 $long
  taken_away
  matches '^\[' drawn
}

# Not by ^C: for it a terminal throws away what it has not shown yet.
@test "what is printed meanwhile has lines of its own" {
  terminal 75 -e 5:SIGINT 400 $long -v
  matches '^\['
  cat >lines <<<"$output"
  matches '^flow-train: ' lines
  terminal 75 -e 5:SIGINT 400 $long --metrics /dev/stdout
  matches '^\['
  cat >lines <<<"$output"
  matches '^(flow-train: |\{.*\}$)' lines
}

@test "programs that write rows tell how far they are, in no pipeline and not among rows" {
  flow-train -q $files/rows.csv -s train.epochs=1 -s 'model.net.hidden=[64, 64]' -f -o model.h5
  terminal 0 120 flow-sample model.h5 -n 400000 -o samples.npy
  rate='[0-9.]+ rows/s'
  matches "^\[[#.]{16}\] +[0-9]+%  [0-9][0-9:. s]* left  $rate  [0-9]+ of 400000 rows$"
  taken_away
  terminal 0 120 bash -c 'cat samples.npy | flow-score model.h5 >scores'
  matches "^\[[#.]{16}\] .* of 400000 rows$"
  [[ $output == 'flow-score: standard input: 400000 rows, '* ]]
  rows='(for i in 1 2 3 4; do sed 1d $files/rows.csv; sleep 0.2; done) | flow-encode model.h5 --line-buffered'
  terminal 0 120 bash -c "$rows -o latents.csv"
  matches "^$rate  [0-9]+ rows$"
  terminal 3 120 bash -c "(sed 1d $files/rows.csv; sleep 0.3; sed 1d $files/rows.csv; echo 1,2) | flow-encode model.h5 --line-buffered -f -o latents.csv"
  matches "^$rate  [0-9]+ rows$"
  [[ $output == 'flow-encode: standard input:'* ]]
  terminal 0 120 bash -c "$rows | cat >latents"
  [ ! -s drawn ]
  terminal 0 120 bash -c "$rows -O csv"
  [ ! -s drawn ]
}

# The steps a second of line NUMBER of those drawn, as a whole number.
rate() { sed -n "$1p" drawn | sed -E 's/.* ([0-9]+)[0-9.]* steps.*/\1/'; }

@test "the rate is of the steps that were taken here, and of no pause" {
  terminal 75 -e 1:1.5s -e 4:^C 200 $long
  before=$(rate 1)
  [ "$(rate 4)" -gt $((before / 3)) ]
  terminal 75 -e 1:^C 200 $long --resume
  [ "$(rate 1)" -lt $((before * 3)) ]
}

@test "colour where it is wanted" {
  green=$'\e[32m'
  terminal 75 -e 1:^C 80 $long
  grep -qF "$green" bytes
  NO_COLOR='' terminal 75 -e 1:^C 80 $long
  grep -qF "$green" bytes
  NO_COLOR=1 terminal 75 -e 1:^C 80 $long --color always
  grep -qF "$green" bytes
  NO_COLOR=1 terminal 75 -e 1:^C 80 $long
  run ! grep -F "$green" bytes
  terminal 75 -e 1:^C 80 $long --color never
  run ! grep -F "$green" bytes
}

@test "no line and no control character where nothing can be redrawn" {
  long+=' --time-limit 0.5s'
  TERM=dumb terminal 75 80 $long --color always
  [[ $output == *'rows to train on'* ]]
  run ! grep -P '[\x00-\x09\x0b\x0c\x0e-\x1f]|\r[^\n]' bytes
  TERM='' terminal 75 80 $long
  run ! grep -P '[\x00-\x09\x0b\x0c\x0e-\x1f]' bytes
  terminal 75 80 bash -c "$long 2>said"
  [ ! -s bytes ]
  run ! grep -P '[\x00-\x09\x0b-\x1f]' said
  terminal 75 80 $long -q
  [[ ! -s drawn && $output != *'rows to train on'* ]]
}

@test "a job in the background draws nothing" {
  terminal 0 200 bash -mc "$long --time-limit 0.7s & wait"
  [[ $output == *'rows to train on'*'stopped by'* ]]
  [ ! -s drawn ]
  run ! grep $'\e' bytes
  # Stopped by hand and sent there, it leaves what is typed alone.
  terminal 0 -e 2:^Z 200 bash -mc "$long --time-limit 1.5s; bg; printf typed; wait"
  [[ $output == *typedflow-train:\ stopped* ]]
  sed -n '/typed/,$p' bytes >behind
  run ! grep $'\e' behind
}
