#!/usr/bin/env bats
# flow-info --export-c: what it writes compiles as strict C99 and scores as flow-score does; what it cannot
# write it refuses by name.

load common

setup_file() {
  make_files
  for part in train test; do
    flow-data convert "$root/configs/data/digits.h5:/$part" -O npy -o $part.npy
    "$python" -c 'import numpy, sys
a = numpy.load(sys.argv[1]); numpy.save(sys.argv[1], a.reshape(len(a), -1) + 0.25)' $part.npy
  done
  flow-data toy moons -n 2000 -q -o moons.csv
  # Of different types: above 0, between 2 and 5, heavy-tailed, whole; and rows out of the support.
  awk 'BEGIN {
    srand(3)
    for (i = 0; i < 700; ++i) {
      x = rand() - rand(); print exp(x) "," 2 + 3 * rand() * rand() "," x / (0.01 + rand()) "," x
    }
  }' >types.csv
  printf -- '-1,3,0,0\n1,1,0,0\n1,5.5,0,0\n1e-30,3,1e6,-4\n' >beyond.csv
  cat >main.c <<'END'
#include <stdio.h>
#include <stdlib.h>
double model_logp(const float x[]);
int main(int argc, char **argv)
{
  int d = argc > 1 ? atoi(argv[1]) : 0, j = 0;
  float x[64];
  while (d > 0 && scanf("%f", x + j) == 1)
    if (++j == d) printf("%.17g\n", model_logp(x)), j = 0;
  return 0;
}
END
}

setup() { cd "$files" || return; }

# same_scores MODEL ROWS COLUMNS: within 1e-4 of max(1, |log p|), and the worst error is printed.
same_scores() {
  flow-info "$1" --export-c model >model.c
  cc -std=c99 -O1 -Wall -Wextra -pedantic -Werror -c model.c
  cc -std=c99 -O1 -Wall -Wextra -pedantic -Werror main.c model.o -lm -o score
  flow-data convert "$2" -O tsv | grep -v '[a-df-z]' | ./score "$3" >got
  flow-score -q "$1" "$2" >wanted
  paste got wanted | awk '
    {e = $1 == $2 ? 0 : $1 - $2; e = e < 0 ? -e : e; a = $2 < 0 ? -$2 : $2; e /= a > 1 ? a : 1}
    e > worst || e != e {worst = e}
    END {print "worst", worst, "of", NR, "rows"; exit !(NR > 0 && worst < 1e-4)}'
  [ "$(wc -l <got)" -eq "$(wc -l <wanted)" ]
}

@test "real columns: couplings of two dimensions, of NICE, of splines and of residual nets" {
  flow-train -q -c realnvp moons.csv -s train.epochs=5 -o two.h5
  same_scores two.h5 moons.csv 2
  for preset in rq-nsf-c realnvp glow-lu; do
    flow-train -q -c $preset rows.csv -s train.epochs=3 -o $preset.h5
    same_scores $preset.h5 rows.csv 3
  done
}

@test "digits as real numbers: pairs of nets, masked nets, batch norm, learned gains" {
  for preset in realnvp-5 maf-5 rq-nsf-ar; do
    flow-train -q -c $preset train.npy -s train.epochs=3 -s "$(small_net "$root/configs/$preset.yaml")" -o d-$preset.h5
    same_scores d-$preset.h5 test.npy 64
  done
}

@test "columns by their types, and rows out of the support" {
  [ "$(number_bytes)" -eq 4 ] || skip 'parameters are exported as float, which is not exact enough here'
  flow-train -q types.csv -s train.epochs=5 -o types.h5 --columns-from data
  same_scores types.h5 types.csv 4
  flow-train -q types.csv -s train.epochs=3 -o declared.h5 -s 'columns=[{type: positive}, {type: interval, low: 2, high: 5}, {type: real, robust: true}, {type: real}]'
  same_scores declared.h5 types.csv 4
  same_scores declared.h5 beyond.csv 4
  [ "$(grep -c inf got)" -eq 3 ]
}

