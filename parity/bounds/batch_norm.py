"""Bound of batch normalisation.

In training it is that of :mod:`parity.bounds.normalizing` over a channel's n values, with three
differences. The mean c is corrected by e = mean(x - c): c + e is off by gamma(n + 1) (mean|d| + E),
E = gamma(n) mean|x|, which may be more than E where one value outweighs the others (mean|d| is at
most twice mean|x|), so the larger of the two means takes E's place, with a factor 1 + gamma(n + 6)
for what is of second order. The variance mean((x - c)^2) - e^2 is then off by 2 E times the
corrected mean's error and its square, at most 3 E^2, and by two roundings more. And dx is
a dy + p d + (q - e p) with a, p and q of the channel, which has five roundings more than
r (g - M1 - h M2).

The running statistics w0 old + w1 new round their weights, products and sum, and the unbiased
variance twice more, n being exact or once more. Their cotangents add w1 dm / n and 2 w1 k dv d / n
to dx, k = 1 or n / (n - 1): ten roundings at most, and d's error in the latter.

At inference the mean m is exact: d is off by gamma(3) |m| + gamma(2) |x|, which covers
c x + (beta - c m) too. dx = a dy has r's error and three roundings, the cotangents -a sum(dy) and
-a r sum(dy h) / 2 of the running statistics r's error once and twice more, besides their sums'.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import Arithmetic, Array, bound, count, summed
from parity.bounds.normalizing import (
    Normalized,
    affine_limit,
    dbeta_limit,
    dgamma_limit,
    dx_limit,
    normalized,
    scaled,
)

Shapes = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]


def _shapes(x: Array, layout: str) -> Shapes:
    """Return x's shape with one axis of space, that of gamma there, and the axes of a mean."""
    if layout == "NCHW":
        n, c, *space = x.shape
        return (n, c, count(space)), (1, c, 1), (0, 2)
    *lead, c = x.shape
    return (count(lead), c), (1, c), (0,)


def _at_inference(a: Arithmetic, x: Array, mean: Array, variance: Array, eps: float) -> Normalized:
    error = a.gamma(3) * np.abs(mean) + a.gamma(2) * np.abs(x) + a.eta
    exact = np.zeros_like(mean)
    h, h_error, r, r_error = scaled(a, x - mean, error, variance, exact, eps)
    return Normalized(h, h_error, r, r_error, x - mean, error, mean, exact, variance, exact)


def _weights(momentum: float, momentum_of: str) -> tuple[float, float]:
    """Return the weights of new and old."""
    return (momentum, 1 - momentum) if momentum_of == "new" else (1 - momentum, momentum)


def _batch_norm(
    a: Arithmetic,
    y: Any,
    x: Array,
    gamma: Array | None,
    beta: Array | None,
    mean: Array | None,
    variance: Array | None,
    *,
    training: bool,
    momentum: float,
    momentum_of: str,
    unbiased: bool,
    eps: float,
    layout: str,
) -> Any:
    shape, kept, axes = _shapes(x, layout)
    rows = x.reshape(shape)
    wide = [None if p is None else p.reshape(kept) for p in (gamma, beta)]
    if not training:
        assert mean is not None
        assert variance is not None
        z = _at_inference(a, rows, mean.reshape(kept), variance.reshape(kept), eps)
        return affine_limit(a, z, *wide).reshape(x.shape)
    z = normalized(a, rows, axes, eps, corrected=True)
    limit = affine_limit(a, z, *wide).reshape(x.shape)
    if mean is None or variance is None:
        return limit
    n = count([shape[i] for i in axes])
    k = n / (n - 1) if unbiased else 1.0
    new, old = _weights(momentum, momentum_of)
    size = old * np.abs(mean) + new * np.abs(z.mean.reshape(mean.shape))
    mean_limit = a.gamma(4) * size + new * z.mean_error.reshape(mean.shape) * (1 + a.gamma(4))
    spread = z.variance.reshape(mean.shape)
    error = k * new * z.variance_error.reshape(mean.shape)
    var_limit = a.gamma(6) * (old * np.abs(variance) + k * new * spread) + error * (1 + a.gamma(6))
    return limit, mean_limit + 3 * a.eta, var_limit + 4 * a.eta


def _batch_norm_vjp(
    a: Arithmetic,
    cotangents: Any,
    dy: Any,
    x: Array,
    gamma: Array | None,
    beta: Array | None,
    mean: Array | None,
    variance: Array | None,
    *,
    training: bool,
    momentum: float,
    momentum_of: str,
    unbiased: bool,
    eps: float,
    layout: str,
) -> Any:
    shape, kept, axes = _shapes(x, layout)
    rows = x.reshape(shape)
    dmean = dvar = None
    if isinstance(dy, tuple):
        dy, dmean, dvar = dy
    dy = dy.reshape(shape)
    g = dy if gamma is None else dy * gamma.reshape(kept)
    n = count([shape[i] for i in axes])
    running: tuple[Any, Any] = None, None
    if training:
        z = normalized(a, rows, axes, eps, corrected=True)
        dx = dx_limit(a, z, g, axes, roundings=8)
        if mean is not None and dmean is not None and dvar is not None:
            new, old = _weights(momentum, momentum_of)
            rounded = a.gamma(2) * old
            running = rounded * np.abs(dmean) + a.eta, rounded * np.abs(dvar) + a.eta
            flat = np.abs(new * dmean / n).reshape(kept)
            slope = np.abs(2 * new * dvar / (n - 1 if unbiased else n)).reshape(kept)
            dx = dx + a.gamma(10) * (flat + slope * (np.abs(z.d) + z.d_error))
            dx = dx + slope * z.d_error + 4 * a.eta * (1 + np.abs(z.d))
    else:
        assert mean is not None
        assert variance is not None
        z = _at_inference(a, rows, mean.reshape(kept), variance.reshape(kept), eps)
        off = z.r_error + a.gamma(3) + z.r_error * a.gamma(3)
        dx = off * np.abs(z.r * g) + a.eta * (1 + z.r)
        scale = z.r if gamma is None else np.abs(z.r * gamma.reshape(kept))
        total, _ = summed(np.abs(dy), kept)
        sums, _ = summed(np.abs(dy * z.h), kept)
        errors, _ = summed(np.abs(dy) * z.h_error, kept)
        drunning = scale * total * (a.gamma(n + 2) + z.r_error) * (1 + off) + a.eta
        sums = (a.gamma(n + 6) + 2 * z.r_error) * sums * (1 + 2 * off)
        dvariance = scale * z.r / 2 * (errors * (1 + a.gamma(n + 6) + 2 * off) + sums)
        small = a.eta * (1 + scale * z.r) * (n + 4) * (1 + z.r)
        running = (drunning.reshape(mean.shape), (dvariance + small).reshape(mean.shape))
    dgamma = None if gamma is None else dgamma_limit(a, z, dy, kept).reshape(gamma.shape)
    dbeta = None if beta is None else dbeta_limit(a, dy, kept).reshape(beta.shape)
    return dx.reshape(x.shape), dgamma, dbeta, *running


bound("batch_norm", _batch_norm, _batch_norm_vjp)
