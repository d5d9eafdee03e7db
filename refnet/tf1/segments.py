"""Sums and counts of the entries that have one number."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from refnet.arrays import Array, is_float
from refnet.errors import DomainError
from refnet.graph import Constant, Function, Node, gather
from refnet.graph.shapes import Dims
from refnet.op import ops
from refnet.tf1.arithmetic import greater_equal, maximum
from refnet.tf1.arrays import expand_dims, where, zeros_like
from refnet.tf1.values import as_dtype, floats, int32, value


def unsorted_segment_sum(
    data: Any, segment_ids: Any, num_segments: Any, name: str | None = None
) -> Node:
    """Return for each of ``num_segments`` numbers the sum of the entries that have it.

    data (..., D...), segment_ids (...) integers -> (num_segments, D...), dtype of data, 0 where
    there is none. Entries of a negative number are left out.

    Raises
    ------
    DomainError
        In a run, if a number is not below ``num_segments``.

    Examples
    --------
    >>> import refnet.tf1 as tf
    >>> tf.Session().run(tf.unsorted_segment_sum([1.0, 2.0, 3.0], [2, 0, 2], 3))
    array([2., 0., 4.], dtype=float32)
    """
    x, ids, n = value(data), value(segment_ids), value(num_segments)
    axes = None if ids.dims is None else len(ids.dims)
    count = int(n.value) if isinstance(n, Constant) else None
    dims: Dims = None if x.dims is None or axes is None else (count, *x.dims[axes:])

    def added(a: Array, i: Array, count: Array) -> Array:
        return _added(a, i, int(count))

    def pullback(dy: Node) -> list[Node | None]:
        rows = gather(dy, maximum(ids, 0))
        held = greater_equal(ids, 0)
        for _ in range(0 if x.dims is None or axes is None else len(x.dims) - axes):
            held = expand_dims(held, -1)
        return [where(held, rows, zeros_like(rows)), None, None]

    return Function(
        x.graph,
        "UnsortedSegmentSum",
        added,
        [x, ids, n],
        dims=dims,
        dtype=x.dtype,
        pullback=pullback if floats(x) else None,
        name=name,
    )


def segment_sum(data: Any, segment_ids: Any, name: str | None = None) -> Node:
    """Return the sums of the rows of each number, up to the last: data (N, D...) -> (S, D...).

    Raises
    ------
    DomainError
        In a run, if the numbers are negative or fall.

    Examples
    --------
    >>> import refnet.tf1 as tf
    >>> tf.Session().run(tf.segment_sum([1.0, 2.0, 3.0], [0, 0, 2]))
    array([3., 0., 3.], dtype=float32)
    """
    x, ids = value(data), value(segment_ids)

    def added(a: Array, i: Array) -> Array:
        if (np.diff(i) < 0).any() or (i < 0).any():
            raise DomainError(
                "segment_sum",
                got=f"the numbers {i.tolist()}",
                needs="numbers from 0 on that do not fall",
                cause="unsorted_segment_sum takes any order.",
            )
        return _added(a, i, int(i[-1]) + 1 if len(i) else 0)

    return Function(
        x.graph,
        "SegmentSum",
        added,
        [x, ids],
        dims=None if x.dims is None else (None, *x.dims[1:]),
        dtype=x.dtype,
        pullback=(lambda dy: [gather(dy, ids), None]) if floats(x) else None,
        name=name,
    )


def bincount(
    arr: Any,
    weights: Any = None,
    minlength: Any = None,
    maxlength: Any = None,
    dtype: Any = int32,
    name: str | None = None,
) -> Node:
    """Return how often 0, 1, ... up to the largest integer are there, or their sums of weights.

    arr of any shape -> (n,) of ``dtype``, or of that of the weights; n is at least ``minlength``
    and at most ``maxlength``, beyond which nothing is counted. It has no derivative.

    Raises
    ------
    DomainError
        In a run, if an integer is negative.

    Examples
    --------
    >>> import refnet.tf1 as tf
    >>> tf.Session().run(tf.bincount([1, 3, 1], minlength=5))
    array([0, 2, 0, 1, 0], dtype=int32)
    """
    ids = value(arr)
    limits = [None if n is None else value(n) for n in (minlength, maxlength)]
    given = [n for n in (*limits, None if weights is None else value(weights)) if n is not None]
    wanted = as_dtype(dtype) if weights is None else given[-1].dtype

    def counted(i: Array, *others: Array) -> Array:
        found = iter(others)
        least, most = (None if n is None else int(next(found)) for n in limits)
        if (i < 0).any():
            raise DomainError(
                "bincount", got=f"the integer {i.min()}", needs="none below 0", cause="Is it -1?"
            )
        n = max(int(i.max(initial=-1)) + 1, least or 0)
        n = n if most is None else min(n, most)
        each = next(found, None)
        if each is None:
            return np.bincount(i.reshape(-1), minlength=n)[:n].astype(wanted)
        return _added(each, np.where(i < n, i, -1), n)

    return Function(
        ids.graph, "Bincount", counted, [ids, *given], dims=(None,), dtype=wanted, name=name
    )


def _added(a: Array, i: Array, count: int) -> Array:
    """Return the sums of the entries of each number; those of negative ones are left out.

    Of floats it is the VJP of looking rows up.
    """
    tail = a.shape[i.ndim :]
    if a.shape[: i.ndim] != i.shape or (i >= count).any():
        raise DomainError(
            "segment_sum",
            got=f"numbers of shape {i.shape} up to {i.max(initial=-1)} for data {a.shape}",
            needs=f"one below {count} for each entry",
            cause="Are there more classes than was said?",
        )
    kept = i.reshape(-1) >= 0
    rows, ids = a.reshape(i.size, math.prod(tail))[kept], i.reshape(-1)[kept]
    total = np.zeros((count, rows.shape[1]), a.dtype)
    if is_float(a.dtype):
        total = ops()["embedding"].vjp(rows, ids, total)[1]
    else:
        np.add.at(total, ids, rows)
    return total.reshape(count, *tail)
