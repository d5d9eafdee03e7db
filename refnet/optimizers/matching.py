"""What parameters are, and gradients and slots that match them; refusals of what does not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from refnet.arrays import FLOAT32, FLOAT64, Array, is_float
from refnet.errors import ArgumentError, DtypeError, ShapeError

Params = Mapping[str, Array]


def parameters(op: str, values: Any) -> Params:
    """Return parameters as plain arrays of floats, or refuse them."""
    params = _arrays(op, "params", values)
    for name, p in params.items():
        dtype = p.dtype
        if not (dtype is FLOAT32 or dtype is FLOAT64 or is_float(dtype)):
            raise DtypeError(
                op,
                got=f"params[{name!r}] of dtype {dtype}",
                needs="float16, bfloat16, float32, float64 or longdouble",
                cause="Parameters are floats, in the machine's byte order.",
            )
    return params


def matching(op: str, kind: str, params: Params, values: Any) -> Params:
    """Return gradients or a slot as plain arrays of the parameters' names, shapes and dtypes."""
    found = _arrays(op, kind, values)
    if found.keys() != params.keys():
        missing = sorted(params.keys() - found.keys())
        extra = sorted(found.keys() - params.keys())
        raise ArgumentError(
            op,
            got=f"{kind} without {missing} and with {extra} beside the parameters",
            needs=f"one entry in {kind} for each parameter",
            cause="Do they belong to another network, or was init() not called on these?",
        )
    for name, p in params.items():
        v = found[name]
        if v.shape != p.shape:
            raise ShapeError(
                op,
                got=f"{kind}[{name!r}] of shape {v.shape} for a parameter of shape {p.shape}",
                needs="the same shape",
                cause="Was it summed over the wrong axis, or transposed?",
            )
        if not (v.dtype is p.dtype or v.dtype == p.dtype):
            raise DtypeError(
                op,
                got=f"{kind}[{name!r}] of dtype {v.dtype} for a parameter of dtype {p.dtype}",
                needs="one dtype",
                cause="Is an .astype() missing?",
            )
    return found


def _arrays(op: str, kind: str, values: Any) -> Params:
    """Return a mapping of arrays: itself, or with subclasses and NumPy scalars as plain arrays."""
    if not isinstance(values, Mapping):
        raise ArgumentError(
            op,
            got=f"{kind} of type {type(values).__name__}",
            needs=f"{kind} as a mapping from name to array",
            cause="Are they a list, or an array by itself?",
        )
    for v in values.values():
        if type(v) is not np.ndarray:
            return {name: _array(op, kind, name, v) for name, v in values.items()}
    return values


def _array(op: str, kind: str, name: str, v: Any) -> Array:
    if isinstance(v, np.ma.MaskedArray):
        raise DtypeError(
            op,
            got=f"{kind}[{name!r}] as a masked array",
            needs="plain arrays",
            cause="Its mask would be lost: use .filled(value).",
        )
    if not isinstance(v, np.ndarray | np.generic):
        raise DtypeError(
            op,
            got=f"{kind}[{name!r}] of type {type(v).__name__}",
            needs="NumPy arrays",
            cause="Is an np.asarray() missing?",
        )
    return np.asarray(v)
