#!/usr/bin/env bats
# flow-info: what it says of models and of rows is what is there.

load common
setup_file() { make_files; }
setup() { cd "$files" || return; }

# json COMMAND...: its output as `d` in the Python expression on stdin, which must hold.
json() {
  "$@" >object.json
  $python -c 'import json, math, sys
d = json.load(open("object.json"))
assert eval(sys.stdin.read()), d'
}

@test "of a model: rows, parameters, history, as the file has them" {
  flow-train rows.csv -s train.epochs=3 -o told.h5 2>told
  flow-info told.h5 >page
  cat page
  rows=$(grep -oE '[0-9]+ rows to train on' told | cut -d' ' -f1)
  held=$(grep -oE '[0-9]+ held out' told | cut -d' ' -f1)
  grep -q "^trained on  *$rows rows, $held to validate; digest [0-9a-f]\{64\}$" page
  grep -q '^held-out rows  mean log-density .* nats, epoch [1-3] of 3$' page
  grep -qE '^b +type: (positive|real)' page
  [ "$(grep -c 'nats, over 3 epochs' page)" -eq 2 ]
  parameters=$(grep -oE '[0-9]+ parameters' told | cut -d' ' -f1)
  grep -qE "^total +$parameters " page
  json flow-info told.h5 --json <<<"d['parameters'] == $parameters == sum(l['trained'] for l in d['layers']) \
    and d['rows'] == $rows and len(d['history']['train']) == 3 and len(d['reference']) == $held \
    and [c['name'] for c in d['columns']] == ['a', 'b', 'c'] and d['round_trip'] < 1e-3"
}

@test "the digest of the rows is that of the rows" {
  flow-train -q rows.csv -s train.epochs=1 --seed 4 -f -o one.h5
  flow-train -q rows.csv -s train.epochs=2 --seed 4 -f -o two.h5
  sed '$s/$/1/' rows.csv | flow-train -q -s train.epochs=1 --seed 4 -f -o other.h5
  digest() { flow-info "$1" --json | grep -oE '"data":"[0-9a-f]{64}"'; }
  [ "$(digest one.h5)" = "$(digest two.h5)" ]
  [ "$(digest one.h5)" != "$(digest other.h5)" ]
}

@test "the layers are those that --dry-run prints" {
  flow-train -q rows.csv -s train.epochs=1 -f -o dry.h5
  diff <(flow-train rows.csv -s train.epochs=1 --dry-run 2>/dev/null | sed '/^$/,$d') \
    <(flow-info dry.h5 | sed -n '/^layer /,/^total/p')
}

@test "curves are ASCII where the terminal or the locale asks" {
  LC_ALL=C.UTF-8 TERM=xterm flow-info m.h5 | grep -q '▁'
  ! LC_ALL=C.UTF-8 TERM=dumb flow-info m.h5 | LC_ALL=C grep -q '[^ -~]' || false
  ! LC_ALL=C TERM=xterm flow-info m.h5 | LC_ALL=C grep -q '[^ -~]' || false
}

@test "curves are no wider than the terminal" {
  "$python" -c 'import pty; pty.openpty()' || skip 'no pseudo-terminals here'
  flow-train -q rows.csv -s train.epochs=70 -s train.patience=0 -s model.net.hidden=[4] -f -o long.h5
  for width in 80 40 20; do
    TERM=dumb "$python" "$root/tests/cli/terminal.py" $width flow-info long.h5 >page
    cat page
    grep -E '^[-+ 0-9.e]{11}\|' page >lines
    [ "$(wc -l <lines)" -eq 8 ]
    [ "$(awk '{if (length > n) n = length} END {print n}' lines)" -eq $((width < 72 ? width : 72)) ]
    run ! grep '^[.:#]' page
  done
}

