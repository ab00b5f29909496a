#!/usr/bin/env bats
# Options, help, completions and man pages tell the same story; what they show as examples works; and
# what is installed works from where it stands. FLOW_BUILD: the build folder.

tools='flow-train flow-score flow-sample flow-encode flow-check flow-info flow-data flow-import flow-bench-logdet'

setup_file() {
  bats_require_minimum_version 1.5.0
  root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
  build=${FLOW_BUILD:-$root/build/release}
  prefix=$BATS_FILE_TMPDIR/first
  DESTDIR='' cmake --install "$build" --prefix "$prefix" >"$BATS_FILE_TMPDIR/log"
  # Moved, so that nothing may remember where it was installed to.
  mv "$prefix" "$BATS_FILE_TMPDIR/prefix"
  prefix=$BATS_FILE_TMPDIR/prefix
  PATH=$prefix/bin:$PATH
  export root prefix PATH FLOW_REPEATS=1
  make_files "$BATS_FILE_TMPDIR/files"
}

# What the examples name: rows.csv, new.csv, gaps.csv, rows.h5, rows.f8, data.h5, digits.h5, my.yaml, flow.h5 of
# PyTorch, and models.
make_files() {
  mkdir "$1"
  cd "$1" || return
  awk 'BEGIN {
    print "a,b,c"
    for (i = 0; i < 400; ++i) {x = rand() - rand(); print x "," x * x + rand() "," rand() * 3}
  }' >rows.csv
  cp rows.csv new.csv
  awk -F, 'NR % 7 {print; next} {print "," $2 "," $3}' rows.csv >gaps.csv
  cp "$root/configs/data/digits.h5" .
  cp "$root/configs/realnvp.yaml" my.yaml
  flow-train -q rows.csv -s train.epochs=2 -o m.h5
  flow-train -q -c digits digits.h5 -s train.epochs=2 -o digits-model.h5
  flow-train -q -c digits digits.h5 --context digits.h5 --label-columns 1 -s train.epochs=2 -o class.h5
  flow-sample m.h5 -n 200 -o rows.h5
  flow-score -q m.h5 rows.csv --append -O raw >rows.f8
  "$root/tests/interop/script" >"$BATS_FILE_TMPDIR/script.py"
  /usr/bin/python3 "$root/tests/cli/torch_flows.py" "$BATS_FILE_TMPDIR/script.py" nflows-realnvp flow.h5 >/dev/null
  h5copy -i rows.h5 -o data.h5 -s x -d train
  h5copy -i rows.h5 -o data.h5 -s x -d valid
}

