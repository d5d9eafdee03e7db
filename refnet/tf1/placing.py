"""Entries put in other places, by indices or by a shift."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from refnet.arrays import Array
from refnet.errors import DomainError, OptionError, ShapeError
from refnet.graph import Constant, Function, Node, gather
from refnet.graph.shapes import Dims
from refnet.graph.sources import known_lengths
from refnet.tf1.arithmetic import multiply
from refnet.tf1.arrays import ones, reshape, size, stack
from refnet.tf1.reductions import reduce_sum
from refnet.tf1.requirements import need_integers, need_rank
from refnet.tf1.values import floats, int64, static, value


def roll(input: Any, shift: Any, axis: Any, name: str | None = None) -> Node:
    """Return a node whose entries are shifted along axes; what leaves the end comes in front.

    Shape and dtype of the input; ``shift`` is a number, or one for each axis. Both may be computed.

    Raises
    ------
    OptionError
        If there are not as many shifts as axes, or the input does not have an axis.
    DtypeError
        If shifts or axes are no integers.

    Examples
    --------
    >>> import refnet.tf1 as tf
    >>> tf.Session().run(tf.roll([1, 2, 3, 4], 1, axis=0))
    array([4, 1, 2, 3], dtype=int32)
    """
    x = value(input)
    with x.graph.name_scope(name or "Roll") as scope:
        shifts, axes = value(shift), value(axis)
        for what, node in (("shifts", shifts), ("axes", axes)):
            need_integers("roll", what, node)
            _at_most_a_vector("roll", what, node.dims)
        if x.dims is not None and isinstance(axes, Constant):
            _have_axes(len(x.dims), shifts.shape.num_elements(), axes.value)
        return _rolled(x, shifts, axes, 1, scope)


def invert_permutation(x: Any, name: str | None = None) -> Node:
    """Return where 0, 1, ... are in a permutation of them: y[x[i]] = i, of the same dtype.

    Raises
    ------
    DomainError
        In a run, if it is no permutation.
    DtypeError
        If it is none of integers.
    ShapeError
        If it is no vector.

    Examples
    --------
    >>> import refnet.tf1 as tf
    >>> tf.Session().run(tf.invert_permutation([2, 0, 1]))
    array([1, 2, 0], dtype=int32)
    """
    node = value(x)
    need_integers("invert_permutation", "a permutation", node)
    need_rank("invert_permutation", "a permutation", node.dims, 1)

    def inverse(a: Array) -> Array:
        need_rank("invert_permutation", "a permutation", a.shape, 1)
        if not (np.sort(a) == np.arange(len(a))).all():
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
    DtypeError
        If the indices or the lengths are no integers.
    ShapeError
        If there are neither n values nor one, or the default is not a single number.

    Examples
    --------
    >>> import refnet.tf1 as tf
    >>> tf.Session().run(tf.sparse_to_dense([[0, 1], [1, 0]], [2, 2], [5.0, 6.0]))
    array([[0., 5.],
           [6., 0.]], dtype=float32)
    """
    called = "sparse_to_dense"
    v, lengths = value(sparse_values), static(output_shape)
    default, ids = value(default_value, v.dtype), value(sparse_indices)
    need_integers(called, "indices", ids)
    need_rank(called, "a default", default.dims, 0)
    _at_most_a_vector(called, "values", v.dims)
    known = not isinstance(lengths, Node)
    if not known:
        need_integers(called, "lengths", lengths)
        need_rank(called, "lengths", lengths.dims, 1)

    def placed(i: Array, v: Array, default: Array, *shape: Array) -> Array:
        need_rank(called, "a default", default.shape, 0)
        found = lengths
        if shape:
            need_rank(called, "lengths", shape[0].shape, 1)
            found = tuple(shape[0].tolist())
        rows = _rows(i)
        _check(rows, found, validate_indices)
        if v.shape not in ((), (len(rows),)):
            raise ShapeError(
                called,
                got=f"values of shape {v.shape} for {len(rows)} indices",
                needs="one value for each, or a single one",
                cause="Do the values belong to other indices?",
            )
        dense = np.full(found, default, v.dtype)
        dense[tuple(rows.T)] = v
        return dense

    def places(i: Array, dy: Array, v: Array) -> Array:
        """Return where the indices are in dy, flat: a column for one value, a row for n of them."""
        rows = _rows(i)
        _check(rows, dy.shape, False)
        return _flat(rows, dy.shape).reshape(1 if v.ndim else -1, *v.shape)

    def pullback(dy: Node) -> list[Node | None]:
        dims = None if v.dims is None else (1 if v.dims else None, *v.dims)
        ids_flat = Function(dy.graph, "places", places, [ids, dy, v], dims=dims, dtype=int64)
        dv = reduce_sum(gather(reshape(dy, [-1]), ids_flat), 0)
        rest = reduce_sum(dy) - reduce_sum(dv)
        return [None, dv, rest, *([] if known else [None])]

    return Function(
        v.graph,
        "SparseToDense",
        placed,
        [ids, v, default, *([] if known else [lengths])],
        dims=lengths if known else known_lengths(lengths),
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
    n = x.shape.num_elements()
    return size(x) if n is None else n


def _rows(ids: Array) -> Array:
    """Return indices, an integer or a vector of them too, as a row each."""
    if ids.ndim > 2:
        raise ShapeError(
            "sparse_to_dense",
            got=f"indices of shape {ids.shape}",
            needs="an integer, a vector, or a matrix with a row for each",
            cause="Is a reshape missing?",
        )
    return ids.reshape(-1, 1) if ids.ndim < 2 else ids


def _flat(rows: Array, shape: tuple[int, ...]) -> Array:
    """Return the places of rows of indices in an array whose entries are in one row."""
    strides = [math.prod(shape[i + 1 :]) for i in range(len(shape))]
    return np.asarray(rows.astype(np.int64) @ np.array(strides, np.int64))


def _check(rows: Array, shape: tuple[int, ...], in_order: bool) -> None:
    """Refuse indices outside of a shape, and, if asked to, such that fall or repeat."""
    if min(shape, default=0) < 0:
        raise ShapeError(
            "sparse_to_dense",
            got=f"the shape {shape}",
            needs="lengths of at least 0",
            cause="It has no -1 for what is left over.",
        )
    within = rows.shape[1] == len(shape) and ((rows >= 0) & (rows < np.array(shape))).all()
    if within and (not in_order or (np.diff(_flat(rows, shape)) > 0).all()):
        return
    raise DomainError(
        "sparse_to_dense",
        got=f"the indices {rows.tolist()}",
        needs=f"indices within {shape}" + ", each once, in their order" * bool(within),
        cause="validate_indices=False takes them in any order." if within else "Is it 1-based?",
    )


def _rolled(x: Node, shifts: Node, axes: Node, sign: int, name: str | None = None) -> Node:
    """Return x shifted, or for a sign of -1 shifted back."""

    def rolled(a: Array, k: Array, along: Array) -> Array:
        for what, given in (("shifts", k), ("axes", along)):
            _at_most_a_vector("roll", what, given.shape)
        _have_axes(a.ndim, k.size, along)
        return np.roll(a, [sign * int(n) for n in k.ravel()], along.ravel().tolist())

    def pullback(dy: Node) -> list[Node | None]:
        return [_rolled(dy, shifts, axes, -sign), None, None]

    return Function(
        x.graph,
        "Roll",
        rolled,
        [x, shifts, axes],
        dims=x.dims,
        dtype=x.dtype,
        pullback=pullback if floats(x) else None,
        name=name,
    )


def _have_axes(rank: int, shifts: int | None, axes: Array) -> None:
    if shifts is not None and shifts != axes.size:
        raise OptionError(
            "roll",
            got=f"{shifts} shifts and {axes.size} axes",
            needs="as many shifts as axes",
            cause="One shift for all axes is given once for each.",
        )
    if ((axes < -rank) | (axes >= rank)).any():
        raise OptionError(
            "roll",
            got=f"axis={axes.tolist()} of an input of {rank} axes",
            needs=f"axes from {-rank} to {rank - 1}" if rank else "an input that has axes",
            cause="Axes count from 0.",
        )


def _at_most_a_vector(operation: str, what: str, dims: Dims) -> None:
    if dims is not None and len(dims) > 1:
        raise ShapeError(
            operation,
            got=f"{what} of shape {dims}",
            needs="a single one, or a vector of them",
            cause="Is a reshape missing?",
        )