@test "layers one by one: gains, activations, bases, logit and log" {
  for layers in '{kind: diagonal}' '{kind: affine-coupling, gain: soft-clip}' '{kind: additive-coupling, condition: second}' \
    '{kind: rescale, low: -2, high: 7}' '{kind: logit, low: -9, high: 9}' '{kind: log, low: -9}' \
    '{kind: affine-coupling, net: {kind: mlp, activation: tanh}}' '{kind: permute, order: interleave}'; do
    [ "${base-}" = logistic ] && base=laplace || base=logistic
    flow-train -q -c realnvp rows.csv -s train.epochs=1 -s "model.layers=[$layers, {kind: affine-coupling}]" \
      -s model.base=$base -f -o one.h5
    same_scores one.h5 rows.csv 3
  done
}

# not_exported PATTERN LAYER [ROWS OPTION...]
not_exported() {
  local rows=rows.csv
  [[ ${3-} != *.npy ]] || { rows=$3; set -- "$1" "$2" "${@:4}"; }
  flow-train -q "$rows" -c realnvp -s train.epochs=1 -s model.net.hidden=[8] -s "model.layers=[$2, {kind: affine-coupling}]" "${@:3}" -f -o other.h5
  refused 2 "$1 is not exported; score with flow-score" flow-info other.h5 --export-c f
}

@test "what is not exported is refused by name" {
  refused 2 'integers, which get noise' flow-info w.h5 --export-c f
  refused 2 "'2x' is no name in C" flow-info m.h5 --export-c 2x
  refused 2 'rows.csv is none' flow-info rows.csv --export-c f
  refused 2 'exclude each other' flow-info m.h5 --export-c f --json
  flow-train -q rows.csv -c realnvp -s train.epochs=1 --context-columns c -o context.h5
  refused 2 'a conditional model' flow-info context.h5 --export-c f
  flow-train -q rows.csv -c realnvp -s train.epochs=1 -s 'model.layers=[{kind: orthogonal}, {kind: affine-coupling}]' -o other.h5
  refused 2 'layer 00-orthogonal' flow-info other.h5 --export-c f
  flow-train -q rows.csv -c rq-nsf-c -s train.epochs=1 -s 'model.layers=[{kind: spline-coupling, pieces: linear}]' -f -o other.h5
  refused 2 '00-spline-coupling: a spline of straight pieces' flow-info other.h5 --export-c f
  awk 'BEGIN {srand(1); for (i = 0; i < 99; ++i) print rand() "," rand() "," rand() "," int(9 * rand())}' >integers.csv
  flow-train -q integers.csv -s train.epochs=1 -s 'columns=[{type: real}, {type: real}, {type: real}, {type: integer}]' -o integers.h5
  flow-data convert "$root/configs/data/digits.h5:/test" -O npy -o digits.npy
  "$python" -c 'import numpy; numpy.save("images.npy", numpy.load("digits.npy") + 0.25)'
  refused 2 'column 4, type: integer.*, is not exported' flow-info integers.h5 --export-c f
  flow-train -q rows.csv --missing marginal -s train.epochs=1 -s model.net.hidden=[8] -o marginal.h5
  refused 2 'a model of rows with missing cells is not exported' flow-info marginal.h5 --export-c f
  flow-train -q -c realnvp digits.npy -s data.prepare=patches -s train.epochs=1 -s model.net.hidden=[8] -o patches.h5
  refused 2 'a model with data.prepare is not exported' flow-info patches.h5 --export-c f
  not_exported 'a base of kind student-t' '{kind: actnorm}' -s model.base=student-t
  not_exported '00-actnorm: per channel' '{kind: actnorm, per: channel}' images.npy
  not_exported 'a linear layer with parameterisation qr' '{kind: linear, parameterisation: qr}'
  not_exported '00-affine-coupling: gain softplus' '{kind: affine-coupling, gain: softplus}'
  not_exported '00-affine-coupling: a least gain' '{kind: affine-coupling, gain: sigmoid, least: 0.01}'
  not_exported '00-affine-coupling: a shift before the scale' '{kind: affine-coupling, shift: before}'
  not_exported '00-spline-coupling: a spline of a circle' '{kind: spline-coupling, spline: circular}'
  not_exported '00-spline-coupling: a spline with a clip' '{kind: spline-coupling, clip: 5}'
  not_exported 'a coupling split by checkerboard' '{kind: affine-coupling, split: checkerboard, net: {kind: convolution, hidden: [4]}}' images.npy
  not_exported 'direction inverse' '{kind: affine-autoregressive, direction: inverse, net: {kind: mlp, hidden: [8]}}'
  not_exported 'a masked residual net' '{kind: affine-autoregressive, net: {kind: residual, hidden: [8]}}'
}
