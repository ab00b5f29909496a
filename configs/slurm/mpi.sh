#!/bin/sh
#SBATCH --job-name=flow-train-mpi
#SBATCH --ntasks=4
#SBATCH --cpus-per-task=4
#SBATCH --time=1:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:USR1@180
# usage: sbatch mpi.sh MODEL DATA [OPTION...]
# One run on several nodes: run.sh with a rank a task. The tasks may be as many as train.shards at
# most; MODEL and DATA lie on a file system that all nodes see.
# srun does not take over the job's own count, and goes on when one task has died, unless it is told.
export SRUN_CPUS_PER_TASK="${SLURM_CPUS_PER_TASK-1}"
srun --mpi=pmix --kill-on-bad-exit=1 --input=none flow-train-mpi --resume -o "$@" &
run=$!
trap 'kill -USR1 $run' USR1 TERM
while wait $run; code=$?; kill -0 $run 2>/dev/null; do :; done  # a trap ends a wait

[ $code = 0 ] || [ $code = 75 ] || exit $code
# The model says whether it is complete; an exit code may be that of a launch that failed.
flow-train --status "$1"
code=$?
[ $code = 75 ] || exit $code
scontrol requeue "$SLURM_JOB_ID"
