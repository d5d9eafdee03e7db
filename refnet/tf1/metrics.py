"""Means over many runs: ``tf.metrics``. They are kept in local variables.

Each returns the value so far and the operation that adds a batch and returns the new value;
``tf.local_variables_initializer()`` sets them back.
"""

from __future__ import annotations

from typing import Any

from refnet.errors import OptionError
from refnet.graph import Node, group
from refnet.tf1.arithmetic import cast, equal, maximum
from refnet.tf1.arrays import constant, size
from refnet.tf1.missing import missing
from refnet.tf1.reductions import reduce_sum
from refnet.tf1.values import float32, value
from refnet.tf1.variables import (
    GraphKeys,
    Variable,
    add_to_collection,
    control_dependencies,
    variable_scope,
)

__all__ = ["accuracy", "mean"]


def mean(
    values: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> tuple[Node, Node]:
    """Return the mean of all values so far, and the operation that adds these.

    Raises
    ------
    OptionError
        For weights.
    """
    if weights is not None:
        raise OptionError("tf.metrics", got="weights", needs="None", cause="Multiply beforehand.")
    x = cast(values, float32)
    with variable_scope(name, "mean"):
        total, count = _local("total"), _local("count")
        more = [total.assign_add(reduce_sum(x)), count.assign_add(cast(size(x), float32))]
        found = total / maximum(count, 1.0)
        with control_dependencies([group(*more)]):
            updated = total.read_value() / maximum(count.read_value(), 1.0)
    for collection in metrics_collections or ():
        add_to_collection(collection, found)
    for collection in updates_collections or ():
        add_to_collection(collection, updated)
    return found, updated


def accuracy(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> tuple[Node, Node]:
    """Return the share of predictions so far that are the labels, and what adds these."""
    guesses = value(predictions)
    hits = equal(guesses, cast(labels, guesses.dtype))
    named = name or "accuracy"
    return mean(hits, weights, metrics_collections, updates_collections, named)


def _local(name: str) -> Variable:
    zero = constant(0.0)
    return Variable(zero, trainable=False, name=name, collections=[GraphKeys.LOCAL_VARIABLES])


__getattr__ = missing("tf.metrics", __all__)
