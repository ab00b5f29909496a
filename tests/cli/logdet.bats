#!/usr/bin/env bats
# flow-bench-logdet: its output in each format, what it proves of models, and what it refuses.

load common
setup_file() {
  make_files
  flow-train -q rows.csv -c nice -s data.dequantise=none -s train.epochs=2 -s 'model.net={hidden: [16], start: 0.1}' -o nice.h5
  flow-train -q rows.csv -s train.epochs=2 -s model.net.hidden=[16] -s model.net.start=0.1 -o realnvp.h5
}
setup() { cd "$BATS_TEST_TMPDIR" || return; }
teardown() { no_temporaries; }

some='--methods sum,affine,lu --dim 4,16 --hidden 8 -r 2'

# column NAME <TSV
column() { awk -F '\t' -v name="$1" 'NR == 1 {for (i = 1; i <= NF; ++i) if ($i == name) at = i; next} {print $at}'; }

@test "each format tells the same, and every record says where it comes from" {
  # shellcheck disable=SC2086
  for format in tsv csv json jsonl md; do flow-bench-logdet $some -O $format >out.$format; done
  [ "$(column method <out.tsv | xargs)" = 'sum sum affine affine lu lu' ]
  [ "$(column n <out.tsv | xargs)" = '4 16 4 16 4 16' ]
  [ "$(column verdict <out.tsv | sort -u)" = ok ]
  for name in cpu isa numbers threads version commit blas lapack; do
    [ "$(column $name <out.tsv | grep -c .)" -eq 6 ]
  done
  [ "$(column threads <out.tsv | sort -u)" = 1 ]
  "$python" - <<'END'
import csv, json
tsv = list(csv.DictReader(open("out.tsv"), delimiter="\t"))
text = list(csv.DictReader(open("out.csv")))
lines = [json.loads(line) for line in open("out.jsonl")]
array = json.load(open("out.json"))
for other in text, lines, array:
    for a, b in zip(tsv, other, strict=True):
        assert list(text[0]) == list(tsv[0])
        for key in "record", "method", "n", "value", "error", "bound", "isa", "commit":
            assert a[key] == str(b[key]) or float(a[key]) == float(b[key]), (key, a[key], b[key])
for line in lines:
    assert len(line["samples"]) == 2 and min(line["samples"]) > 0 and line["seconds"] > 0
END
  [ "$(grep -c '^| [a-z]* *| *[0-9]' out.md)" -eq 6 ]
  [ "$(awk -F '|' '/^\|/ {print NF}' out.md | sort -u | wc -l)" -eq 1 ]
}

@test "no column of the table is unknown to the page" {
  flow-bench-logdet --dim 4 --methods sum -r 1 | head -1 | tr '\t' '\n' >names
  for name in $(cat names); do
    sed -n '/^.Ss Output/,/^.Sh OPTIONS/p' "$root/man/flow-bench-logdet.1" | grep -qwe "$name" || { echo "$name"; false; }
  done
}

@test "no method is unknown to the page" {
  refused 2 'there are: usual all sum' flow-bench-logdet --methods nope
  for name in $(sed 's/.*there are: usual all//' <<<"${stderr_lines[0]}"); do
    grep -E '^\.It Cm' "$root/man/flow-bench-logdet.1" | grep -qwe "$name" || { echo "$name"; false; }
  done
}

@test "slopes are fitted, and --check holds them to the theory" {
  flow-bench-logdet --methods sum --dim 512,1024,2048 -r 3 --check >out.tsv
  [ "$(column record <out.tsv | tail -1)" = fit ]
  column slope <out.tsv | tail -1 | awk '{exit !($1 > 0.8 && $1 < 1.2)}'
  refused 2 '--check: nothing to fit' sh -c 'flow-bench-logdet --methods sum --dim 16,32,64 -r 1 --check >/dev/null'
}

