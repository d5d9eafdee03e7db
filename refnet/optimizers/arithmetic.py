"""Terms that all formulas share, computed in one scratch array.

A temporary of a large array costs as much as the arithmetic on it, so each rule has one array t
into which it computes whatever it does not return. These are plain functions of arrays of one axis
or more; t may be one of the others.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from refnet.arrays import Array


def mixed(a: Any, x: Array, b: Any, y: Array, t: Array) -> Array:
    """Return a x + b y as a new array; t becomes b y.

    Examples
    --------
    >>> t = np.empty(2)
    >>> mixed(0.5, np.array([2.0, 4.0]), 2.0, np.array([1.0, 1.0]), t), t
    (array([3., 4.]), array([2., 2.]))
    """
    np.multiply(b, y, out=t)
    z: Array = a * x
    z += t
    return z


def squared(x: Array, t: Array) -> Array:
    """Return t, which becomes x^2."""
    return np.multiply(x, x, out=t)


def rooted(x: Array, eps: Any, t: Array, *, inside: bool = False) -> Array:
    """Return t, which becomes sqrt(x) + eps, or sqrt(x + eps) if ``inside``.

    Examples
    --------
    >>> x, t = np.array([9.0]), np.empty(1)
    >>> rooted(x, 7.0, t).item(), rooted(x, 7.0, t, inside=True).item()
    (10.0, 4.0)
    """
    if inside:
        np.add(x, eps, out=t)
        return np.sqrt(t, out=t)
    np.sqrt(x, out=t)
    t += eps
    return t


def over(a: Any, x: Array, y: Array, t: Array) -> Array:
    """Return t, which becomes a (x / y)."""
    np.divide(x, y, out=t)
    t *= a
    return t
