"""Class numbers as rows of zeros with a single one."""

from __future__ import annotations

from typing import Any

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape
from refnet.errors import DomainError
from refnet.op import operation


@operation(analytic=False, integer_inputs=("labels",))
def one_hot(labels: Array, /, *, classes: int, axis: int = -1, dtype: Any = np.float64) -> Array:
    """Return 1 at each label's class and 0 elsewhere: labels (...) -> y (..., classes).

    Parameters
    ----------
    labels : integer array
        Class numbers from 0 to classes - 1.
    classes : int
        How many classes there are.
    axis : int
        Where among the axes of y the classes lie; the last by default.
    dtype : dtype
        The float dtype of y, for labels have none.

    VJP: the cotangent of the labels is None.

    Raises
    ------
    DomainError
        If a label is outside 0 to classes - 1.
    OptionError
        If classes is no integer of at least 0, or y has no such axis.
    DtypeError
        If labels are no integers, or dtype is no float dtype.
    ArgumentError
        If classes is not given.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.one_hot(np.array([2, 0]), classes=3)
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    _check_labels(labels, classes)
    k = axis % (labels.ndim + 1)
    numbers = np.arange(classes).reshape(classes, *[1] * (labels.ndim - k))
    return np.asarray(np.expand_dims(labels, k) == numbers).astype(dtype)


def _check_labels(labels: Array, classes: int) -> None:
    bad = np.asarray((labels < 0) | (labels >= classes))
    if bad.any():
        place = checks.first_place(bad)
        raise DomainError(
            "one_hot",
            got=f"label {int(labels[place])} at position {place}",
            needs=f"labels from 0 to {classes - 1}" if classes else "no labels without classes",
            cause="Do the labels start at 1, or is classes too small?",
        )


@one_hot.shape_rule
def _(labels: Shape, *, classes: Any, axis: Any, dtype: Any) -> Shape:
    n = checks.count("one_hot", "classes", classes)
    k = checks.axis("one_hot", axis, len(labels) + 1)
    checks.float_dtype("one_hot", dtype)
    return (*labels[:k], n, *labels[k:])


@one_hot.vjp_rule
def _(dy: Array, labels: Array, *, classes: int, axis: int, dtype: Any) -> Cotangents:
    _check_labels(labels, classes)
    return (None,)