# lapack MILLISECONDS RIGHT: a library whose getrf takes so long for any size, and factors rightly (1) or not
# at all (0).
lapack() {
  cat >slow.c <<'END'
#include <math.h>
#include <time.h>
#define GETRF(name, T) \
  void name(const int *m, const int *n, T *a, const int *ld, int *pivots, int *info) \
  { \
    for (const clock_t end = clock() + CLOCKS_PER_SEC * DELAY / 1000; clock() < end;) continue; \
    *info = 0; \
    for (int k = 0; k < *n && RIGHT; ++k) { \
      int p = k; \
      for (int i = k; i < *n; ++i) if (fabs(a[i + (long)k * *ld]) > fabs(a[p + (long)k * *ld])) p = i; \
      pivots[k] = p + 1; \
      for (int j = 0; j < *n; ++j) { \
        T *c = a + (long)j * *ld, t = c[k]; \
        c[k] = c[p], c[p] = t; \
      } \
      for (int i = k + 1; i < *n; ++i) a[i + (long)k * *ld] /= a[k + (long)k * *ld]; \
      for (int j = k + 1; j < *n; ++j) \
        for (int i = k + 1; i < *n; ++i) a[i + (long)j * *ld] -= a[i + (long)k * *ld] * a[k + (long)j * *ld]; \
    } \
    (void)m; \
  }
GETRF(sgetrf_, float)
GETRF(dgetrf_, double)
END
  cc -O2 -shared -fPIC "-DDELAY=$1" "-DRIGHT=$2" slow.c -o lapack.so -lm
}

@test "a method that is wrong, or grows otherwise than theory says, is named" {
  lapack 0 0
  run --separate-stderr flow-bench-logdet --lapack ./lapack.so --methods getrf --dim 64 -r 1
  echo "$stderr"
  [ "$status" -eq 1 ] && [[ $stderr == *'getrf at N = 64, off by more than rounding allows'* ]]
  lapack 300 1
  run --separate-stderr flow-bench-logdet --lapack ./lapack.so --methods getrf --dim 512,640,768 -r 1 --budget 10m --check
  echo "$stderr"
  [ "$status" -eq 1 ] && [[ $stderr == *'--check: getrf grows as N^'*', and theory says otherwise'* ]]
}

@test "trained models are exact at real rows, and at their own samples" {
  for model in nice realnvp; do
    flow-bench-logdet --model "$files/$model.h5" "$files/rows.csv" --rows 40 >out.tsv
    [ "$(column record <out.tsv | grep -c row)" -eq 40 ]
    [ "$(column verdict <out.tsv | grep -c ok)" -eq 40 ]
    column record <out.tsv | grep -qx step
    flow-bench-logdet --model "$files/$model.h5" >out.tsv
    [ "$(column verdict <out.tsv | grep -c ok)" -eq 16 ]
  done
  # Of a model that knows missing cells, at rows that have all.
  awk -F, -v OFS=, 'NR % 3 == 0 {$2 = "NA"} 1' "$files/rows.csv" >holes.csv
  flow-train -q holes.csv --missing marginal -s train.epochs=1 -s model.net.hidden=[8] -o holes.h5
  flow-bench-logdet --model holes.h5 holes.csv >out.tsv
  [ "$(column verdict <out.tsv | grep -c ok)" -eq 16 ]
  # The first row's log-det is what the layers of flow-score add up to.
  flow-bench-logdet --model "$files/realnvp.h5" - <"$files/rows.csv" | column value | head -1 >got
  flow-score -q "$files/realnvp.h5" "$files/rows.csv" --per-layer -O tsv |
    awk -F '\t' 'NR == 2 {for (i = 1; i <= NF - 2; ++i) sum += $i; print sum}' >want
  paste got want | awk '{exit !(($1 - $2)^2 < 1e-10)}'
}