@test "of rows: how many, of what, with what missing" {
  printf 'a,kind,n\n1.5,red,1\n2.25,blue,\n-3,red,2\n,blue,1\n' >holes.csv
  flow-info holes.csv >page
  cat page
  grep -qx 'holes.csv: text, 4 rows of 3 columns; 2 of them with NaN or infinite numbers' page
  grep -q '^kind  *categorical: 2 words$' page
  grep -q '^a  *real: 3 values from -3 to 2.25$' page
  printf 'a,b,c\n1.5,NA,NA\nNA,2,inf\n' >each.csv
  flow-info each.csv | grep -q '^b  *constant: every value is 2'
  flow-info each.csv | grep -q '^c  *no number is there$'
  flow-info - --json <holes.csv | grep -q '"format":"text".*"rows":4,"missing":2'
  flow-info <(cat holes.csv) | tail -n +2 | cmp - <(tail -n +2 page)
  flow-info "$root/configs/data/digits.h5" >page
  cat page
  grep -q ':/train: HDF5, 1439 rows of 8 x 8 image, 64 numbers, bytes$' page
  grep -q '^data sets: .*/validation_y$' page
  json flow-info "$root/configs/data/digits.h5:/test" --json <<<"d['shape'] == [8, 8] and d['bytes']"
}

@test "names do not steer the terminal" {
  printf '"a\033]0;title\007","\302\233b"\n' >named.csv
  seq 40 | awk '{print $1 % 7 "," $1}' >>named.csv
  flow-train -q -s train.epochs=1 named.csv -f -o named.h5
  for page in "flow-info named.h5" "flow-info named.csv" "flow-data describe named.csv" "flow-check named.h5"; do
    run $page
    [[ $output == *'a?]0;title?'* || $page == flow-check* ]]
    ! LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' <<<"$output" || false
  done
}

@test "JSON has the names as they are, in escapes that do not steer the terminal" {
  printf '"a\033]0;title\007","\302\233b\177é"\n' >named.csv
  seq 40 | awk '{print $1 % 7 "," $1}' >>named.csv
  flow-train -q -s train.epochs=1 named.csv -f -o named.h5
  for page in "flow-info named.h5 --json" "flow-info named.csv --json" "flow-data describe named.csv --json"; do
    run $page
    ! LC_ALL=C grep -qP '[\x00-\x1f\x7f]|\xc2[\x80-\x9f]' <<<"$output" || false
    $python -c 'import json, sys
names = [c["name"] for c in json.load(sys.stdin)["columns"]]
assert names == ["a\x1b]0;title\x07", "\x9bb\x7f\xe9"], names' <<<"$output"
  done
}

@test "what it cannot read is said" {
  refused 3 'none.h5: there is no such file' flow-info none.h5
  refused 2 'FILE is missing' flow-info
  head -c 3000 m.h5 >cut.h5
  refused 3 'cut.h5' flow-info cut.h5
  $python -c 'import h5py' || skip 'no python3-h5py here'
  cp m.h5 bent.h5
  $python -c 'import h5py; h5py.File("bent.h5", "r+")["reference/round_trip"][0] = 7'
  refused 4 'bent.h5: .*round_trip' flow-info bent.h5
}

@test "a report holds all figures in one file, well-formed, that fetches nothing" {
  flow-info m.h5 --data rows.csv --plot report.html
  for figure in loss latents quantiles pairs scores; do grep -q "<figure id=\"$figure\">" report.html; done
  # Numbers, text and paths of the namespaces are all that may be in it.
  ! sed 's|http://www.w3.org/[0-9a-z/]*||g' report.html | grep -E '(src|href)="[^d]|url\(|https?:|@import|<script|<link' || false
  flow-info m.h5 --plot bare.html
  for figure in loss pairs scores; do grep -q "<figure id=\"$figure\">" bare.html; done
  ! grep -q 'id="latents"' bare.html || false
  $python - <<'END'
import xml.dom.minidom
for name in ("report.html", "bare.html"):
    d = xml.dom.minidom.parse(name)
    assert all(len(f.getElementsByTagName("svg")) == 1 for f in d.getElementsByTagName("figure"))
END
  flow-info m.h5 --data rows.csv --plot again.html
  cmp report.html again.html
}

@test "of images a report has a grid of samples" {
  flow-train -q -c digits "$root/configs/data/digits.h5" -s train.epochs=1 -s model.net.hidden=[16] -f -o digits.h5
  flow-info digits.h5 --data "$root/configs/data/digits.h5" --plot digits.html
  grep -q '<img alt="samples" src="data:image/png;base64,iVBORw0KGgo' digits.html
  ! grep -q 'id="pairs"' digits.html || false
  flow-info digits.h5 --figure samples --plot grid.png
  $python - <<'END'
import base64, re
page = open("digits.html").read()
assert base64.b64decode(re.search('base64,([^"]*)', page)[1]) == open("grid.png", "rb").read()
END
}

