#!/usr/bin/env bats
# Images: the same rows from HDF5, npy, IDX and folders of PNG files, and what is drawn of them.

load common

# 60 grey images of 6 x 5 bytes and 40 of 4 x 4 in three colours, in every form; a model of each.
setup_file() {
  enter_files || return
  "$python" - <<'end'
import h5py, numpy as np, os, struct, zlib
def png(path, a):
    h, w = a.shape[:2]
    part = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    lines = b"".join(b"\0" + a[y].tobytes() for y in range(h))
    open(path, "wb").write(b"\x89PNG\r\n\x1a\n" + part(b"IHDR", struct.pack(">2I5B", w, h, 8, 2 * (a.ndim > 2), 0, 0, 0)) +
                           part(b"IDAT", zlib.compress(lines)) + part(b"IEND", b""))
def idx(path, a):
    open(path, "wb").write(bytes([0, 0, 8, a.ndim]) + struct.pack(">%dI" % a.ndim, *a.shape) + a.tobytes())
g = np.random.default_rng(1)
labels = (np.arange(60) % 2).astype("u1")
grey = (g.integers(0, 120, (60, 6, 5)) + 100 * labels[:, None, None]).astype("u1")
colour = g.integers(0, 256, (40, 4, 4, 3)).astype("u1")
for name, a in ("grey", grey), ("colour", colour):
    h5py.File(name + ".h5", "w")["x"] = a
    np.save(name + ".npy", a)
    idx(name + ".idx", a)
    os.mkdir(name)
    for i, image in enumerate(a): png("%s/%03d.png" % (name, i), image)
idx("labels.idx", labels)
end
  for kind in grey colour; do
    fit $kind.h5 -o $kind-model.h5
  done
}
setup() { cd "$files" || return; }

fit() { flow-train -q -c realnvp -s data.dequantise=uniform -s train.epochs=2 -s 'model.net.hidden=[16]' -f "$@"; }

@test "the same model and the same scores from each form, from pipes too" {
  for kind in grey colour; do
    flow-score -q $kind-model.h5 $kind.h5 >scores
    for form in $kind.npy $kind.idx $kind; do
      fit $form -o again.h5
      cmp $kind-model.h5 again.h5
      flow-score -q $kind-model.h5 $form | cmp - scores
    done
    flow-score -q $kind-model.h5 <$kind.npy | cmp - scores
    gzip -c $kind.idx | zcat | flow-score -q $kind-model.h5 | cmp - scores
    flow-score -q $kind-model.h5 $kind/000.png | cmp - <(head -n 1 scores)
    flow-score -q $kind-model.h5 <$kind/000.png | cmp - <(head -n 1 scores)
  done
}

@test "samples of images are images" {
  flow-sample colour-model.h5 -n 7 -o samples.h5
  h5dump -H samples.h5 | grep -q 'SIMPLE { ( 7, 4, 4, 3 )'
}

@test "IDX labels are a column of labels" {
  fit grey.idx --context labels.idx --label-columns 1 -o class.h5
  flow-sample class.h5 --given 1 -n 2 -O csv >two
  [ "$(wc -l <two)" -eq 2 ]
  refused 3 'labels.idx: goes on behind 40 rows, and colour.idx ends there' fit colour.idx --context labels.idx --label-columns 1 -o none.h5
}

@test "what is no image, or not like the others, is refused" {
  gzip -c grey.idx >grey.gz
  refused 3 'grey.gz: is compressed; .*zcat grey.gz' flow-score grey-model.h5 grey.gz
  head -c 1000 grey.idx >cut.idx
  refused 3 'cut.idx: truncated: 32 of 60 rows, 816 bytes short' flow-score grey-model.h5 cut.idx
  refused 3 'truncated: 32 of 60 rows' sh -c 'cat cut.idx | flow-encode grey-model.h5 -o none.h5'
  mkdir mixed
  cp grey/000.png mixed/a.png
  cp colour/000.png mixed/b.png
  refused 3 'mixed/b.png: is 4 x 4 in colour, and mixed/a.png is 6 x 5 grey' flow-train mixed -o none.h5
  head -c 60 grey/001.png >mixed/b.png
  refused 3 'mixed/b.png: is no whole PNG: .*; make the file again' flow-train mixed -o none.h5
  refused 3 'colour: 48 columns, and the model has 30' flow-score grey-model.h5 colour
  refused 2 'images are files of a folder, -O png' flow-sample grey-model.h5 -o rows.png
  [ ! -e none.h5 ]
}

