"""Imports flows of PyTorch libraries and compares what they give: see run."""
import importlib.util
import os
import subprocess
import sys
import warnings

import numpy as np
import torch
from torch.nn import functional as F

from torch_to_hdf5 import save

warnings.filterwarnings("ignore")
folder = sys.argv[1]
cases = []  # (library, name, columns, make: columns -> (flow, log_prob(x), latents(x)))


def case(library, name, *columns):
    def add(make):
        if importlib.util.find_spec(library):
            cases.extend((library, name, d, make) for d in columns or (5, 6))
        return make
    return add


def nflows_flow(transforms, d, base=None):
    from nflows.distributions import StandardNormal
    from nflows.flows import Flow
    from nflows.transforms import CompositeTransform
    flow = Flow(CompositeTransform(transforms), base or StandardNormal([d]))
    return flow, flow.log_prob, flow.transform_to_noise


def nflows_class(make):
    flow = make()
    return flow, flow.log_prob, flow.transform_to_noise


@case("nflows", "RQ-NSF (C): permutation, LULinear, spline coupling")
def _(d):
    from nflows.nn.nets import ResidualNet
    from nflows import transforms as t
    layers = []
    for i in range(3):
        layers += [t.RandomPermutation(d), t.LULinear(d, identity_init=False),
                   t.PiecewiseRationalQuadraticCouplingTransform(
                       (torch.arange(d) + i) % 2, lambda a, b: ResidualNet(a, b, 32, num_blocks=2),
                       num_bins=8, tails="linear", tail_bound=3)]
    return nflows_flow(layers, d)


@case("nflows", "RQ-NSF (C), silu, kept columns mapped too")
def _(d):
    from nflows.nn.nets import ResidualNet
    from nflows import transforms as t
    layers = [t.PiecewiseRationalQuadraticCouplingTransform(
        (torch.arange(d) + i) % 2,
        lambda a, b: ResidualNet(a, b, 24, num_blocks=1, activation=F.silu),
        num_bins=5, tails="linear", tail_bound=4, apply_unconditional_transform=True)
        for i in range(2)]
    return nflows_flow(layers, d)


@case("nflows", "SimpleRealNVP")
def _(d):
    from nflows.flows import SimpleRealNVP
    return nflows_class(lambda: SimpleRealNVP(d, 32, 4, 2))


@case("nflows", "SimpleRealNVP, additive, batch norm between layers")
def _(d):
    from nflows.flows import SimpleRealNVP
    return nflows_class(lambda: SimpleRealNVP(d, 32, 3, 1, use_volume_preserving=True,
                                              batch_norm_between_layers=True))


