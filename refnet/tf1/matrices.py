"""Diagonals, traces, products over any axes, and counts of classes in a matrix."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from refnet.arrays import Array
from refnet.errors import DomainError, ShapeError
from refnet.graph import Function, Node
from refnet.tf1.arithmetic import matmul
from refnet.tf1.arrays import expand_dims, reshape, shape, stack, transpose, where, zeros
from refnet.tf1.reductions import reduce_sum
from refnet.tf1.values import as_dtype, int32, pair, value


def diag(diagonal: Any, name: str | None = None) -> Node:
    """Return the matrix with a vector on its diagonal and 0 elsewhere."""
    x = value(diagonal)
    (n,) = _known("diag", x)
    return where(np.eye(n) > 0, expand_dims(x, -1), zeros([1, 1], x.dtype), name)


def diag_part(input: Any, name: str | None = None) -> Node:
    """Return the diagonal of a square matrix."""
    x = value(input)
    n = _known("diag_part", x)[-1]
    return reduce_sum(where(np.eye(n) > 0, x, zeros([1, 1], x.dtype)), -1, name=name)


def trace(x: Any, name: str | None = None) -> Node:
    """Return the sum of the diagonal of a square matrix."""
    return reduce_sum(diag_part(x), name=name)


def confusion_matrix(
    labels: Any,
    predictions: Any,
    num_classes: Any = None,
    dtype: Any = int32,
    name: str | None = None,
    weights: Any = None,
) -> Node:
    """Return how often the class of a row was predicted as that of a column, times weights.

    Raises
    ------
    DomainError
        In a run, if a class is negative or none of ``num_classes``, by default as many as there are
        up to the largest.
    """
    wanted = as_dtype(dtype)
    inputs = [value(labels), value(predictions), *([] if weights is None else [value(weights)])]

    def counted(rows: Array, columns: Array, *given: Array) -> Array:
        highest = int(max(rows.max(initial=0), columns.max(initial=0)))
        n = highest + 1 if num_classes is None else int(num_classes)
        if highest >= n or min(rows.min(initial=0), columns.min(initial=0)) < 0:
            raise DomainError(
                "confusion_matrix",
                got=f"labels {rows.tolist()} and predictions {columns.tolist()}",
                needs=f"classes from 0 to {n - 1}",
                cause="Do the classes start at 1?",
            )
        found = np.zeros((n, n), wanted)
        np.add.at(found, (rows, columns), given[0] if given else 1)
        return found

    n = None if num_classes is None else int(num_classes)
    graph = inputs[0].graph
    return Function(
        graph, "confusion_matrix", counted, inputs, dims=(n, n), dtype=wanted, name=name
    )


def tensordot(a: Any, b: Any, axes: Any, name: str | None = None) -> Node:
    """Return the sum of products over axes: the last n of a with the first n of b, or pairs.

    Raises
    ------
    ShapeError
        If a length that is summed over is not known.
    """
    x, y = (value(v) for v in pair(a, b))
    n, m = len(_rank("tensordot", x)), len(_rank("tensordot", y))
    if isinstance(axes, int | np.integer):
        ours, theirs = list(range(n - axes, n)), list(range(axes))
    else:
        ours, theirs = ([int(i) for i in np.atleast_1d(each)] for each in axes)
        ours, theirs = [i % n for i in ours], [i % m for i in theirs]
    rows = [i for i in range(n) if i not in ours]
    columns = [i for i in range(m) if i not in theirs]
    assert x.dims is not None
    assert y.dims is not None
    summed = [x.dims[i] for i in ours]
    if None in summed:
        summed = [y.dims[i] for i in theirs]
    if None in summed:
        _known("tensordot", x)
    k = math.prod(n for n in summed if n is not None)
    kept = [*[x.dims[i] for i in rows], *[y.dims[i] for i in columns]]
    with x.graph.name_scope(name or "Tensordot") as scope:
        left = reshape(transpose(x, [*rows, *ours]), [-1, k])
        right = reshape(transpose(y, [*theirs, *columns]), [k, -1])
        lengths: Any = [-1 if n is None else n for n in kept]
        if kept.count(None) > 1:
            every, others = shape(x), shape(y)
            lengths = stack([*[every[i] for i in rows], *[others[i] for i in columns]])
        made = reshape(matmul(left, right), lengths, scope)
    made.set_shape(kept)
    return made


def _rank(op: str, x: Node) -> tuple[int | None, ...]:
    return _known(op, x) if x.dims is None else x.dims


def _known(op: str, x: Node) -> tuple[int, ...]:
    """Return the lengths of a node, all of them known."""
    if x.dims is None or None in x.dims:
        raise ShapeError(
            f"{op} of {x.name!r}",
            got=f"the shape {x.shape}",
            needs="lengths that are known when the graph is made",
            cause="Was a placeholder made with None there?",
        )
    return tuple([n for n in x.dims if n is not None])
