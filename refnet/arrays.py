"""The array type, and the dtypes that refnet computes in."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Shape: TypeAlias = tuple[int, ...]
# A rule's cotangents: an array, or None, for each input. `Any` so that callers may unpack and use
# them without a cast.
Cotangents: TypeAlias = tuple[Any, ...]
ScalarFunction: TypeAlias = Callable[[Array], Any]

FLOAT16 = np.dtype(np.float16)
FLOAT32 = np.dtype(np.float32)
FLOAT64 = np.dtype(np.float64)
LONGDOUBLE = np.dtype(np.longdouble)

FLOATS = (FLOAT16, FLOAT32, FLOAT64, LONGDOUBLE)
COMPLEXES = (np.dtype(np.complex64), np.dtype(np.complex128), np.dtype(np.clongdouble))


def is_half(dtype: np.dtype[Any]) -> bool:
    """Return whether a dtype is a half type, which is computed in float32.

    That is float16, or bfloat16 of the package ml_dtypes, which its name tells without an import.
    """
    return dtype.itemsize == 2 and (dtype == FLOAT16 or dtype.name == "bfloat16")


def is_float(dtype: np.dtype[Any]) -> bool:
    """Return whether a dtype is one of the real floats that refnet takes."""
    return dtype in FLOATS or dtype.name == "bfloat16"


def number_type(dtype: np.dtype[Any]) -> Callable[[float], Any]:
    """Return the type of the numbers beside arrays of a dtype: np.longdouble for that, else float.

    A float has no dtype of its own, so float32 arrays stay float32.
    """
    return np.longdouble if dtype == LONGDOUBLE else float


def by_rows(a: Array) -> Array:
    """Return ``a`` (..., C) as a matrix (n, C): itself, or a view where it is contiguous."""
    return a if a.ndim == 2 else a.reshape(math.prod(a.shape[:-1]), a.shape[-1])
