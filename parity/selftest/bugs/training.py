"""Bugs of networks and their adapters."""

from __future__ import annotations

from parity.selftest.bug import Bug

BUGS = (
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
        "xor",
        "the adapter's divisor",
        "parity/backends/torch/models/xor.py",
        "/ (2 * len(y))",
        "/ len(y)",
        "xor/sources",
    ),
    Bug(
        "dfn",
        "the adapter's bias",
        "parity/backends/torch/models/dfn.py",
        'p["fc1.b"]',
        'p["fc1.b"] + 1',
        "dfn/digits-fast",
    ),
)
