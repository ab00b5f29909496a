# What the tests of the tools share: small data, small models, and how a refusal is judged.

# shellcheck disable=SC2034  # for the files that load this
python=/usr/bin/python3

# Into a folder of the test file, with the programs at hand.
enter_files() {
  bats_require_minimum_version 1.5.0
  root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
  PATH=${FLOW_BUILD:-$root/build/release}:$PATH
  files=$BATS_FILE_TMPDIR
  export root PATH files
  cd "$files" || return
}

# Lets ranks run as root; leaks are not looked for, since Open MPI drops modules and keeps their memory.
allow_ranks() {
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0
}

# Two tables of three columns, integers with their model, and the models, in a folder of the test file.
make_files() {
  enter_files || return
  awk 'BEGIN {
    print "a,b,c"
    for (i = 0; i < 600; ++i) {x = rand() - rand(); print x "," x * x + rand() "," rand() * 3}
  }' >rows.csv
  awk 'BEGIN {for (i = 0; i < 300; ++i) print int(rand() * 5) "\t" int(rand() * 9) "\t" int(rand() * 3)}' >whole.tsv
  flow-train -q rows.csv -s train.epochs=2 -s model.net.hidden=[16] -o m.h5
  flow-train -q whole.tsv -s train.epochs=2 -s model.net.hidden=[16] -s data.dequantise=uniform -o w.h5
}

# refused CODE PATTERN COMMAND...: it exits with CODE and says one line, which matches the extended
# regular expression; a usage error adds where to look. Nothing comes out on stdout.
refused() {
  local code=$1 pattern=$2
  shift 2
  run --separate-stderr "$@"
  printf 'exit %s\nstdout: %s\nstderr: %s\n' "$status" "${output:0:200}" "$stderr"
  [ "$status" -eq "$code" ]
  [ -z "$output" ]
  [[ ${stderr_lines[0]} =~ $pattern ]]
  [ "${#stderr_lines[@]}" -eq 1 ] || { [ "${#stderr_lines[@]}" -eq 2 ] && [[ ${stderr_lines[1]} == "Try 'flow-"* ]]; }
}

# How many bytes a number of the programs has: 4, or 8 in a build of FLOW_REAL=double.
number_bytes() { flow-train -V | grep -q float64 && echo 8 || echo 4; }

# The setting that makes the nets of a configuration small.
small_net() {
  case $(cat "$1") in
    *'kind: pair'*) echo 'model.net.scale.hidden=[12]' ;;
    *'kind: residual-convolution'*) echo 'model.net.channels=6' ;;
    *) echo 'model.net.hidden=[12]' ;;
  esac
}

# Whether a configuration is for images.
for_images() {
  grep -q 'kind: squeeze' "$1"
}

# No temporary is left in the current folder.
no_temporaries() {
  run find . -name '.*.tmp'
  [ -z "$output" ]
}
