#!/usr/bin/env bats
# The C library as others use it: what it shows, its page's example, and an installation that has been
# moved, found by CMake and by pkg-config. FLOW_BUILD: the build folder.

load common

setup_file() {
  make_files
  sed 1d rows.csv | tr , ' ' >rows.txt
  flow-score -q m.h5 rows.csv >wanted
  sed -n '/^\.Bd/,/^\.Ed/{/^\.[BE]d/d; s/\\e/\\/g; p}' "$root/man/exactflow.3" >score.c
  build=${FLOW_BUILD:-$root/build/release}
  DESTDIR='' cmake --install "$build" --prefix "$files/first" >log
  mv first prefix
  export build prefix=$files/prefix
}

setup() { cd "$files" || return; }

# same_scores COMMAND...: it scores rows.txt as flow-score does, to the bit.
same_scores() {
  "$@" m.h5 <rows.txt >got
  "$python" -c '
import sys
wanted, got = ([float(line) for line in open(name)] for name in sys.argv[1:])
sys.exit(not wanted or wanted != got)' wanted got
}

# The names that the header declares.
functions() { grep -oE 'exactflow_[a-z_]+\(' "$root/lib/c/exactflow.h" | tr -d '(' | sort -u; }

@test "the library shows its C functions and nothing else" {
  diff <(nm -D --defined-only "$build/libexactflow.so" | awk '{print $3}' | sort) <(functions)
}

@test "each function is on the page" {
  for name in $(functions); do
    grep -qE "^\.F[no] $name( |$)" "$root/man/exactflow.3"
  done
}

@test "the example of the page, in strict C99" {
  cc -std=c99 -Wall -Wextra -pedantic -Werror -I "$root/lib/c" score.c -L "$build" -lexactflow -o score
  export LD_LIBRARY_PATH=$build
  same_scores ./score
  run ./score nowhere.h5
  [ "$status" -eq 1 ]
  [ "$output" = 'nowhere.h5: there is no such file; check the name' ]
}

@test "find_package finds a moved installation" {
  mkdir consumer && mv score.c consumer/
  cat >consumer/CMakeLists.txt <<'END'
cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES C)
find_package(exactflow 0.1 REQUIRED)
add_executable(score score.c)
target_link_libraries(score PRIVATE exactflow::exactflow)
END
  cmake -S consumer -B consumer/build -D CMAKE_PREFIX_PATH="$prefix" >log
  cmake --build consumer/build >>log
  same_scores consumer/build/score
  sed -i 's/exactflow 0.1/exactflow 9.1/' consumer/CMakeLists.txt
  run ! cmake -S consumer -B consumer/other -D CMAKE_PREFIX_PATH="$prefix"
  mv consumer/score.c .
}

@test "pkg-config finds a moved installation" {
  local folder
  folder=$(dirname "$(find "$prefix" -name exactflow.pc)")
  # shellcheck disable=SC2046  # words of a command line
  cc score.c $(PKG_CONFIG_PATH=$folder pkg-config --cflags --libs exactflow) -o by-pkg-config
  export LD_LIBRARY_PATH=$folder/..
  same_scores ./by-pkg-config
}
