#!/usr/bin/env bats
# A run that is stopped, by a signal, a kill, a limit of time or a full disk, goes on to the bytes of
# one that was not; and nothing is lost on the way. Long versions: tests/kill, tests/fault/run.

load common
setup_file() { make_files; }
setup() { cd "$BATS_TEST_TMPDIR" || return; }

build() { echo "${FLOW_BUILD:-$root/build/release}"; }
# A run of hours, in the place of a subshell.
long() { exec flow-train -q "$files/rows.csv" -s train.epochs=100000 -s train.patience=0 -s train.patience=0 "$@"; }

@test "killed and stopped runs end in the bytes of one that was not" {
  "$root/tests/kill" 4 "$(build)"
}

@test "a call that fails loses nothing: every 5th of each kind" {
  "$root/tests/fault/run" "$(build)" 3
}

@test "a signal saves, exits 75 and says how to go on" {
  for signal in TERM INT USR1 XCPU; do
    env --default-signal=INT flow-train -q "$files/rows.csv" -s train.epochs=100000 -s train.patience=0 -s train.patience=0 -f -o m.h5 2>said 3>&- &
    sleep 0.5
    kill -s $signal $!
    code=0
    wait $! || code=$?
    cat said
    [ $code -eq 75 ]
    grep -Eq "stopped by SIG$signal at step [0-9]+ of [0-9]+, saved in m.h5.ckpt-1; the same line with --resume goes on" said
    [ ! -e m.h5 ] && [ ! -e m.h5.lock ]
    rm m.h5.ckpt-1
  done
}

# As Slurm sends them to a job that it preempts: one to all, and one by the script.
@test "two signals of different kinds are one wish" {
  long="flow-train -q $files/rows.csv -s train.epochs=100000 -s train.patience=0 -f -o m.h5"
  for pair in 'USR1 TERM' 'TERM USR1' 'INT TERM' 'USR1 USR1'; do
    env --default-signal=INT $long 2>said 3>&- &
    sleep 0.5
    kill -STOP $!
    for signal in $pair CONT; do kill -s $signal $!; done
    code=0
    wait $! || code=$?
    printf '%s: %s\n' "$pair" $code "$(cat said)"
    [ $code -eq 75 ]
    [ -e m.h5.ckpt-1 ]
    rm m.h5.ckpt-1
  done
}

@test "a signal while the rows are still read ends at once with 75" {
  mkfifo rows
  sleep 5 >rows 3>&- &
  writer=$!
  flow-train -q rows -o m.h5 2>said 3>&- &
  sleep 0.4
  kill -TERM $!
  code=0
  wait $! || code=$?
  # At once: the writer is still there. ThreadSanitizer holds a signal back until the read returns.
  kill $writer || [ -n "${TSAN_OPTIONS-}" ]
  [ $code -eq 75 ]
  grep -q 'before the first step' said
  no_temporaries
}

@test "--time-limit stops, --resume goes on, a finished run does nothing" {
  flow-train -q "$files/rows.csv" -s train.epochs=30 -o whole.h5
  refused 75 'stopped by --time-limit at step 1 of' flow-train -q "$files/rows.csv" -s train.epochs=30 --time-limit 0s -o m.h5 --metrics m.jsonl
  flow-train -q "$files/rows.csv" -s train.epochs=30 --resume -o m.h5 --metrics m.jsonl
  cmp whole.h5 m.h5
  [ "$(wc -l <m.jsonl)" -eq 30 ]
  [ "$(find . -name 'm.h5*')" = ./m.h5 ]
  before=$(stat -c %Y.%i m.h5)
  run -0 flow-train "$files/rows.csv" -s train.epochs=30 --resume -o m.h5
  [[ $output == *"this run has ended"* ]]
  [ "$(stat -c %Y.%i m.h5)" = "$before" ]
}

