#!/usr/bin/env bats
# flow-train-mpi: one model of any number of ranks, and what becomes of a rank that dies, is asked to
# stop, or was started with something else than the others.

load common
setup_file() {
  enter_files || return
  make_files
  allow_ranks
}
setup() {
  command -v mpirun >/dev/null || skip 'no mpirun here (Debian: openmpi-bin)'
  command -v flow-train-mpi >/dev/null || skip 'flow-train-mpi is not built: no MPI (Debian: libopenmpi-dev)'
  cd "$BATS_TEST_TMPDIR"
}

# ranks N OPTION...: trains on the table with N ranks; N may be more than there are processors.
ranks() { mpirun --oversubscribe -n "$1" flow-train-mpi -q "$files/rows.csv" -s train.shards=5 -s train.batch=300 "${@:2}"; }
# The same in the place of a subshell, so that its process is the launcher; and a run of hours.
launch() { exec mpirun --oversubscribe -n "$1" flow-train-mpi -q "$files/rows.csv" -s train.shards=5 -s train.batch=300 -s train.patience=0 "${@:2}"; }
long() { launch "$@" -s train.epochs=1000000; }
# What the launcher itself says stands beside the lines of the program.
lines_of() { grep '^flow-train: ' "$1"; }
# The last rank of the launcher, a child of this shell.
last_rank() { pgrep -n -P "$1" flow-train-mpi; }

@test "the model has the same bytes for 1, 2, 4 and 5 ranks, 1 and 2 threads, and without MPI" {
  flow-train -q "$files/rows.csv" -s train.shards=5 -s train.batch=300 -s train.epochs=3 -o alone.h5
  for n in 1 2 4 5; do
    for threads in 1 2; do
      ranks $n -s train.epochs=3 --threads $threads -f -o m.h5
      cmp alone.h5 m.h5
    done
  done
}

@test "so it is for noise on integers, dropout, contexts, and validation rows of several blocks" {
  awk 'BEGIN {for (i = 0; i < 3000; ++i) print int(rand() * 5) "\t" int(rand() * 9) "\t" int(rand() * 3)}' >whole.tsv
  set -- whole.tsv --label-columns 3 -s data.dequantise=uniform -s data.validation=0.3 -s model.net.dropout=0.2 -s train.epochs=2 -q
  flow-train -c realnvp "$@" -o alone.h5
  mpirun --oversubscribe -n 3 flow-train-mpi -c realnvp "$@" -o m.h5
  cmp alone.h5 m.h5
}

@test "so it is for rows with missing cells" {
  awk 'BEGIN {for (i = 0; i < 2000; ++i) print (rand() < 0.3 ? "nan" : rand()) "\t" (rand() < 0.3 ? "nan" : rand() * rand())}' >gaps.tsv
  set -- gaps.tsv --missing marginal -s data.validation=0.3 -s train.shards=4 -s train.epochs=2 -q
  flow-train "$@" -o alone.h5
  mpirun --oversubscribe -n 3 flow-train-mpi "$@" -o m.h5
  cmp alone.h5 m.h5
}

@test "ranks agree on the epochs of a budget, from the start and with --resume" {
  code=0
  ranks 3 -s train.epochs=1000000 -s train.patience=0 --budget 4s --time-limit 1s -o m.h5 2>said || code=$?
  [ $code -eq 75 ] || { cat said; false; }
  ranks 2 -s train.epochs=1000000 -s train.patience=0 --budget 4s --resume -o m.h5
  h5dump -d /config/resolved m.h5 >config
  epochs=$(grep -o 'epochs: [0-9]*' config | cut -d' ' -f2)
  echo "$epochs epochs"
  [ "$epochs" -gt 1 ] && [ "$epochs" -lt 1000000 ]
  ranks 1 -s "train.epochs=$epochs" -s train.patience=0 -o again.h5
  cmp <(flow-score -q m.h5 "$files/rows.csv") <(flow-score -q again.h5 "$files/rows.csv")
  code=0
  mpirun --oversubscribe -n 2 flow-train-mpi -q -c nice "$root/configs/data/digits.h5" --budget 1s -o n.h5 2>said || code=$?
  [ $code -eq 2 ]
  lines_of said | head -n 1 | grep -q 'a run of one epoch takes about'
  [ ! -e n.h5 ]
}

