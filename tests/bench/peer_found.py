"""The flows of bench.cpp made with nflows, zuko and normflows, for peer.py.

Each stands in a folder below PEERS_DIR (its repository, unpacked) or is installed.
"""
import glob
import importlib.util
import os
import sys
import types

import torch
from torch import nn

sys.path += glob.glob(os.path.join(os.environ.get("PEERS_DIR", "/nowhere"), "*", ""))


def import_nflows():
    """nflows imports these at its top, for parts that are not used here."""
    for name in ("matplotlib", "matplotlib.pyplot", "UMNN"):
        stand_in = types.ModuleType(name)
        stand_in.NeuralIntegral = stand_in.ParallelNeuralIntegral = None
        sys.modules.setdefault(name, stand_in)
    from nflows import distributions, flows, transforms
    from nflows.nn import nets
    return distributions, flows, nets, transforms


class Found(nn.Module):
    """forward: log p(x) of rows; sample(n): rows."""

    def __init__(self, flow, log_prob, draw):
        super().__init__()
        self.flow, self.log_prob, self.sample = flow, log_prob, draw

    def forward(self, x):
        return self.log_prob(x)


def nflows_couplings(columns, couplings, make):
    distributions, flows, _, transforms = import_nflows()
    mask = torch.ones(columns)
    mask[::2] = -1
    layers = [make(mask * (-1) ** i) for i in range(couplings)]
    flow = flows.Flow(transforms.CompositeTransform(layers),
                      distributions.StandardNormal([columns]))
    return Found(flow, flow.log_prob, flow.sample)


def nflows_realnvp(width):
    _, _, nets, transforms = import_nflows()

    class Net(nets.MLP):
        def forward(self, inputs, context=None):
            return super().forward(inputs)
    return nflows_couplings(63, 10, lambda mask: transforms.AffineCouplingTransform(
        mask, lambda i, o: Net([i], [o], [width, width])))


def nflows_spline():
    _, _, nets, transforms = import_nflows()
    return nflows_couplings(63, 10, lambda mask: (
        transforms.PiecewiseRationalQuadraticCouplingTransform(
            mask, lambda i, o: nets.ResidualNet(i, o, hidden_features=128, num_blocks=2),
            num_bins=8, tails="linear", tail_bound=3.0)))


def nflows_maf():
    flow = import_nflows()[1].MaskedAutoregressiveFlow(63, 512, 5, 1, use_residual_blocks=False)
    return Found(flow, flow.log_prob, flow.sample)


def of_zuko(flow):
    return Found(flow, lambda x: flow().log_prob(x), lambda n: flow().sample((n,)))


def zuko_realnvp(width):
    import zuko
    return of_zuko(zuko.flows.RealNVP(63, transforms=10, hidden_features=[width, width]))


def zuko_spline():
    import zuko
    layers = [zuko.flows.GeneralCouplingTransform(
        63, mask=torch.arange(63) % 2 == i % 2, univariate=zuko.transforms.MonotonicRQSTransform,
        shapes=[(8,), (8,), (7,)], hidden_features=[128] * 5) for i in range(10)]
    base = zuko.lazy.UnconditionalDistribution(zuko.distributions.DiagNormal, torch.zeros(63),
                                               torch.ones(63), buffer=True)
    return of_zuko(zuko.lazy.Flow(layers, base))


def zuko_maf():
    import zuko
    return of_zuko(zuko.flows.MAF(63, transforms=5, hidden_features=(512, 512)))


def of_normflows(flow, log_prob=None, draw=None):
    return Found(flow, log_prob or flow.log_prob, draw or (lambda n: flow.sample(n)[0]))


def normflows_realnvp(width):
    import normflows as nf
    layers = []
    for _ in range(10):  # the swap leaves the longer half in front, which is what is kept
        layers += [nf.flows.AffineCouplingBlock(nf.nets.MLP([32, width, width, 62])),
                   nf.flows.Permute(63, mode="swap")]
    return of_normflows(nf.NormalizingFlow(nf.distributions.DiagGaussian(63, trainable=False),
                                           layers))


def normflows_glow():
    import normflows as nf
    bases, merges, flows = [], [], []
    for i in range(3):
        flows.append([nf.flows.GlowBlock(2 ** (4 - i), 128, split_mode="channel", scale=True)
                      for _ in range(8)] + [nf.flows.Squeeze()])
        if i > 0:
            merges.append(nf.flows.Merge())
        channels, side = (16, 4) if i == 0 else (2 ** (3 - i), 32 // 2 ** (3 - i))
        bases.append(nf.distributions.DiagGaussian((channels, side, side), trainable=False))
    flow = nf.MultiscaleFlow(bases, flows, merges, class_cond=False)
    return of_normflows(flow, lambda x: flow.log_prob(x.view(-1, 1, 32, 32)))


MAKERS = {
    "realnvp-2x128": {"nflows": lambda: nflows_realnvp(128), "zuko": lambda: zuko_realnvp(128),
                      "normflows": lambda: normflows_realnvp(128)},
    "rq-nsf-res-2x128": {"nflows": nflows_spline, "zuko": zuko_spline},
    "maf-5-2x512": {"nflows": nflows_maf, "zuko": zuko_maf},
    "glow-l3-k8-w128": {"normflows": normflows_glow},
}
LIBRARIES = [name for name in ("nflows", "zuko", "normflows") if importlib.util.find_spec(name)]

if __name__ == "__main__":
    print(*LIBRARIES)
