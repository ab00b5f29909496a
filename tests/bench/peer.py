"""The flows of bench.cpp in PyTorch, as strong as we could write them by hand.

usage: peer.py THREADS SECONDS WORK[@LIBRARY] [METRIC ...]

Prints JSON Lines like bench's: the median of each metric (score, score-one-row, sample, train; all
without any), eager or compiled by torch.jit, whichever is faster; with a library the flow that
peer_found.py makes with it, as it is. Run by peers, which sets the BLAS.
"""
import json
import math
import os
import resource
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

from peer_glow import Glow


class Normal(nn.Module):
    def __init__(self, columns):
        super().__init__()
        self.columns = columns
        self.constant = -0.5 * columns * math.log(2 * math.pi)

    def forward(self, z):
        return self.constant - 0.5 * (z * z).sum(1)

    @torch.jit.export
    def sample(self, rows: int):
        return torch.randn(rows, self.columns)


class ScaledLogistic(nn.Module):
    """Logistic latents behind a learned scale per column, as in NICE."""

    def __init__(self, columns):
        super().__init__()
        self.columns = columns
        self.log_scale = nn.Parameter(torch.zeros(columns))

    def forward(self, z):
        y = z * torch.exp(self.log_scale)
        return (y - 2 * F.softplus(y)).sum(1) + self.log_scale.sum()

    @torch.jit.export
    def sample(self, rows: int):
        return torch.logit(torch.rand(rows, self.columns)) * torch.exp(-self.log_scale)


class Additive(nn.Module):
    params = 1

    def forward(self, x, h):
        return x + h, torch.zeros(1)

    @torch.jit.export
    def inverse(self, z, h):
        return z - h


class Affine(nn.Module):
    params = 2

    def forward(self, x, h):
        s, t = h.chunk(2, 1)
        s = torch.tanh(s)
        return torch.addcmul(t, x, torch.exp(s)), s.sum(1)

    @torch.jit.export
    def inverse(self, z, h):
        s, t = h.chunk(2, 1)
        return (z - t) * torch.exp(-torch.tanh(s))


class Spline(nn.Module):
    """Rational-quadratic, the identity outside [-bound, bound]; Durkan and others (2019)."""

    params = 23

    def __init__(self, bound=3.0, bins=8, floor=1e-3):
        super().__init__()
        self.bound, self.bins, self.floor = bound, bins, floor

    def knots(self, h):
        """From raw widths or heights: the edges of the bins."""
        sizes = F.softmax(h, -1) * (1 - self.floor * self.bins) + self.floor
        return F.pad(torch.cumsum(sizes, -1), (1, 0)) * (2 * self.bound) - self.bound

    def bin(self, x, h, by_height: bool):
        """The bin of each number: left, bottom, width, height, slopes at both ends."""
        h = h.view(x.shape[0], x.shape[1], -1)
        xs, ys = self.knots(h[..., : self.bins]), self.knots(h[..., self.bins : 2 * self.bins])
        slopes = F.pad(F.softplus(h[..., 2 * self.bins :]) + self.floor, (1, 1), value=1.0)
        edges = ys if by_height else xs
        k = (x[..., None] >= edges[..., 1:-1]).sum(-1, keepdim=True)
        left, bottom = xs.gather(-1, k)[..., 0], ys.gather(-1, k)[..., 0]
        right, top = xs.gather(-1, k + 1)[..., 0], ys.gather(-1, k + 1)[..., 0]
        d0, d1 = slopes.gather(-1, k)[..., 0], slopes.gather(-1, k + 1)[..., 0]
        return left, bottom, right - left, top - bottom, d0, d1

    def forward(self, x, h):
        inside = x.abs() < self.bound
        clamped = x.clamp(-self.bound, self.bound)
        left, bottom, width, height, d0, d1 = self.bin(clamped, h, False)
        s, t = height / width, (clamped - left) / width
        u = 1 - t
        tu = t * u
        below = s + (d0 + d1 - 2 * s) * tu
        y = bottom + height * (s * t * t + d0 * tu) / below
        slope = s * s * (d1 * t * t + 2 * s * tu + d0 * u * u) / (below * below)
        log_slope = torch.log(torch.where(inside, slope, torch.ones_like(slope)))
        return torch.where(inside, y, x), log_slope.sum(1)

    @torch.jit.export
    def inverse(self, z, h):
        clamped = z.clamp(-self.bound, self.bound)
        left, bottom, width, height, d0, d1 = self.bin(clamped, h, True)
        s, y = height / width, clamped - bottom
        bend = (d0 + d1 - 2 * s) * y
        a, b, c = height * (s - d0) + bend, height * d0 - bend, -s * y
        t = 2 * c / (-b - torch.sqrt((b * b - 4 * a * c).clamp_min(0)))
        return torch.where(z.abs() < self.bound, left + width * t, z)


