"""One update of every optimizer, in refnet and in PyTorch's single-tensor loop.

Both start from the same parameters and gradients. refnet's values are pure, so every update makes
new parameters and slots; PyTorch updates its own in place.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

import refnet as rn
from benchmarks.side_by_side import Comparison
from refnet.optimizers import Optimizer


class Pair(NamedTuple):
    """An optimizer as refnet's spec, and torch.optim's class with its options."""

    spec: str
    name: str
    options: dict[str, Any]


PAIRS = (
    Pair("sgd(lr=0.001)", "SGD", {"lr": 0.001}),
    Pair("momentum(lr=0.001)", "SGD", {"lr": 0.001, "momentum": 0.9}),
    Pair("nesterov(lr=0.001)", "SGD", {"lr": 0.001, "momentum": 0.9, "nesterov": True}),
    Pair("adagrad", "Adagrad", {}),
    Pair("adadelta", "Adadelta", {}),
    Pair("rmsprop", "RMSprop", {}),
    Pair("adam", "Adam", {}),
    Pair("adamw", "AdamW", {}),
    Pair("adamax", "Adamax", {}),
    Pair("nadam", "NAdam", {}),
)
# Layers' sizes, and the geometric mean of the ratios that the project promises for them.
SIZES = (((784, 300, 10), 1.4), ((10, 8, 1), 0.6))


def refnet_update(opt: Optimizer, params: Any, grads: Any) -> Callable[[], Any]:
    """Return a function that does one more update in refnet each time it is called."""
    state = opt.init(params)

    def update() -> Any:
        nonlocal params, state
        params, state = opt.update(params, grads, state)
        return params

    return update


def torch_update(pair: Pair, params: Any, grads: Any) -> Callable[[], Any]:
    """Return a function that does one more update in PyTorch each time it is called."""
    import torch

    tensors = {name: torch.tensor(p) for name, p in params.items()}
    for name, tensor in tensors.items():
        tensor.grad = torch.tensor(grads[name])
    opt = getattr(torch.optim, pair.name)(tensors.values(), foreach=False, **pair.options)
    return opt.step  # type: ignore[no-any-return]


def comparisons() -> list[Comparison]:
    """Return an update of each optimizer, for the parameters of each network."""
    rng = np.random.default_rng(0)
    found = []
    for sizes, at_most in SIZES:
        shapes: dict[str, tuple[int, ...]] = {}
        for i, (n, units) in enumerate(pairwise(sizes), start=1):
            shapes |= {f"fc{i}.w": (n, units), f"fc{i}.b": (units,)}
        params, grads = (
            {name: rng.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}
            for _ in range(2)
        )
        network = "-".join(map(str, sizes))
        for pair in PAIRS:
            opt = rn.optimizers.from_spec(pair.spec)
            name = f"update of {pair.spec.partition('(')[0]}, {network}"
            updates = refnet_update(opt, params, grads), torch_update(pair, params, grads)
            found.append(
                Comparison(name, "PyTorch", *updates, at_most, f"an optimizer's update, {network}")
            )
    return found
