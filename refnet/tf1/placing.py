"""Entries put in other places, by indices or by a shift."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from refnet.arrays import Array
from refnet.errors import DomainError, OptionError
from refnet.graph import Function, Node, gather
from refnet.tf1.arithmetic import multiply
from refnet.tf1.arrays import identity, ones, reshape, size, stack
from refnet.tf1.picking import gather_nd
from refnet.tf1.reductions import axes_of, reduce_sum
from refnet.tf1.values import floats, int64, static, value


def roll(input: Any, shift: Any, axis: Any, name: str | None = None) -> Node:
    """Return a node whose entries are shifted along axes; what leaves the end comes in front.

    Shape and dtype of the input; ``shift`` is a number, or one for each axis, and may be computed.

    Raises
    ------
    OptionError
        If there are not as many shifts as axes.

    Examples
    --------
    >>> import refnet.tf1 as tf
    >>> tf.Session().run(tf.roll([1, 2, 3, 4], 1, axis=0))
    array([4, 1, 2, 3], dtype=int32)
    """
    x, axes = value(input), np.atleast_1d(axes_of(axis)).tolist()
    shifts = [shift] if isinstance(shift, Node) or np.ndim(shift) == 0 else list(shift)
    if len(shifts) != len(axes):
        raise OptionError(
            f"roll of {x.name!r}",
            got=f"{len(shifts)} shifts and {len(axes)} axes",
            needs="as many shifts as axes",
            cause="One shift for all axes is given once for each.",
        )
    dims = x.dims
    with x.graph.name_scope(name or "Roll") as scope:
        for k, along in zip(shifts, axes, strict=True):

            def places(a: Array, k: Array, along: int = along) -> Array:
                return np.roll(np.arange(a.shape[along]), int(k))

            n = None if dims is None else dims[along]
            ids = Function(x.graph, "places", places, [x, value(k)], dims=(n,), dtype=int64)
            x = gather(x, ids, axis=along)
            x.dims = dims
        return identity(x, scope)


def invert_permutation(x: Any, name: str | None = None) -> Node:
    """Return where 0, 1, ... are in a permutation of them: y[x[i]] = i, of the same dtype.

    Raises
    ------
    DomainError
        In a run, if it is no permutation.

    Examples
    --------
    >>> import refnet.tf1 as tf
    >>> tf.Session().run(tf.invert_permutation([2, 0, 1]))
    array([1, 2, 0], dtype=int32)
    """
    node = value(x)

    def inverse(a: Array) -> Array:
        if a.ndim != 1 or not (np.sort(a) == np.arange(len(a))).all():
            raise DomainError(
                "invert_permutation",
                got=f"{a.tolist()}",
                needs="each of 0, 1, ... once",
                cause="Does it start at 1?",
            )
        return np.argsort(a).astype(a.dtype)

    return Function(
        node.graph,
        "InvertPermutation",
        inverse,
        [node],
        dims=node.dims,
        dtype=node.dtype,
        name=name,
    )


def sparse_to_dense(
    sparse_indices: Any,
    output_shape: Any,
    sparse_values: Any,
    default_value: Any = 0,
    validate_indices: bool = True,
    name: str | None = None,
) -> Node:
    """Return an array of ``default_value`` with values at indices.

    The indices are an integer, n of them, or n rows of one for each axis; the values are n, or one
    for all. dtype of the values.

    Raises
    ------
    DomainError
        In a run, if an index is outside of the shape, or they are not in their order or repeat and
        ``validate_indices`` holds.

    Examples
    --------
    >>> import refnet.tf1 as tf
    >>> tf.Session().run(tf.sparse_to_dense([[0, 1], [1, 0]], [2, 2], [5.0, 6.0]))
    array([[0., 5.],
           [6., 0.]], dtype=float32)
    """
    v, lengths = value(sparse_values), static(output_shape)
    default, ids = value(default_value, v.dtype), value(sparse_indices)
    known = not isinstance(lengths, Node)

    def placed(i: Array, v: Array, default: Array, *shape: Array) -> Array:
        found = tuple(shape[0].tolist()) if shape else lengths
        rows = i.reshape(-1, 1) if i.ndim < 2 else i
        _check(rows, found, validate_indices)
        dense = np.full(found, default, v.dtype)
        dense[tuple(rows.T)] = v
        return dense

    def pullback(dy: Node) -> list[Node | None]:
        rank = None if ids.dims is None else len(ids.dims)
        dv = gather_nd(dy, ids if rank == 2 else reshape(ids, [-1, 1]))
        if v.dims == ():
            dv = reduce_sum(dv)
        rest = reduce_sum(dy) - reduce_sum(dv)
        return [None, dv, rest, *([] if known else [None])]

    return Function(
        v.graph,
        "SparseToDense",
        placed,
        [ids, v, default, *([] if known else [lengths])],
        dims=lengths if known else (None,) * (lengths.dims[0] or 0) if lengths.dims else None,
        dtype=v.dtype,
        pullback=pullback if floats(v) else None,
        name=name,
    )


def meshgrid(*args: Any, indexing: str = "xy", name: str | None = "meshgrid") -> list[Node]:
    """Return the coordinates of a grid, one array for each of n vectors, of n axes.

    With ``indexing`` "xy" the first vector lies along the second axis and the second along the
    first, with "ij" each along its own.

    Raises
    ------
    OptionError
        If ``indexing`` is another.

    Examples
    --------
    >>> import refnet.tf1 as tf
    >>> x, y = tf.meshgrid([1, 2, 3], [4, 5])
    >>> tf.Session().run(y)
    array([[4, 4, 4],
           [5, 5, 5]], dtype=int32)
    """
    if indexing not in ("xy", "ij"):
        raise OptionError(
            "meshgrid", got=f"{indexing=}", needs="'xy' or 'ij'", cause="Is it misspelt?"
        )
    every = [value(x) for x in args]
    if not every:
        return []
    with every[0].graph.name_scope(name or "meshgrid"):
        order = list(range(len(every)))
        if indexing == "xy" and len(every) > 1:
            order[:2] = 1, 0
        sizes: list[Any] = [_size(every[i]) for i in order]
        static_sizes = not any(isinstance(n, Node) for n in sizes)
        one = ones(sizes if static_sizes else stack(sizes), every[0].dtype)
        shapes = [[-1 if j == i else 1 for j in order] for i in range(len(every))]
        return [multiply(reshape(x, s), one) for x, s in zip(every, shapes, strict=True)]


def _size(x: Node) -> Any:
    if x.dims is None or None in x.dims:
        return size(x)
    return math.prod([n or 0 for n in x.dims])


def _check(rows: Array, shape: tuple[int, ...], ordered: bool) -> None:
    within = rows.shape[1] == len(shape) and ((rows >= 0) & (rows < np.array(shape))).all()
    if within and ordered:
        flat = np.ravel_multi_index(tuple(rows.T), shape)
        ordered = not (np.diff(flat) > 0).all()
    if not within or ordered:
        raise DomainError(
            "sparse_to_dense",
            got=f"the indices {rows.tolist()}",
            needs=f"indices within {shape}" + ", each once, in their order" * bool(within),
            cause="validate_indices=False takes them in any order." if within else "Is it 1-based?",
        )
