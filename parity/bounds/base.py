"""What a bound is, and the arithmetic that it is stated in.

The standard model of floating-point arithmetic (Higham, Accuracy and Stability of Numerical
Algorithms, 2nd ed. 2002, section 2.2, with underflow from section 2.8): a rounded operation gives
``(a op b)(1 + d) + e`` with ``|d| <= u`` and ``|e| <= eta / 2``, where e is 0 for additions. A
value that passed n roundings is off by a factor within 1 +- gamma(n), where
``gamma(n) = n u / (1 - n u)`` (Lemma 3.1), so a sum of products is off by at most gamma(n) times
the same sum of absolute values.

Bounds are evaluated in the oracle's precision, in NumPy, from the oracle's values.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parity.errors import CaseError
from parity.floats import HALVES, accumulation_dtype, finfo

Array = NDArray[Any]
Limit = Callable[..., Any]

# Accuracy of exp, log, log1p, tanh, sin and cos, in units of u. NumPy's vector loops are Intel's
# SVML (github.com/numpy/SVML) at less than 4 ulp, its own float32 exp and log are tested to 3 and 4
# ulp, sin and cos to 2 (test_umath.py, TestAVXFloat32Transcendental), PyTorch's SLEEF functions end
# in _u10: 1.0 ulp; sin and cos of float32 in _u35: 3.5 ulp. One ulp is at most 2 u relative to the
# value.
ELEMENTARY = 8.0
# Kernels one after another, at most, where an operation is composed of several in a half type.
KERNELS = 8


class Arithmetic(NamedTuple):
    """Unit roundoff and smallest subnormal of the dtype that intermediate results are rounded to.

    ``inner`` is the unit roundoff inside a kernel. It is ``u``, but for an implementation that is
    composed of several kernels in a half type: each accumulates in float32 and rounds its result to
    the half type. ``saved`` is the relative error of a forward result that was rounded to its own
    dtype before a VJP reads it again: 0, or a half type's unit roundoff.
    """

    u: float
    eta: float
    inner: float
    saved: float = 0.0

    def gamma(self, n: Any, kernels: int = KERNELS) -> Any:
        """Return n u / (1 - n u) for a count n of roundings (a number or an array).

        Where ``inner`` is smaller than u, at most ``kernels`` of the roundings are of size u.
        """
        e = np.asarray(n * self.inner + np.minimum(n, kernels) * (self.u - self.inner))
        # Beyond 1/2 the bound says nothing; where it matters the values it multiplies are 0.
        return e / (1 - np.minimum(e, 0.5))

    @property
    def elementary_eta(self) -> float:
        """Absolute error of an elementary function whose result is subnormal: 4 ulp there."""
        return ELEMENTARY / 2 * self.eta


class Bound(NamedTuple):
    """Limits on the absolute error of an operation's result and cotangents.

    ``forward(a, y, *inputs, **options)`` and ``vjp(a, cotangents, dy, *inputs, **options)`` take an
    :class:`Arithmetic`, the oracle's values and every option, and return limits that broadcast to
    the values: one, or one per input (None where there is no cotangent). A limit of 0 means that
    values, including the signs of zeros, are exact. Where an operation has several results, ``y``
    and ``dy`` are tuples, and ``forward`` returns as many limits.
    """

    forward: Limit
    vjp: Limit


_BOUNDS: dict[str, Bound] = {}
_loaded = False


def bound(op: str, forward: Limit, vjp: Limit) -> None:
    """Register the bound of an operation."""
    if op in _BOUNDS:
        raise CaseError(
            "bound",
            got=f"a second bound for {op!r}",
            needs="one bound per operation",
            cause="Is a file imported under two names?",
        )
    _BOUNDS[op] = Bound(forward, vjp)


def bounds() -> Mapping[str, Bound]:
    """Return the bound of every operation."""
    global _loaded
    if not _loaded:
        import parity.bounds

        for module in iter_modules(parity.bounds.__path__):
            import_module(f"parity.bounds.{module.name}")
        _loaded = True
    return dict(_BOUNDS)


def find(op: str) -> Bound:
    """Return the bound of an operation, or raise CaseError."""
    known = bounds()
    if op not in known:
        raise CaseError(
            "bound",
            got=f"the operation {op!r} without a bound",
            needs=f"a file parity/bounds/{op}.py that states one",
            cause="CONTRIBUTING.md says how to add an operation.",
        )
    return known[op]


def forward_limit(
    op: str,
    dtype: str,
    accumulation: str,
    y: Array | tuple[Array, ...],
    inputs: Sequence[Array | None],
    options: Mapping[str, Any],
) -> list[Array]:
    """Return the limit on the error of each element of each result in ``dtype``.

    ``accumulation`` is the dtype that the implementation rounds intermediate results to; ``y`` and
    ``inputs`` are the oracle's.
    """
    a = arithmetic(dtype, accumulation)
    with np.errstate(all="ignore"):
        found = find(op).forward(a, y, *inputs, **options)
        if not isinstance(y, tuple):
            return [widened(dtype, y, found)]
        return [widened(dtype, part, limit) for part, limit in zip(y, found, strict=True)]


def vjp_limits(
    op: str,
    dtype: str,
    accumulation: str,
    cotangents: Sequence[Array | None],
    dy: Array | tuple[Array, ...],
    inputs: Sequence[Array | None],
    options: Mapping[str, Any],
) -> list[Array | None]:
    """Return the limits on the errors of the inputs' cotangents; the arrays are the oracle's."""
    a = arithmetic(dtype, accumulation)
    with np.errstate(all="ignore"):
        found = find(op).vjp(a, cotangents, dy, *inputs, **options)
        return [
            None if c is None else widened(dtype, c, limit)
            for c, limit in zip(cotangents, found, strict=True)
        ]


@cache
def arithmetic(dtype: str, accumulation: str | None = None) -> Arithmetic:
    """Return the arithmetic of results in ``dtype``: in ``accumulation``, or as refnet does it.

    refnet accumulates the half types in float32 and every other dtype in itself.
    """
    rounded = accumulation or accumulation_dtype(dtype)
    info = finfo(rounded)
    inner = float(finfo(accumulation_dtype(rounded)).eps) / 2
    saved = float(finfo(dtype).eps) / 2 if dtype in HALVES else 0.0
    return Arithmetic(float(info.eps) / 2, float(info.smallest_subnormal), inner, saved)


def oracle_dtype(dtype: str) -> np.dtype[Any] | None:
    """Return the dtype of the oracle for ``dtype``, or None where this machine has no wider one."""
    if dtype != "float64":
        return np.dtype(np.float64)
    wide = np.dtype(np.longdouble)
    return wide if np.finfo(wide).nmant > np.finfo(np.float64).nmant else None


def widened(dtype: str, value: Array, limit: Any) -> Array:
    """Add to a limit the oracle's own error and, for the half types, the rounding of the result."""
    wide = oracle_dtype(dtype)
    assert wide is not None
    # The oracle evaluates the same formula with its own u; the limits are convex in u and 0 at 0,
    # so its share is at most u_oracle / u of them.
    info = np.finfo(wide)
    share = float(info.eps) / 2 / arithmetic(dtype).u
    limits = np.broadcast_to(np.asarray(limit, wide), value.shape) * wide.type(1 + share)
    if dtype in HALVES:
        half = finfo(dtype)
        u = float(half.eps) / 2
        rounding = u * np.abs(value) + float(half.smallest_subnormal) / 2
        exact = limits == 0
        limits = np.where(exact, 0, limits * (1 + u) + rounding)
    return np.asarray(limits)


