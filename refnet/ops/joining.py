"""Arrays joined along an axis, and taken apart again."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape
from refnet.errors import OptionError, ShapeError
from refnet.op import operation


@operation(analytic=True)
def concat(*xs: Array, axis: int = 0) -> Array:
    """Return the arrays one after another along ``axis``, which they have.

    xs, each (..., n_i, ...) -> y (..., sum of n_i, ...), dtype of xs. TensorFlow before 1.0 took
    the axis first.

    VJP: each dx is its part of dy.

    Raises
    ------
    ShapeError
        If the shapes differ elsewhere than along the axis.
    OptionError
        If the axis does not exist or is no integer.
    ArgumentError
        If there is no array.
    DtypeError
        If the dtypes differ or are no floats.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> a, b = np.array([[1.0], [2.0]]), np.array([[3.0, 4.0], [5.0, 6.0]])
    >>> rn.concat(a, b, axis=1)
    array([[1., 3., 4.],
           [2., 5., 6.]])
    >>> rn.concat.vjp(np.array([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]), a, b, axis=1)[0]
    array([[0.],
           [3.]])
    """
    return np.concatenate(xs, axis=axis)


@concat.shape_rule
def _(*xs: Shape, axis: Any) -> Shape:
    first = xs[0]
    k = checks.axis("concat", axis, len(first))
    for i, x in enumerate(xs[1:], start=1):
        if len(x) != len(first) or x[:k] + x[k + 1 :] != first[:k] + first[k + 1 :]:
            raise ShapeError(
                "concat",
                got=f"xs[0] {first} and xs[{i}] {x}",
                needs=f"shapes that are equal but for axis {k}",
                cause="Is the axis another one, or stack meant?",
            )
    return (*first[:k], sum(x[k] for x in xs), *first[k + 1 :])


@concat.vjp_rule
def _(dy: Array, *xs: Array, axis: int) -> Cotangents:
    return _parts(dy, [x.shape[axis] for x in xs], axis)


@operation(analytic=True)
def stack(*xs: Array, axis: int = 0) -> Array:
    """Return arrays of one shape side by side along a new ``axis``.

    n arrays xs (...) -> y (..., n, ...), dtype of xs; the axis is one of y's.

    VJP: each dx is its entry of dy.

    Raises
    ------
    ShapeError
        If the shapes differ.
    OptionError
        If the result has no such axis, or it is no integer.
    ArgumentError
        If there is no array.
    DtypeError
        If the dtypes differ or are no floats.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.stack(np.array([1.0, 2.0]), np.array([3.0, 4.0]), axis=1)
    array([[1., 3.],
           [2., 4.]])
    """
    return np.stack(xs, axis=axis)


@stack.shape_rule
def _(*xs: Shape, axis: Any) -> Shape:
    for i, x in enumerate(xs):
        checks.same_shapes("stack", xs[0], x, ("xs[0]", f"xs[{i}]"))
    k = checks.axis("stack", axis, len(xs[0]) + 1)
    return (*xs[0][:k], len(xs), *xs[0][k:])


@stack.vjp_rule
def _(dy: Array, *xs: Array, axis: int) -> Cotangents:
    return tuple([entry.copy() for entry in np.moveaxis(dy, axis, 0)])


@operation(analytic=True)
def unstack(x: Array, /, *, axis: int = 0) -> tuple[Array, ...]:
    """Return the entries of x along ``axis``, as a tuple; the inverse of :func:`stack`.

    x (..., n, ...) -> n arrays (...), dtype of x.

    VJP: dx is the cotangents stacked.

    Raises
    ------
    OptionError
        If the axis does not exist or is no integer.
    ShapeError
        If there is nothing along the axis.
    DtypeError
        If x is not of a float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.unstack(np.array([[1.0, 2.0], [3.0, 4.0]]), axis=1)
    (array([1., 3.]), array([2., 4.]))
    """
    return tuple([entry.copy() for entry in np.moveaxis(x, axis, 0)])


@unstack.shape_rule
def _(x: Shape, *, axis: Any) -> list[Shape]:
    k = checks.axis("unstack", axis, len(x))
    if x[k] == 0:
        raise ShapeError(
            "unstack",
            got=f"x {x} and axis={axis}",
            needs="at least one entry along the axis",
            cause="Is the axis another one, or x empty?",
        )
    return [x[:k] + x[k + 1 :]] * x[k]


@unstack.vjp_rule
def _(dy: tuple[Array, ...], x: Array, *, axis: int) -> Cotangents:
    return (np.stack(dy, axis=axis),)


@operation(analytic=True)
def split(x: Array, /, *, parts: int | Sequence[int], axis: int = 0) -> tuple[Array, ...]:
    """Return x cut along ``axis``, as a tuple; the inverse of :func:`concat`.

    x (..., n, ...) -> arrays (..., n_i, ...), dtype of x. ``parts`` is how many equal parts to
    make, or the sizes n_i, whose sum is n.

    VJP: dx is the cotangents one after another.

    Raises
    ------
    OptionError
        If the axis does not exist, or the parts are no integers, negative, unequal or do not add
        up.
    DtypeError
        If x is not of a float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.split(np.array([1.0, 2.0, 3.0]), parts=(2, 1))
    (array([1., 2.]), array([3.]))
    """
    return _parts(x, _sizes(x.shape, parts, axis), axis)


@split.shape_rule
def _(x: Shape, *, parts: Any, axis: Any) -> list[Shape]:
    k = checks.axis("split", axis, len(x))
    return [(*x[:k], n, *x[k + 1 :]) for n in _sizes(x, parts, k)]


@split.vjp_rule
def _(dy: tuple[Array, ...], x: Array, *, parts: Any, axis: int) -> Cotangents:
    return (np.concatenate(dy, axis=axis),)


def _sizes(x: Shape, parts: Any, k: int) -> list[int]:
    """Return the parts' sizes along axis k, or refuse them."""
    if isinstance(parts, np.ndarray) and parts.ndim == 1:
        parts = parts.tolist()
    if isinstance(parts, list | tuple) and parts:
        sizes = [checks.count("split", "parts", n) for n in parts]
    else:
        n = checks.count("split", "parts", parts, low=1)
        sizes = [x[k] // n] * n if x[k] % n == 0 else []
    if not sizes or sum(sizes) != x[k]:
        raise OptionError(
            "split",
            got=f"parts={parts!r} for {x[k]} entries along the axis of {x}",
            needs="a number that divides them, or sizes that add up to them",
            cause="Is the axis another one, or were positions passed as sizes?",
        )
    return sizes


def _parts(a: Array, sizes: Sequence[int], axis: int) -> tuple[Array, ...]:
    """Return copies of the parts of ``sizes`` along ``axis``."""
    moved = np.moveaxis(a, axis, 0)
    ends = np.cumsum([0, *sizes])
    return tuple([np.moveaxis(moved[start:end], 0, axis).copy() for start, end in pairwise(ends)])
