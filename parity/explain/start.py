"""How one run's initial values follow from another's: rounded to decimals, or to a dtype."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from parity.backends.base import Array, Values
from parity.case import DTYPES

DECIMALS = range(1, 9)


def roundings(params: Values, dtype: Any) -> Iterator[tuple[str, Values]]:
    """Yield what rounding makes of initial values, and what it is: the coarsest first.

    Examples
    --------
    >>> found = dict(roundings({"w": np.array([0.12345])}, np.float64))
    >>> found["initial values rounded to 3 decimals"]["w"]
    array([0.123])
    """
    for n in DECIMALS:
        yield (
            f"initial values rounded to {n} decimal{'s' * (n > 1)}",
            {name: _as(np.round(p.astype(np.float64), n), dtype) for name, p in params.items()},
        )
    for name in DTYPES:
        yield (
            f"initial values rounded to {name}",
            {k: _as(p.astype(np.dtype(name)), dtype) for k, p in params.items()},
        )


def rounded(wanted: Values, got: Values, dtype: Any) -> str | None:
    """Return what was done to the wanted initial values: "" for nothing, None if it is unknown."""
    if _same(wanted, got):
        return ""
    return next((what for what, p in roundings(wanted, dtype) if _same(p, got)), None)


def _same(a: Values, b: Values) -> bool:
    """Return whether two sets of values are equal, number for number, in b's dtypes."""
    return a.keys() == b.keys() and all(
        np.array_equal(_as(a[name], b[name].dtype), b[name], equal_nan=True) for name in b
    )


def _as(a: Array, dtype: Any) -> Array:
    return a.astype(dtype)