@test "images of bytes have 256 levels, and what is declared counts" {
  range() { flow-train -c realnvp -s data.dequantise=uniform "$@" --print-config | grep -oE '(low|high|levels|bits): [0-9]+' | paste -sd' '; }
  head -c 16 grey.idx >dark.idx
  head -c 1800 /dev/zero | tr '\0' '\310' >>dark.idx  # 200
  [ "$(range dark.idx)" = 'levels: 256 low: 0 high: 256' ]
  [ "$(range "$root/configs/data/digits.h5")" = 'low: 0 high: 17' ]
  [ "$(range "$root/configs/data/digits.h5" -s data.levels=20)" = 'levels: 20 low: 0 high: 20' ]
  [ "$(range grey.idx -s data.bits=5)" = 'bits: 5 levels: 256 low: 0 high: 32' ]
  refused 2 'data.bits: are those of bytes' flow-train grey.idx -s data.dequantise=uniform -s data.bits=5 -s data.levels=32 -o none.h5
  refused 2 'data.levels: needs data.dequantise: uniform' flow-train grey.idx -s data.levels=256 -o none.h5
}

@test "a number that is no level is named by row and pixel" {
  fit grey.h5 -s data.levels=256 -o levels.h5
  "$python" - <<'end'
import h5py, numpy as np
a = np.load("grey.npy").astype("f4")
a[3, 2, 4] = 256
a[5, 0, 0] = 1.5
np.save("bad.npy", a)
end
  refused 3 'bad.npy: row 4: pixel \(3, 5\) is 256; levels are 0 to 255; change data.levels' flow-train -q bad.npy -s data.dequantise=uniform -s data.levels=256 -o none.h5
  refused 3 'bad.npy: row 4: pixel \(3, 5\) is 256' flow-encode levels.h5 bad.npy -o none.h5
  flow-score -q levels.h5 bad.npy | grep -nx -e -inf | cut -d: -f1 | paste -sd' ' | grep -x '4 6'
  run --separate-stderr flow-score levels.h5 bad.npy --on-out-of-support fail
  [ "$status" -eq 3 ]
  [[ $stderr == *'row 4: pixel (3, 5) is 256'* ]]
}

