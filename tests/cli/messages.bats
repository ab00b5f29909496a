#!/usr/bin/env bats
# Error messages that no other file provokes (tests/messages lists what is left).

load common
setup_file() {
  make_files || return
  export digits="$root/configs/data/digits.h5"
  flow-train -q rows.csv --context-columns c -s train.epochs=1 -s model.net.hidden=[8] -o given.h5
  flow-train -q -c digits "$digits" -s train.epochs=1 -s model.net.hidden=[8] -o d.h5
  flow-train -q rows.csv --columns 1 -s train.epochs=1 -o one.h5
  printf 'a,b\n1,x\n2,y\n3,x\n4,y\n5,x\n' >words.csv
  printf 'a,b\n1,1\n2,2\n' >numbers.csv
}
setup() { cd "$files" || return; }
teardown() { [ ! -e z.h5 ] && no_temporaries; }

# A training that is refused, with what it is refused for.
no_training() {
  local pattern=$1
  shift
  refused "${code:-2}" "$pattern" flow-train -q "$@" -o z.h5
}
layer() { no_training "$1" "${@:3}" -c realnvp -s "model.layers=[$2]"; }

@test "rows to train on, and to validate" {
  no_training '--context: names a data set, and the validation rows need one of their own' \
    rows.csv --context "$digits:/train_y" --label-columns 1 --validation rows.csv
  no_training 'needs the --context of the rows to train on' rows.csv --validation rows.csv --validation-context rows.csv
  no_training 'data.prepare goes with all columns of a file' "$digits" -s data.prepare=patches --context-columns 1
  no_training 'data.validation: 0 leaves nothing to validate on; give --validation' rows.csv -s data.validation=0
  refused 2 'needs a file for MODEL' flow-train -q rows.csv --samples-every 2 -o /dev/stdout
  no_training 'draws images, or rows of two columns, and these are others' rows.csv --samples-every 2
  code=3 no_training "words.csv: column 2 \(b\) holds words, and numbers in the training rows" numbers.csv --validation words.csv
  code=3 no_training 'words.csv: column b holds words, and numbers in the files before' numbers.csv words.csv
}

@test "rows that are streamed" {
  no_training '--max-memory: 1 bytes are too few for rows of 3 numbers; give at least [0-9]+' rows.csv --max-memory 1
  no_training 'rows to validate on are more than half a window .*, 100 rows; .* more folds' rows.csv -s train.window=100 --fold 1/2
  echo a,b >none.csv
  code=3 no_training 'none.csv: no rows' none.csv -s train.window=512
  no_training '--group-column: groups are told apart in memory' rows.csv -s train.window=100 --group-column c
  no_training 'less than four batches; give more --max-memory' rows.csv -s train.window=512 -s train.batch=200
  no_training 'batch norm takes its statistics over all; use actnorm' rows.csv -c realnvp-5 -s train.window=256 -s train.batch=16
  no_training 'lists its words, and rows that are streamed number them as they come' words.csv \
    -s 'columns=[{name: b, type: categorical, values: [x, y]}]' -s train.window=4 -s train.batch=1
}

@test "columns and levels" {
  no_training 'needs data.dequantise: uniform' rows.csv -s data.bits=5
  no_training 'marginal does not go with levels' whole.tsv -s data.levels=17 -s data.dequantise=uniform -s data.missing=marginal
  no_training 'are those of bytes, which have 256 levels' whole.tsv -s data.bits=5 -s data.levels=17 -s data.dequantise=uniform
  sed 1d rows.csv >bare.csv
  no_training 'some entries have a name and some have none' bare.csv -s 'columns=[{name: a}, {type: real}, {name: c}]'
  no_training 'column 2 \(b\) holds words; its type is categorical' words.csv -s 'columns=[{name: b, type: real}]'
}

@test "what declares types of columns goes without noise on all" {
  no_training 'the columns have types of their own; give integer columns theirs' whole.tsv \
    -s data.dequantise=uniform -s 'columns=[{type: integer}, {type: integer}, {type: integer}]'
}

