"""Glow in PyTorch for peer.py, as strong as we could write it by hand: channels last, actnorm folded
into the 1x1 convolution, whose determinant is the product of a triangular diagonal."""
import math

import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self, inputs, width, outputs):
        super().__init__()
        self.first = nn.Conv2d(inputs, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 1)
        self.last = nn.Conv2d(width, outputs, 3, padding=1)
        self.gain = nn.Parameter(torch.zeros(outputs))
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, x):
        h = self.last(F.relu(self.second(F.relu(self.first(x)))))
        return h * torch.exp(3 * self.gain)[:, None, None]


class Step(nn.Module):
    def __init__(self, channels, width):
        super().__init__()
        self.shift = nn.Parameter(torch.zeros(channels))
        self.log_scale = nn.Parameter(torch.zeros(channels))
        self.lu = nn.Parameter(0.1 * torch.randn(channels, channels))
        self.net = Net(channels // 2, width, channels)

    def matrix(self):
        lower = torch.tril(self.lu, -1) + torch.eye(self.lu.shape[0])
        upper = torch.triu(self.lu, 1) + torch.diag(torch.exp(torch.diagonal(self.lu)))
        return (lower @ upper) * torch.exp(self.log_scale)

    def forward(self, x):
        matrix = self.matrix()
        pixels = x.shape[2] * x.shape[3]
        x = F.conv2d(x, matrix[:, :, None, None], matrix @ self.shift)
        a, b = x.chunk(2, 1)
        s, t = self.net(a).chunk(2, 1)
        s = F.logsigmoid(s + 2)
        log_det = pixels * (self.log_scale.sum() + torch.diagonal(self.lu).sum())
        return torch.cat([a, b * torch.exp(s) + t], 1), log_det + s.sum([1, 2, 3])

    @torch.jit.export
    def inverse(self, z):
        a, b = z.chunk(2, 1)
        s, t = self.net(a).chunk(2, 1)
        x = torch.cat([a, (b - t) * torch.exp(-F.logsigmoid(s + 2))], 1)
        x = F.conv2d(x, torch.inverse(self.matrix())[:, :, None, None])
        return x - self.shift[:, None, None]


class Level(nn.Module):
    def __init__(self, channels, width, steps):
        super().__init__()
        self.steps = nn.ModuleList(Step(channels, width) for _ in range(steps))

    def forward(self, x):
        log_det = torch.zeros(1)
        x = F.pixel_unshuffle(x, 2)
        for step in self.steps:
            x, more = step(x)
            log_det = log_det + more
        return x, log_det

    @torch.jit.export
    def inverse(self, z):
        for k, _ in enumerate(self.steps):
            for j, step in enumerate(self.steps):  # torch.jit cannot index or reverse modules
                if j == len(self.steps) - 1 - k:
                    z = step.inverse(z)
        return F.pixel_shuffle(z, 2)


class Glow(nn.Module):
    """Grey images of size x size in rows of numbers; half of the channels leave each level."""

    def __init__(self, size, levels, steps, width):
        super().__init__()
        self.size = size
        self.levels = nn.ModuleList(Level(2 ** (level + 2), width, steps)
                                    for level in range(levels))
        self.to(memory_format=torch.channels_last)

    def forward(self, rows):
        x = rows.view(-1, 1, self.size, self.size).contiguous(memory_format=torch.channels_last)
        log_p = torch.full([1], -0.5 * self.size * self.size * math.log(2 * math.pi))
        for k, level in enumerate(self.levels):
            x, more = level(x)
            z = x
            if k < len(self.levels) - 1:
                x, z = x.chunk(2, 1)
            log_p = log_p + more - 0.5 * (z * z).sum([1, 2, 3])
        return log_p

    @torch.jit.export
    def sample(self, rows: int):
        levels = len(self.levels)
        x = torch.zeros(rows, 0, 1, 1)
        for k in range(levels - 1, -1, -1):
            side, channels = self.size >> (k + 1), 4 << k
            if k == levels - 1:
                x = torch.randn(rows, channels, side, side)
            else:
                x = torch.cat([x, torch.randn(rows, channels // 2, side, side)], 1)
            x = x.contiguous(memory_format=torch.channels_last)
            for j, level in enumerate(self.levels):
                if j == k:
                    x = level.inverse(x)
        return x
