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
  refused 2 'rows are not written so' flow-sample grey-model.h5 -o rows.png
  [ ! -e none.h5 ]
}
