"""The floating-point formats of cells: NumPy's, and bfloat16 of ml_dtypes."""

from __future__ import annotations

from functools import cache
from typing import Any

import ml_dtypes
import numpy as np

# Computed in float32, with one rounding of each result.
HALVES = ("float16", "bfloat16")


@cache
def finfo(dtype: Any) -> Any:
    """Return what :func:`numpy.finfo` returns, also for bfloat16."""
    found = np.dtype(dtype)
    of: Any = ml_dtypes.finfo if found.name == "bfloat16" else np.finfo
    return of(found)


def accumulation_dtype(dtype: str) -> str:
    """Return the dtype that refnet accumulates ``dtype`` in: float32 for the half types."""
    return "float32" if dtype in HALVES else dtype


def is_integer(a: np.ndarray[Any, Any]) -> bool:
    """Return whether an array holds integers: class numbers, indices, lengths; or conditions."""
    return a.dtype.kind in "biu"