@case("nflows", "ActNorm, PointwiseAffine, NaiveLinear, tanh")
def _(d):
    from nflows.nn.nets import ResidualNet
    from nflows import transforms as t
    return nflows_flow([
        t.PointwiseAffineTransform(torch.linspace(-1, 1, d), torch.linspace(0.5, 2, d)),
        t.ActNorm(d), t.ReversePermutation(d), t.NaiveLinear(d),
        t.AffineCouplingTransform((torch.arange(d) < d // 2).int(),
                                  lambda a, b: ResidualNet(a, b, 16, activation=torch.tanh))], d)


@case("nflows", "MAF: residual MADE, reversed")
def _(d):
    from nflows.flows import MaskedAutoregressiveFlow
    return nflows_class(lambda: MaskedAutoregressiveFlow(d, 34, 3, 2))


@case("nflows", "MAF: MADE of two layers, random masks and orders, batch norm")
def _(d):
    from nflows.flows import MaskedAutoregressiveFlow
    return nflows_class(lambda: MaskedAutoregressiveFlow(
        d, 40, 3, 2, use_residual_blocks=False, use_random_masks=True,
        use_random_permutations=True, batch_norm_between_layers=True, activation=torch.tanh))


@case("nflows", "RQ-NSF (AR): residual MADE", 2, 5, 6)
def _(d):
    from nflows import transforms as t
    return nflows_flow([x for i in range(2) for x in (
        t.LULinear(d, identity_init=False),
        t.MaskedPiecewiseRationalQuadraticAutoregressiveTransform(
            d, 30, num_bins=6, tails="linear", tail_bound=3, num_blocks=1))], d)


def given(flow, d):
    """Of rows whose last columns are the context."""
    return (flow, lambda x: flow(x[:, d:]).log_prob(x[:, :d]),
            lambda x: flow(x[:, d:]).transform(x[:, :d]))


def zuko_flow(flow):
    return flow, lambda x: flow().log_prob(x), lambda x: flow().transform(x)


@case("zuko", "MAF", 2, 5, 6)
def _(d):
    import zuko
    return zuko_flow(zuko.flows.MAF(d, transforms=3, hidden_features=(33, 40)))


@case("zuko", "MAF, random orders, SiLU")
def _(d):
    import zuko
    return zuko_flow(zuko.flows.MAF(d, transforms=3, randperm=True, hidden_features=(32,),
                                    activation=torch.nn.SiLU))


@case("zuko", "NSF", 2, 5, 6)
def _(d):
    import zuko
    return zuko_flow(zuko.flows.NSF(d, transforms=3, hidden_features=(64, 64)))


@case("zuko", "NSF of couplings (passes=2)")
def _(d):
    import zuko
    return zuko_flow(zuko.flows.NSF(d, transforms=3, passes=2, bins=6, slope=1e-2))


@case("zuko", "NICE / RealNVP")
def _(d):
    import zuko
    return zuko_flow(zuko.flows.NICE(d, transforms=4))


@case("zuko", "RealNVP, random masks, tanh")
def _(d):
    import zuko
    return zuko_flow(zuko.flows.RealNVP(d, transforms=4, randmask=True, activation=torch.nn.Tanh))


@case("zuko", "NSF given a context", (5, 2))
def _(d, c):
    import zuko
    return given(zuko.flows.NSF(d, c, transforms=2, hidden_features=(48,)), d)


@case("zuko", "RealNVP given a context", (6, 3))
def _(d, c):
    import zuko
    return given(zuko.flows.RealNVP(d, c, transforms=3), d)


def normflows_flow(flows, d, base=None):
    import normflows as nf
    flow = nf.NormalizingFlow(base or nf.distributions.DiagGaussian(d), flows)
    return flow, flow.log_prob, flow.inverse


@case("normflows", "coupled RQ spline, LULinearPermute", 2, 5, 6)
def _(d):
    import normflows as nf
    return normflows_flow([f for i in range(3) for f in (
        nf.flows.CoupledRationalQuadraticSpline(d, 2, 24, reverse_mask=i % 2 == 1),
        nf.flows.LULinearPermute(d))], d)


@case("normflows", "autoregressive RQ spline, LULinearPermute", 2, 5, 6)
def _(d):
    import normflows as nf
    return normflows_flow([f for i in range(2) for f in (
        nf.flows.AutoregressiveRationalQuadraticSpline(d, 2, 24, permute_mask=i == 1),
        nf.flows.LULinearPermute(d))], d)


@case("normflows", "RealNVP: AffineCouplingBlock, Permute, ActNorm")
def _(d):
    import normflows as nf
    first, second = (d + 1) // 2, d // 2
    return normflows_flow([f for mode, kept, swap in (
        ("channel", first, "swap"), ("channel", first, "shuffle"), ("channel_inv", second, "swap"))
        for f in (nf.flows.AffineCouplingBlock(nf.nets.MLP([kept, 24, 24, 2 * (d - kept)]),
                                               split_mode=mode),
                  nf.flows.Permute(d, mode=swap), nf.flows.ActNorm(d))], d)


@case("normflows", "Glow's coupling (sigmoid) and NICE's (no scale)")
def _(d):
    import normflows as nf
    first = (d + 1) // 2
    return normflows_flow([f for out, options in (
        (2 * (d - first), {"scale_map": "sigmoid"}), (d - first, {"scale": False}))
        for f in (nf.flows.AffineCouplingBlock(nf.nets.MLP([first, 24, out]), **options),
                  nf.flows.InvertibleAffine(d, use_lu=False))], d)


@case("normflows", "MaskedAffineFlow")
def _(d):
    import normflows as nf
    mask = torch.arange(d) % 2
    net = [d, 24, d]
    return normflows_flow([
        nf.flows.MaskedAffineFlow(mask, nf.nets.MLP(net), nf.nets.MLP(net)),
        nf.flows.MaskedAffineFlow(1 - mask, nf.nets.MLP(net), nf.nets.MLP(net)),
        nf.flows.MaskedAffineFlow(mask, nf.nets.MLP(net))], d)


@case("normflows", "MaskedAffineAutoregressive")
def _(d):
    import normflows as nf
    return normflows_flow([f for _ in range(2) for f in (
        nf.flows.MaskedAffineAutoregressive(d, 20, num_blocks=1), nf.flows.Permute(d))], d)


def rows(n, d, seed):
    """Skewed, bent and correlated columns."""
    z = torch.randn(n, d, generator=torch.Generator().manual_seed(seed))
    x = z @ torch.linspace(-1, 1, d * d).reshape(d, d) * 0.5 + z
    x[:, 1] += 0.3 * x[:, 0] ** 2
    return x


def train(flow, log_prob, d):
    x = rows(1000, d, 1)
    adam = torch.optim.Adam(flow.parameters(), 5e-3)
    flow.train()
    for _ in range(60):
        adam.zero_grad()
        loss = -log_prob(x).mean()
        loss.backward()
        adam.step()
    flow.eval()
    return float(loss)


def tool(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


bad, worst = 0, {}
print(f"{'library':10} {'architecture':58} D  logp     latents  mean logp")
for library, name, columns, make in cases:
    d, context = columns if isinstance(columns, tuple) else (columns, 0)
    torch.manual_seed(1)
    flow, log_prob, latents = make(d, context) if context else make(d)
    train(flow, log_prob, d + context)
    x = rows(2000, d + context, 2)
    with torch.no_grad():
        logp, z = log_prob(x), latents(x)
    path = os.path.join(folder, "flow.h5")
    x, c = x[:, :d], x[:, d:]
    save(path, flow, x[:100], logp[:100], c[:100] if context else None)
    tool("flow-import", "-f", path, "-o", f"{folder}/m.h5")
    np.save(f"{folder}/x.npy", x.numpy())
    np.save(f"{folder}/c.npy", c.numpy())
    data = [f"{folder}/m.h5", f"{folder}/x.npy"] + ["--context", f"{folder}/c.npy"] * (context > 0)
    here = np.array(tool("flow-score", *data).split(), float)
    tool("flow-encode", *data, "-f", "-o", f"{folder}/z.npy")
    there = logp.double().numpy()
    off = np.max(np.abs(here - there) / np.maximum(1, np.abs(there)))
    off_z = np.max(np.abs(np.load(f"{folder}/z.npy") - z.numpy()) / np.maximum(1, np.abs(z.numpy())))
    tool("flow-check", *(data if context else [data[0], "-n", "4000"]))
    worst[library] = np.maximum(worst.get(library, 0), [off, off_z])
    good = off < 1e-4 and off_z < 1e-3
    bad += not good
    print(f"{library:10} {name:58} {d}  {off:.1e}  {off_z:.1e}  {there.mean():.3f}"
          + ("" if good else "  DIFFERS"), flush=True)
for library, (off, off_z) in worst.items():
    count = sum(c[0] == library for c in cases)
    print(f"{library}: {count} flows, log-densities off by {off:.1e} at most, latents by {off_z:.1e}")
for library in "nflows", "zuko", "normflows":
    if not importlib.util.find_spec(library):
        print(f"{library} is not here: left out", file=sys.stderr)
sys.exit(bad > 0 or not cases)
