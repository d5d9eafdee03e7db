"""Bugs of normalisation and dropout."""

from __future__ import annotations

from parity.selftest.bug import Bug

SHARED = "refnet/normalizing.py"
LAYER = "refnet/ops/layer_norm.py"
GROUP = "refnet/ops/group_norm.py"
BATCH = "refnet/ops/batch_norm.py"
DROPOUT = "refnet/ops/dropout.py"

BUGS = (
    Bug(
        "layer_norm",
        "eps outside the root",
        SHARED,
        "1 / np.sqrt(variance + float(eps))",
        "1 / (np.sqrt(variance) + float(eps))",
    ),
    Bug(
        "layer_norm",
        "variance as the mean of squares less the squared mean",
        SHARED,
        "np.add.reduce(d * d, axis=axes, keepdims=True) / n",
        "np.add.reduce(x * x, axis=axes, keepdims=True) / n - (x - d) ** 2",
    ),
    Bug("layer_norm", "mean of dy forgotten", SHARED, "dx = dh - mean", "dx = dh - 0 * mean"),
    Bug("group_norm", "path through the variance forgotten", SHARED, "dx -= h * along", "pass"),
    Bug(
        "layer_norm",
        "gamma forgotten in dx",
        LAYER,
        "dy if wide is None else dy * wide",
        "dy",
    ),
    Bug(
        "group_norm",
        "a group of channels with a stride",
        GROUP,
        "self.shape = (n, groups, c // groups, math.prod(space))\n"
        "            self.per_channel = (1, groups, c // groups, 1)\n"
        "            self.axes = (2, 3)",
        "self.shape = (n, c // groups, groups, math.prod(space))\n"
        "            self.per_channel = (1, c // groups, groups, 1)\n"
        "            self.axes = (1, 3)",
    ),
    Bug(
        "group_norm",
        "channels last without the spatial axes",
        GROUP,
        "self.axes = (1, 3)",
        "self.axes = (3,)",
    ),
    Bug(
        "batch_norm",
        "running variance always unbiased",
        BATCH,
        "batch.variance * n / (n - 1) if unbiased else batch.variance",
        "batch.variance * n / (n - 1)",
    ),
    Bug(
        "batch_norm",
        "momentum counts the other",
        BATCH,
        'weights if momentum_of == "new" else weights[::-1]',
        "weights",
    ),
    Bug(
        "batch_norm",
        "eps squared",
        BATCH,
        "1 / np.sqrt(variance + float(eps)))",
        "1 / np.sqrt(variance + float(eps) ** 2))",
    ),
    Bug(
        "batch_norm",
        "path through the mean forgotten",
        BATCH,
        "-a * total / n\n        if dmean",
        "0 * total\n        if dmean",
    ),
    Bug(
        "batch_norm",
        "running statistics cut off from x",
        BATCH,
        "shift += new * dmean / n",
        "shift += 0 * dmean",
    ),
    Bug(
        "batch_norm",
        "variance of unbiased data in dx",
        BATCH,
        "2 * new * dvar / (n - 1 if unbiased else n)",
        "2 * new * dvar / n",
    ),
    Bug(
        "batch_norm",
        "half of the running variance's cotangent at inference",
        BATCH,
        "-a * (r * (r * along)) / 2",
        "-a * (r * (r * along)) / 4",
    ),
    Bug(
        "batch_norm",
        "the adapter's variance never biased",
        "parity/backends/torch/operations/normalization.py",
        "correction=int(unbiased)",
        "correction=1",
    ),
    Bug(
        "dropout",
        "inverted and at test confused",
        DROPOUT,
        'y / _kept(x, rate) if scale == "inverted" else y',
        'y / _kept(x, rate) if scale != "inverted" else y',
    ),
    Bug(
        "dropout",
        "divided by the rate",
        DROPOUT,
        "np.longdouble(1) - np.longdouble(float(rate))",
        "np.longdouble(float(rate))",
    ),
    Bug(
        "dropout",
        "the gradient of everything",
        DROPOUT,
        "dx, dmask = dy * mask, dy * x",
        "dx, dmask = dy * 1, dy * x",
    ),
)
