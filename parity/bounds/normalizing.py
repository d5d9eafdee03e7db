"""What the bounds of layer, group and batch normalisation share.

A slice of n elements, with a = mean|x|, m the mean, d = x - m, v = mean(d^2), s = v + eps,
r = s^-1/2 and h = d r (Higham 2002, section 1.9 and problem 1.10, on the two-pass variance; Chan,
Golub & LeVeque 1983).

Mean: n - 1 additions in any order and a division, E = gamma(n) a (eq. 4.4). Centred data: each
rounding is bounded on absolute values, |x| + |m| with |m| <= a, so that c x + (beta - c m) with
c = gamma r is the same to it as gamma h + beta. The former rounds x twice, m three times and beta
twice, more often than the latter: d is off by e = gamma(n + 3) a + gamma(2) |x|.

Variance: the mean's error moves all d alike, by -E at most. Since sum(d) = 0 it adds n E^2 to the
sum of squares, and nothing of first order. d twice, the product, the sum and the division round:
E^2 + gamma(n + 3) (v + E^2). eps and s round, so s is off by that and 2 u s; the root and the
division give r a relative error q of half of s's, and 2 u.

h is off by r e + |h| (q + u), and gamma h + beta by |gamma| times that, 2 u |gamma h| and
2 u |beta|.

VJP, r (g - M1 - h M2) with g = dy gamma, M1 = mean(g), M2 = mean(g h): M1 is off by gamma(n + 1)
mean|g|, M2 by mean(|g| E_h) + gamma(n + 2) mean|g h|, E_h the error of h; three roundings of the
sum, and r's error and its product. The parameters' cotangents are sums of K terms: those of dy h,
with r in each term or before their sum, are off by sum(|dy| E_h) + gamma(K + 2) sum|dy h|, those
of dy by gamma(K - 1) sum|dy|.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from parity.bounds.base import Arithmetic, Array, count, summed


class Normalized(NamedTuple):
    """h, d, mean and variance with their absolute errors, r with its relative one."""

    h: Array
    h_error: Array
    r: Array
    r_error: Array
    d: Array
    d_error: Array
    mean: Array
    mean_error: Array
    variance: Array
    variance_error: Array


def normalized(
    a: Arithmetic, x: Array, axes: tuple[int, ...], eps: float, *, corrected: bool = False
) -> Normalized:
    """Return what normalising x over ``axes`` gives, and how far it may be off.

    ``corrected`` is the mean with the mean of x - mean added, and the variance with its square
    taken off: :mod:`parity.bounds.batch_norm` derives their errors.
    """
    n = max(count([x.shape[i] for i in axes]), 1)
    mean = x.sum(axis=axes, keepdims=True) / n
    size = np.abs(x).sum(axis=axes, keepdims=True) / n
    d = x - mean
    variance = (d * d).sum(axis=axes, keepdims=True) / n

    if corrected:
        again = np.abs(d).sum(axis=axes, keepdims=True) / n
        size = np.maximum(size, again) * (1 + a.gamma(n + 6))
    mean_error = a.gamma(n + corrected) * size + a.eta
    d_error = a.gamma(n + 3) * size + a.gamma(2) * np.abs(x) + a.eta
    shifted = (3 if corrected else 1) * mean_error * mean_error
    variance_error = shifted + a.gamma(n + 3 + 2 * corrected) * (variance + shifted) + 3 * a.eta

    h, h_error, r, r_error = scaled(a, d, d_error, variance, variance_error, eps)
    return Normalized(
        h, h_error, r, r_error, d, d_error, mean, mean_error, variance, variance_error
    )


def scaled(
    a: Arithmetic, d: Array, d_error: Array, variance: Array, variance_error: Any, eps: float
) -> tuple[Array, Array, Array, Array]:
    """Return h = d r with its error and r = 1 / sqrt(variance + eps) with its relative error."""
    s = variance + eps
    r = 1 / np.sqrt(s)
    off = variance_error / s + a.gamma(2)
    # 1 / sqrt(1 - off) <= 1 + off / 2 / (1 - off); what makes s larger only makes r smaller.
    r_error = off / 2 / (1 - np.minimum(off, 0.5)) + a.gamma(2)
    h = d * r
    rounded = r_error + a.u + r_error * a.u
    return h, r * d_error * (1 + rounded) + np.abs(h) * rounded + a.eta, r, r_error


def affine_limit(a: Arithmetic, z: Normalized, gamma: Any, beta: Any) -> Array:
    """Return the limit of gamma h + beta; gamma and beta are broadcast to h, or None."""
    scale, shift = 1.0 if gamma is None else np.abs(gamma), 0.0 if beta is None else np.abs(beta)
    error = scale * z.h_error * (1 + a.gamma(2)) + a.gamma(2) * scale * np.abs(z.h)
    return np.asarray(error + a.gamma(2) * shift + a.eta)


def dx_limit(
    a: Arithmetic, z: Normalized, g: Array, axes: tuple[int, ...], *, roundings: int = 3
) -> Array:
    """Return the limit of r (g - mean(g) - h mean(g h)), each term rounded so many times."""
    n = max(count([z.h.shape[i] for i in axes]), 1)

    def mean(values: Array) -> Array:
        return np.asarray(values.sum(axis=axes, keepdims=True) / n)

    size, h = np.abs(g), np.abs(z.h)
    m1, m2 = mean(g), mean(g * z.h)
    m1_error = a.gamma(n + 1) * mean(size) + 2 * a.eta
    m2_error = mean(size * z.h_error) * (1 + 2 * a.gamma(n + 3))
    m2_error = m2_error + a.gamma(n + 2) * mean(size * h)
    m2_error = m2_error + a.eta * (2 + mean(h))
    along = z.h_error * np.abs(m2) + (h + z.h_error) * m2_error
    total = a.gamma(roundings) * (size + np.abs(m1) + h * np.abs(m2)) + 2 * a.eta
    total = total + (1 + a.gamma(2)) * (m1_error + along)
    dx = np.abs(z.r * (g - m1 - z.h * m2))
    rounded = z.r_error + a.u + z.r_error * a.u
    return np.asarray(z.r * total * (1 + rounded) + dx * rounded + a.eta)


def dgamma_limit(a: Arithmetic, z: Normalized, dy: Array, kept: tuple[int, ...]) -> Array:
    """Return the limit of dy h or (dy d) r, summed to the shape ``kept``."""
    errors, k = summed(np.abs(dy) * z.h_error, kept)
    total, _ = summed(np.abs(dy * z.h), kept)
    small, _ = summed(a.eta * (1 + np.broadcast_to(z.r, dy.shape)), kept)
    return np.asarray(errors * (1 + 2 * a.gamma(k + 2)) + a.gamma(k + 2) * total + small)


def dbeta_limit(a: Arithmetic, dy: Array, kept: tuple[int, ...]) -> Array:
    """Return the limit of dy, summed to the shape ``kept``."""
    total, k = summed(np.abs(dy), kept)
    return np.asarray(a.gamma(max(k - 1, 0)) * total)
