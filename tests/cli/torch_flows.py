"""Flows as nflows, zuko and normflows have them, without PyTorch: modules of the same classes, names
and shapes, whose numbers are drawn here, and their densities by the equations of the papers.

usage: torch_flows.py SCRIPT NAME FILE   writes FILE by the script of flow-import(1); on standard
output come the log-densities of the rows in FILE.npy, given FILE.context.npy where there is a context
"""
import sys
import types

import numpy as np

random = np.random.default_rng(7)


class Array(np.ndarray):
    """As much of a tensor as the script asks for."""

    def cpu(self):
        return self

    def detach(self):
        return self

    def double(self):
        return self.astype(np.float64)

    def numpy(self):
        return np.asarray(self)


def array(values):
    return np.asarray(values).view(Array)


class Module:
    def __init__(self, tensors, children, attributes):
        self._tensors, self._children = tensors, children
        vars(self).update(attributes)

    def named_modules(self, remove_duplicate=True):
        yield "", self
        for name, child in self._children.items():
            for below, module in child.named_modules():
                yield name + ("." + below if below else ""), module

    def state_dict(self):
        out = {n: array(t) for n, t in self._tensors.items()}
        for name, child in self._children.items():
            out.update({name + "." + n: t for n, t in child.state_dict().items()})
        return out


def module(where, tensors=None, children=None, **attributes):
    library, name = where.rsplit(".", 1)
    return type(name, (Module,), {"__module__": library})(tensors or {}, children or {}, attributes)


def listed(modules):
    return module("torch.nn.modules.container.ModuleList",
                  children={str(k): m for k, m in enumerate(modules)})


# --- Nets: a module, and the function that it is. ---
def relu(v):
    return np.maximum(v, 0)


def linear(inputs, outputs, mask=None, where="torch.nn.modules.linear.Linear"):
    w = random.normal(size=(outputs, inputs)) * 0.5 / np.sqrt(inputs)
    b = random.normal(size=outputs) * 0.3
    seen = w if mask is None else w * mask
    tensors = {"weight": w, "bias": b} | ({} if mask is None else {"mask": mask})
    return module(where, tensors), lambda x: x @ seen.T + b


def residual_net(inputs, outputs, width, blocks, activation=relu, library="nflows.nn.nets.resnet"):
    first, start = linear(inputs, width)
    last, end = linear(width, outputs)
    modules, pairs = [], []
    for _ in range(blocks):
        (a, u), (b, v) = linear(width, width), linear(width, width)
        modules.append(module(library + ".ResidualBlock", children={"linear_layers": listed([a, b])},
                              activation=activation, use_batch_norm=False))
        pairs.append((u, v))

    def net(x):
        r = start(x)
        for u, v in pairs:
            r = r + v(activation(u(activation(r))))
        return end(r)
    return module(library + ".ResidualNet", children={
        "initial_layer": first, "blocks": listed(modules), "final_layer": last},
        hidden_features=width, context_features=None), net


# --- Maps of a number. ---
def softplus(v):
    return np.logaddexp(0, v)


def sigmoid(v):
    return 1 / (1 + np.exp(-v))


def rational_quadratic(x, widths, heights, slopes, bound):
    """Durkan and others, section 3.1: x of n x d, knots from sizes of n x d x K that sum to 1, inner
    slopes of K - 1. The bin is looked for number by number."""
    z, logdet = x.copy(), np.zeros(len(x))
    for i, j in np.ndindex(*x.shape):
        if abs(x[i, j]) > bound:
            continue
        xs = -bound + 2 * bound * np.concatenate([[0], np.cumsum(widths[i, j])])
        ys = -bound + 2 * bound * np.concatenate([[0], np.cumsum(heights[i, j])])
        d = np.concatenate([[1], slopes[i, j], [1]])
        k = min(np.searchsorted(xs, x[i, j], side="right") - 1, len(d) - 2)
        t, s = (x[i, j] - xs[k]) / (xs[k + 1] - xs[k]), (ys[k + 1] - ys[k]) / (xs[k + 1] - xs[k])
        below = s + (d[k + 1] + d[k] - 2 * s) * t * (1 - t)
        z[i, j] = ys[k] + (ys[k + 1] - ys[k]) * (s * t * t + d[k] * t * (1 - t)) / below
        logdet[i] += np.log(s * s * (d[k + 1] * t * t + 2 * s * t * (1 - t) + d[k] * (1 - t) ** 2)
                            / below ** 2)
    return z, logdet