@test "images that are too large, and a folder that cannot be made" {
  printf '\x89PNG\r\n\x1a\n' >big.png
  truncate -s 200M big.png
  refused 3 'big.png: is larger than 128 MiB; make it smaller' flow-score d.h5 big.png
  rm big.png
  refused 1 'rows.csv/x: cannot be made: Not a directory' flow-data convert "$digits:/test" -O png -o rows.csv/x
}

@test "layers that rows, images or missing cells do not go with" {
  layer 'rows are no images; give data of height x width' '{kind: squeeze}' rows.csv
  layer 'there is no context; give flow-train --context, or use first' '{kind: affine-coupling, condition: context}' rows.csv
  layer 'learned is for couplings; use bounded, sigmoid' '{kind: affine-autoregressive, gain: learned}' rows.csv
  layer 'a masked net has none; remove it' '{kind: affine-autoregressive}' rows.csv -s model.net.dropout=0.1
  layer 'images of level 4 have 1 x 1 pixels, and a squeeze halves both' \
    '{kind: squeeze}, {kind: squeeze}, {kind: squeeze}, {kind: squeeze}' "$digits"
  layer 'the image has one channel; use checkerboard' '{kind: affine-coupling, split: channels}' "$digits"
}

@test "rows that are scored" {
  printf '\x93NUMPY\x09\x00' >v9.npy
  head -c 200 /dev/zero >>v9.npy
  refused 3 'v9.npy: npy version 9 is not known; expected 1 to 3' flow-score m.h5 v9.npy
  printf '\x93NUMPY\x02\x00\xff\xff\xff\x7f' >long.npy
  head -c 200 /dev/zero >>long.npy
  refused 3 'the npy header has 2147483647 bytes; expected at most 65536' flow-score m.h5 long.npy
  printf '1,2,3\n"4,5,6\n' >quote.csv
  refused 3 'quote.csv:2: a quote is not closed' flow-score m.h5 quote.csv
  sed 1d rows.csv >bare.csv
  refused 2 "there is no column '9'; give numbers from 1 to 3" flow-score m.h5 bare.csv --columns 9
  refused 2 'a mixture has no order of its columns; leave out --mix' flow-score m.h5 rows.csv --per-column --mix m.h5
  refused 2 '--dequant-samples: must be from 1' flow-score d.h5 "$digits" --dequant-samples 0
  refused 2 'are of one draw; leave it out' flow-score d.h5 "$digits" --dequant-samples 2 --pvalue
  [ "$(number_bytes)" -eq 8 ] || # no number in a file is beyond those
    refused 3 'no row that the model can hold' sh -c 'printf "a,b,c\n1e39,1,1\n" | flow-info m.h5 --plot none.html --data -'
  refused 2 '--rows: must be from 10 to 100000' flow-info m.h5 --plot none.html --rows 3
  [ ! -e none.html ]
}

@test "samples" {
  refused 2 '--shard and --gather: give one' flow-sample m.h5 --shard 1/2 --gather 2 -o s.npy
  refused 2 '--context and --given: give one' flow-sample given.h5 --context rows.csv --given 1
  refused 2 '--context DATA is missing' flow-sample given.h5 --context-columns 1
  refused 2 '--temperature: must be 0 or more' flow-sample m.h5 --temperature -1
  refused 2 'draws several temperatures of images only' flow-sample m.h5 --temperature 1,2 --png p.png
  refused 2 '0 rows make no picture; give -n' flow-sample m.h5 -n 0 --png p.png
  refused 2 'of several temperatures there are no parts' flow-sample d.h5 --temperature 1,2 --shard 1/2 -o s.npy
  refused 2 'a model of one column has no picture; leave it out' flow-sample one.h5 --png p.png
  refused 2 'PNG images are files of a folder; name it with -o' flow-sample d.h5 -O png
  [ ! -e p.png ]
}

