"""Files of flow-import(1), each with one thing that is not here or does not fit, and what is said of it.

usage: torch_changes.py FOLDER   takes NAME.h5 as torch_flows.py makes it, and for each change writes
FOLDER/N.h5; prints N, a tab and a regular expression of the message
"""
import json
import shutil
import sys

import h5py
import numpy as np

T = "_transform._transforms."
cases = []


def case(flow, said, modules=None, state=None, change=None):
    """modules: of a module what is added to its attributes, or None: it is left out; state: of a tensor
    what it becomes; change: of all tensors."""
    cases.append((flow, said, modules or {}, state or {}, change))


def cut(v):
    return v[:-1]


def layer(name, change, mask=False):
    """The outputs of a linear layer."""
    return {name + "." + part: change for part in ("weight", "bias") + (("mask",) if mask else ())}


# --- nflows ---
coupling, net = T + "2", T + "2.transform_net"
case("nflows-rq-nsf", "_weight does not fit", {T + "1": {"class": "NaiveLinear"}},
     {T + "1._weight": lambda v: np.ones((3, 3))})
case("nflows-rq-nsf", "its scale is not above 0", {T + "1": {"class": "PointwiseAffineTransform"}},
     {T + "1._scale": lambda v: [-1.0], T + "1._shift": lambda v: [0.0]})
case("nflows-rq-nsf", "min_bin_width is not 0.001, the only one", {coupling: {"min_bin_width": 0.01}})
case("nflows-rq-nsf", "its hidden_features are none", {net: {"hidden_features": 0}})
case("nflows-rq-nsf", "its net has 27 outputs, not 28", state=layer(net + ".final_layer", cut))
case("nflows-rq-nsf", "its mask does not keep half of the columns", state={
    coupling + ".identity_features": lambda v: [0.0], coupling + ".transform_features": lambda v: [1.0, 2, 3, 4],
    net + ".initial_layer.weight": lambda v: v[:, :1], net + ".final_layer.weight": lambda v: np.zeros((56, 8)),
    net + ".final_layer.bias": lambda v: np.zeros(56)})
case("nflows-rq-nsf", "holds what is no place", state={T + "0._permutation": lambda v: v + 0.5})
case("nflows-rq-nsf", "its activation is not here; ReLU", {net + ".blocks.0": {"activation": [0] * 7}})
case("nflows-rq-nsf", "a MLP: is not here; a ResidualNet is", {net: {"class": "MLP"}})
case("nflows-rq-nsf", "its preprocessing is not here", {net: {"preprocessing": "x"}})
case("nflows-rq-nsf", "has no blocks of two layers", {net + ".blocks.0": None, net + ".blocks.1": None})
case("nflows-rq-nsf", "a number that is not finite; take other rows", state={"/x": lambda v: v * np.nan})
case("nflows-realnvp", "its scale_activation is not here", {T + "0": {"scale_activation": [1] * 7}})
case("nflows-realnvp", "its unconditional_transform is not here", {T + "0.unconditional_transform": {"class": "X"}})
case("nflows-realnvp", "its net does not fit its mask", state=layer(T + "0.transform_net.final_layer", cut))
case("nflows-kept-spline", "unnormalized_widths does not fit",
     state={T + "0.unconditional_transform.unnormalized_widths": lambda v: v[:, :-1]})

# --- Masked nets. ---
made = T + "0.autoregressive_net"
case("nflows-maf", "has a context; only flows without one", {made + ".context_layer": {"class": "Linear"}})
case("nflows-maf", "its preprocessing is not here", {made + ".preprocessing": {"class": "X"}})
case("nflows-maf", "batch norm within a net", {made + ".blocks.0": {"use_batch_norm": True}})
case("nflows-maf", "blocks.1: .* is of another kind than the block before",
     {made + ".blocks.1.linear_layers": None})
case("nflows-maf", "has not two layers", {made + ".blocks.0.linear_layers.1": None})
case("nflows-maf", "an autoregressive layer of a single column", state={"/x": lambda v: v[:, :1]})
case("nflows-maf", "initial_layer: .* does not fit the layer below",
     state={made + ".initial_layer." + p: lambda v: v[:, :-1] for p in ("weight", "mask")})
case("nflows-maf", "does not fit its block", state=layer(made + ".blocks.0.linear_layers.1", cut, True))
case("nflows-maf", "its net does not give 2 numbers for each", state=layer(made + ".final_layer", cut, True))
case("nflows-maf", "its masks are of no order", state={made + ".final_layer.mask": np.ones_like})


