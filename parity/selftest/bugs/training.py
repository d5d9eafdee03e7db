"""Bugs of optimizers, networks and their adapters."""

from __future__ import annotations

from parity.selftest.bug import Bug

SGD = "refnet/optimizers/sgd.py"
REFNET = "parity/backends/refnet.py"

BUGS = (
    Bug(
        "sgd",
        "ascent",
        SGD,
        "np.asarray(p - self.lr * direction)",
        "np.asarray(p + self.lr * direction)",
    ),
    Bug("sgd", "decay subtracted", SGD, "return g + self", "return g - self"),
    Bug(
        "sgd",
        "float16 comes back as float32",
        "refnet/optimizers/base.py",
        "r.astype(p.dtype, copy=False)",
        "r",
        dtypes=("float16",),
    ),
    Bug("sgd", "dampening added", SGD, "(1 - self.dampening)", "(1 + self.dampening)"),
    Bug(
        "sgd",
        "first buffer empty",
        SGD,
        "return self._moved(p, g, g)",
        "return self._moved(p, g, 0 * g)",
    ),
    Bug(
        "sgd",
        "Nesterov without the gradient",
        SGD,
        "direction = g + self.momentum * v",
        "direction = self.momentum * v",
    ),
    Bug(
        "sgd",
        "steps not counted",
        SGD,
        "return moved, SGDState(state.step + 1, buffers)",
        "return moved, SGDState(state.step, buffers)",
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
