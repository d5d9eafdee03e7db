"""Bugs of softmax and its logarithm."""

from __future__ import annotations

from parity.selftest.bug import Bug

SOFTMAX = "refnet/ops/softmax.py"

BUGS = (
    Bug(
        "softmax", "y (dy + t)", SOFTMAX, "(dy - np.add.reduce(y * dy", "(dy + np.add.reduce(y * dy"
    ),
    Bug(
        "softmax",
        "diagonal of the Jacobian only",
        SOFTMAX,
        "y * (dy - np.add.reduce(y * dy, axis=axis, keepdims=True))",
        "y * (1 - y) * dy",
    ),
    Bug(
        "log_softmax",
        "exp forgotten in the VJP",
        SOFTMAX,
        "probs * np.add.reduce(dy",
        "y * np.add.reduce(dy",
    ),
    Bug(
        "softmax",
        "sum over the other axis",
        SOFTMAX,
        "y /= np.add.reduce(y, axis=axis",
        "y /= np.add.reduce(y, axis=axis - 1",
    ),
    Bug(
        "log_softmax",
        "the shift forgotten",
        SOFTMAX,
        "return np.asarray(x - high), axis, back",
        "return np.asarray(x), axis, back",
    ),
    Bug(
        "log_softmax",
        "a maximum below 0 missed",
        SOFTMAX,
        "initial=-np.inf",
        "initial=0",
    ),
)
