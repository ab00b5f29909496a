#!/bin/sh
#SBATCH --job-name=flow-train
#SBATCH --cpus-per-task=4
#SBATCH --time=1:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --signal=B:USR1@180
# usage: sbatch run.sh MODEL DATA [OPTION...]
# One training run in as many jobs as it takes: three minutes before its time is over, or when it is
# preempted, it stops with a checkpoint and goes to the queue again, until MODEL is complete.
# Slurm's signal may come a minute early, and reaches this shell only.
flow-train --resume -o "$@" &
run=$!
trap 'kill -USR1 $run' USR1 TERM
while wait $run; code=$?; kill -0 $run 2>/dev/null; do :; done  # a trap ends a wait

[ $code = 0 ] || [ $code = 75 ] || exit $code
# The model says whether it is complete; an exit code may be that of a launch that failed.
flow-train --status "$1"
code=$?
[ $code = 75 ] || exit $code
scontrol requeue "$SLURM_JOB_ID"