@test "checkpoints and models of another run are neither taken nor lost" {
  refused 75 'saved' flow-train -q "$files/rows.csv" --time-limit 0 -o m.h5
  cp m.h5.ckpt-1 kept
  refused 2 'm.h5.ckpt-1: of a run that did not end; --resume goes on with it, -f starts anew' flow-train -q "$files/rows.csv" -o m.h5
  refused 4 'other data or another configuration' flow-train -q "$files/rows.csv" --resume --seed 3 -o m.h5
  tail -n +3 "$files/rows.csv" >fewer.csv
  refused 4 'other data or another configuration' flow-train -q fewer.csv --resume -o m.h5
  cmp kept m.h5.ckpt-1
  cp "$files/m.h5" other.h5
  refused 4 'the model of a run with other data or another configuration' flow-train -q "$files/rows.csv" --resume -o other.h5
  cmp "$files/m.h5" other.h5
}

@test "a damaged checkpoint gives way to the one before it" {
  flow-train -q "$files/rows.csv" -s train.epochs=30 -o whole.h5
  for sitting in 1 2; do
    refused 75 'saved' flow-train -q "$files/rows.csv" -s train.epochs=30 --resume --time-limit 0 -o m.h5
  done
  printf 'xxxx' | dd of=m.h5.ckpt-2 bs=1 seek=3000 conv=notrunc status=none
  run -0 --separate-stderr flow-train -q "$files/rows.csv" -s train.epochs=30 --resume -o m.h5
  [[ $stderr == *"warning: m.h5.ckpt-2: "*"going on from the other checkpoint"* ]]
  cmp whole.h5 m.h5
}

@test "two writers of one model: the second fails at once" {
  long -o m.h5 3>&- &
  sleep 0.5
  refused 1 'm.h5: is being written by process [0-9]+ on .*; wait for it, or name another output' long -f -o m.h5
  kill -TERM $!
  wait $! || [ $? -eq 75 ]
}

@test "a second TERM kills, and leaves the old checkpoint whole" {
  long -s train.batch=600 -s model.net.hidden=[2048,2048] -o m.h5 3>&- 2>said &
  sleep 1
  kill -TERM $!
  sleep 0.02
  kill -TERM $! || true
  code=0
  wait $! || code=$?
  [ $code -eq 143 ] || [ $code -eq 75 ]
  no_temporaries
}

@test "temporaries of dead processes of this machine go, others stay" {
  host=$(uname -n)
  touch ".m.h5.$host.999999999.tmp" ".m.h5.$host.$$.tmp" ".m.h5.elsewhere.999999999.tmp" ".n.h5.$host.999999999.tmp"
  flow-sample "$files/m.h5" -n 10 -o m.h5
  [ ! -e ".m.h5.$host.999999999.tmp" ]
  [ -e ".m.h5.$host.$$.tmp" ] && [ -e .m.h5.elsewhere.999999999.tmp ] && [ -e ".n.h5.$host.999999999.tmp" ]
}

@test "a program that dies of a signal removes its temporary" {
  for signal in TERM HUP; do
    flow-sample "$files/m.h5" -n 1000000000 -o big.h5 3>&- &
    sleep 0.4
    kill -s $signal $!
    wait $! || true
    no_temporaries
    [ ! -e big.h5 ]
  done
}

@test "what cannot be stopped refuses to promise it" {
  refused 2 'need a file for MODEL' flow-train -q "$files/rows.csv" --time-limit 10s -o -
  refused 2 "'10x' is no duration" flow-train -q "$files/rows.csv" --time-limit 10x -o m.h5
  refused 2 "'12Q' is no size" flow-train -q "$files/rows.csv" --max-bytes 12Q -o m.h5
}

