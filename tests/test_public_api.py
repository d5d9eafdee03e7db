"""The public names: a change to them is a change to this list."""

from __future__ import annotations

import importlib

import pytest

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
    "elu",
    "gelu",
    "gradcheck",
    "gradient_descent",
    "hard_sigmoid",
    "hard_tanh",
    "identity",
    "initializers",
    "intercepted",
    "layers",
    "leaky_relu",
    "log_softmax",
    "matmul",
    "mean",
    "mean_squared_error",
    "mish",
    "models",
    "multiply",
    "nll",
    "ops",
    "optimizers",
    "prelu",
    "relu",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softmax_cross_entropy",
    "softplus",
    "softsign",
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
    "elu",
    "gelu",
    "hard_sigmoid",
    "hard_tanh",
    "identity",
    "leaky_relu",
    "log_softmax",
    "matmul",
    "mean",
    "mean_squared_error",
    "mish",
    "multiply",
    "nll",
    "prelu",
    "relu",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softmax_cross_entropy",
    "softplus",
    "softsign",
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


CALLABLE = [
    (module.__name__, name)
    for module in (rn, rn.data, rn.initializers, rn.layers, rn.optimizers, rn.models)
    for name in module.__all__
    if callable(getattr(module, name))
]
# Interfaces, records and errors, which are not called with arguments of a user's.
DESCRIBED = {
    "Initializer",
    "Layer",
    "Optimizer",
    "SGDState",
    "Images",
    "MNIST",
    "Op",
    "intercepted",
    "ops",
}


@pytest.mark.parametrize(("module", "name"), CALLABLE)
def test_public_names_are_documented(module, name):
    value = getattr(importlib.import_module(module), name)
    doc = value.__doc__
    assert len(doc) > 40
    if name not in DESCRIBED and not name.endswith("Error"):
        assert "Raises" in doc
        assert ">>>" in doc
