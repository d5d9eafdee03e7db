"""Bugs of the activations."""

from __future__ import annotations

from parity.selftest.bug import Bug

BUGS = (
    Bug("relu", "min for max", "refnet/ops/relu.py", "np.maximum(x, 0)", "np.minimum(x, 0)"),
    Bug("sigmoid", "derivative y (1 + y)", "refnet/ops/sigmoid.py", "dx = 1 - y", "dx = 1 + y"),
    Bug("tanh", "derivative 1 + y^2", "refnet/ops/tanh.py", "(1 - y * y)", "(1 + y * y)"),
    Bug("affine", "intercept subtracted", "refnet/ops/affine.py", "* x + float", "* x - float"),
    Bug("identity", "cotangent negated", "refnet/ops/affine.py", "(dy.copy(),)", "(-dy.copy(),)"),
    Bug(
        "affine",
        "derivative is the intercept",
        "refnet/ops/affine.py",
        "(float(slope) * dy,)",
        "(float(intercept) * dy,)",
    ),
    Bug(
        "sigmoid",
        "exp(x) overflows",
        "refnet/ops/sigmoid.py",
        "np.exp(np.negative(z, out=z), out=z)",
        "np.exp(z, out=z)",
    ),
    Bug(
        "relu",
        "gradient 1 at the kink",
        "refnet/ops/relu.py",
        "_zeroed(dy, x <= 0)",
        "_zeroed(dy, x < 0)",
    ),
    Bug("step", "1 at the kink", "refnet/ops/step.py", "np.heaviside(x, 0)", "np.heaviside(x, 1)"),
)
