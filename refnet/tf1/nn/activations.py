"""Activation functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from refnet.graph import Node, apply
from refnet.op import ops
from refnet.tf1.arithmetic import sigmoid, tanh
from refnet.tf1.values import value

__all__ = [
    "elu",
    "leaky_relu",
    "log_softmax",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "softmax",
    "softplus",
    "softsign",
    "tanh",
]


def _activation(name: str, kind: str, **options: Any) -> Callable[..., Node]:
    def f(features: Any, name: str | None = None) -> Node:
        made: Node = apply(ops()[called], value(features), kind=kind, name=name, **options)
        return made

    called = name
    return f


relu, elu, selu = (
    _activation("relu", "Relu"),
    _activation("elu", "Elu"),
    _activation("selu", "Selu"),
)
relu6 = _activation("clip", "Relu6", low=0.0, high=6.0)
softplus, softsign = _activation("softplus", "Softplus"), _activation("softsign", "Softsign")


def leaky_relu(features: Any, alpha: float = 0.2, name: str | None = None) -> Node:
    """Return max(x, alpha x), for alpha below 1."""
    made: Node = apply(
        ops()["leaky_relu"], value(features), kind="LeakyRelu", name=name, slope=float(alpha)
    )
    return made


def softmax(
    logits: Any, axis: int | None = None, name: str | None = None, dim: int | None = None
) -> Node:
    """Return the softmax along an axis, the last by default."""
    return _softmax("softmax", "Softmax", logits, axis, name, dim)


def log_softmax(
    logits: Any, axis: int | None = None, name: str | None = None, dim: int | None = None
) -> Node:
    """Return the logarithm of the softmax along an axis, the last by default."""
    return _softmax("log_softmax", "LogSoftmax", logits, axis, name, dim)


def _softmax(
    called: str, kind: str, logits: Any, axis: int | None, name: str | None, dim: int | None
) -> Node:
    along = axis if axis is not None else -1 if dim is None else dim
    made: Node = apply(ops()[called], value(logits), kind=kind, name=name, axis=along)
    return made
