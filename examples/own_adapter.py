"""Put functions of your own through parity's cases.

Run from this folder:

    parity run --subject own_adapter:OwnAdapter

What the adapter lacks is reported as unsupported. What it has is run beside PyTorch, and both are
held to refnet's bounds: forward and, where there is one, with its VJP.
"""

import numpy as np

from parity import Adapter, Functions


def rounded_once(function):
    """Compute float16 in float32, as the bounds expect, and round the results at the end."""

    def wrapped(*args, **options):
        if args[0].dtype != np.float16:
            return function(*args, **options)
        result = function(*(a.astype(np.float32) for a in args), **options)
        if isinstance(result, tuple):
            return tuple(r.astype(np.float16) for r in result)
        return result.astype(np.float16)

    return wrapped


def softmax(x, **options):
    z = np.exp(x - x.max(axis=options.get("axis", -1), keepdims=True, initial=-np.inf))
    return z / z.sum(axis=options.get("axis", -1), keepdims=True)


def dense(x, w, b=0):
    return x @ w + b


def dense_vjp(dy, x, w, b=None):
    rows, drows = x.reshape(dy.size // max(w.shape[1], 1), len(w)), dy.reshape(-1, w.shape[1])
    dx, dw = dy @ w.T, rows.T @ drows
    return (dx, dw) if b is None else (dx, dw, drows.sum(axis=0))


class OwnAdapter(Adapter):
    """Three functions: an exact one, a product with its VJP, and softmax, forward only."""

    name = "own"

    def operations(self):
        return {
            "identity": Functions(np.copy, lambda dy, x: (dy.copy(),)),
            "dense": Functions(rounded_once(dense), rounded_once(dense_vjp)),
            "softmax": Functions(rounded_once(softmax)),
        }
