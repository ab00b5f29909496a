#!/bin/sh
#SBATCH --job-name=flow-sweep
#SBATCH --cpus-per-task=1
#SBATCH --time=1:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:USR1@180
# usage: sbatch --array=1-"$(wc -l <sweep.tsv)" sweep.sh sweep.tsv DATA [OPTION...]
# A job for each line of a sweep (sweep-line says what a line is; it lies in the folder of the
# submission). A job whose time is over goes to the queue again. Then: ./collect *.jsonl
tsv=$1
shift
./sweep-line "$tsv" "$SLURM_ARRAY_TASK_ID" "$@" &
run=$!
trap 'kill -USR1 $run' USR1 TERM
while wait $run; code=$?; kill -0 $run 2>/dev/null; do :; done  # a trap ends a wait
[ $code = 75 ] || exit $code
scontrol requeue "$SLURM_JOB_ID"
