"""The public names: a change to them is a change to this list."""

from __future__ import annotations

import parity
import refnet as rn

REFNET = [
    "ArgumentError",
    "DataFileError",
    "DomainError",
    "DtypeError",
    "MissingDependencyError",
    "Op",
    "OptionError",
    "RefnetError",
    "ShapeError",
    "add",
    "affine",
    "bias_add",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "central_differences",
    "complex_step",
    "cross_entropy",
    "data",
    "dense",
    "gradcheck",
    "gradient_descent",
    "identity",
    "initializers",
    "intercepted",
    "layers",
    "log_softmax",
    "matmul",
    "mean",
    "mean_squared_error",
    "models",
    "multiply",
    "nll",
    "ops",
    "optimizers",
    "relu",
    "sigmoid",
    "softmax",
    "softmax_cross_entropy",
    "square",
    "step",
    "subtract",
    "sum",
    "tanh",
]
PARITY = [
    "Adapter",
    "AdapterError",
    "CaseError",
    "Finished",
    "Functions",
    "Outcome",
    "ParityError",
    "RegisterError",
    "Request",
    "SelectionError",
    "Step",
    "Trainer",
    "UnsupportedError",
    "Update",
    "run",
]
OPERATIONS = [
    "add",
    "affine",
    "bias_add",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "dense",
    "identity",
    "log_softmax",
    "matmul",
    "mean",
    "mean_squared_error",
    "multiply",
    "nll",
    "relu",
    "sigmoid",
    "softmax",
    "softmax_cross_entropy",
    "square",
    "step",
    "subtract",
    "sum",
    "tanh",
]


def test_names():
    assert rn.__all__ == REFNET
    assert parity.__all__ == PARITY
    assert list(rn.ops()) == OPERATIONS
    for module, names in ((rn, REFNET), (parity, PARITY)):
        assert set(names) <= set(dir(module))
        assert all(getattr(module, name) is not None for name in names)


def test_unknown_names_are_attribute_errors():
    assert not hasattr(rn, "conv99d")