def sees_later(state):
    """A unit that sees one column before the last block, and all but one behind it, is read by one
    that sees one: in no order of columns is the mask of a net with a degree for each unit so."""
    seen = state[made + ".initial_layer.mask"].sum(1)
    late, early = np.argmax(seen), np.argmin(seen)
    assert seen[late] > seen[early] == 1
    state[made + ".initial_layer.mask"][late] = state[made + ".initial_layer.mask"][early]
    state[made + ".blocks.0.linear_layers.1.mask"][late] = 0
    state[made + ".blocks.0.linear_layers.0.mask"][:, late] = 1


case("nflows-maf", "its masks are not those of columns in some order", change=sees_later)
hyper = "transform.transforms.0.hyper"


def sees_all(state):
    state[hyper + ".0.mask"][0] = 1
    state[hyper + ".2.mask"][:, 0] = 0


case("zuko-maf", "a unit of its net sees all columns, so feeds none", change=sees_all)
case("normflows-maf", "has no residual blocks; of normflows",
     {"flows.0.autoregressive_net.blocks.0.linear_layers": None})

# --- zuko ---
first = "transform.transforms.0"
case("zuko-maf", "two kinds of activation", {hyper + ".3": {"class": "ReLU"}})
case("zuko-maf", "a GELU: is not here; nets of linear layers", {hyper + ".1": {"class": "GELU"}})
case("zuko-maf", "does not end in a linear layer", {hyper + ".4": None})
case("zuko-maf", "its slope is not from 1e-8 to 0.9",
     {first: {"univariate": "functools.partial(<class 'zuko.transforms.MonotonicAffineTransform'>, slope=0.99)"}})
case("zuko-maf", "its univariate transformation is not here",
     {first: {"univariate": "<class 'zuko.transforms.Other'>"}})
case("zuko-maf", "a SOSPolynomialTransform: has no counterpart here; of zuko", {first: {"class": "SOSPolynomialTransform"}})
case("zuko-maf", "base: .* scale is not above 0", state={"base.scale": lambda v: v * 0})
case("zuko-realnvp", "its net does not fit its mask", state=layer(hyper + ".2", cut))
case("zuko-realnvp", "its mask does not fit", state={first + ".mask": cut})

# --- normflows ---
block, part = "flows.0.flows.1", "flows.0.flows.1.param_map.net."
case("normflows-realnvp", "its mode is not here; shuffle and swap", {"flows.1": {"mode": "other"}})
case("normflows-realnvp", "its LU factors are not here", {"flows.6": {"use_lu": True}})
case("normflows-realnvp", "W does not fit", state={"flows.6.W": cut})
case("normflows-realnvp", "is not here; MLP, ResidualNet and Sequential", {block + ".param_map": {"class": "X"}})
case("normflows-realnvp", "its mode is not here; channel", {"flows.0.flows.0": {"mode": "checkerboard"}})
case("normflows-realnvp", "is not of Split, AffineCoupling and Merge", {"flows.0.flows.2": None})
case("normflows-realnvp", "its param_map does not fit its halves", state=layer(part + "2", cut))
case("normflows-realnvp", "its scale_map is not here; exp and sigmoid", {block: {"scale_map": "tanh"}})
case("normflows-realnvp", "a Planar: has no counterpart here; of normflows", {"flows.1": {"class": "Planar"}})
case("normflows-realnvp", "is no base that is here; DiagGaussian", {"q0": {"class": "GaussianMixture"}})
case("normflows-realnvp", "has a temperature; set it to None", {"q0": {"temperature": 0.5}})
case("normflows-masked", "does not fit 5 columns", state={"flows.0.t.net.0.weight": lambda v: v[:, :-1]})
case("normflows-masked", "b is no mask", state={"flows.0.b": lambda v: v * 0.5})


class Tensors(dict):
    """Those of a file, read where they are asked for."""

    def __init__(self, file):
        super().__init__()
        self.file = file

    def __missing__(self, name):
        self[name] = self.file["state/" + name][()]
        return self[name]


def write(path, modules, state, change):
    with h5py.File(path, "a") as f:
        known = json.loads(f["modules"][()])
        for name, attributes in modules.items():
            if attributes is None:
                del known[name]
            else:
                known.setdefault(name, {}).update(attributes)
        del f["modules"]
        f["modules"] = np.bytes_(json.dumps(known, indent=0).encode())
        tensors = Tensors(f)
        for name, new in state.items():
            path = name if name[0] == "/" else "state/" + name
            tensors[name] = new(f[path][()] if path in f else None)
        if change:
            change(tensors)
        for name, values in tensors.items():
            path = name if name[0] == "/" else "state/" + name
            if path in f:
                del f[path]
            f[path] = values


def main(folder):
    for k, (flow, said, modules, state, change) in enumerate(cases):
        path = f"{folder}/{k}.h5"
        shutil.copy(flow + ".h5", path)
        write(path, modules, state, change)
        print(k, said, sep="\t")


if __name__ == "__main__":
    main(*sys.argv[1:])