def count(shape: Sequence[int]) -> int:
    """Return the number of elements of a shape."""
    return math.prod(shape)


def summed(a: Array, shape: Sequence[int]) -> tuple[Array, int]:
    """Return ``a`` summed to an operand's ``shape``, and how many terms each sum has."""
    lead = a.ndim - len(shape)
    axes = tuple(i for i in range(a.ndim) if i < lead or (shape[i - lead] == 1 and a.shape[i] != 1))
    total = a.sum(axis=axes, keepdims=True).reshape(tuple(shape))
    return total, count([a.shape[i] for i in axes])


def per_reduction(reduction: str, elements: Any, n: int) -> tuple[Any, int]:
    """Return ``elements`` reduced as named ("none", "sum", "mean") and the roundings it adds."""
    match reduction:
        case "none":
            return elements, 0
        case "sum":
            return elements.sum(), max(n - 1, 0)
        case "mean":
            return elements.sum() / max(n, 1), n
        case _:
            raise CaseError(
                "bound",
                got=f"reduction={reduction!r}",
                needs="none, sum or mean",
                cause="The operation's own bound has to say what other reductions do.",
            )


def spread(reduction: str, dy: Array, n: int) -> tuple[Array, int]:
    """Return a loss's cotangent per element, and the roundings that spreading it adds."""
    return (np.abs(dy) / max(n, 1), 1) if reduction == "mean" else (np.abs(dy), 0)
