"""What an operation takes as an input, and the half types' detour through float32."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from refnet.arrays import COMPLEXES, FLOAT32, FLOAT64, Array, is_float, is_half
from refnet.errors import ArgumentError, DtypeError, ShapeError

_INDEX = np.dtype(np.intp)


class Signature(NamedTuple):
    """What an operation takes: its name, its inputs by name, and which dtypes they may have.

    The first ``required`` inputs must be given. Those in ``integer`` hold class numbers or
    indices; with ``either`` they may hold floats instead, with ``bools`` bools. ``analytic``
    operations take complex arrays too.
    """

    operation: str
    inputs: tuple[str, ...]
    required: int
    integer: frozenset[str]
    either: bool
    bools: bool
    analytic: bool


def admitted(
    s: Signature, inputs: tuple[Any, ...]
) -> tuple[list[Any], list[Any], np.dtype[Any] | None]:
    """Return the inputs as arrays of one dtype, their shapes, and the half type they were of.

    Inputs left out are None, and so are their shapes. The half types are widened to float32; for
    any other dtype the last value is None. Whatever is wrong with an input raises before any of
    them is used.
    """
    n = len(inputs)
    if n and s.required <= n <= len(s.inputs):  # the common case, in as few steps as possible
        dtype = getattr(inputs[0], "dtype", None)
        if dtype is FLOAT32 or dtype is FLOAT64:
            shapes = []
            for name, a in zip(s.inputs, inputs, strict=False):
                if type(a) is not np.ndarray:
                    break
                if name in s.integer:
                    if a.dtype is not _INDEX and not (s.either and a.dtype is dtype):
                        break
                elif a.dtype is not dtype:
                    break
                shapes.append(a.shape)
            else:
                left_out: list[None] = [None] * (len(s.inputs) - n)
                return [*inputs, *left_out], [*shapes, *left_out], None
    if not s.required <= n <= len(s.inputs):
        raise ArgumentError(
            s.operation,
            got=f"{n} positional argument(s)",
            needs=f"the inputs {', '.join(s.inputs)}"
            + f", the last {len(s.inputs) - s.required} optional" * (s.required < len(s.inputs)),
            cause="Options such as axis or reduction are passed by keyword.",
        )
    arrays: list[Array | None] = []
    common: np.dtype[Any] | None = None
    for position, (name, value) in enumerate(zip(s.inputs, inputs, strict=False)):
        if value is None and position >= s.required:
            arrays.append(None)
            continue
        a = as_array(s.operation, name, value)
        arrays.append(a)
        if name in s.integer and a.dtype.kind in ("biu" if s.bools else "iu"):
            continue
        _check_dtype(s, name, a.dtype)
        if common is not None and a.dtype != common:
            raise DtypeError(
                s.operation,
                got=f"{name} of dtype {a.dtype} beside {s.inputs[0]} of dtype {common}",
                needs="one dtype throughout",
                cause="Is an .astype() missing? NumPy makes float64 unless told otherwise.",
            )
        common = a.dtype
    arrays += [None] * (len(s.inputs) - n)
    half = common if common is not None and is_half(common) else None
    return (
        arrays if half is None else [widened(a) for a in arrays],
        [None if a is None else a.shape for a in arrays],
        half,
    )


def widened(value: Any) -> Any:
    """Return an array of a half type as float32, and anything else as it is."""
    if isinstance(value, np.ndarray) and is_half(value.dtype):
        return value.astype(FLOAT32)
    return value


def as_array(operation: str, name: str, value: Any) -> Array:
    """Return ``value`` as a plain array in native byte order."""
    if isinstance(value, np.ma.MaskedArray):
        raise DtypeError(
            operation,
            got=f"{name} as a masked array",
            needs=f"{name} as a plain array",
            cause="Its mask would be lost: use .filled(value).",
        )
    try:
        a = np.asarray(value)
    except ValueError as error:
        raise ShapeError(
            operation,
            got=f"{name} as a sequence that is no array",
            needs=f"{name} as an array, every row of one length",
            cause=f"Are the rows ragged? NumPy says: {error}",
        ) from error
    return a if a.dtype.isnative else a.astype(a.dtype.newbyteorder("="))


def _check_dtype(s: Signature, name: str, dtype: np.dtype[Any]) -> None:
    integer = name in s.integer
    if (is_float(dtype) or (s.analytic and dtype in COMPLEXES)) and (s.either or not integer):
        return
    if integer and not s.either:
        raise DtypeError(
            s.operation,
            got=f"{name} of dtype {dtype}",
            needs=f"{name} of bools or of an integer dtype"
            if s.bools
            else f"{name} of an integer dtype",
            cause="Is a comparison missing, such as x > 0?"
            if s.bools
            else "Were labels read as floats, or passed as rows of probabilities?",
        )
    raise DtypeError(
        s.operation,
        got=f"{name} of dtype {dtype}",
        needs=f"{name} of dtype float16, bfloat16, float32, float64 or longdouble"
        + ", or complex" * s.analytic
        + ", or integer class numbers" * integer,
        cause="Class numbers: use .astype(np.int64)."
        if integer
        else "Integers and bools are not promoted: use .astype(np.float64), say.",
    )
