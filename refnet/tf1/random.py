"""Draws, from NumPy's generators: TensorFlow draws other numbers from the same seed."""

from __future__ import annotations

from typing import Any

import numpy as np

from refnet.arrays import Array
from refnet.graph import (
    Node,
    Random,
    apply,
    gather,
    set_random_seed,
)
from refnet.graph import random_normal as random_normal
from refnet.graph import random_uniform as random_uniform
from refnet.graph import truncated_normal as truncated_normal
from refnet.op import ops
from refnet.tf1.missing import missing
from refnet.tf1.values import as_dtype, int64, value

__all__ = [
    "categorical",
    "multinomial",
    "normal",
    "set_random_seed",
    "shuffle",
    "truncated_normal",
    "uniform",
]


def random_shuffle(value: Any, seed: int | None = None, name: str | None = None) -> Node:
    """Return the entries along the first axis in an order that is drawn."""
    x = _value(value)

    def order(rng: np.random.Generator, dtype: np.dtype[Any], a: Array) -> Array:
        return rng.permutation(len(a)).astype(dtype)

    dims = None if x.dims is None else x.dims[:1]
    ids = Random(x.graph, "permutation", order, [x], dims=dims, dtype=int64, seed=seed, name=None)
    return gather(x, ids, name)


_value = value


def multinomial(
    logits: Any,
    num_samples: int,
    seed: int | None = None,
    name: str | None = None,
    output_dtype: Any = None,
) -> Node:
    """Return ``num_samples`` classes for each row of logits, drawn with their probabilities."""
    p: Node = apply(ops()["softmax"], value(logits), kind="Softmax", axis=-1)
    dtype = int64 if output_dtype is None else as_dtype(output_dtype)

    def classes(rng: np.random.Generator, dtype: np.dtype[Any], rows: Array) -> Array:
        u = rng.random((len(rows), int(num_samples), 1))
        ends = np.cumsum(rows.astype(np.float64), axis=1)[:, np.newaxis, :-1]
        return np.asarray((u >= ends).sum(axis=-1), dtype)

    dims = (None if p.dims is None else p.dims[0], int(num_samples))
    return Random(
        p.graph, "Multinomial", classes, [p], dims=dims, dtype=dtype, seed=seed, name=name
    )


def categorical(
    logits: Any,
    num_samples: int,
    dtype: Any = None,
    seed: int | None = None,
    name: str | None = None,
) -> Node:
    """Return what :func:`multinomial` does; the order of arguments is another."""
    return multinomial(logits, num_samples, seed, name, dtype)


normal, uniform, shuffle = random_normal, random_uniform, random_shuffle

__getattr__ = missing("tf.random", __all__)