@test "latents and lines between rows" {
  refused 2 "'3' is no pair of rows; give two numbers" flow-encode m.h5 rows.csv --interpolate 3
  local pairs=()
  for _ in {1..101}; do pairs+=(--interpolate 1,2); done
  refused 2 'more than 100000 rows in all; give fewer --steps' flow-encode m.h5 rows.csv "${pairs[@]}" --steps 1000
  refused 2 'rows are numbered from 1' flow-encode m.h5 rows.csv --interpolate 0,2
  refused 3 'rows.csv: has 600 rows, and --interpolate names row 9999' flow-encode m.h5 rows.csv --interpolate 3,9999
  refused 2 '--png: the model is not one of images' flow-encode m.h5 rows.csv --check --png x.png
  refused 2 '--png: draws with --interpolate or --check' flow-encode d.h5 "$digits" --png x.png
  refused 2 '--check and --decode exclude each other' flow-encode m.h5 rows.csv --check --decode
  refused 2 'goes through the whole flow and back; leave out --check' flow-encode m.h5 rows.csv --interpolate 1,2 --check
  refused 2 '--steps: must be from 2 to 1000' flow-encode m.h5 rows.csv --interpolate 1,2 --steps 1
  refused 2 'IDX begins with the number of rows, which is not known' flow-data convert rows.csv -O idx
  refused 2 '--group-column: names several columns; give one' flow-data split rows.csv --group-column a,b -o x
}

@test "what determinants cost" {
  bench() { refused 2 "$1" flow-bench-logdet "${@:2}"; }
  bench "there is no 'nope'; there are: usual all sum" --dim 4 --methods nope
  bench '--batch: must be from 1 to 1048576' --dim 4 --batch 2000000
  bench '--hidden: must be from 1 to 8192' --dim 4 --hidden 0
  bench '--rank: must be from 1 to 8192' --dim 4 --rank 0
  bench '--repeats: must be from 1 to 1000' --dim 4 --repeats 0
  bench '--rows: must be from 1 to 1000000' --dim 4 --rows 0
  bench '--lapack none.so: is no library with getrf' --dim 4 --lapack none.so --methods getrf
  bench 'DATA stands behind --model; --data asks what rows would cost' rows.csv
  bench 'is conditional; name DATA, with its context' --model given.h5
}

@test "options that would do nothing are refused" {
  nothing() { refused 2 "--$1: .*$2" "${@:3}"; }
  nothing raw-columns 'is for --format raw; leave it out' flow-score m.h5 rows.csv --raw-columns 3
  nothing dtype 'is for --format raw' flow-train rows.csv --format csv --dtype f8 -o z.h5
  nothing validation-context 'held out of DATA.*; name others with --validation' \
    flow-train rows.csv --context rows.csv --validation-context rows.csv -o z.h5
  nothing validation-context 'held out of DATA' \
    flow-train rows.csv --fold 1/5 --context rows.csv --validation-context rows.csv -o z.h5
  nothing max-memory 'train.window says how many rows to hold' flow-train rows.csv --max-memory 1G -s train.window=300 -o z.h5
  nothing checkpoint-every 'needs a file for MODEL' flow-train rows.csv --checkpoint-every 1m -o /dev/stdout
  nothing seed 'does nothing beside --status' flow-train --status m.h5 --seed 1
  nothing status 'reads no DATA' flow-train --status m.h5 rows.csv
  refused 2 '--dry-run, --print-config and --plan: give one' flow-train rows.csv --dry-run --print-config
  nothing tolerance 'is for --check' flow-encode m.h5 rows.csv --tolerance 1
  nothing steps 'is for --interpolate' flow-encode m.h5 rows.csv --steps 3
  nothing output '--check writes no rows' flow-encode m.h5 rows.csv --check -o z.h5
  nothing shard 'not with --check' flow-encode m.h5 rows.csv --check --shard 1/2
  nothing gather 'not with --interpolate' flow-encode m.h5 rows.csv --interpolate 1,2 --gather 2 -o z.h5
  nothing on-nan 'is for the rows of --impute or --context' flow-sample m.h5 --on-nan skip
  nothing columns 'is for --impute; of --context there is --context-columns' flow-sample given.h5 --context rows.csv --columns c
  nothing png '--gather draws nothing' flow-sample d.h5 --gather 2 -o z.h5 --png z.png
  nothing format 'is for DATA, and none is named' flow-check m.h5 --format csv
  nothing context 'is for DATA, and none is named' flow-check given.h5 --context rows.csv
  nothing max-bytes 'toy reads no rows' flow-data toy moons --max-bytes 1G
  nothing seed '--ordered leaves nothing to chance' flow-data split rows.csv --ordered --seed 1 -o z.h5
  nothing output 'describe writes no rows' flow-data describe rows.csv -o z.h5
  nothing context 'is for the rows of --data' flow-info rows.csv --context rows.csv
  nothing on-nan 'is for the rows of --data' flow-info rows.csv --on-nan fail
  nothing columns 'is for rows, and m.h5 is a model' flow-info m.h5 --columns 1
  nothing plot 'is for the benchmark, without --model' flow-bench-logdet --model m.h5 --plot z.svg
  nothing force 'is for --plot' flow-bench-logdet --dim 2 -f
  nothing dim 'the rows say how many numbers they have' flow-bench-logdet --data rows.csv --dim 4
  nothing tolerance 'is for --model' flow-bench-logdet --dim 2 --tolerance 1
  nothing within 'is for --data' flow-bench-logdet --preset realnvp --within 1m
  nothing context 'is for DATA, and none is named' flow-bench-logdet --model given.h5 --context rows.csv
  nothing columns 'is for rows, and none are named' flow-bench-logdet --dim 2 --columns 1
}