# Runs the lines on stdin as one script beside fresh copies of those files, less what it makes itself.
# A program whose reader has enough ends with 141, and that is well.
run_in_files() {
  local folder script made
  folder=$(mktemp -d "$BATS_TEST_TMPDIR/XXXXXX")
  script=$(cat)
  [ -n "$script" ]
  cp "$BATS_FILE_TMPDIR"/files/* "$folder"
  cd "$folder" || return
  made=$(grep -oE -- '(-o|--png|--metrics|>) [a-z0-9-]+\.[a-z0-9]+' <<<"$script" | cut -d' ' -f2)
  rm -f $made
  echo "$script"
  bash -o pipefail -c "trap 'c=\$?; [ \$c = 141 ] || exit \$c' ERR
    $script
    :" </dev/null >out 2>err || { cat err; return 1; }
  for file in $made; do
    [ -s "$file" ] || { echo "$file was not made"; return 1; }
  done
}

options_of() { "$1" --list-options | sort; }

@test "each option is in the man page of its tool, and the other way round" {
  for tool in $tools; do
    diff <(options_of "$tool") \
      <(grep '^\.It' "$root/man/$tool.1" | grep -oE 'Fl -[a-z][a-z-]*' | sed 's/Fl -/--/' | sort)
  done
}

@test "short names in the man page are those of the help" {
  short() { grep -oE "$1" | grep -oE -- '[A-Za-z] ?, (Fl )?--?[a-z-]+' | sed 's/ , Fl -/, --/' | sort; }
  for tool in $tools; do
    diff <("$tool" --help | short '^  -[A-Za-z], --[a-z-]+') \
      <(short '^\.It Fl [A-Za-z] , Fl -[a-z-]+' <"$root/man/$tool.1")
  done
}

@test "each option is in --help, and the other way round" {
  for tool in $tools; do
    diff <(options_of "$tool") \
      <("$tool" --help | grep -oE '^  (-[A-Za-z],|   ) --[a-z-]+' | grep -oE -- '--.*' | sort)
  done
}

@test "each option is in the three completions, and the other way round" {
  for tool in $tools; do
    diff <(options_of "$tool") <("$tool" --completion bash | grep -oE "'--[a-z -]+'" |
      grep -oE -- '--[a-z-]+' | sort)
    diff <(options_of "$tool") <("$tool" --completion zsh | grep -oE "^  '--[a-z-]+" |
      sed "s/^  '//" | sort)
    diff <(options_of "$tool") <("$tool" --completion fish | grep -oE -- '-l [a-z-]+ -d' |
      sed 's/-l \(.*\) -d/--\1/' | sort)
  done
}

@test "options that one page mentions of another program exist" {
  all=$(for tool in $tools; do options_of "$tool"; done)
  for page in "$root"/man/*; do
    for option in $(grep -ohE 'Fl -[a-z][a-z-]*' "$page" | sed 's/Fl -/--/'); do
      grep -qxe "$option" <<<"$all" || { echo "$page: $option"; false; }
    done
  done
}

@test "a number that the help states as the default is the one of the page" {
  for tool in $tools; do
    "$tool" --help | awk '/^  (-[A-Za-z],|   ) --/ || /^$/ {print line; line = ""} {line = line " " $0}' |
      tr -s ' ' | sed -nE 's/^ (-., )?(--[a-z-]+) .*\(default ([0-9][^ )]*)\)$/\2 \3/p' >"$BATS_TEST_TMPDIR/defaults"
    [ -s "$BATS_TEST_TMPDIR/defaults" ]
    while read -r option value; do
      sed -n "/^\.It .*Fl -${option#--} /,/^\.It/p" "$root/man/$tool.1" |
        grep -qxF "Default: $value." || { echo "$tool $option $value"; false; }
    done <"$BATS_TEST_TMPDIR/defaults"
  done
}

@test "the completion for bash completes options, choices and files" {
  cd "$BATS_FILE_TMPDIR/files"
  for tool in $tools; do
    "$tool" --completion bash >"$BATS_TEST_TMPDIR/$tool"
    bash -n "$BATS_TEST_TMPDIR/$tool"
  done
  complete_words() {
    bash -c 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _flow_score
             echo "${COMPREPLY[@]}"' - "$BATS_TEST_TMPDIR/flow-score" flow-score "$@"
  }
  [ "$(complete_words --on-)" = '--on-out-of-support --on-nan' ]
  [ "$(complete_words --on-nan '')" = 'fail skip keep' ]
  [ "$(complete_words -O t)" = tsv ]
  diff <(complete_words m | tr ' ' '\n' | sort) <(printf '%s\n' m* | sort)
}

@test "zsh takes its completions" {
  command -v zsh || skip 'no zsh here'
  for tool in $tools; do zsh -n "$prefix/share/zsh/site-functions/_$tool"; done
}

@test "fish takes its completions" {
  command -v fish || skip 'no fish here'
  for tool in $tools; do fish -n "$prefix/share/fish/vendor_completions.d/$tool.fish"; done
}

@test "mandoc has nothing to say, and no page refers to one that is not there" {
  run -0 mandoc -Tlint -Wwarning "$root"/man/*
  [ -z "$output" ]
  for page in $(grep -hoE '^\.Xr [a-z-]+ [157]' "$root"/man/* | awk '{print $2 "." $3}' | sort -u); do
    [ -f "$root/man/$page" ] || { echo "$page"; false; }
  done
}

@test "the history and the package tell of this version first" {
  version=$(flow-train --version | awk 'NR == 1 {print $3}')
  [ "$(sed -n '/^\.Sh HISTORY/,/^\.El/s/^\.It //p' "$root/man/flow.7" | head -1)" = "$version" ]
  [[ $(head -1 "$root/tools/package/changelog") == "exactflow ($version) "* ]]
}

@test "the examples of --help work" {
  for tool in $tools; do
    while read -r line; do
      # The whole table takes a quarter of a minute: here a part.
      [ "$line" = flow-bench-logdet ] && line='flow-bench-logdet --dim 16,64'
      run_in_files <<<"${line/-n 1000000/-n 10000}"
    done < <("$tool" --help | sed -n '/^Examples:/,/^$/s/^  \(flow-\)/\1/p')
  done
}

# page_examples FILE: what stands in .Dl lines and literal displays of its EXAMPLES.
page_examples() {
  sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/p' "$1" |
    sed -n -e 's/^\.Dl //p' -e '/^\.Bd/,/^\.Ed/{/^\.[BE]d/d; s/\\e/\\/g; s/^\\&//; p}'
}

@test "the examples of the man pages work, each page from top to bottom" {
  for page in $(grep -l '^\.Sh EXAMPLES' "$root"/man/*); do
    case $page in
      # Each in a test of its own: of C, of a configuration, of Python, and library.bats.
      */exactflow.3 | */flow-config.5 | */flow-model.5) ;;
      # The whole table takes half a minute: here small sizes.
      */flow-bench-logdet.1 | */flow-design.7)
        page_examples "$page" |
          sed -e 's/--plot/--dim 8 &/' -e 's/^flow-bench-logdet$/& --dim 8/' -e 's/784/32/' | run_in_files ;;
      *) page_examples "$page" | sed 's/-n 100000/-n 10000/' | run_in_files ;;
    esac
  done
}