@test "five bits: what the flow sees, what is given back, and bits/dim by hand" {
  fit grey.h5 -s data.bits=5 -o five.h5
  # The bits that are not kept do not matter, and the noise is that of the levels.
  "$python" - <<'end'
import numpy as np
a = np.load("grey.npy")
np.save("same.npy", a // 8 * 8 + 7 - a % 8)
np.save("levels.npy", a // 8)
end
  flow-score -q five.h5 grey.h5 >scores
  flow-score -q five.h5 same.npy | cmp - scores
  fit levels.npy -s data.levels=32 -o levels.h5
  flow-score -q levels.h5 levels.npy | cmp - scores
  paste scores <(flow-score -q five.h5 grey.h5 --bits-per-dim) | awk '{d = -$1 / (30 * log(2)) - $2; if (d * d > 1e-18) exit 1}'
  flow-sample five.h5 -n 500 -o samples.npy
  flow-encode five.h5 grey.h5 -o z.h5
  flow-encode five.h5 --decode z.h5 -o back.npy
  "$python" - <<'end'
import numpy as np
s, a, back = np.load("samples.npy"), np.load("grey.npy"), np.load("back.npy")
kept = {np.floor(k * 255 / 31 + 0.5) for k in range(32)}
assert set(s.flat) <= kept and len(set(s.flat)) > 20
assert (back // 8 == a // 8).all() and set(back.flat) <= kept
end
}

@test "the mean over draws of the noise: closer, keyed by row, one draw being the default" {
  flow-score -q grey-model.h5 grey.h5 >one
  flow-score -q grey-model.h5 grey.h5 --dequant-samples 1 | cmp - one
  flow-score -q grey-model.h5 grey.h5 --dequant-samples 5 >five
  flow-score -q grey-model.h5 grey.h5 --dequant-samples 5 --threads 1 | cmp - five
  "$python" -c 'import numpy as np; np.save("tail.npy", np.load("grey.npy")[23:])'
  flow-score -q grey-model.h5 tail.npy --dequant-samples 5 --row-offset 23 | cmp - <(tail -n +24 five)
  # The first draw is the default, and a mean is no less than a fifth of it.
  paste one five | awk '{d = $2 - $1 + log(5); if (d < -1e-9) exit 1; if ($1 != $2) ++other} END {exit !(other == NR)}'
  # Where the noise matters much, of few levels:
  fit "$root/configs/data/digits.h5" -o digits.h5
  mean() { flow-score -q digits.h5 "$root/configs/data/digits.h5" --dequant-samples $1 | awk '{s += $1} END {print s / NR}'; }
  awk "BEGIN {exit !($(mean 1) < $(mean 4) && $(mean 4) < $(mean 20))}"
  for other in --pvalue --typicality --per-layer; do
    refused 2 'are of one draw' flow-score grey-model.h5 grey.h5 --dequant-samples 2 $other
  done
  refused 2 'must be from 1' flow-score grey-model.h5 grey.h5 --dequant-samples 0
}

# png FILE: its width, height and colours.
png() { file "$1" | grep -oE '[0-9]+ x [0-9]+, 8-bit/?(color RGB|.*grayscale)'; }

@test "several temperatures: the same noise, one after the other, a band each" {
  flow-sample grey-model.h5 -n 12 --temperature 0.5,1 --seed 3 -O csv >both
  for t in 0.5 1; do flow-sample grey-model.h5 -n 12 --temperature $t --seed 3 -O csv; done | cmp - both
  flow-sample colour-model.h5 -n 8 --temperature 0.5,0.7,0.9,1 --png bands.png -o bands.h5
  # 4 x 4 pixels are 40 wide; lines of 4, two to a band.
  [ "$(png bands.png)" = '170 x 368, 8-bit/color RGB' ]
  h5dump -H bands.h5 | grep -q 'SIMPLE { ( 32, 4, 4, 3 )'
  flow-sample grey-model.h5 -n 4 --png one.png -o one.h5
  [ "$(png one.png)" = '86 x 102, 8-bit grayscale' ]
  refused 2 'temperature' flow-sample grey-model.h5 --temperature 0.5,
  refused 2 'temperature: must be 0 or more' flow-sample grey-model.h5 --temperature 0.5,-1
  refused 2 '0 rows make no picture' flow-sample grey-model.h5 -n 0 --png none.png
  [ ! -e none.png ]
}

@test "lines of images: their ends are the rows, all is drawn, and what cannot be is refused" {
  cp colour-model.h5 m.h5
  flow-encode m.h5 colour.h5 --interpolate 3,17 --interpolate 40,1 --steps 5 --png lines.png -o lines.npy
  [ "$(png lines.png)" = '212 x 86, 8-bit/color RGB' ]
  flow-encode m.h5 colour --interpolate 3,17 --interpolate 40,1 --steps 5 --threads 1 -O npy | cmp - lines.npy
  "$python" - <<'end'
import numpy as np
l, x = np.load("lines.npy"), np.load("colour.npy")
assert l.shape == (10, 4, 4, 3)
for i, row in (0, 3), (4, 17), (5, 40), (9, 1): assert (l[i] == x[row - 1]).all(), i
assert (l[2] != l[0]).any() and (l[2] != l[4]).any() and (l == np.floor(l)).all()
end
  refused 3 'colour.h5:/x: has 40 rows, and --interpolate names row 41' flow-encode m.h5 colour.h5 --interpolate 1,41 -o none.h5
  refused 2 'rows are numbered from 1' flow-encode m.h5 colour.h5 --interpolate 0,4 -o none.h5
  refused 2 "'4' is no pair" flow-encode m.h5 colour.h5 --interpolate 4 -o none.h5
  refused 2 'interpolate' flow-encode m.h5 colour.h5 --interpolate 4,a -o none.h5
  refused 2 'steps: must be from 2' flow-encode m.h5 colour.h5 --interpolate 1,2 --steps 1 -o none.h5
  refused 2 'leave out' flow-encode m.h5 colour.h5 --interpolate 1,2 --check
  refused 2 'png: draws with --interpolate or --check' flow-encode m.h5 colour.h5 --png none.png
  refused 2 'lines.png: exists' flow-encode m.h5 colour.h5 --interpolate 1,2 --png lines.png
  [ ! -e none.h5 ]
}

@test "a conditional line has the context of both ends" {
  fit grey.idx --context labels.idx --label-columns 1 -o class.h5
  flow-encode class.h5 grey.idx --context labels.idx --label-columns 1 --interpolate 2,7 --steps 3 -o line.npy
  "$python" -c 'import numpy as np; l, x = np.load("line.npy"), np.load("grey.npy"); assert (l[0] == x[1]).all() and (l[2] == x[6]).all()'
}

@test "each pixel comes back, and one that cannot is counted" {
  run -0 flow-encode grey-model.h5 grey.h5 --check --png back.png
  [ "${lines[1]}" = '0 of 1800 integers come back as others' ]
  [ "$(png back.png)" = '842 x 322, 8-bit grayscale' ]
  fit grey.h5 -s data.bits=3 -o three.h5
  [ "$(flow-encode three.h5 grey.h5 --check | tail -n 1)" = '0 of 1800 integers come back as others' ]
  # Beyond the range of training.
  fit "$root/configs/data/digits.h5" -o digits.h5
  "$python" - <<'end'
import h5py, numpy as np, os
a = h5py.File(os.environ["root"] + "/configs/data/digits.h5")["test"][:9]
a[4, 0, 0] = 18
np.save("beyond.npy", a)
end
  run --separate-stderr flow-encode digits.h5 beyond.npy --check --tolerance 1
  [ "$status" -eq 1 ]
  [ "${lines[1]}" = '1 of 576 integers come back as others' ]
  [[ $stderr == *'beyond.npy: row 5 is the first whose integers come back as others'* ]]
}

@test "samples while training: of the validated weights, and no failure ends the run" {
  fit grey.h5 -o plain.h5 -s train.epochs=10
  fit grey.h5 -o m.h5 -s train.epochs=10 --samples-every 5
  cmp plain.h5 m.h5
  [ "$(echo m.h5.samples-*)" = 'm.h5.samples-05.png m.h5.samples-10.png' ]
  run ! cmp -s m.h5.samples-05.png m.h5.samples-10.png
  # Of the last epoch, where that is the best: the model's own.
  fit "$root/configs/data/digits.h5" -o c.h5 -s train.epochs=3 --samples-every 3
  flow-sample c.h5 -n 64 --png own.png -o own.npy
  cmp own.png c.h5.samples-3.png
  fit grey.idx --context labels.idx --label-columns 1 -o class.h5 --samples-every 2
  [ "$(png class.h5.samples-2.png)" = '338 x 402, 8-bit grayscale' ]
  mkdir n.h5.samples-05.png
  run -0 --separate-stderr fit grey.h5 -o n.h5 -s train.epochs=10 --samples-every 5
  [[ $stderr == *'n.h5.samples-05.png: is not drawn, and training goes on: '* ]]
  cmp plain.h5 n.h5
  [ -s n.h5.samples-10.png ]
  awk 'BEGIN {for (i = 0; i < 90; ++i) print rand() "," rand() "," rand()}' >three.csv
  cut -d, -f1,2 three.csv >two.csv
  fit two.csv -s data.dequantise=none -o two.h5 --samples-every 2
  [[ $(file two.h5.samples-2.png) == *'PNG image data, 580 x 566'* ]]
  refused 2 'samples-every: draws images, or rows of two columns' fit three.csv -s data.dequantise=none -o none.h5 --samples-every 2
  [ ! -e none.h5 ]
}

@test "patches are prepared by every program, and samples are so already" {
  cp "$files/grey.h5" patches.h5
  flow-train -q -c realnvp -s data.prepare=patches -s train.epochs=2 -s 'model.net.hidden=[16]' -f patches.h5 -o p.h5
  flow-info --json p.h5 | grep -q '"shape":\[29\]'
  flow-score p.h5 patches.h5 >scores
  [ "$(wc -l <scores)" = 60 ]
  # There and back: the rows as they were prepared, which have the same scores.
  flow-encode p.h5 patches.h5 | flow-encode p.h5 --decode -f -o prepared.h5
  flow-score p.h5 prepared.h5 | paste scores - | awk '($1 - $2) ^ 2 > 1e-6 * $1 ^ 2 {print; exit 1}'
  flow-sample p.h5 -n 50 | flow-score p.h5 | awk 'END {exit NR != 50}'
  printf '1,2,3\n4,5.5,6\n' >halves.csv
  refused 3 'row 2, column 2: no integer of 0 to 255' flow-train -c realnvp -s data.prepare=patches halves.csv -o q.h5
}
