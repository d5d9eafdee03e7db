"""Sums and counts of the entries that have one number."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from refnet.arrays import Array, is_float
from refnet.errors import DomainError, DtypeError, OptionError, ShapeError
from refnet.graph import Constant, Function, Node
from refnet.graph.shapes import Dims
from refnet.op import ops
from refnet.tf1.requirements import need_integers, need_rank
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
    DtypeError
        If the numbers, or their number, are no integers, or data are bools.
    ShapeError
        If the numbers are not of the shape of data's first axes, or their number is no single one.
    OptionError
        If ``num_segments`` is negative.

    Examples
    --------
    >>> import refnet.tf1 as tf
    >>> tf.Session().run(tf.unsorted_segment_sum([1.0, 2.0, 3.0], [2, 0, 2], 3))
    array([2., 0., 4.], dtype=float32)
    """
    called = "unsorted_segment_sum"
    x, ids, n = value(data), value(segment_ids), value(num_segments)
    axes = _check_segments(called, x, ids)
    count = _known_count(called, "num_segments", n)
    dims: Dims = None if x.dims is None or axes is None else (count, *x.dims[axes:])

    def added(a: Array, i: Array, count: Array) -> Array:
        return _added(called, a, i, _count(called, "num_segments", count))

    return Function(
        x.graph,
        "UnsortedSegmentSum",
        added,
        [x, ids, n],
        dims=dims,
        dtype=x.dtype,
        pullback=_pullback(called, x, ids, lambda dx: unsorted_segment_sum(dx, ids, n)),
        name=name,
    )


