# Flows of images, on the 8x8 digits: multi-scale layers through every tool.

load common

setup_file() {
  enter_files
  cp "$root/configs/data/digits.h5" .
  flow-train -q digits.h5 -c glow-mnist -s 'model.net.hidden=[16,16]' -s train.epochs=3 -o glow.h5
  flow-train -q digits.h5 -c realnvp-mnist -s model.net.channels=8 -s train.epochs=8 -o nvp.h5
}

setup() {
  enter_files
}

@test "image flows beat a Gaussian on the digits after a few epochs" {
  for m in glow nvp; do
    flow-score -q $m.h5 digits.h5 | awk '{s += $1} END {print s / NR; exit !(s / NR > -125)}'
  done
}

@test "every pixel comes back: encoded in the middle of its noise, decoded, floored" {
  for m in glow nvp; do
    flow-encode $m.h5 digits.h5:/test | flow-encode $m.h5 --decode -O npy >back.npy
    "$python" -c '
import h5py, numpy
x = h5py.File("digits.h5")["test"][:].reshape(179, -1)
assert (numpy.load("back.npy").reshape(179, -1) == x).all()'
    flow-check $m.h5 digits.h5:/test --rows 60 >check.txt || { cat check.txt; false; }
  done
}

@test "scores do not depend on threads, blocks or neighbours" {
  flow-score glow.h5 digits.h5:/test --threads 1 >one
  flow-score glow.h5 digits.h5:/test --threads 3 | cmp - one
  "$python" -c '
import h5py
h5py.File("part.h5", "w")["x"] = h5py.File("digits.h5")["test"][100:117]'
  flow-score glow.h5 part.h5 --row-offset 100 >part
  sed -n 101,117p one | cmp - part
}

@test "a class-conditional prior sees the label" {
  cat >prior.yaml <<'YAML'
data: {dequantise: uniform}
model:
  net: {kind: convolution, hidden: [8]}
  layers:
    - {kind: logit, alpha: 1e-3}
    - kind: squeeze
    - {kind: actnorm, per: channel}
    - {kind: affine-coupling, split: channels}
    - {kind: affine-coupling, condition: context, net: {kind: mlp, hidden: []}}
train: {epochs: 3}
YAML
  flow-train -q digits.h5 -c ./prior.yaml --context digits.h5:/train_y --validation digits.h5:/validation \
    --validation-context digits.h5:/validation_y --label-columns 1 -o prior.h5 || skip "labels beside a data set: see flow-train(1)"
  flow-sample prior.h5 --given 3 -n 4 >three.h5
  flow-sample prior.h5 --given 5 -n 4 >five.h5
  run ! cmp -s three.h5 five.h5
}

@test "images that the layers cannot take are refused in one line" {
  "$python" -c '
import h5py, numpy
f = h5py.File("odd.h5", "w")
f["x"] = numpy.random.default_rng(1).integers(0, 255, (40, 6, 8), dtype=numpy.uint8)
g = h5py.File("rgb.h5", "w")
g["x"] = numpy.random.default_rng(1).integers(0, 255, (40, 8, 8, 3), dtype=numpy.uint8)'
  refused 2 'level 2 have 3 x 4 pixels, and a squeeze halves both; use fewer levels' flow-train odd.h5 -c glow-mnist -o m.h5
  refused 2 'put \{kind: planes\} before' flow-train rgb.h5 -c glow-mnist -o m.h5
  awk 'BEGIN {for (i = 0; i < 50; ++i) print int(rand() * 5) "," int(rand() * 9)}' >t.csv
  refused 2 'rows are no images; give data of height x width' flow-train t.csv -c glow-mnist -s data.dequantise=uniform -o m.h5
}

@test "images in colour train, and sample in their own shape" {
  flow-train -q rgb.h5 -c glow-cifar10 -s 'model.net.hidden=[8]' -s train.epochs=1 -o rgb-model.h5
  flow-sample rgb-model.h5 -n 5 >s.h5
  "$python" -c '
import h5py
s = h5py.File("s.h5")["x"]
assert s.shape == (5, 8, 8, 3) and s[:].min() >= 0 and s[:].max() <= 255'
}

@test "variational dequantisation starts as uniform noise and is an exact bijection" {
  cat >v.yaml <<'YAML'
data: {dequantise: uniform}
model:
  net: {kind: convolution, hidden: [8]}
  layers:
    - {kind: variational-dequantise}
    - {kind: logit, alpha: 1e-3}
    - kind: squeeze
    - {kind: affine-coupling, split: channels}
train: {epochs: 0}
YAML
  grep -v variational v.yaml >u.yaml
  flow-train -q digits.h5 -c ./v.yaml -o v.h5
  flow-train -q digits.h5 -c ./u.yaml -o u.h5
  flow-score v.h5 digits.h5:/test >v
  flow-score u.h5 digits.h5:/test | paste - v | awk '{d = $1 - $2; if (d > 1e-3 || d < -1e-3) exit 1}'
  flow-train -q digits.h5 -c ./v.yaml -s train.epochs=4 -f -o v.h5
  flow-check v.h5 digits.h5:/test --rows 40 >check.txt || { cat check.txt; false; }
}