class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.u, self.v = nn.Linear(width, width), nn.Linear(width, width)

    def forward(self, r):
        return r + self.v(F.relu(self.u(F.relu(r))))


def mlp(hidden):
    def make(inputs, outputs):
        sizes = [inputs, *hidden]
        inner = [f for i, o in zip(sizes, hidden) for f in (nn.Linear(i, o), nn.ReLU())]
        return nn.Sequential(*inner, nn.Linear(sizes[-1], outputs))
    return make


def residual(width, blocks):
    def make(inputs, outputs):
        inner = [ResidualBlock(width) for _ in range(blocks)]
        return nn.Sequential(nn.Linear(inputs, width), *inner, nn.Linear(width, outputs))
    return make


class CouplingFlow(nn.Module):
    """couplings in turn on either half, a and b, which swap names after each."""

    def __init__(self, columns, couplings, coupling, net, base):
        super().__init__()
        self.half = (columns + 1) // 2
        sizes = [self.half, columns - self.half]
        self.nets = nn.ModuleList(net(sizes[i % 2], coupling.params * sizes[1 - i % 2])
                                  for i in range(couplings))
        self.backwards = nn.ModuleList(reversed(self.nets))
        self.coupling, self.base = coupling, base

    def forward(self, x):
        a, b = x[:, : self.half], x[:, self.half :]
        log_det = torch.zeros(1)
        for net in self.nets:
            b, more = self.coupling(b, net(a))
            log_det = log_det + more
            a, b = b, a
        return self.base(torch.cat([a, b], 1)) + log_det

    @torch.jit.export
    def sample(self, rows: int):
        z = self.base.sample(rows)
        a, b = z[:, : self.half], z[:, self.half :]
        for net in self.backwards:
            a, b = b, a
            b = self.coupling.inverse(b, net(a))
        return torch.cat([a, b], 1)


class MaskedLinear(nn.Linear):
    def __init__(self, mask):
        super().__init__(mask.shape[1], mask.shape[0])
        self.register_buffer("mask", mask.float())

    def forward(self, x):
        # In inference the weights are masked already: MaskedFlow.train.
        return F.linear(x, self.weight * self.mask if self.training else self.weight, self.bias)


class MaskedFlow(nn.Module):
    """MAF of columns in turn, reversed after each layer; a sample takes a pass for each column."""

    def __init__(self, columns, layers, width):
        super().__init__()
        degrees, ins = torch.arange(width) % (columns - 1) + 1, torch.arange(1, columns + 1)
        masks = [degrees[:, None] >= ins, degrees[:, None] >= degrees,
                 (ins[:, None] > degrees).repeat(2, 1)]
        def net():
            first, second, third = (MaskedLinear(m) for m in masks)
            return nn.Sequential(first, nn.ReLU(), second, nn.ReLU(), third)
        self.nets = nn.ModuleList(net() for _ in range(layers))
        self.affine, self.base = Affine(), Normal(columns)

    def train(self, mode=True):
        for layer in self.modules():
            if isinstance(layer, MaskedLinear):
                layer.weight.data.mul_(layer.mask)
        return super().train(mode)

    def forward(self, x):
        log_det = torch.zeros(1)
        for net in self.nets:
            x, more = self.affine(x, net(x))
            x = x.flip(1)
            log_det = log_det + more
        return self.base(x) + log_det

    @torch.jit.ignore
    def sample(self, rows: int):
        z = self.base.sample(rows)
        for net in reversed(self.nets):
            z = z.flip(1)
            x, last, columns = torch.zeros_like(z), net[-1], z.shape[1]
            for j in range(columns):
                pair = [j, j + columns]
                h = F.linear(net[:-1](x), last.weight[pair], last.bias[pair])
                x[:, j : j + 1] = self.affine.inverse(z[:, j : j + 1], h)
            z = x
        return z


