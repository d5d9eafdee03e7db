"""Class numbers as rows of zeros with a single one."""

from __future__ import annotations

from typing import Any

import numpy as np

from refnet import checks
from refnet.admission import as_array
from refnet.arrays import Array
from refnet.errors import DomainError, DtypeError


def one_hot(labels: Array, /, *, classes: int, axis: int = -1, dtype: Any = np.float64) -> Array:
    """Return 1 at each label's class and 0 elsewhere: labels (...) -> y (..., classes).

    A function of integers alone, so it has no VJP and is none of :func:`ops`.

    Parameters
    ----------
    labels : integer array
        Class numbers from 0 to classes - 1.
    classes : int
        How many classes there are.
    axis : int
        Where among the axes of y the classes lie, the last by default.
    dtype : dtype
        The float dtype of y.

    Raises
    ------
    DomainError
        If a label is outside 0 to classes - 1.
    OptionError
        If classes is no integer of at least 0, or y has no such axis.
    DtypeError
        If labels are no integers, or dtype is no float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> rn.one_hot(np.array([2, 0]), classes=3)
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """
    ids = as_array("one_hot", "labels", labels)
    if ids.dtype.kind not in "iu":
        raise DtypeError(
            "one_hot",
            got=f"labels of dtype {ids.dtype}",
            needs="labels of an integer dtype",
            cause="Were labels read as floats, or passed as rows of probabilities?",
        )
    n = checks.count("one_hot", "classes", classes)
    k = checks.axis("one_hot", axis, ids.ndim + 1)
    out_dtype = checks.float_dtype("one_hot", dtype)
    bad = np.asarray((ids < 0) | (ids >= n))
    if bad.any():
        place = checks.first_place(bad)
        raise DomainError(
            "one_hot",
            got=f"label {int(ids[place])} at position {place}",
            needs=f"labels from 0 to {n - 1}" if n else "no labels where there are no classes",
            cause="Do the labels start at 1, or is classes too small?",
        )
    y = np.zeros((ids.size, n), out_dtype)
    y[np.arange(ids.size), ids.reshape(ids.size)] = 1
    return np.moveaxis(y.reshape(*ids.shape, n), -1, k).copy()
