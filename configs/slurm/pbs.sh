#!/bin/sh
#PBS -N flow-train
#PBS -l select=1:ncpus=4
#PBS -l walltime=1:00:00
#PBS -r y
# usage: qsub -v MODEL=m.h5,DATA=rows.h5 pbs.sh
# A template for PBS, never run on such a cluster: hold its options against your site's manual.
cd "$PBS_O_WORKDIR" || exit
flow-train --resume --time-limit 55m -o "$MODEL" "$DATA"
code=$?
# Stopped with a checkpoint: the next job goes on. The spooled copy of this script may be gone by then.
[ $code != 75 ] || exec qsub -v MODEL="$MODEL",DATA="$DATA" pbs.sh
exit $code