# resigned FILE NAME PYTHON: a copy as NAME in which the HDF5 file f was changed, with digests that match.
resigned() {
  PYTHONPATH=$root/tests/cli $python -c 'import sys, h5py, numpy, resign
def replace(f, name, value):
    kind = f[name].id.get_type().copy()
    del f[name]
    if not isinstance(value, bytes):
        f[name] = value
        return
    kind.set_size(len(value))
    text = h5py.h5d.create(f.id, name.encode(), kind, h5py.h5s.create(h5py.h5s.SCALAR))
    text.write(h5py.h5s.ALL, h5py.h5s.ALL, numpy.array(value), kind)
resign.change(sys.argv[1], sys.argv[2], lambda f: eval(sys.argv[3]))' "$@"
}
# of_config NAME OLD NEW: m.h5 as NAME, with another configuration.
of_config() {
  resigned m.h5 "$1" "replace(f, 'config/resolved', f['config/resolved'][()].replace(b'$2', b'$3', 1))"
}

@test "models that hold together in their digests alone" {
  of_config wide.h5 'shape: [3]' 'shape: [16777216, 16777216]'
  refused 4 'wide.h5:/config/resolved:[0-9]+: data.shape: more than 16777216 columns' flow-info wide.h5
  of_config map.h5 'shape: [3]' 'context: [3]\n  shape: [3]'
  refused 4 "data.context: each column is a map, as in" flow-info map.h5
  of_config labels.h5 'shape: [3]' 'context: [{values: []}]\n  shape: [3]'
  refused 4 'data.context.0.values: give from 1 to 1024 of them' flow-info labels.h5
  resigned m.h5 descending.h5 "replace(f, 'reference/logp', -f['reference/logp'][()])"
  refused 4 'descending.h5: /reference/logp is not ascending; the file is damaged' flow-info descending.h5
  resigned m.h5 none.h5 "f.__delitem__('reference/logp')"
  refused 4 'none.h5: has no scores of validation rows; train it again' flow-score none.h5 rows.csv --pvalue
  flow-train -q rows.csv -c realnvp -s train.epochs=0 -s 'model.layers=[{kind: permute}, {kind: affine-coupling}]' -o p.h5
  resigned p.h5 twice.h5 "replace(f, 'parameters/layers/00-permute/order', f['parameters/layers/00-permute/order'][()] * 0)"
  refused 4 'layers/00-permute/order: no permutation' flow-score twice.h5 rows.csv
}