def segment_sum(data: Any, segment_ids: Any, name: str | None = None) -> Node:
    """Return the sums of the rows of each number, up to the last: data (N, D...) -> (S, D...).

    Raises
    ------
    DomainError
        In a run, if the numbers are negative or fall.
    DtypeError
        If the numbers are no integers, or data are bools.
    ShapeError
        If the numbers are no vector of one for each row.

    Examples
    --------
    >>> import refnet.tf1 as tf
    >>> tf.Session().run(tf.segment_sum([1.0, 2.0, 3.0], [0, 0, 2]))
    array([3., 0., 3.], dtype=float32)
    """
    called = "segment_sum"
    x, ids = value(data), value(segment_ids)
    need_rank(called, "numbers", ids.dims, 1)
    _check_segments(called, x, ids)

    def added(a: Array, i: Array) -> Array:
        need_rank(called, "numbers", i.shape, 1)
        if (i[1:] < i[:-1]).any() or (i < 0).any():
            raise DomainError(
                called,
                got=f"the numbers {i.tolist()}",
                needs="numbers from 0 on that do not fall",
                cause="unsorted_segment_sum takes any order.",
            )
        return _added(called, a, i, int(i[-1]) + 1 if len(i) else 0)

    return Function(
        x.graph,
        "SegmentSum",
        added,
        [x, ids],
        dims=None if x.dims is None else (None, *x.dims[1:]),
        dtype=x.dtype,
        pullback=_pullback(called, x, ids, lambda dx: segment_sum(dx, ids)),
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
    DtypeError
        If ``arr`` or a limit is none of integers, or bools would be added up.
    ShapeError
        If the weights are not of the shape of ``arr``, or a limit is no single number.
    OptionError
        If ``maxlength`` is negative.

    Examples
    --------
    >>> import refnet.tf1 as tf
    >>> tf.Session().run(tf.bincount([1, 3, 1], minlength=5))
    array([0, 2, 0, 1, 0], dtype=int32)
    """
    called = "bincount"
    ids, each = value(arr), None if weights is None else value(weights)
    need_integers(called, "an array", ids)
    limits = {"minlength": minlength, "maxlength": maxlength}
    bounds = {what: value(n) for what, n in limits.items() if n is not None}
    for what, n in bounds.items():
        need_integers(called, what, n)
        need_rank(called, what, n.dims, 0)
        if what == "maxlength" and isinstance(n, Constant):
            _count(called, what, n.value)
    wanted = as_dtype(dtype if each is None else each.dtype)
    if wanted.kind == "b":
        raise DtypeError(
            called, got="sums of bools", needs="integers or floats", cause="Is a cast missing?"
        )
    if each is not None and not each.shape.is_compatible_with(ids.shape):
        raise _of_other_shape(each.shape, ids.shape)

    def counted(i: Array, *others: Array) -> Array:
        given = dict(zip(bounds, others, strict=False))
        for what, limit in given.items():
            need_rank(called, what, limit.shape, 0)
        if (i < 0).any():
            raise DomainError(
                called, got=f"the integer {i.min()}", needs="none below 0", cause="Is it -1?"
            )
        n = max(int(i.max()) + 1 if i.size else 0, int(given.get("minlength", 0)))
        if "maxlength" in given:
            n = min(n, _count(called, "maxlength", given["maxlength"]))
        if each is not None:
            weighed = others[-1]
            if weighed.shape != i.shape:
                raise _of_other_shape(weighed.shape, i.shape)
            return _added(called, weighed[i < n], i[i < n], n)
        return np.bincount(i[i < n].astype(np.int64), minlength=n).astype(wanted)

    inputs = [ids, *bounds.values(), *([] if each is None else [each])]
    return Function(ids.graph, "Bincount", counted, inputs, dims=(None,), dtype=wanted, name=name)


def _check_segments(called: str, x: Node, ids: Node) -> int | None:
    """Refuse numbers that cannot be those of data; return how many axes they have."""
    need_integers(called, "numbers", ids)
    if x.dtype == bool:
        raise DtypeError(called, got="bools", needs="numbers to add", cause="Is a cast missing?")
    if ids.dims is None:
        return None
    axes = len(ids.dims)
    if x.dims is not None and not ids.shape.is_compatible_with(x.dims[:axes]):
        raise _apart(called, ids.dims, x.dims)
    return axes


def _apart(called: str, ids: Any, data: Any) -> ShapeError:
    return ShapeError(
        called,
        got=f"numbers of shape {ids} for data of shape {data}",
        needs="a number for each entry along the first axes of data",
        cause="Do the numbers belong to other data?",
    )


def _of_other_shape(weights: Any, ids: Any) -> ShapeError:
    return ShapeError(
        "bincount",
        got=f"weights of shape {weights} for integers of shape {ids}",
        needs="a weight for each integer",
        cause="Do the weights belong to other data?",
    )


def _known_count(called: str, what: str, n: Node) -> int | None:
    """Return a count where it is known when the graph is made; refuse what is none."""
    need_integers(called, what, n)
    need_rank(called, what, n.dims, 0)
    return _count(called, what, n.value) if isinstance(n, Constant) else None


def _count(called: str, what: str, n: Array) -> int:
    need_rank(called, what, n.shape, 0)
    if n < 0:
        raise OptionError(
            called, got=f"{what}={n}", needs="0 or more", cause="It has no -1 for any number."
        )
    return int(n)


def _pullback(
    called: str, x: Node, ids: Node, back: Callable[[Node], Node]
) -> Callable[[Node], list[Node | None]] | None:
    """Return the pullback of a sum: each entry's cotangent is its segment's, or 0 if it has none.

    ``back`` is the sum itself, by which the cotangents of the segments' are added up.
    """

    def taken(dy: Array, i: Array) -> Array:
        if (i >= len(dy)).any():
            raise _beyond(called, i, len(dy))
        held = i >= 0
        found = np.zeros(i.shape + dy.shape[1:], dy.dtype)
        found[held] = dy[i[held]]
        return found

    def pullback(dy: Node) -> list[Node | None]:
        dx = Function(
            dy.graph,
            "GatherV2",
            taken,
            [dy, ids],
            dims=x.dims,
            dtype=dy.dtype,
            pullback=lambda d: [back(d), None],
        )
        return [dx] + [None] * (1 if called == "segment_sum" else 2)

    return pullback if floats(x) else None


def _beyond(called: str, ids: Array, count: int) -> DomainError:
    return DomainError(
        called,
        got=f"the number {ids.max()}",
        needs=f"numbers below {count}",
        cause="Are there more classes than was said?",
    )


def _added(called: str, a: Array, i: Array, count: int) -> Array:
    """Return the sums of the entries of each number; those of negative ones are left out.

    Of floats it is the VJP of looking rows up.
    """
    if a.shape[: i.ndim] != i.shape:
        raise _apart(called, i.shape, a.shape)
    if (i >= count).any():
        raise _beyond(called, i, count)
    tail = a.shape[i.ndim :]
    kept = i.reshape(-1) >= 0
    rows, ids = a.reshape(i.size, math.prod(tail))[kept], i.reshape(-1)[kept]
    total = np.zeros((count, rows.shape[1]), a.dtype)
    if is_float(a.dtype) and total.size:
        total = ops()["embedding"].vjp(rows, ids, total)[1]
    else:
        np.add.at(total, ids, rows)
    return total.reshape(count, *tail)