# choices KEY: what may stand there, from the message about what may not.
choices() {
  { flow-train "$BATS_FILE_TMPDIR/files/rows.csv" -s "$1" --dry-run 2>&1 || true; } |
    sed -n "s/.*expected \(.*\), not .*/\1/; T; s/,\| or / /g; p"
}

@test "flow-math has each layer, base and gain, and its two units agree" {
  page=$(sed -n 's/^\.It Sy //p' "$root/man/flow-math.7" | tr -d ,)
  for key in 'model.layers=[{kind: none}]' 'model.base=none' 'model.layers=[{kind: affine-coupling, gain: none}]'; do
    names=$(choices "$key")
    [ "$(wc -w <<<"$names")" -gt 4 ]
    for name in $names; do
      tr ' ' '\n' <<<"$page" | grep -qx "$name" || { echo "$name"; false; }
    done
  done
  run_in_files < <(page_examples "$root/man/flow-math.7" | sed -n '1,/log(1000)/p')
  awk 'NR == 1 {m = $1} END {print m, $1; d = m - $1; exit !(NR == 2 && d * d < 1e-4)}' out
  page_examples "$root/man/flow-math.7" | grep ^echo | bash | grep -x '4.35554 1980.5'
}

@test "the examples of flow-config train, and that of flow-model computes" {
  page_examples "$root/man/flow-config.5" | sed '/^data:/,$d' >"$BATS_FILE_TMPDIR/files/example.yaml"
  page_examples "$root/man/flow-config.5" | sed -n '/^data:/,$p' >"$BATS_FILE_TMPDIR/files/classes.yaml"
  run_in_files <<<'flow-train -c example.yaml -s train.epochs=1 rows.csv -o example.h5'
  run_in_files <<<'flow-train -c classes.yaml -s train.epochs=1 -s model.net.hidden=[4] digits.h5 \
    --context digits.h5:/train_y --validation digits.h5:/validation --validation-context digits.h5:/validation_y \
    --label-columns 1 -o classes.h5'
  /usr/bin/python3 -c 'import h5py' || skip 'no python3-h5py here'
  { echo 'x = [[1, 2, 3]]'; page_examples "$root/man/flow-model.5"; } >"$BATS_FILE_TMPDIR/files/a.py"
  run_in_files <<<'/usr/bin/python3 a.py'
}

@test "what is installed is complete, and finds its presets" {
  cd "$BATS_FILE_TMPDIR/files"
  for preset in "$root"/configs/*.yaml; do
    name=$(basename "$preset" .yaml)
    grep -qx "\.It Cm $name" "$root/man/flow-train.1"
    cmp "$preset" "$prefix/share/exactflow/configs/$name.yaml"
    flow-train -c "$name" digits.h5 --print-config >out
    grep -qF "# $prefix/share/exactflow/configs/$name.yaml:" out
  done
  [ ! -e "$prefix/share/exactflow/configs/data" ]
  for tool in $tools; do
    cmp "$root/man/$tool.1" "$prefix/share/man/man1/$tool.1"
    cmp <("$tool" --completion bash) "$prefix/share/bash-completion/completions/$tool"
    cmp <("$tool" --completion zsh) "$prefix/share/zsh/site-functions/_$tool"
    cmp <("$tool" --completion fish) "$prefix/share/fish/vendor_completions.d/$tool.fish"
  done
  for page in "$root"/man/*; do
    cmp "$page" "$prefix/share/man/man${page##*.}/$(basename "$page")"
  done
}
