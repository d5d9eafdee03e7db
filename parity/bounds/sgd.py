"""Bound of SGD's updates.

The update is a polynomial in parameters, gradients and hyperparameters, so after t steps every
value is off by at most gamma(n t) times the same recurrence on absolute values, n the most
roundings that a term meets in one step: 3 each (the hyperparameter, the product, the sum) for the
step lr g, for weight decay, for the buffer and for Nesterov's sum.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from parity.bounds.base import Array, arithmetic

Values = Mapping[str, Array]


def limits(
    dtype: str, params: Values, grads: Sequence[Values], options: Mapping[str, Any]
) -> list[tuple[dict[str, Array], dict[str, Array]]]:
    """Return, after each update, the limits on every parameter and every momentum buffer."""
    # Parameters and buffers are rounded to the dtype itself at every step.
    a = arithmetic(dtype, dtype)
    lr, momentum = options["lr"], options.get("momentum", 0.0)
    decay, nesterov = options.get("weight_decay", 0.0), options.get("nesterov", False)
    dampening = options.get("dampening", 0.0)
    n = 3 * (1 + bool(decay) + bool(momentum) + bool(nesterov))
    p = {name: np.abs(value) for name, value in params.items()}
    v = {name: np.zeros_like(value) for name, value in p.items()}
    found = []
    for t, g in enumerate(grads, start=1):
        for name in p:
            size = np.abs(g[name]) + decay * p[name]
            v[name] = size if t == 1 else momentum * v[name] + (1 - dampening) * size
            direction = size + momentum * v[name] if nesterov else v[name]
            p[name] = p[name] + lr * (direction if momentum else size)
        error = a.gamma(n * t)
        found.append(
            (
                {name: error * size + n * t * a.eta for name, size in p.items()},
                {name: error * size + n * t * a.eta for name, size in v.items()},
            )
        )
    return found
