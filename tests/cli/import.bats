#!/usr/bin/env bats
# flow-import: files as the script of flow-import(1) writes them, of flows whose densities
# torch_flows.py computes by itself, give models with these densities. What is not here is named.

load common
setup_file() {
  enter_files || return
  "$root/tests/interop/script" >script.py
}
setup() { cd "$files" || return; }

# of NAME: writes NAME.h5, its log-densities to NAME.txt, and makes the model NAME-m.h5.
of() {
  $python "$root/tests/cli/torch_flows.py" script.py "$1" "$1.h5" >"$1.txt"
  flow-import "$1.h5" -o "$1-m.h5" -f
}

# same NAME [CONTEXT]: the model's log-densities are those, to what 32-bit floats allow.
same() {
  flow-score "$1-m.h5" "$1.h5.npy" ${2:+--context "$2"} | paste - "$1.txt" | awk '
    {off = $1 - $2; off = off < 0 ? -off : off; size = $2 < 0 ? -$2 : $2; if (size < 1) size = 1
     if (off / size > worst) worst = off / size}
    END {print NR, worst; exit !(NR == 40 && worst < 1e-5)}'
}

@test "densities are those of the library, and samples and checks work" {
  for name in $($python -c 'import sys; sys.path.insert(0, "'"$root"'/tests/cli")
from torch_flows import flows
print(*flows)'); do
    echo "$name"
    of "$name" 2>said
    cat said
    grep -q 'log-densities of 40 rows differ by' said
    context=$name.h5.context.npy
    if [ -e "$context" ]; then
      same "$name" "$context"
      flow-check "$name-m.h5" "$name.h5.npy" --context "$context"
      flow-sample "$name-m.h5" --context "$context" -O csv | awk 'END {exit NR != 40}'
    else
      same "$name"
      flow-check "$name-m.h5" -n 300
      flow-sample "$name-m.h5" -n 10 -O csv | awk 'END {exit NR != 10}'
    fi
    flow-info "$name-m.h5" | grep -q '^reference *40 log-densities'
  done
}

# change OLD NEW: nflows-rq-nsf.h5 with other words in its modules, as other.h5.
change() {
  cp nflows-rq-nsf.h5 other.h5
  $python -c 'import h5py, numpy, sys
with h5py.File("other.h5", "a") as f:
    text = f["modules"][()].decode()
    assert sys.argv[1] in text
    del f["modules"]
    f["modules"] = numpy.bytes_(text.replace(*sys.argv[1:]).encode())' "$1" "$2"
}

# with NAME EXPRESSION: nflows-rq-nsf.h5 with a data set in place of its own, as other.h5.
with() {
  cp nflows-rq-nsf.h5 other.h5
  $python -c 'import h5py, numpy, sys
with h5py.File("other.h5", "a") as f:
    v = f[sys.argv[1]][()]
    del f[sys.argv[1]]
    f[sys.argv[1]] = eval(sys.argv[2])' "$1" "$2"
}

@test "a module that has no counterpart is named" {
  of nflows-rq-nsf
  change LULinear SVDLinear
  refused 4 'other.h5: _transform._transforms.1: a SVDLinear: has no counterpart here; of nflows' flow-import other.h5 -o none.h5
  change '"tails": "linear"' '"tails": null'
  refused 4 '_transform._transforms.2: a Piece.*: its tails are not linear' flow-import other.h5 -o none.h5
  change '"use_batch_norm": false' '"use_batch_norm": true'
  refused 4 'blocks.0: a ResidualBlock: batch norm within a net' flow-import other.h5 -o none.h5
  change StandardNormal MADEMoG
  refused 4 '_distribution: a MADEMoG: is no base' flow-import other.h5 -o none.h5
  change nflows.flows.base sbi.flows
  refused 4 'the flow: a Flow: is of sbi.flows; give the flow itself' flow-import other.h5 -o none.h5
  change '"context_features": null' '"context_features": 2'
  refused 4 'transform_net: a ResidualNet: its context is not here' flow-import other.h5 -o none.h5
  with x 'v[:, :4]'
  refused 4 '_permutation is no permutation of 4 columns' flow-import other.h5 -o none.h5
  change '"activation": [' '"activation": [7, '
  refused 4 'activation is no function' flow-import other.h5 -o none.h5
  of zuko-context
  cp zuko-context.h5 other.h5
  $python -c 'import h5py; del h5py.File("other.h5", "a")["context"]'
  refused 4 'hyper: a MLP: reads 4 columns, and there are 2 of the rows and 0 of a context' flow-import other.h5 -o none.h5
  cp nflows-rq-nsf.h5 other.h5
  $python -c 'import h5py; h5py.File("other.h5", "a")["context"] = [[1.0]] * 40'
  refused 4 'a flow of nflows with a context is not here; of zuko it is' flow-import other.h5 -o none.h5
  [ ! -e none.h5 ]
}

@test "what is not here, or does not fit, is named: of each library, module by module" {
  for name in nflows-{rq-nsf,realnvp,kept-spline,maf} zuko-{maf,realnvp} normflows-{realnvp,masked,maf}; do of $name; done
  mkdir changed
  $python "$root/tests/cli/torch_changes.py" changed >changes
  while IFS=$'\t' read -r number said; do
    code=0
    flow-import "changed/$number.h5" -o none.h5 2>told || code=$?
    echo "$number: exit $code, $(cat told), expected: $said"
    [ "$code" -eq 4 ] && [ "$(wc -l <told)" -eq 1 ] && grep -Eq "^flow-import: changed/$number.h5: .*$said" told
  done <changes
  [ "$(wc -l <changes)" -gt 50 ] && [ ! -e none.h5 ]
}

@test "another density than that of the file is refused" {
  of nflows-rq-nsf
  with logp 'v + 0.1 * (numpy.arange(40) == 17)'
  refused 4 'row 18 of /x has the log-density .* here, and .* in the file' flow-import other.h5 -o none.h5
  change '"tail_bound": 2.0' '"tail_bound": 2.5'
  refused 4 'row [0-9]+ of /x has the log-density' flow-import other.h5 -o none.h5
  [ ! -e none.h5 ]
}

@test "files that do not hold together are refused" {
  of nflows-rq-nsf
  refused 4 'm.h5: /x is missing|/modules is missing' flow-import nflows-rq-nsf-m.h5 -o none.h5
  refused 4 'is no HDF5 file' flow-import script.py -o none.h5
  head -c 9000 nflows-rq-nsf.h5 >cut.h5
  refused 4 'cut.h5' flow-import cut.h5 -o none.h5
  state=state/_transform._transforms
  with $state.1.upper_entries 'v[:-1]'
  refused 4 'upper_entries is not of 10 numbers' flow-import other.h5 -o none.h5
  with $state.0._permutation 'v * 0'
  refused 4 '_permutation is no permutation of 5' flow-import other.h5 -o none.h5
  with $state.2.transform_net.final_layer.weight 'v * numpy.nan'
  refused 4 'final_layer: .*weight holds a number that is not finite' flow-import other.h5 -o none.h5
  with $state.2.transform_net.initial_layer.weight 'v[:, :-1]'
  refused 4 'do not fit' flow-import other.h5 -o none.h5
  with $state.2.transform_net.blocks.0.linear_layers.0.weight 'v[:-1]'
  refused 4 'fit' flow-import other.h5 -o none.h5
  with $state.2.identity_features 'v + 9'
  refused 4 'its mask does not fit 5 columns' flow-import other.h5 -o none.h5
  with x 'v[:, 0]'
  refused 4 '/x and /logp are not rows' flow-import other.h5 -o none.h5
  refused 2 '-o MODEL is missing' flow-import nflows-rq-nsf.h5
  refused 2 'already exists|exists' flow-import nflows-rq-nsf.h5 -o nflows-rq-nsf-m.h5
  [ ! -e none.h5 ]
}

@test "through a pipe, with equal bytes" {
  of nflows-rq-nsf
  flow-import -q - -o - <nflows-rq-nsf.h5 | cmp - nflows-rq-nsf-m.h5
  flow-import -q --trusted --threads 1 nflows-rq-nsf.h5 -o - | cmp - nflows-rq-nsf-m.h5
}

# damage NAME: NAME.h5 once for each of its tensors and each change, as NAME-damaged/CHANGE-TENSOR.h5;
# one process makes them all, for Python takes longer to start than flow-import to refuse.
damage() {
  mkdir "$1-damaged"
  $python -c 'import h5py, numpy, shutil, sys
name = sys.argv[1]
changes = {"delete": None, "cut": lambda v: v[:-1], "widen": lambda v: numpy.stack([v, v], -1)}
tensors = []
with h5py.File(name + ".h5") as f:
    f["state"].visititems(lambda n, v: tensors.append(n) if isinstance(v, h5py.Dataset) else None)
for tensor in tensors:
    for change, changed in changes.items():
        path = f"{name}-damaged/{change}-{tensor}.h5"
        shutil.copy(name + ".h5", path)
        with h5py.File(path, "a") as f:
            v = f["state/" + tensor][()]
            del f["state/" + tensor]
            if changed:
                f["state/" + tensor] = changed(v)
print(len(tensors) * len(changes))' "$1"
}

@test "whatever is missing or of another shape, it is told in a line, or the density is the same" {
  for name in nflows-maf zuko-nsf normflows-realnvp normflows-masked; do
    of $name
    made=$(damage $name)
    tried=0
    for file in $name-damaged/*.h5; do
      code=0
      flow-import -q "$file" -o other-m.h5 -f 2>told || code=$?
      echo "$file: $code $(cat told)"
      [ "$code" -eq 4 ] && [ "$(wc -l <told)" -eq 1 ] || [ "$code" -eq 0 ]
      tried=$((tried + 1))
    done
    [ "$tried" -eq "$made" ] && [ "$made" -gt 10 ]
  done
}