@test "batch norm has one shard, and takes one rank" {
  set -- -c realnvp-5 "$files/rows.csv" -s 'model.net.scale.hidden=[8]' -s train.epochs=1 -q
  flow-train "$@" -o alone.h5
  mpirun -n 1 flow-train-mpi "$@" -o m.h5
  cmp alone.h5 m.h5
  ! mpirun --oversubscribe -n 2 flow-train-mpi "$@" -o n.h5 2>said || false
  grep -q 'flow-train: 2 ranks, and a batch has 1 shards; start no more ranks' said
}

@test "no other program is linked with MPI" {
  ldd "$(command -v flow-train-mpi)" | grep -q libmpi
  for tool in flow-train flow-score flow-sample flow-encode; do
    run ! grep libmpi <<<"$(ldd "$(command -v $tool)")"
  done
}

@test "more ranks than shards are refused once, with 2" {
  code=0
  ranks 6 -o m.h5 2>said || code=$?
  [ $code -eq 2 ]
  [ "$(lines_of said | head -n 1)" = 'flow-train: 6 ranks, and a batch has 5 shards; start no more ranks than shards, or set train.shards' ]
  [ ! -e m.h5 ]
}

@test "the first rank alone speaks and writes" {
  mpirun --oversubscribe -n 3 flow-train-mpi -v "$files/rows.csv" -s train.epochs=2 -s train.shards=4 --metrics m.jsonl -o m.h5 2>said
  [ "$(grep -c 'rows to train on' said)" -eq 1 ]
  grep -q '; 3 ranks on 1 hosts, each [0-9]* threads' said
  grep -Eq "flow-train: [0-9.]+ % of the steps' time was spent waiting for other ranks" said
  [ "$(wc -l <m.jsonl)" -eq 2 ]
  [ "$(grep -c '"waiting":0\.' m.jsonl)" -eq 2 ]
  [ "$(find . -name 'm.h5*')" = ./m.h5 ]
  no_temporaries
}

@test "a rank with another configuration, or other rows, stops all with one line" {
  common="flow-train-mpi -q -s train.shards=4 -s train.epochs=1 -o m.h5"
  code=0
  mpirun --oversubscribe -n 2 $common "$files/rows.csv" : -n 1 $common "$files/rows.csv" -s train.rate=2e-3 2>said || code=$?
  [ $code -eq 2 ]
  lines_of said | grep -Eqx 'flow-train: rank 2 on [^ ]+ has another configuration than rank 0; give all ranks .*'
  [ "$(lines_of said | wc -l)" -eq 1 ] || { cat said; false; }
  # In another order, so that the range, which is settled in the configuration, is the same.
  awk 'NR == 7 {kept = $0; next} {print} NR == 8 {print kept}' "$files/rows.csv" >others.csv
  code=0
  mpirun --oversubscribe -n 1 $common "$files/rows.csv" : -n 1 $common others.csv 2>said || code=$?
  [ $code -eq 3 ] || { echo "exit $code"; cat said; false; }
  lines_of said | grep -Eqx 'flow-train: rank 1 on [^ ]+ has read other rows than rank 0; give all ranks the same data'
  [ "$(lines_of said | wc -l)" -eq 1 ]
  [ ! -e m.h5 ]
}

@test "an error that one rank meets is told by it, and ends all" {
  common="flow-train-mpi -q -s train.shards=4 -s train.epochs=1 -o m.h5"
  code=0
  mpirun --oversubscribe -n 2 $common "$files/rows.csv" : -n 1 $common absent.csv 2>said || code=$?
  [ $code -eq 3 ] || { echo "exit $code"; cat said; false; }
  lines_of said | grep -Eqx 'flow-train: rank 2 on [^ ]+: absent.csv: .*'
  [ "$(lines_of said | wc -l)" -eq 1 ]
}

