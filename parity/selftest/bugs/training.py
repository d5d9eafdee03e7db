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
)