@test "an error beyond the tolerance, and rows of no density" {
  run --separate-stderr flow-bench-logdet --model "$files/realnvp.h5" "$files/rows.csv" --tolerance 1e-20
  [ "$status" -eq 1 ]
  [[ $stderr == *"not that of the dense Jacobian within --tolerance"* ]]
  column verdict <<<"$output" | grep -q OFF
  echo 'model: {layers: [{kind: log, low: -2}, {kind: actnorm}]}' >log.yaml
  flow-train -q -c log.yaml "$files/rows.csv" -s train.epochs=1 -o log.h5
  printf '1,1,1\n-3,1,1\n' >outside.csv
  flow-bench-logdet --model log.h5 outside.csv >out.tsv
  [ "$(column verdict <out.tsv | head -2 | xargs)" = 'ok unchecked' ]
  column note <out.tsv | grep -q 'outside of the support'
  echo '-3,1,1' >outside.csv
  run --separate-stderr flow-bench-logdet --model log.h5 outside.csv
  [ "$status" -eq 1 ] && [[ $stderr == *'log.h5: no row lies in the support of the model' ]]
}

@test "what training costs: a preset, and flows for given rows" {
  flow-bench-logdet --preset realnvp --dim 8 >out.tsv
  [ "$(column method <out.tsv)" = realnvp ]
  column ratio <out.tsv | awk '{exit !($1 > 1)}'
  column share <out.tsv | awk '{exit !($1 > 0 && $1 < 1)}'
  [ "$(column dense_source <out.tsv)" = measured ]
  flow-bench-logdet --preset glow-mnist --dim 16 >out.tsv
  [ "$(column method <out.tsv)" = glow-mnist ]
  refused 2 'rows are no images' flow-bench-logdet --preset glow-mnist --dim 15
  flow-bench-logdet --data "$files/rows.csv" --preset realnvp,maf-5 --within 100h >out.tsv
  [ "$(column record <out.tsv | xargs)" = 'run run' ]
  [ "$(column verdict <out.tsv | sort -u)" = fits ]
  flow-bench-logdet --data "$files/rows.csv" --preset realnvp --within 0.000001s >out.tsv
  [ "$(column verdict <out.tsv)" = '0 epochs fit' ]
}

@test "plots: SVG and PNG, whole or not at all" {
  # shellcheck disable=SC2086
  flow-bench-logdet $some --plot p.svg >out.tsv
  "$python" - <<'END'
import xml.etree.ElementTree as tree
root = tree.parse("p.svg").getroot()
texts = ["".join(t.itertext()) for t in root.iter("{http://www.w3.org/2000/svg}text")]
for wanted in "time of one", "time grows as":
    assert wanted in texts, texts
for method in "sum (N)", "affine (N)", "lu (N^3)":
    assert method in texts, texts
END
  # shellcheck disable=SC2086
  flow-bench-logdet $some --plot p.png >out.tsv
  file p.png | grep -q 'PNG image data, 2200 x 1460, 8-bit/color RGB'
  refused 2 'p.svg: exists; use -f' flow-bench-logdet --dim 4 --plot p.svg
  refused 2 'ends in .svg or .png' flow-bench-logdet --dim 4 --plot p.gif
  refused 1 'none/p.svg: cannot be written' flow-bench-logdet --dim 4 --plot none/p.svg
}

@test "a budget leaves out what would take too long, and says so" {
  run -0 --separate-stderr flow-bench-logdet --methods cofactor --dim 8,11 -r 1 --budget 0.2s
  [[ $stderr == *"cofactor at N = 11 and above: left out"*"--budget"* ]]
  [ "$(column n <<<"$output")" = 8 ]
}

@test "refusals" {
  refused 2 "--dim: '0'" flow-bench-logdet --dim 0
  refused 2 "'x': DATA stands behind --model" flow-bench-logdet x
  refused 1 'lu at N = 65536: takes [0-9.]+ GB of memory' flow-bench-logdet --methods lu --dim 65536
  refused 2 'no method takes any of these sizes' sh -c 'flow-bench-logdet --methods cofactor --dim 300 >/dev/null'
  refused 2 'none.so: is no library with getrf' flow-bench-logdet --dim 4 --lapack none.so
  refused 4 'none.h5' flow-bench-logdet --model none.h5
  printf '1,2\n3,4\n' >two.csv
  refused 3 'two.csv: 2 columns, and the model has 3' flow-bench-logdet --model "$files/nice.h5" two.csv
  refused 2 'no such file or preset' flow-bench-logdet --preset nope
}
