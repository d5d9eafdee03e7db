"""Bugs of softmax and its logarithm."""

from __future__ import annotations

from parity.selftest.bug import Bug

SOFTMAX = "refnet/ops/softmax.py"

BUGS = (
    Bug(
        "softmax",
        "wrong sign",
        "y (dy + t)",
        SOFTMAX,
        "(dy - np.add.reduce(y * dy",
        "(dy + np.add.reduce(y * dy",
    ),
    Bug(
        "softmax",
        "diagonal Jacobian",
        "diagonal of the Jacobian only",
        SOFTMAX,
        "y * (dy - np.add.reduce(y * dy, axis=axis, keepdims=True))",
        "y * (1 - y) * dy",
        defect="diagonal softmax",
    ),
    Bug(
        "log_softmax",
        "dropped term",
        "exp forgotten in the VJP",
        SOFTMAX,
        "probs * np.add.reduce(dy",
        "y * np.add.reduce(dy",
    ),
    Bug(
        "softmax",
        "wrong axis",
        "sum over the other axis",
        SOFTMAX,
        "y /= np.add.reduce(y, axis=axis",
        "y /= np.add.reduce(y, axis=axis - 1",
    ),
    Bug(
        "log_softmax",
        "unshifted softmax",
        "the shift forgotten",
        SOFTMAX,
        "return np.asarray(x - high), axis, back",
        "return np.asarray(x), axis, back",
    ),
    Bug(
        "log_softmax",
        "one end lost",
        "a maximum below 0 missed",
        SOFTMAX,
        "initial=-np.inf",
        "initial=0",
    ),
    Bug(
        "softmax",
        "unshifted softmax",
        "the shift forgotten",
        SOFTMAX,
        "return np.asarray(x - high), axis, back",
        "return x.copy(), axis, back",
    ),
    Bug(
        "softmax_cross_entropy",
        "unshifted softmax",
        "the shift forgotten",
        SOFTMAX,
        "return np.asarray(x - high), axis, back",
        "return x.copy(), axis, back",
    ),
    Bug(
        "log_softmax",
        "diagonal Jacobian",
        "diagonal of the Jacobian only",
        SOFTMAX,
        "dy - probs * np.add.reduce(dy, axis=axis, keepdims=True)",
        "dy - probs * dy",
    ),
)