def real_nvp(width):
    return lambda: CouplingFlow(63, 10, Affine(), mlp([width] * 2), Normal(63))


# As bench's works: name, columns, batches, flow.
WORKS = {
    "realnvp-2x128": (63, [512], real_nvp(128)),
    "realnvp-2x512": (63, [512], real_nvp(512)),
    "rq-nsf-res-2x128": (63, [512],
                         lambda: CouplingFlow(63, 10, Spline(), residual(128, 2), Normal(63))),
    "maf-5-2x512": (63, [512], lambda: MaskedFlow(63, 5, 512)),
    "nice-5x1000": (784, [256, 512],
                    lambda: CouplingFlow(784, 4, Additive(), mlp([1000] * 5), ScaledLogistic(784))),
    "glow-l3-k8-w128": (1024, [32], lambda: Glow(32, levels=3, steps=8, width=128)),
}


now = time.process_time if os.environ.get("BENCH_CLOCK") == "cpu" else time.perf_counter


def time_of(seconds, f):
    for _ in range(3):  # torch.jit compiles in the first two
        f()
    times, start = [], now()
    while now() - start < seconds or len(times) < 3:
        before = now()
        f()
        times.append(now() - before)
    return statistics.median(times)


def training(flow, rows):
    optimiser = torch.optim.Adam(flow.parameters(), lr=1e-5)

    def step():
        optimiser.zero_grad(set_to_none=True)
        (-flow(rows).mean()).backward()
        optimiser.step()
    return step


def compiled(flow, metric):
    if metric == "train":
        return torch.jit.script(flow.train())
    return torch.jit.optimize_for_inference(torch.jit.script(flow.eval()), ["sample"])


def measure(flow, rows, metric, seconds):
    if metric == "train":
        return time_of(seconds, training(flow, rows))
    with torch.no_grad():
        if metric == "sample":
            return time_of(seconds, lambda: flow.sample(len(rows)))
        rows = rows[:1] if metric == "score-one-row" else rows
        return time_of(seconds, lambda: flow(rows))


def main(threads, seconds, work, *metrics):
    torch.set_num_threads(int(threads))
    torch.manual_seed(0)
    work, _, library = work.partition("@")
    columns, batches, make = WORKS[work]
    if library:
        from peer_found import MAKERS
        make = MAKERS[work][library]
    for batch in batches:
        flow, rows = make(), torch.randn(batch, columns)
        parameters = sum(p.numel() for p in flow.parameters())
        for metric in metrics or ("score", "score-one-row", "sample", "train"):
            n = 1 if metric == "score-one-row" else batch
            eager = measure(flow.train(metric == "train"), rows, metric, float(seconds))
            megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            jitted = math.inf
            if not library and not (metric == "sample" and isinstance(flow, MaskedFlow)):
                jitted = measure(compiled(flow, metric), rows, metric, float(seconds))
            best = min(eager, jitted)
            print(json.dumps({
                "work": work, "metric": metric, "batch": batch, "rows_per_s": n / best,
                "how": library or ("jit" if jitted < eager else "eager"), "peak_rss_mb": megabytes,
                "parameters": parameters}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