@test "a budget of time ends the run in it, and the epochs it chose give the run again" {
  same_scores() { cmp <(flow-score -q m.h5 "$files/rows.csv") <(flow-score -q again.h5 "$files/rows.csv"); }
  SECONDS=0
  small=(-q "$files/rows.csv" -s model.net.hidden=[16] -s train.patience=0)
  flow-train "${small[@]}" -s train.epochs=1000000 --budget 4s -o m.h5
  [ "$SECONDS" -le 7 ]
  h5dump -d /config/resolved m.h5 >config
  epochs=$(grep -o 'epochs: [0-9]*' config | cut -d' ' -f2)
  echo "$epochs epochs"
  [ "$epochs" -gt 3 ] && [ "$epochs" -lt 1000000 ]
  flow-train "${small[@]}" -s "train.epochs=$epochs" -o again.h5
  same_scores
  # No longer than asked for, and stopped and resumed the same run.
  flow-train "${small[@]}" -s train.epochs=3 --budget 1h -f -o m.h5
  flow-train "${small[@]}" -s train.epochs=3 -f -o again.h5
  same_scores
  run -75 flow-train "${small[@]}" -s train.epochs=1000000 --budget 4s --time-limit 1s -f -o m.h5
  flow-train "${small[@]}" -s train.epochs=1000000 --budget 4s --resume -o m.h5
  epochs=$(h5dump -d /config/resolved m.h5 | grep -o 'epochs: [0-9]*' | cut -d' ' -f2)
  flow-train "${small[@]}" -s "train.epochs=$epochs" -f -o again.h5
  same_scores
  flow-train "${small[@]}" -s train.epochs=1000000 --budget 4s --resume -o m.h5
  refused 2 'of one epoch takes about' flow-train -q -c nice "$root/configs/data/digits.h5" --budget 1s -f -o n.h5
}

@test "a short budget makes the nets of the default configuration narrower, and says so" {
  awk 'BEGIN {srand(8); for (i = 0; i < 6000; ++i) {x = rand() - rand(); print x "," x * x + rand()}}' >long.csv
  flow-train long.csv -s train.epochs=1000000 -s train.patience=0 --budget 5s -o m.h5 2>said
  cat said
  grep -qE 'budget: [0-9]+ epochs of 1000000 would fit, less than .*; nets of \[32, 32\]' said
  grep -qE 'budget: [0-9]+ epochs of 1000000 would fit, less than .*; nets of \[16, 16\]' said
  [[ $(h5dump -d /config/resolved m.h5) == *'hidden: [16, 16]'* ]]
  epochs=$(sed -n "s/.*-s model.net.hidden='\[16, 16\]' -s train.epochs=\([0-9]*\) gives this run again/\1/p" said)
  flow-train -q long.csv -s train.patience=0 -s model.net.hidden='[16, 16]' -s "train.epochs=$epochs" -o again.h5
  cmp <(flow-score -q m.h5 long.csv) <(flow-score -q again.h5 long.csv)
  # Stopped and resumed, it is the same run, and a width that was asked for stays.
  run -75 flow-train -q long.csv -s train.epochs=1000000 -s train.patience=0 --budget 5s --time-limit 2s -f -o m.h5
  flow-train -q long.csv -s train.epochs=1000000 -s train.patience=0 --budget 5s --resume -o m.h5
  [[ $(h5dump -d /config/resolved m.h5) == *'hidden: [16, 16]'* ]]
  flow-train long.csv -s train.epochs=1000000 -s model.net.hidden=[24] --budget 2s -f -o m.h5 2>said
  [[ $(h5dump -d /config/resolved m.h5) == *'hidden: [24]'* && $(cat said) != *'nets of'* ]]
}

@test "--status says what is there: nothing, a run that can go on, a model" {
  refused 4 'neither a model nor a checkpoint' flow-train --status m.h5
  refused 75 saved flow-train -q "$files/rows.csv" --time-limit 0 -o m.h5
  run -75 flow-train --status m.h5
  [ "$output" = 'm.h5: resumable behind step 1' ]
  # A checkpoint of another run than that of the model that it is to replace.
  cp "$files/m.h5" old.h5
  cp m.h5.ckpt-1 old.h5.ckpt-1
  run -75 flow-train --status old.h5
  cp "$files/m.h5" .
  rm m.h5.ckpt-1
  run -0 flow-train --status m.h5
  [ "$output" = 'm.h5: complete' ]
  printf 'xxxx' | dd of=m.h5 bs=1 seek=3000 conv=notrunc status=none
  run -4 flow-train --status m.h5
}
