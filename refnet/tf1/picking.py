"""Entries picked out of arrays by indices, masks and size."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from refnet.arrays import Array
from refnet.errors import DomainError, OptionError, ShapeError
from refnet.graph import Function, Node, binary, gather
from refnet.tf1.arithmetic import cast
from refnet.tf1.arrays import expand_dims, range, reshape
from refnet.tf1.reductions import reduce_max
from refnet.tf1.values import as_dtype, int32, int64, value


class TopKV2(NamedTuple):
    """The largest entries of each row, and where they are."""

    values: Node
    indices: Node


class Unique(NamedTuple):
    """The distinct entries of a vector, and where among them each entry is."""

    y: Node
    idx: Node


def gather_nd(params: Any, indices: Any, name: str | None = None, batch_dims: int = 0) -> Node:
    """Return params[i] for every index i, a row of indices along its last axis.

    Raises
    ------
    OptionError
        If the length of the rows of indices is not known, or ``batch_dims`` is not 0.
    """
    x, ids = value(params), value(indices)
    axes = ids.dims[-1] if ids.dims else None
    if axes is None or x.dims is None or batch_dims:
        raise OptionError(
            f"gather_nd of {x.name!r}",
            got=f"shapes {x.shape} and {ids.shape}, batch_dims={batch_dims}",
            needs="a known number of axes, of the indices' last length, and batch_dims=0",
            cause="Was a placeholder made without a shape?",
        )

    def flat(a: Array, i: Array) -> Array:
        lengths = a.shape[:axes]
        if not ((i >= 0) & (i < np.array(lengths, np.int64))).all():
            raise DomainError(
                "gather_nd",
                got=f"indices from {i.min()} to {i.max()}",
                needs=f"indices within {lengths}",
                cause="Are they 1-based?",
            )
        return np.asarray(np.ravel_multi_index(tuple(np.moveaxis(i, -1, 0)), lengths), np.int64)

    assert ids.dims is not None
    return _from_flat(x, axes, flat, [ids], ids.dims[:-1], name)


def boolean_mask(tensor: Any, mask: Any, name: str = "boolean_mask", axis: Any = None) -> Node:
    """Return the entries of a node where a mask over its leading axes holds, one after another."""
    x, test = value(tensor), value(mask)
    if x.dims is None or test.dims is None or axis:
        raise OptionError(
            f"boolean_mask of {x.name!r}",
            got=f"shapes {x.shape} and {test.shape}, axis={axis!r}",
            needs="known numbers of axes, and the first axis",
            cause="Was a placeholder made without a shape?",
        )
    axes = len(test.dims)

    def places(a: Array, held: Array) -> Array:
        if a.shape[:axes] != held.shape:
            raise ShapeError(
                "boolean_mask",
                got=f"a mask of shape {held.shape} for an array of shape {a.shape}",
                needs="the shape of the array's leading axes",
                cause="Is it another array's mask?",
            )
        return np.flatnonzero(held)

    return _from_flat(x, axes, places, [test], (None,), name)


def sequence_mask(
    lengths: Any, maxlen: Any = None, dtype: Any = np.bool_, name: str | None = None
) -> Node:
    """Return rows of ``maxlen``, true as far as each length goes."""
    ends = value(lengths)
    with ends.graph.name_scope(name or "SequenceMask"):
        longest = reduce_max(ends) if maxlen is None else value(maxlen, ends.dtype)
        steps = cast(range(longest), ends.dtype)
        return cast(binary("greater", expand_dims(ends, -1), steps, "Less"), as_dtype(dtype))


def unique(x: Any, out_idx: Any = int32, name: str | None = None) -> Unique:
    """Return the distinct entries of a vector in the order of their first, and each one's place.

    x (N,) -> y (n,) of its dtype and idx (N,) of ``out_idx``, with y[idx] = x; no derivative. A NaN
    is distinct from every other.

    Raises
    ------
    ShapeError
        If x is no vector.

    Examples
    --------
    >>> import refnet.tf1 as tf
    >>> y, idx = tf.unique([5, 3, 5])
    >>> tf.Session().run([y, idx])
    [array([5, 3], dtype=int32), array([0, 1, 0], dtype=int32)]
    """
    node, dtype = value(x), as_dtype(out_idx)
    if node.dims is not None and len(node.dims) != 1:
        raise ShapeError(
            f"unique of {node.name!r}",
            got=f"the shape {node.shape}",
            needs="a vector",
            cause="Is a reshape to [-1] missing?",
        )

    def first(a: Array) -> Array:
        return np.asarray(a[np.sort(np.unique(a, return_index=True, equal_nan=False)[1])])

    def numbered(a: Array) -> Array:
        _, firsts, inverse = np.unique(a, return_index=True, return_inverse=True, equal_nan=False)
        places = np.argsort(np.argsort(firsts))
        return places[inverse.reshape(-1)].astype(dtype)

    graph, dims = node.graph, node.dims
    y = Function(graph, "Unique", first, [node], dims=(None,), dtype=node.dtype, name=name)
    idx = Function(graph, "Unique", numbered, [node], dims=dims, dtype=dtype, name=name)
    return Unique(y, idx)


def top_k(input: Any, k: int = 1, sorted: bool = True, name: str | None = None) -> TopKV2:
    """Return the k largest entries along the last axis, and their indices; ties: the first."""
    x = value(input)
    if x.dims is None:
        raise OptionError(
            f"top_k of {x.name!r}",
            got="a node of which not even the number of axes is known",
            needs="a known number of axes",
            cause="Was a placeholder made without a shape?",
        )
    dims = (*x.dims[:-1], int(k))

    def places(a: Array) -> Array:
        return np.argsort(-a, axis=-1, kind="stable")[..., :k]

    def flat(a: Array) -> Array:
        rows = np.arange(math.prod(a.shape[:-1])).reshape(*a.shape[:-1], 1)
        return np.asarray(rows * a.shape[-1] + places(a))

    def numbered(a: Array) -> Array:
        return places(a).astype(np.int32)

    indices = Function(x.graph, "TopKV2", numbered, [x], dims=dims, dtype=int32, name=name)
    return TopKV2(_from_flat(x, len(dims), flat, [], dims, None), indices)


def reverse_sequence(
    input: Any,
    seq_lengths: Any,
    seq_axis: int | None = None,
    batch_axis: int | None = None,
    name: str | None = None,
    seq_dim: int | None = None,
    batch_dim: int | None = None,
) -> Node:
    """Return each sequence, (samples, times, ...), reversed up to its length.

    Raises
    ------
    OptionError
        If samples and times are other axes than the first and second.
    """
    x, ends = value(input), value(seq_lengths)
    along = (seq_axis if seq_axis is not None else seq_dim, batch_axis or batch_dim or 0)
    if x.dims is None or along != (1, 0):
        raise OptionError(
            f"reverse_sequence of {x.name!r}",
            got=f"seq_axis={along[0]}, batch_axis={along[1]} of the shape {x.shape}",
            needs="seq_axis=1 and batch_axis=0, of a known number of axes",
            cause="A transpose before and after puts other axes there.",
        )

    def places(a: Array, n: Array) -> Array:
        samples, times = a.shape[:2]
        t = np.arange(times)
        last = n[:, np.newaxis]
        first = np.arange(samples)[:, np.newaxis] * times
        return np.asarray(first + np.where(t < last, last - 1 - t, t))

    return _from_flat(x, 2, places, [ends], x.dims[:2], name)


def _from_flat(
    x: Node,
    axes: int,
    places: Callable[..., Array],
    others: list[Node],
    dims: Any,
    name: str | None,
) -> Node:
    """Return entries of x by their places among those of its first axes, in a row."""
    assert x.dims is not None
    ids = Function(x.graph, "places", places, [x, *others], dims=dims, dtype=int64)
    tail = [-1 if n is None else n for n in x.dims[axes:]]
    return gather(x if axes == 1 else reshape(x, [-1, *tail]), ids, name)
