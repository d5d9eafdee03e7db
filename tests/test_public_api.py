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
    "batch_norm",
    "bias_add",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "central_differences",
    "complex_step",
    "concat",
    "cross_entropy",
    "data",
    "dense",
    "dropout",
    "dropout_mask",
    "gradcheck",
    "gradient_descent",
    "group_norm",
    "identity",
    "initializers",
    "intercepted",
    "layer_norm",
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
    "split",
    "square",
    "stack",
    "step",
    "subtract",
    "sum",
    "tanh",
    "unstack",
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
    "batch_norm",
    "bias_add",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "concat",
    "cross_entropy",
    "dense",
    "dropout",
    "group_norm",
    "identity",
    "layer_norm",
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
    "split",
    "square",
    "stack",
    "step",
    "subtract",
    "sum",
    "tanh",
    "unstack",
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
