"""Checks of options and values, which raise the errors of :mod:`refnet.errors`."""

from __future__ import annotations

import math
import operator
from collections.abc import Collection
from contextlib import suppress
from numbers import Integral, Real
from typing import Any

import numpy as np

from refnet.arrays import Array, Shape, is_float
from refnet.errors import DomainError, DtypeError, OptionError, ShapeError

_BOOLS = (bool, np.bool_)


def number(
    op: str,
    name: str,
    value: Any,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    open_low: bool = False,
    open_high: bool = False,
) -> float:
    """Return ``value`` as a finite float between ``low`` and ``high``, either end open or not."""
    if type(value) is float or _is_number(value):
        x = _as_float(value)
        inside = (low < x if open_low else low <= x) and (x < high if open_high else x <= high)
        if inside and math.isfinite(x):
            return x
        got, cause = f"{name}={value!r}", "Is the sign or the scale wrong?"
    else:
        got = f"{name}={value!r} of type {type(value).__name__}"
        cause = f"Was another argument passed in the place of {name}?"
    ends = ("(" if open_low else "[", ")" if open_high else "]")
    interval = f" in {ends[0]}{low:g}, {high:g}{ends[1]}".replace("[-inf", "(-inf")
    interval = interval.replace("inf]", "inf)").replace(" in (-inf, inf)", "")
    raise OptionError(op, got=got, needs=f"{name} as a finite number{interval}", cause=cause)


def _as_float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:  # an integer beyond float64
        return math.inf if value > 0 else -math.inf


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, _BOOLS)


def is_integer(value: Any) -> bool:
    """Return whether ``value`` is an integer, Python's or NumPy's, and no bool."""
    return isinstance(value, Integral) and not isinstance(value, _BOOLS)


def count(op: str, name: str, value: Any, *, low: int = 0) -> int:
    """Return ``value`` as an int of at least ``low``; bools are refused."""
    if isinstance(value, _BOOLS) or not isinstance(value, Integral):
        raise OptionError(
            op,
            got=f"{name}={value!r} of type {type(value).__name__}",
            needs=f"{name} as an integer of at least {low}",
            cause="Is a conversion with int() missing?",
        )
    n = operator.index(value)
    if n < low:
        raise OptionError(
            op,
            got=f"{name}={n}",
            needs=f"{name} as an integer of at least {low}",
            cause="Is the sign wrong, or a size computed from an empty array?",
        )
    return n


def flag(op: str, name: str, value: Any) -> bool:
    """Return ``value`` if it is a bool."""
    if not isinstance(value, _BOOLS):
        raise OptionError(
            op,
            got=f"{name}={value!r} of type {type(value).__name__}",
            needs=f"{name} as True or False",
            cause="Was another argument passed in the place of a flag?",
        )
    return bool(value)


def generator(op: str, rng: Any) -> np.random.Generator:
    """Return ``rng`` if it is a numpy.random.Generator."""
    if not isinstance(rng, np.random.Generator):
        raise DtypeError(
            op,
            got=f"rng of type {type(rng).__name__}",
            needs="a numpy.random.Generator",
            cause="Use numpy.random.default_rng(seed), not a seed or RandomState.",
        )
    return rng


def float_dtype(op: str, dtype: Any) -> np.dtype[Any]:
    """Return ``dtype`` as one of the float dtypes that refnet computes in."""
    found: np.dtype[Any] | None = None
    if dtype is not None:  # which NumPy takes for float64
        with suppress(TypeError):
            found = np.dtype(dtype)
    if found is None or not is_float(found):
        raise DtypeError(
            op,
            got=f"dtype {dtype!r}" if found is None else f"dtype {found}",
            needs="float16, bfloat16, float32, float64 or longdouble",
            cause="Is the name misspelt, or an integer dtype meant for labels?",
        )
    return found


def choice(op: str, name: str, value: Any, choices: Collection[str]) -> str:
    """Return ``value`` if it is one of ``choices``."""
    if not isinstance(value, str) or value not in choices:
        raise OptionError(
            op,
            got=f"{name}={value!r}",
            needs=f"{name} as one of {', '.join(map(repr, choices))}",
            cause=nearest(value, choices),
        )
    return value


def nearest(name: Any, known: Collection[str]) -> str:
    """Return a sentence that proposes the known name nearest to ``name``."""
    from difflib import get_close_matches  # only on the way to an error

    spelt = {k.lower(): k for k in known}
    close = get_close_matches(str(name).lower(), list(spelt), n=1)
    return f"Did you mean {spelt[close[0]]!r}?" if close else "Is the name misspelt?"


def axis(op: str, value: Any, ndim: int) -> int:
    """Return ``value`` as an axis in [0, ndim)."""
    if isinstance(value, _BOOLS) or not isinstance(value, Integral):
        raise OptionError(
            op,
            got=f"axis={value!r} of type {type(value).__name__}",
            needs="axis as an integer",
            cause="Was keepdims or another argument passed in the place of axis?",
        )
    n = operator.index(value)
    if not -ndim <= n < ndim:
        raise OptionError(
            op,
            got=f"axis={n} for an input of {ndim} dimension(s)",
            needs=f"an axis from {-ndim} to {ndim - 1}" if ndim else "an input with an axis",
            cause="Is a batch dimension missing?",
        )
    return n % ndim


def axes(op: str, value: Any, ndim: int) -> tuple[int, ...]:
    """Return ``value`` (None, an int or a tuple of ints) as distinct axes, in order."""
    if value is None:
        return tuple(range(ndim))
    found = [axis(op, v, ndim) for v in (value if isinstance(value, tuple | list) else (value,))]
    if len(set(found)) != len(found):
        raise OptionError(
            op,
            got=f"axis={value!r} for an input of {ndim} dimension(s)",
            needs="each axis once",
            cause="Do a negative and a positive number name the same axis?",
        )
    return tuple(sorted(found))


def same_shapes(op: str, a: Shape, b: Shape, names: tuple[str, str]) -> None:
    """Refuse two inputs whose shapes differ."""
    if a != b:
        raise ShapeError(
            op,
            got=f"{names[0]} {a} and {names[1]} {b}",
            needs=f"{names[0]} and {names[1]} of the same shape",
            cause="Broadcasting here would hide a missing or an extra dimension.",
        )


def first_place(bad: Array) -> tuple[int, ...]:
    """Return the position of the first True in ``bad``, in plain ints for a message."""
    return tuple(map(int, np.unravel_index(int(bad.argmax()), bad.shape)))


def not_negative(
    op: str,
    name: str,
    values: Array,
    *,
    what: str,
    nan_passes: bool = False,
    cause: str = "Were logits or class numbers passed as probabilities?",
) -> None:
    """Refuse values below zero, and NaN unless ``nan_passes``; ``what`` says what they are."""
    bad = values.real < 0 if nan_passes else ~(values.real >= 0)
    if bad.any():
        place = first_place(bad)
        raise DomainError(
            op,
            got=f"{name} {values[place]} at position {place}",
            needs=f"{what}, none of them negative{'' if nan_passes else ' or NaN'}",
            cause=cause,
        )


def at_most_one(
    op: str,
    name: str,
    values: Array,
    *,
    cause: str = "Were logits passed? Then use the operation on logits.",
) -> None:
    """Refuse values outside [0, 1]; NaN passes, as a NaN activation does everywhere."""
    bad = (values.real < 0) | (values.real > 1)
    if bad.any():
        place = first_place(bad)
        raise DomainError(
            op,
            got=f"{name} {values[place]} at position {place}",
            needs=f"{name} as probabilities in [0, 1]",
            cause=cause,
        )