@test "checkpoints of another version" {
  refused 75 saved flow-train -q rows.csv -s model.net.hidden=[8] --time-limit 0 -o stopped.h5
  resigned stopped.h5.ckpt-1 changed "f.attrs.modify('format_version', f.attrs['format_version'] + 1)"
  mv changed stopped.h5.ckpt-1
  rm -f stopped.h5.ckpt-2
  refused 4 'stopped.h5.ckpt-1: not a checkpoint that this version' flow-train -q rows.csv -s model.net.hidden=[8] --resume -o stopped.h5
  rm stopped.h5.*
}

@test "what a format of output does not hold" {
  refused 1 'z.idx: IDX counts up to 4294967295 rows' flow-data toy moons -n 5000000000 -o z.idx
  [ ! -e z.idx ]
}

@test "images: layers, channels and missing cells" {
  layer 'the image has one channel; squeeze it before' '{kind: factor-out}' "$digits"
  layer 'the image has one pixel; use channels' \
    '{kind: squeeze}, {kind: squeeze}, {kind: squeeze}, {kind: affine-coupling, split: checkerboard, net: {kind: convolution}}' "$digits"
  layer 'of rows with missing cells only columns is known' '{kind: affine-coupling, split: checkerboard}' rows.csv -s data.missing=marginal
  $python -c 'import numpy; numpy.save("two.npy", numpy.random.default_rng(1).normal(size=(60, 4, 4, 2)).astype("f4"))'
  flow-train -q -c realnvp two.npy -s train.epochs=0 -s model.net.hidden=[8] -o two.h5
  refused 2 'images of 2 channels have no picture; 1 is drawn in grey, 3 in colour' flow-sample two.h5 --png z.png
}

@test "a known cell of density 0, from which nothing follows" {
  flow-train -q rows.csv --missing marginal -s train.epochs=1 -s model.net.hidden=[8] -s model.base=box -o box.h5
  printf 'a,b,c\n1e9,NA,1\n' >far.csv
  refused 3 'far.csv: row 1: what is there has density 0 under the model' flow-sample box.h5 --impute far.csv -O csv
}

@test "rows of which none remain" {
  awk 'BEGIN {print "a,b"; for (i = 0; i < 900; ++i) print "nan,1"}' >nan.csv
  code=3 no_training 'nan.csv: no rows to train on' nan.csv --on-nan skip -s train.window=300
  code=3 no_training 'nan.csv: no rows to validate on' rows.csv --columns a,b --validation nan.csv --on-nan skip -s train.window=300 -s train.batch=16
  awk 'BEGIN {print "a,b"; for (i = 0; i < 3000; ++i) print rand() "," rand()}' >many.csv
  no_training 'are 285 blocks, and a batch has 400 shards' many.csv -s train.window=2000 -s train.batch=500 -s train.shards=400
}

@test "training that never has a finite validation" {
  [ "$(number_bytes)" -eq 4 ] && most=3e38 || most=1.7e308
  printf 'a,b,c\n%s,-%s,%s\n' $most $most $most >extreme.csv
  code=1 no_training 'no epoch had a finite validation; lower train.rate' rows.csv -c realnvp --validation extreme.csv -s train.epochs=1
}

@test "files that cannot be opened" {
  ln -sf loop loop
  refused 3 'loop: cannot be opened: Too many levels of symbolic links' flow-score m.h5 loop
}


@test "models to mix that are of other columns" {
  sed '1s/.*/x,y,z/' rows.csv >other.csv
  flow-train -q other.csv -s train.epochs=0 -s model.net.hidden=[8] -o other.h5
  refused 4 "other.h5: its column '.*' is none of the first model's; give models of the same columns" flow-score m.h5 rows.csv --mix other.h5
  refused 4 'one.h5: a model of 1 columns given 0, and the first is of 3 columns given 0; give models' flow-score m.h5 rows.csv --mix one.h5
}
