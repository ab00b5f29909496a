#!/bin/sh
#BSUB -J flow-train
#BSUB -n 4
#BSUB -R "span[hosts=1]"
#BSUB -W 1:00
#BSUB -r
#BSUB -Q 75
# usage: MODEL=m.h5 DATA=rows.h5 bsub <lsf.sh
# A template for LSF, never run on such a cluster: hold its options against your site's manual.
# With 75 the job goes to the queue again, by -Q.
exec flow-train --resume --time-limit 55m -o "$MODEL" "$DATA"
