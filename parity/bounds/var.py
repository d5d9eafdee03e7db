"""Bound of the variance (Chan, Golub & LeVeque 1983; Higham 2002, section 1.9 and problem 1.10).

The computed mean of K elements is off by d <= gamma(K - 1) mean|x| + u |m|. Centred on it instead
of on the mean m, the sum of squares S is S + K d^2 exactly, for deviations sum to 0; and each
difference rounds, which squaring doubles, each square, K - 1 sums and the division round: in all
gamma(K + 3) (S + K d^2) / (K - ddof) + K d^2 / (K - ddof). E[x^2] - E[x]^2 would have
gamma(K) E[x^2] instead.

VJP, dy 2 (x - m) / (K - ddof): the difference is off by u of itself and by d; the factor, possibly
2 / (K - ddof) by itself, and two products round: gamma(4), and |dy| 2 d / (K - ddof).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from parity.bounds.base import Arithmetic, Array, bound


def _mean_and_its_error(a: Arithmetic, x: Array, axis: Any, k: int) -> tuple[Array, Array]:
    mean = x.sum(axis=axis, keepdims=True) / max(k, 1)
    size = np.abs(x).sum(axis=axis, keepdims=True) / max(k, 1)
    total = a._replace(u=a.inner).gamma(max(k - 1, 0))  # the mean is one kernel
    return mean, np.asarray(total * (1 + a.u) * size + a.u * np.abs(mean) + a.eta)


def _var(a: Arithmetic, y: Array, x: Array, *, axis: Any, ddof: int, keepdims: bool) -> Any:
    k = x.size // max(y.size, 1)
    _, off = _mean_and_its_error(a, x, axis, k)
    shift = k * off.reshape(y.shape) ** 2 / max(k - ddof, 1)
    return a.gamma(k + 3) * (np.abs(y) + shift) + shift + (k / max(k - ddof, 1) + 1) * a.eta


def _var_vjp(
    a: Arithmetic, cotangents: Any, dy: Array, x: Array, *, axis: Any, ddof: int, keepdims: bool
) -> Any:
    k = x.size // max(dy.size, 1)
    mean, off = _mean_and_its_error(a, x, axis, k)
    per_unit = 2 * np.abs(dy).reshape(mean.shape) / max(k - ddof, 1)
    return [
        a.gamma(4) * np.abs(cotangents[0])
        + per_unit * off * (1 + a.gamma(4))
        + (np.abs(x - mean) + off + 1) * a.eta
    ]


bound("var", _var, _var_vjp)
