#!/bin/sh
#$ -N flow-train
#$ -cwd -V
#$ -pe smp 4
#$ -l h_rt=1:00:00
#$ -r y
# usage: MODEL=m.h5 DATA=rows.h5 qsub sge.sh
# A template for Grid Engine, never run on such a cluster: hold its options against your site's manual.
flow-train --resume --time-limit 55m -o "$MODEL" "$DATA"
code=$?
# Grid Engine takes a job that ends with 99 into the queue again.
[ $code != 75 ] || exit 99
exit $code
