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
    "StateError",
    "add",
    "affine",
    "avg_pool2d",
    "batch_norm",
    "bias_add",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "central_differences",
    "clip",
    "complex_step",
    "concat",
    "conv1d",
    "conv2d",
    "conv2d_transpose",
    "cosine",
    "cross_entropy",
    "data",
    "dense",
    "divide",
    "dropout",
    "dropout_mask",
    "elu",
    "embedding",
    "exp",
    "gelu",
    "global_avg_pool2d",
    "global_max_pool2d",
    "gradcheck",
    "gradient_descent",
    "group_norm",
    "gru",
    "gru_cell",
    "hard_sigmoid",
    "hard_tanh",
    "hinge",
    "huber",
    "identity",
    "initializers",
    "intercepted",
    "kl_div",
    "l1",
    "l1_penalty",
    "l2_penalty",
    "layer_norm",
    "layers",
    "leaky_relu",
    "log",
    "log_softmax",
    "lstm",
    "lstm_cell",
    "matmul",
    "max",
    "max_pool2d",
    "maximum",
    "mean",
    "mean_squared_error",
    "min",
    "minimum",
    "mish",
    "models",
    "multiply",
    "nll",
    "one_hot",
    "ops",
    "optimizers",
    "pad",
    "power",
    "prelu",
    "relu",
    "reshape",
    "rnn",
    "rnn_cell",
    "selu",
    "sigmoid",
    "silu",
    "smooth_l1",
    "softmax",
    "softmax_cross_entropy",
    "softplus",
    "softsign",
    "split",
    "sqrt",
    "square",
    "stack",
    "step",
    "subtract",
    "sum",
    "tanh",
    "transpose",
    "unstack",
    "var",
]
PARITY = [
    "Adapter",
    "AdapterError",
    "CaseError",
    "CheckpointError",
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
    "avg_pool2d",
    "batch_norm",
    "bias_add",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "clip",
    "concat",
    "conv1d",
    "conv2d",
    "conv2d_transpose",
    "cosine",
    "cross_entropy",
    "dense",
    "divide",
    "dropout",
    "elu",
    "embedding",
    "exp",
    "gelu",
    "global_avg_pool2d",
    "global_max_pool2d",
    "group_norm",
    "gru",
    "gru_cell",
    "hard_sigmoid",
    "hard_tanh",
    "hinge",
    "huber",
    "identity",
    "kl_div",
    "l1",
    "l1_penalty",
    "l2_penalty",
    "layer_norm",
    "leaky_relu",
    "log",
    "log_softmax",
    "lstm",
    "lstm_cell",
    "matmul",
    "max",
    "max_pool2d",
    "maximum",
    "mean",
    "mean_squared_error",
    "min",
    "minimum",
    "mish",
    "multiply",
    "nll",
    "one_hot",
    "pad",
    "power",
    "prelu",
    "relu",
    "reshape",
    "rnn",
    "rnn_cell",
    "selu",
    "sigmoid",
    "silu",
    "smooth_l1",
    "softmax",
    "softmax_cross_entropy",
    "softplus",
    "softsign",
    "split",
    "sqrt",
    "square",
    "stack",
    "step",
    "subtract",
    "sum",
    "tanh",
    "transpose",
    "unstack",
    "var",
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
    "Context",
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
