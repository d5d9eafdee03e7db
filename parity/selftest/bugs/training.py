"""Bugs of optimizers, networks and their adapters."""

from __future__ import annotations

from parity.selftest.bug import Bug

BASE = "refnet/optimizers/base.py"
SGD = "refnet/optimizers/sgd.py"
REFNET = "parity/backends/refnet.py"

BUGS = (
    Bug(
        "sgd",
        "ascent",
        SGD,
        "return p - (d if self.lr_inside",
        "return p + (d if self.lr_inside",
    ),
    Bug("sgd", "decay subtracted", BASE, "rule(p, g + decay * p,", "rule(p, g - decay * p,"),
    Bug(
        "sgd",
        "float16 comes back as float32",
        BASE,
        "r.astype(p.dtype, copy=False)",
        "r",
        dtypes=("float16",),
    ),
    Bug("sgd", "dampening added", SGD, "1 - number(self.dampening)", "1 + number(self.dampening)"),
    Bug(
        "sgd",
        "first buffer empty",
        SGD,
        "v = g.copy() if first",
        "v = 0 * g if first",
    ),
    Bug(
        "sgd",
        "Nesterov without the gradient",
        SGD,
        "d = g + momentum * v",
        "d = momentum * v",
    ),
    Bug(
        "sgd",
        "steps not counted",
        BASE,
        "return moved, self._state_of(done + 1, after)",
        "return moved, self._state_of(done, after)",
    ),
    Bug(
        "dfn",
        "another activation",
        "refnet/models/dfn.py",
        'Activation("sigmoid")',
        'Activation("tanh")',
        "dfn/digits-fast",
    ),
    Bug(
        "xor",
        "another loss",
        "refnet/models/xor.py",
        'reduction="half_mean_rows"',
        'reduction="mean"',
        "xor/sources",
    ),
    Bug(
        "xor",
        "a layer's cotangent skipped",
        "refnet/layers/sequential.py",
        "cotangent, grads = layer.vjp(",
        "_, grads = layer.vjp(",
        "xor/sources",
    ),
    Bug(
        "sgd",
        "the adapter's gradient doubled",
        "parity/backends/torch/__init__.py",
        "tensor.grad = self.tensor(g[name])",
        "tensor.grad = 2 * self.tensor(g[name])",
    ),
    Bug(
        "xor",
        "the adapter's divisor",
        "parity/backends/torch/__init__.py",
        "/ (2 * len(y))\n\n        def made",
        "/ len(y)\n\n        def made",
        "xor/sources",
    ),
    Bug(
        "dfn",
        "the adapter's layers share a bias",
        "parity/backends/torch/trainer.py",
        'tensors[f"fc{i}.b"]',
        'tensors[f"fc{i}.b"] + 1',
        "dfn/digits-fast",
    ),
    Bug(
        "sgd",
        "the adapter's options lost",
        REFNET,
        "opt = rn.optimizers.SGD(**options)",
        'opt = rn.optimizers.SGD(options["lr"])',
    ),
)