def softmax(v):
    e = np.exp(v - v.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def spline_of(x, h, bins, bound, divisor):
    """h: n x (d * params), the numbers of a column side by side."""
    h = h.reshape(len(x), x.shape[1], -1)
    sizes = [1e-3 + (1 - 1e-3 * bins) * softmax(h[..., k * bins:(k + 1) * bins] / divisor)
             for k in range(2)]
    return rational_quadratic(x, *sizes, 1e-3 + softplus(h[..., 2 * bins:]), bound)


# --- Transforms: a module, and x -> (z, log-det). ---
def permutation(d):
    order = random.permutation(d)
    return (module("nflows.transforms.permutations.RandomPermutation", {"_permutation": order}),
            lambda x: (x[:, order], 0))


def lu(d):
    below, above = np.tril_indices(d, -1), np.triu_indices(d, 1)
    low, up = random.normal(size=(2, len(below[0]))) * 0.2
    diagonal, bias = 0.5 + 0.3 * random.normal(size=(2, d))
    lower, upper = np.eye(d), np.diag(softplus(diagonal) + 1e-3)
    lower[below], upper[above] = low, up
    return (module("nflows.transforms.lu.LULinear", {
        "lower_entries": low, "upper_entries": up, "unconstrained_upper_diag": diagonal,
        "bias": bias}, eps=1e-3, features=d),
        lambda x: (x @ (lower @ upper).T + bias, np.log(np.diag(upper)).sum()))


def halves(d, start):
    mask = (np.arange(d) + start) % 2 == 1
    return np.flatnonzero(~mask), np.flatnonzero(mask)


def coupling(x, kept, moved, net, map_):
    z = x.copy()
    z[:, moved], logdet = map_(x[:, moved], net(x[:, kept]))
    return z, logdet


def spline_coupling(d, start, unconditional=False):
    bins, bound, width = 5, 2.0, 8
    kept, moved = halves(d, start)
    m, net = residual_net(len(kept), len(moved) * (3 * bins - 1), width, 2)
    children = {"transform_net": m}
    if unconditional:
        own = [random.normal(size=(len(kept), k)) for k in (bins, bins, bins - 1)]
        children["unconditional_transform"] = module(
            "nflows.transforms.nonlinearities.PiecewiseRationalQuadraticCDF",
            dict(zip(("unnormalized_widths", "unnormalized_heights", "unnormalized_derivatives"), own)))

    def f(x):
        z, logdet = coupling(x, kept, moved, net,
                             lambda v, h: spline_of(v, h, bins, bound, np.sqrt(width)))
        if unconditional:
            h = np.broadcast_to(np.concatenate(own, 1), (len(x), len(kept), 3 * bins - 1))
            z[:, kept], more = spline_of(x[:, kept], h.reshape(len(x), -1), bins, bound, 1)
            logdet = logdet + more
        return z, logdet
    return module("nflows.transforms.coupling.PiecewiseRationalQuadraticCouplingTransform",
                  {"identity_features": kept, "transform_features": moved}, children,
                  num_bins=bins, tails="linear", tail_bound=bound, min_bin_width=1e-3,
                  min_bin_height=1e-3, min_derivative=1e-3), f


def affine_coupling(d, start):
    kept, moved = halves(d, start)
    m, net = residual_net(len(kept), 2 * len(moved), 8, 1, np.tanh)

    def scale(v):
        return sigmoid(v + 2) + 1e-3

    def map_(v, h):
        a, shift = scale(h[:, len(moved):]), h[:, :len(moved)]
        return v * a + shift, np.log(a).sum(1)
    return module("nflows.transforms.coupling.AffineCouplingTransform",
                  {"identity_features": kept, "transform_features": moved}, {"transform_net": m},
                  scale_activation=scale), lambda x: coupling(x, kept, moved, net, map_)


def batch_norm(d):
    weight, bias, mean = random.normal(size=(3, d))
    variance = random.uniform(0.5, 2, d)
    a = (softplus(weight) + 1e-5) / np.sqrt(variance + 1e-5)
    return module("nflows.transforms.normalization.BatchNorm", {
        "unconstrained_weight": weight, "bias": bias, "running_mean": mean,
        "running_var": variance}, eps=1e-5), lambda x: ((x - mean) * a + bias, np.log(a).sum())


# --- Masked nets: outputs for a column stand together and see the columns before it in `order`. ---
def masks(order, hidden, params, lowest=1):
    """Of each layer; hidden units have random degrees, and the same in all layers."""
    d = len(order)
    place = np.argsort(order)
    degrees = random.integers(lowest, d, size=hidden[0])
    out = [degrees[:, None] > place]
    for _ in hidden[1:]:
        out.append(degrees[:, None] >= degrees)
    return out + [np.repeat(place, params)[:, None] >= degrees]


def masked_residual(d, order, params, width, blocks, library):
    first, middle, last = masks(order, (width, width), params)
    a, start = linear(d, width, first)
    b, end = linear(width, d * params, last)
    modules, pairs = [], []
    for _ in range(blocks):
        (u_module, u), (v_module, v) = linear(width, width, middle), linear(width, width, middle)
        modules.append(module(library + ".MaskedResidualBlock", children={
            "linear_layers": listed([u_module, v_module])}, activation=relu, use_batch_norm=False))
        pairs.append((u, v))

    def net(x):
        r = start(x)
        for u, v in pairs:
            r = r + v(relu(u(relu(r))))
        return end(r)
    return module(library + ".MADE", children={
        "initial_layer": a, "blocks": listed(modules), "final_layer": b}), net


def masked_mlp(d, order, params, hidden, context):
    """zuko's; with tanh between the layers, and a context that all units of the first see, some of
    them nothing else."""
    layers, steps = [], []
    sizes = (d + context, *hidden, d * params)
    for k, mask in enumerate(masks(order, hidden, params, 0 if context else 1)):
        if k == 0:
            mask = np.hstack([mask, np.ones((len(mask), context), bool)])
        m, f = linear(sizes[k], sizes[k + 1], mask, "zuko.nn.MaskedLinear")
        layers += [m, module("torch.nn.modules.activation.Tanh")]
        steps.append(f)

    def net(x):
        for f in steps[:-1]:
            x = np.tanh(f(x))
        return steps[-1](x)
    return module("zuko.nn.MaskedMLP", children={
        str(k): m for k, m in enumerate(layers[:-1])}, in_features=d + context), net


def maf(d):
    m, net = masked_residual(d, np.arange(d), 2, 11, 2, "nflows.transforms.made")

    def f(x):
        h = net(x).reshape(len(x), d, 2)
        scale = softplus(h[..., 0]) + 1e-3
        return x * scale + h[..., 1], np.log(scale).sum(1)
    return module("nflows.transforms.autoregressive.MaskedAffineAutoregressiveTransform",
                  children={"autoregressive_net": m}), f


def spline_autoregressive(d, library="nflows.transforms", order=None):
    m, net = masked_residual(d, np.arange(d) if order is None else order, 11, 10, 1,
                             library + ".made")
    return module(library + ".MaskedPiecewiseRationalQuadraticAutoregressiveTransform",
                  children={"autoregressive_net": m}, num_bins=4, tails="linear", tail_bound=2.5,
                  min_bin_width=1e-3, min_bin_height=1e-3, min_derivative=1e-3), \
        lambda x: spline_of(x, net(x), 4, 2.5, 1)


# --- zuko: soft clips of what the net gives. ---
def soft_clip(v, c):
    return v / (1 + np.abs(v) / c)


def zuko_affine(x, h):
    h = h.reshape(len(x), x.shape[1], 2)
    s = soft_clip(h[..., 1], -np.log(1e-3))
    return x * np.exp(s) + h[..., 0], s.sum(1)


def zuko_spline(x, h, slope):
    h = h.reshape(len(x), x.shape[1], -1)
    k, c = (h.shape[2] + 1) // 3, -np.log(slope)
    return rational_quadratic(x, softmax(soft_clip(h[..., :k], c / 2)),
                              softmax(soft_clip(h[..., k:2 * k], c / 2)),
                              np.exp(soft_clip(h[..., 2 * k:], c)), 5.0)


given = None  # the context of the rows that are evaluated


def with_context(net, context):
    return (lambda x: net(np.hstack([x, given]))) if context else net


def zuko_autoregressive(d, spline, order, context=0):
    params = 8 if spline else 2
    m, net = masked_mlp(d, order, params, (9, 9), context)
    net = with_context(net, context)
    said = ("functools.partial(<class 'zuko.transforms.MonotonicRQSTransform'>, slope=0.01)" if spline
            else "<class 'zuko.transforms.MonotonicAffineTransform'>")
    return module("zuko.flows.autoregressive.MaskedAutoregressiveTransform", {"order": order},
                  {"hyper": m}, univariate=said, total=params), \
        lambda x: zuko_spline(x, net(x), 0.01) if spline else zuko_affine(x, net(x))


def sequential(sizes, where="torch.nn.modules.container.Sequential"):
    layers, steps = [], []
    for k in range(len(sizes) - 1):
        m, f = linear(sizes[k], sizes[k + 1])
        layers += [m, module("torch.nn.modules.activation.LeakyReLU", negative_slope=0.0)]
        steps.append(f)

    def net(x):
        for f in steps[:-1]:
            x = relu(f(x))
        return steps[-1](x)
    return module(where, children={str(k): m for k, m in enumerate(layers[:-1])},
                  in_features=sizes[0]), net


def zuko_coupling(d, start, context=0):
    mask = (np.arange(d) + start) % 2 == 1
    kept, moved = np.flatnonzero(mask), np.flatnonzero(~mask)
    m, net = sequential((len(kept) + context, 8, 2 * len(moved)), "zuko.nn.MLP")
    net = with_context(net, context)
    return module("zuko.flows.coupling.GeneralCouplingTransform", {"mask": mask}, {"hyper": m},
                  univariate="<class 'zuko.transforms.MonotonicAffineTransform'>", total=2), \
        lambda x: coupling(x, kept, moved, net, zuko_affine)


def zuko(*parts):
    d = 5
    loc, scale = random.normal(size=d), random.uniform(0.5, 2, d)
    composed = module("zuko.lazy.LazyComposedTransform",
                      children={"transforms": listed([m for m, _ in parts])})
    return module("zuko.flows.autoregressive.MAF", children={
        "transform": composed,
        "base": module("zuko.lazy.UnconditionalDistribution", {"loc": loc, "scale": scale})}), \
        [f for _, f in parts], lambda z: standard_normal((z - loc) / scale) - np.log(scale).sum()


# --- normflows: modules go from noise to data; the functions here are their inverses. ---
def mlp(*sizes):
    m, net = sequential(sizes)
    return module("normflows.nets.mlp.MLP", children={"net": m}), net


def coupling_block(d, scale_map, mode):
    first = (d + 1) // 2
    kept, moved = np.arange(first), np.arange(first, d)
    if mode == "channel_inv":
        kept, moved = moved, kept
    m, net = mlp(len(kept), 7, (2 if scale_map else 1) * len(moved))

    def inverse(x, h):
        if not scale_map:
            return x - h, 0
        s = -h[:, 1::2] if scale_map == "exp" else np.log(sigmoid(h[:, 1::2] + 2))
        return (x - h[:, 0::2]) * np.exp(s), s.sum(1)
    split = module("normflows.flows.reshape.Split", mode=mode)
    return module("normflows.flows.affine.coupling.AffineCouplingBlock", children={"flows": listed([
        split, module("normflows.flows.affine.coupling.AffineCoupling", children={"param_map": m},
                      scale=bool(scale_map), scale_map=scale_map or "exp"), split])}), \
        lambda x: coupling(x, kept, moved, net, inverse)


def masked_affine(d, scales=True):
    b = np.arange(d) % 2
    (s_module, s), (t_module, t) = mlp(d, 6, d), mlp(d, 7, 7, d)

    def inverse(x):
        log_scale = (1 - b) * s(b * x) if scales else np.zeros_like(x)
        return b * x + (1 - b) * (x - t(b * x)) * np.exp(-log_scale), -log_scale.sum(1)
    return module("normflows.flows.affine.coupling.MaskedAffineFlow", {"b": b[None]},
                  {"t": t_module} | ({"s": s_module} if scales else {})), inverse


def actnorm(d):
    s, t = random.normal(size=(2, 1, d)) * 0.5
    return module("normflows.flows.normalization.ActNorm", {"s": s, "t": t}), \
        lambda x: ((x - t) * np.exp(-s), -s.sum())


def permute(d, mode):
    order = random.permutation(d)
    return module("normflows.flows.mixing.Permute", {"perm": np.argsort(order), "inv_perm": order}
                  if mode == "shuffle" else {}, mode=mode, num_channels=d), \
        lambda x: (x[:, order] if mode == "shuffle" else np.roll(x, -((d + 1) // 2), 1), 0)


def wrapped(where, name, part):
    return module(where, children={name: part[0]}), part[1]


def lu_permute(d):
    (p_module, p), (l_module, l) = permutation(d), lu(d)
    return module("normflows.flows.mixing.LULinearPermute",
                  children={"permutation": p_module, "linear": l_module}), lambda x: l(p(x)[0])


def invertible_affine(d):
    w = random.normal(size=(d, d)) + 3 * np.eye(d)
    return module("normflows.flows.mixing.InvertibleAffine", {"W": w}, use_lu=False), \
        lambda x: (x @ w, np.linalg.slogdet(w)[1])


def inverse_maf(d):
    m, net = masked_residual(d, np.arange(d), 2, 8, 1, "normflows.nets.made")

    def inverse(x):
        z = np.zeros_like(x)
        for _ in range(d):
            h = net(z).reshape(len(x), d, 2)
            scale = sigmoid(h[..., 0] + 2) + 1e-3
            z = (x - h[..., 1]) / scale
        return z, -np.log(scale).sum(1)
    return module("normflows.flows.affine.autoregressive.MaskedAffineAutoregressive",
                  children={"autoregressive_net": m}), inverse


def normflows(*parts):
    d = 5
    loc, log_scale = random.normal(size=(2, 1, d)) * 0.5
    flow = module("normflows.core.NormalizingFlow", children={
        "q0": module("normflows.distributions.base.DiagGaussian",
                     {"loc": loc, "log_scale": log_scale}, temperature=None),
        "flows": listed([m for m, _ in parts])})
    return flow, [f for _, f in reversed(parts)], \
        lambda z: standard_normal((z - loc) / np.exp(log_scale)) - log_scale.sum()


def standard_normal(z):
    return -0.5 * (z * z).sum(1) - z.shape[1] * 0.5 * np.log(2 * np.pi)


def nflows(*parts):
    composite = module("nflows.transforms.base.CompositeTransform",
                       children={"_transforms": listed([m for m, _ in parts])})
    flow = module("nflows.flows.base.Flow", children={
        "_transform": composite,
        "_distribution": module("nflows.distributions.normal.StandardNormal")})
    return flow, [f for _, f in parts], standard_normal


spline_wrapper = "normflows.flows.neural_spline.wrapper."
flows = {
    "nflows-rq-nsf": (5, lambda d: nflows(permutation(d), lu(d), spline_coupling(d, 0),
                                          permutation(d), lu(d), spline_coupling(d, 1))),
    "nflows-kept-spline": (4, lambda d: nflows(spline_coupling(d, 1, True), permutation(d))),
    "nflows-realnvp": (3, lambda d: nflows(affine_coupling(d, 0), batch_norm(d),
                                           affine_coupling(d, 1))),
    "nflows-maf": (6, lambda d: nflows(maf(d), permutation(d), maf(d))),
    "nflows-spline-autoregressive": (4, lambda d: nflows(spline_autoregressive(d), lu(d))),
    "zuko-maf": (5, lambda d: zuko(zuko_autoregressive(d, False, np.arange(d)),
                                   zuko_autoregressive(d, False, np.array([3, 0, 4, 1, 2])))),
    "zuko-nsf": (5, lambda d: zuko(zuko_autoregressive(d, True, np.arange(d)[::-1]))),
    "zuko-realnvp": (5, lambda d: zuko(zuko_coupling(d, 0), zuko_coupling(d, 1))),
    "zuko-context": (5, lambda d: zuko(zuko_coupling(d, 0, 2), zuko_coupling(d, 1, 2),
                                       zuko_autoregressive(d, True, np.array([1, 0, 4, 3, 2]), 2))),
    "normflows-realnvp": (5, lambda d: normflows(
        coupling_block(d, "exp", "channel"), permute(d, "swap"), actnorm(d),
        coupling_block(d, "sigmoid", "channel_inv"), permute(d, "shuffle"),
        coupling_block(d, None, "channel"), invertible_affine(d))),
    "normflows-masked": (5, lambda d: normflows(masked_affine(d), permute(d, "swap"),
                                                masked_affine(d, False))),
    "normflows-splines": (5, lambda d: normflows(
        wrapped(spline_wrapper + "CoupledRationalQuadraticSpline", "prqct",
                spline_coupling(d, 0, True)), lu_permute(d),
        wrapped(spline_wrapper + "AutoregressiveRationalQuadraticSpline", "mprqat",
                spline_autoregressive(d, "normflows.nets", np.array([2, 0, 1, 4, 3]))))),
    "normflows-maf": (5, lambda d: normflows(inverse_maf(d), permute(d, "shuffle"))),
}


def main(script, name, file):
    torch = types.ModuleType("torch")
    torch.linspace = lambda a, b, n: array(np.linspace(a, b, n))
    sys.modules["torch"] = torch
    written = {}
    with open(script) as text:
        exec(text.read(), written)
    global given
    d, make = flows[name]
    flow, steps, base = make(d)
    context = None
    if "context" in name:
        given = random.normal(size=(40, 2)).astype(np.float32).astype(float)
        np.save(file + ".context.npy", given)
        context = array(given)
    x = random.normal(size=(40, d))
    np.save(file + ".npy", x.astype(np.float32))
    x = x.astype(np.float32).astype(float)
    z, logp = x, np.zeros(len(x))
    for step in steps:
        z, logdet = step(z)
        logp = logp + logdet
    logp = logp + base(z)
    written["save"](file, flow, array(x), array(logp), context)
    print("\n".join(map(repr, logp.tolist())))


if __name__ == "__main__":
    main(*sys.argv[1:])
