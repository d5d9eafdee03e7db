"""Running error bounds: values with limits on their errors, propagated step by step.

Higham 2002, section 3.3: beside each value v of a recursion goes a limit e on the error of what a
correct implementation has computed for it, from the limits of its operands. With a and b known up
to e_a and e_b, and sizes |a|^ = |a| + e_a, |b|^ = |b| + e_b:

- a sum of n terms, products among them, in any order, from operands that are themselves in error:
  gamma(n) times the sum of |a|^ |b|^ (eq. 3.5), plus what the operands bring in,
  |a| e_b + e_a |b| + e_a e_b for each product;
- a product: what the operands bring in, and u |a|^ |b|^;
- a function f of what is off by e: e times the largest |f'| within e of the argument, and f's own
  roundings. Of tanh and the sigmoid the slope falls with the distance from 0, so the largest is at
  the end of the interval that is nearest to 0. At +-inf both are constant.

Products whose operands are exactly 0 are exact, so that structural zeros stay so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from parity.bounds.base import ELEMENTARY, Arithmetic, Array
from parity.bounds.sigmoid import ROUNDINGS


@dataclass(frozen=True, slots=True)
class Running:
    """A value and the limit on its error, of the same shape."""

    v: Array
    e: Array

    def __getitem__(self, index: Any) -> Running:
        """Return part of both."""
        return Running(self.v[index], self.e[index])

    @property
    def size(self) -> Array:
        """The largest absolute value that may have been computed."""
        return np.abs(self.v) + self.e

    @property
    def T(self) -> Running:  # noqa: N802
        """Both transposed."""
        return Running(self.v.T, self.e.T)


def exact(v: Array) -> Running:
    """Return a value without error."""
    return Running(v, np.zeros_like(v))


def saved(a: Arithmetic, x: Running) -> Running:
    """Return a result as a VJP reads it again, rounded where it was saved in a half type."""
    return Running(x.v, x.e + a.saved * x.size)


def stacked(parts: Sequence[Running]) -> Running:
    """Return parts as one, along a new first axis."""
    return Running(np.stack([p.v for p in parts]), np.stack([p.e for p in parts]))


def joined(parts: Sequence[Running]) -> Running:
    """Return parts as one, along the last axis."""
    return Running(
        np.concatenate([p.v for p in parts], axis=-1), np.concatenate([p.e for p in parts], axis=-1)
    )


def chosen(mask: Array, x: Running, y: Running | float) -> Running:
    """Return x where ``mask``, y elsewhere (a number is exact)."""
    v, e = (y.v, y.e) if isinstance(y, Running) else (y, 0)
    return Running(np.where(mask, x.v, v), np.where(mask, x.e, e))


def total(
    a: Arithmetic, products: Sequence[tuple[Running, Running]], terms: Sequence[Running] = ()
) -> Running:
    """Return a sum of matrix products and of terms, added in any order."""
    v: Any = 0.0
    size: Any = 0.0
    e: Any = 0.0
    n = underflows = 0
    for x, w in products:
        v = v + x.v @ w.v
        size = size + x.size @ w.size
        e = e + np.abs(x.v) @ w.e + x.e @ np.abs(w.v) + x.e @ w.e
        underflows += w.v.shape[0]
    n = underflows + len(terms) - (underflows == 0)
    for t in terms:
        v, size, e = v + t.v, size + t.size, e + t.e
    rounding = np.where(size > 0, a.gamma(max(n, 0)) * size + underflows * a.eta, 0)
    return Running(np.asarray(v), np.asarray(e + rounding))


def summed(a: Arithmetic, x: Running) -> Running:
    """Return the sums over the first axis."""
    return Running(x.v.sum(axis=0), x.e.sum(axis=0) + a.gamma(max(len(x.v) - 1, 0)) * x.size.sum(0))


def product(a: Arithmetic, *factors: Running) -> Running:
    """Return a product, taken from left to right."""
    x, *rest = factors
    for y in rest:
        v = x.v * y.v
        e = np.abs(x.v) * y.e + x.e * np.abs(y.v) + x.e * y.e
        x = Running(v, e + np.where(x.size * y.size > 0, a.u * x.size * y.size + a.eta, 0))
    return x


def plus(a: Arithmetic, x: Running, y: Running) -> Running:
    """Return x + y; what is added to 0 stays as it is."""
    both = (x.size > 0) & (y.size > 0)
    e = x.e + y.e
    # A term that is no number of the dtype, such as a small eps, is rounded with the sum.
    rounding = a.u * (np.abs(x.v + y.v) + e) + a.eta
    return Running(x.v + y.v, e + np.where(both, rounding, 0))


def minus(a: Arithmetic, x: Running, y: Running) -> Running:
    """Return x - y."""
    return plus(a, x, Running(-y.v, y.e))


def root(a: Arithmetic, x: Running) -> Running:
    """Return the square root of what is never negative.

    Within e of v the root is at most sqrt(e) off; its slope there is largest at the lower end.
    """
    v = np.sqrt(x.v)
    low = np.sqrt(np.maximum(x.v - x.e, 0))
    e = np.maximum(v - low, np.sqrt(x.v + x.e) - v)
    return Running(v, e + a.u * (v + e))


def largest(x: Running, y: Running) -> Running:
    """Return the larger of both, exactly."""
    # An error moves a maximum where it may be the larger one alone.
    e = np.maximum(
        np.where(x.v + x.e >= y.v - y.e, x.e, 0), np.where(y.v + y.e >= x.v - x.e, y.e, 0)
    )
    return Running(np.maximum(x.v, y.v), e)


def fraction(
    a: Arithmetic, factors: Sequence[Running], y: Running, low: Array, further: int = 0
) -> Running:
    """Return the product of factors, divided by y: multiplied and divided in any order.

    ``further`` roundings may come in between. ``low`` is the least that may have been computed for
    y, where ``y.v - y.e`` is less. For x off by e_x, |x / y - x' / y'| <= (|x / y| e_y + e_x) / y'.
    A product or quotient on the way may underflow, and what it loses is then multiplied or divided
    by the rest.
    """
    v: Any = 1.0
    e: Any = 0.0
    size: Any = 1.0
    for x in factors:
        v, e = v * x.v, np.abs(v) * x.e + e * x.size
        size = size * x.size
    least = np.maximum(y.v - y.e, low)
    lost = a.eta * (1 + 1 / least)
    for x in factors:
        lost = lost * (1 + x.size)
    brought = (np.abs(v / y.v) * y.e + e) / least
    quotient = size / least
    some = quotient > 0
    return Running(
        np.where(some, v / y.v, 0),
        np.where(some, brought + a.gamma(len(factors) + further) * quotient + lost, 0),
    )


def tanh(a: Arithmetic, z: Running) -> Running:
    """Return tanh(z)."""
    y = np.tanh(z.v)
    shift = _within(z, lambda near: 1 / np.cosh(near) ** 2)
    return Running(y, shift + a.gamma(ELEMENTARY) * (np.abs(y) + shift) + a.elementary_eta)


def sigmoid(a: Arithmetic, z: Running) -> Running:
    """Return the sigmoid of z."""
    small = np.exp(-np.abs(z.v))
    y = np.where(z.v < 0, small, 1) / (1 + small)
    shift = _within(z, lambda near: 1 / (2 * np.cosh(near / 2)) ** 2)
    return Running(y, shift + a.gamma(ROUNDINGS) * (y + shift) + a.elementary_eta + a.eta)


def tanh_slope(a: Arithmetic, y: Running) -> Running:
    """Return 1 - y^2, the derivative of tanh from its value."""
    v = 1 - y.v * y.v
    e = 2 * np.abs(y.v) * y.e + y.e**2 + a.u * y.size**2 + a.eta
    return Running(v, e + a.u * (np.abs(v) + e))


def sigmoid_slope(a: Arithmetic, y: Running) -> Running:
    """Return y (1 - y), the derivative of the sigmoid from its value."""
    v = y.v * (1 - y.v)
    e = np.abs(1 - 2 * y.v) * y.e + y.e**2
    return Running(v, e + a.gamma(2) * (np.abs(v) + e) + a.eta)


def blend(a: Arithmetic, z: Running, n: Running, h: Running) -> Running:
    """Return (1 - z) n + z h: an error of z is multiplied by h - n alone."""
    gap = Running(np.abs(h.v - n.v), n.e + h.e)
    e = gap.size * z.e + np.abs(1 - z.v) * n.e + np.abs(z.v) * h.e
    rounded = (np.abs(1 - z.v) + z.e) * n.size + z.size * h.size
    return Running((1 - z.v) * n.v + z.v * h.v, e + a.gamma(3) * rounded + 2 * a.eta)


def _within(z: Running, slope: Any) -> Array:
    """Return the error of z times the largest slope within it, 0 where z is infinite."""
    near = np.maximum(np.abs(z.v) - z.e, 0)
    # A slope of 0 beats any error.
    steepest = np.where(np.isnan(z.v), np.nan, slope(near))
    return np.where(np.isinf(z.v) | (steepest == 0), 0, np.minimum(steepest * z.e, 2))