# seen FILE.html: each figure with whether it has a size, and how many things the page fetched, as a
# browser has them; what it says on its console is in the file `console`.
seen() {
  sed 's|</body>|<script>document.body.dataset.seen = Array.from(document.querySelectorAll("figure"), f => {\
    const drawn = f.querySelector("svg, img"), box = drawn.getBoundingClientRect();\
    return f.id + (box.width > 100 \&\& box.height > 100 \&\& drawn.naturalWidth !== 0 ? "" : " EMPTY");\
    }).join(" ") + ", fetched " + performance.getEntriesByType("resource").length;</script></body>|' "$1" >scripted.html
  "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync \
    --disable-background-networking --disable-component-update --user-data-dir="$BATS_TEST_TMPDIR/browser" \
    --enable-logging=stderr --dump-dom "file://$PWD/scripted.html" 2>console | grep -oE 'data-seen="[^"]*"'
}

@test "the figures are drawn by a browser, which fetches nothing and complains of nothing" {
  browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || skip 'no chromium here'
  [ -f report.html ] || flow-info m.h5 --data rows.csv --plot report.html
  [ "$(seen report.html)" = 'data-seen="loss latents quantiles pairs scores, fetched 0"' ]
  ! grep CONSOLE console || false
  [ -f digits.html ] || skip 'no report of images'
  [ "$(seen digits.html)" = 'data-seen="loss latents quantiles scores samples, fetched 0"' ]
  ! grep CONSOLE console || false
}

@test "rows are taken from all of a file, and those left out are counted" {
  awk 'BEGIN {srand(1); for (i = 0; i < 3000; ++i) print exp(rand() + rand()) "," rand()}' >positive.csv
  flow-train -q positive.csv -s train.epochs=1 -f -o positive.h5
  { cat positive.csv; awk 'BEGIN {for (i = 0; i < 3000; ++i) print "-1,0"}'; } >half.csv
  flow-info positive.h5 --data half.csv --plot half.html
  grep -q 'With 1000 rows of half.csv; 1000 more, with missing cells or numbers that the model cannot hold' half.html
  flow-info positive.h5 --data half.csv --rows 10 --plot few.html
  grep -q 'With 5 rows of half.csv; 5 more' few.html
}

@test "figures one by one, as SVG and as PNG" {
  for figure in loss latents quantiles pairs scores; do
    flow-info m.h5 --data rows.csv --figure $figure --plot $figure.svg
    flow-info m.h5 --data rows.csv --figure $figure --plot $figure.png
    [ "$(head -c 4 $figure.svg)" = '<svg' ]
    [ "$(od -An -c -j1 -N3 $figure.png | tr -d ' ')" = PNG ]
  done
  flow-train -q rows.csv --context-columns c -s train.epochs=1 -f -o given.h5
  flow-info given.h5 --data rows.csv --figure pairs --plot given.svg
  refused 2 'nothing to show in it; give --data' flow-info given.h5 --figure pairs --plot none.svg
  [ ! -e none.svg ]
}

@test "what is wrong with a plot is said before any work" {
  refused 2 'name a file that ends in .html' flow-info m.h5 --plot plot.pdf
  refused 2 '\-\-figure: of plot.svg is missing' flow-info m.h5 --plot plot.svg
  refused 2 'holds all of them' flow-info m.h5 --plot plot.html --figure loss
  refused 2 'name a .png' flow-info digits.h5 --plot plot.svg --figure samples
  refused 2 '\-\-data: is for --plot' flow-info m.h5 --data rows.csv
  refused 2 'draws a model, and rows.csv is none' flow-info rows.csv --plot plot.html
  flow-info m.h5 --plot rows.html
  refused 2 'exists; use -f' flow-info m.h5 --plot rows.html
  refused 3 'columns, and the model has 3' flow-info m.h5 --data whole.tsv --columns 1,2 --plot plot.html
  [ ! -e plot.html ]
}
