"""What layer and group normalisation share: centring and scaling over axes, and its adjoint."""

from __future__ import annotations

import math

import numpy as np

from refnet.arrays import Array, Shape


def normalized(x: Array, axes: tuple[int, ...], eps: float) -> tuple[Array, Array]:
    """Return h = (x - mean) r and r = 1 / sqrt(variance + eps), over ``axes``, which stay as 1.

    The variance is the biased one, of the centred data: the mean of squares less the square of the
    mean would cancel.

    Examples
    --------
    >>> normalized(np.array([[99.0, 101.0]]), (1,), 0.0)
    (array([[-1.,  1.]]), array([[1.]]))
    """
    if not x.size:  # the mean of nothing would warn
        shape = [1 if i in axes else n for i, n in enumerate(x.shape)]
        return x.copy(), np.ones(shape, x.dtype)
    n = _per_mean(x.shape, axes)
    d = x - np.add.reduce(x, axis=axes, keepdims=True) / n
    d -= np.add.reduce(d, axis=axes, keepdims=True) / n  # what rounding left of the mean
    variance = np.add.reduce(d * d, axis=axes, keepdims=True) / n
    r = 1 / np.sqrt(variance + float(eps))
    d *= r
    return d, r


def normalized_vjp(dh: Array, h: Array, r: Array, axes: tuple[int, ...]) -> Array:
    """Return the cotangent of x, dx = r (dh - mean(dh) - h mean(dh h)), from that of h.

    Examples
    --------
    >>> h, r = normalized(np.array([1.0, 3.0]), (0,), 0.0)
    >>> normalized_vjp(np.array([1.0, 5.0]), h, r, (0,))
    array([0., 0.])
    """
    if not h.size:
        return dh.copy()
    n = _per_mean(h.shape, axes)
    mean = np.add.reduce(dh, axis=axes, keepdims=True) / n
    along = np.add.reduce(dh * h, axis=axes, keepdims=True) / n
    dx = dh - mean
    dx -= h * along
    dx *= r
    return dx


def _per_mean(shape: Shape, axes: tuple[int, ...]) -> int:
    return math.prod(shape[i] for i in axes)
