"""The Gaussian error linear unit."""

from __future__ import annotations

from typing import Any

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape
from refnet.error_function import LARGE, PI, erf, gaussian, scaled_erfc
from refnet.op import operation
from refnet.real_parts import absolute, limited

FORMS = ("none", "tanh")
MIDDLE = 0.75  # at least sqrt(2) / 2, from where on there is a scaled erfc
# With |x| at most this, exp(-1.6 (|x| + 0.04 |x|^3)) is 0 in every dtype and nothing overflows.
LARGE_TANH = 64.0
CUBIC = np.longdouble("0.044715")


@operation(analytic=True)
def gelu(x: Array, /, *, approximate: str = "none") -> Array:
    """Return x Phi(x), elementwise: x of any shape -> y of that shape and dtype.

    Phi is the normal distribution function, (1 + erf(x/sqrt(2))) / 2. Hendrycks & Gimpel 2016,
    "Gaussian error linear units". Phi is computed as erfc(-x/sqrt(2)) / 2 on the left, so the
    result keeps its relative accuracy until it underflows, where the formula with 1 + erf has
    nothing but rounding errors from x = -5.5 in float32.

    ``approximate="tanh"`` is the paper's x (1 + tanh(v)) / 2, v = sqrt(2/pi) (x + 0.044715 x^3),
    computed as x / (1 + exp(-2 v)), which is the same function. It differs from the exact form by
    up to 5e-4.

    gelu(-inf) is -0, the limit, and gelu(inf) is inf. (PyTorch computes -inf times 0, NaN.)

    VJP: dx = dy (Phi(x) + x phi(x)), phi the normal density; for "tanh" the derivative of that
    form, with s = 1 / (1 + exp(-2 v)): dx = dy (s + 2 x s (1 - s) v'). Both are 0 at -inf and 1 at
    inf.

    Raises
    ------
    OptionError
        If approximate is neither "none" nor "tanh".
    DtypeError
        If x is not of a float dtype.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> x = np.array([-10.0, -1.0, 0.0, 2.0])
    >>> rn.gelu(x)
    array([-7.61985302e-23, -1.58655254e-01,  0.00000000e+00,  1.95449974e+00])
    >>> rn.gelu(x, approximate="tanh")
    array([-1.20409235e-37, -1.58808009e-01,  0.00000000e+00,  1.95459769e+00])
    """
    if approximate == "tanh":
        left, right, _ = _sigmoid_of_2v(x)
        return np.asarray(limited(x, -LARGE_TANH, np.inf) * left / right)
    c, upper, bell, middle = _normal(x)
    tail = c * upper * bell  # x Q(|x|); this order rounds a subnormal result once
    outside = np.where(x.real < 0, tail, x - tail)
    return np.asarray(np.where(np.abs(x.real) < MIDDLE, x * middle, outside))


@gelu.shape_rule
def _(x: Shape, *, approximate: str) -> Shape:
    checks.choice("gelu", "approximate", approximate, FORMS)
    return x


@gelu.vjp_rule
def _(dy: Array, x: Array, *, approximate: str) -> Cotangents:
    real = x.real.dtype
    if approximate == "tanh":
        left, right, e = _sigmoid_of_2v(x)
        c = limited(x, -LARGE_TANH, LARGE_TANH)
        slope = _cast(2 * np.sqrt(2 / PI), real) * (1 + _cast(3 * CUBIC, real) * c * c)
        return (dy * (left / right + c * slope * e / (right * right)),)
    c, upper, bell, middle = _normal(x)
    tail = upper * bell
    outside = np.where(x.real < 0, tail, 1 - tail)
    phi = bell * _cast(1 / np.sqrt(2 * PI), real)
    return (dy * (np.where(np.abs(x.real) < MIDDLE, middle, outside) + c * phi),)


def _normal(x: Array) -> tuple[Array, Array, Array, Array]:
    """Return x limited, Q(|x|) exp(x^2/2), exp(-x^2/2), and Phi(x) where |x| < MIDDLE.

    Q = 1 - Phi is the upper tail.
    """
    c = limited(x, -LARGE, LARGE)
    root = np.sqrt(_cast(0.5, x.real.dtype))
    upper = scaled_erfc(absolute(c) * root) / 2
    middle = (1 + erf(limited(x, -MIDDLE, MIDDLE) * root)) / 2
    return c, upper, gaussian(c, half=True), middle


def _sigmoid_of_2v(x: Array) -> tuple[Array, Array, Array]:
    """Return numerator and denominator of 1 / (1 + exp(-2 v)), and e = exp(-2 |v|)."""
    c = absolute(limited(x, -LARGE_TANH, LARGE_TANH))
    real = x.real.dtype
    v2 = _cast(2 * np.sqrt(2 / PI), real) * (c + _cast(CUBIC, real) * c * c * c)
    e = np.exp(-v2)
    return np.where(x.real < 0, e, 1), 1 + e, e


def _cast(constant: Any, dtype: np.dtype[Any]) -> Any:
    return dtype.type(constant)