@test "standard input is refused, and one rank may read it" {
  code=0
  mpirun --oversubscribe -n 2 flow-train-mpi -q - -o m.h5 <"$files/rows.csv" 2>said || code=$?
  [ $code -eq 2 ]
  [ "$(lines_of said | head -n 1)" = 'flow-train: -: only one of several ranks has a standard input; name a file that all can read' ]
  mpirun -n 1 flow-train-mpi -q - -s train.epochs=1 -o m.h5 <"$files/rows.csv"
}

@test "a launcher that started lonely copies is noticed" {
  for variable in OMPI_COMM_WORLD_SIZE PMI_SIZE SLURM_STEP_NUM_TASKS SLURM_NTASKS; do
    refused 2 "$variable says 4 tasks, and MPI knows this one only: .* srun --mpi=pmix" \
      env $variable=4 flow-train-mpi -q "$files/rows.csv" -o m.h5
    env $variable=1 flow-train-mpi -q "$files/rows.csv" -s train.epochs=1 -f -o m.h5
    rm m.h5
  done
}

@test "a signal to one rank stops all at one step; other ranks go on to the same bytes" {
  flow-train -q "$files/rows.csv" -s train.shards=5 -s train.batch=300 -s train.epochs=1000 -s train.patience=0 -o whole.h5
  for n in 4 2; do
    code=0
    launch $n -s train.epochs=1000 --resume -o m.h5 2>said 3>&- &
    until [ -e m.h5.lock ]; do sleep 0.05; done
    sleep 0.5
    kill -USR1 "$(last_rank $!)"
    wait $! || code=$?
    cat said
    [ $code -eq 75 ]
    [ "$(lines_of said | wc -l)" -eq 1 ]
    grep -Eq 'stopped by .* at step [0-9]+ of 2000, saved in m.h5.ckpt-[12]; the same line with --resume goes on' said
  done
  ranks 3 -s train.epochs=1000 -s train.patience=0 --resume --threads 2 -o m.h5
  cmp whole.h5 m.h5
  run -0 mpirun --oversubscribe -n 2 flow-train-mpi "$files/rows.csv" -s train.shards=5 -s train.batch=300 -s train.patience=0 -s train.epochs=1000 --resume -o m.h5
  [ "$(grep -c 'this run has ended' <<<"$output")" -eq 1 ]
}

@test "--time-limit stops all with 75" {
  code=0
  (long 3 --time-limit 1s -o m.h5 2>said) || code=$?
  [ $code -eq 75 ]
  [[ $(lines_of said) == *'stopped by --time-limit at step '* ]]
}

@test "a rank that is killed ends the job within seconds, and the last checkpoint is whole" {
  code=0
  long 4 --checkpoint-every 0.1s -o m.h5 2>said 3>&- &
  until [ -e m.h5.ckpt-2 ]; do sleep 0.05; done
  began=$SECONDS
  kill -KILL "$(last_rank $!)"
  wait $! || code=$?
  [ $((SECONDS - began)) -le 10 ]
  [ $code -ne 0 ] && [ $code -ne 75 ]
  grep -q 'exited on signal 9' said
  refused 75 'stopped by --time-limit at step ([2-9]|[0-9]{2,}) of' flow-train -q "$files/rows.csv" -s train.shards=5 -s train.batch=300 \
    -s train.epochs=1000000 -s train.patience=0 --resume --time-limit 0 -o m.h5
}

@test "a rank that hangs is given up after --comm-timeout" {
  code=0
  long 2 --comm-timeout 2s -o m.h5 2>said 3>&- &
  until [ -e m.h5.lock ]; do sleep 0.05; done
  sleep 0.3
  pid=$(last_rank $!)
  kill -STOP "$pid"
  began=$SECONDS
  wait $! || code=$?
  kill -CONT "$pid" 2>/dev/null || true
  [ $((SECONDS - began)) -le 15 ]
  [ $code -eq 1 ]
  lines_of said | grep -q 'another rank has not answered for the time of --comm-timeout'
}
