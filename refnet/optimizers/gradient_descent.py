"""Gradient descent on a function, by its numerical gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from refnet import checks
from refnet.arrays import Array, ScalarFunction
from refnet.gradcheck import central_differences


def gradient_descent(f: ScalarFunction, x0: Any, lr: float = 0.01, steps: int = 100) -> Array:
    """Return x0 after ``steps`` moves x <- x - lr f'(x), f' by central differences.

    Parameters
    ----------
    f : callable
        From an array of x0's shape to a number.
    x0 : array
        The start, which is not changed; computed in float64, or in longdouble if it is that.
    lr : float
        Learning rate, at least 0.
    steps : int
        At least 0.

    Returns
    -------
    array
        The end point, of x0's shape.

    Raises
    ------
    OptionError
        If lr or steps is negative or no number.
    ShapeError
        If f does not return a single number.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> x0 = np.array([-3.0, 4.0])
    >>> x = rn.gradient_descent(lambda x: (x**2).sum(), x0, lr=0.1, steps=100)
    >>> np.round(np.abs(x), 9)  # the exact factor is (1 - 2 lr)^100
    array([0.e+00, 1.e-09])
    >>> x0
    array([-3.,  4.])
    """
    rate = checks.number("gradient_descent", "lr", lr, low=0)
    x: Array = np.array(x0, np.longdouble if np.asarray(x0).dtype == np.longdouble else np.float64)
    for _ in range(checks.count("gradient_descent", "steps", steps)):
        x = x - rate * central_differences(f, x).gradient
    return x
