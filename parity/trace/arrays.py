"""Values of any framework as plain arrays, and the dtypes that a recording holds."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

from parity.errors import UnrecordableError
from refnet.admission import as_array

Array = NDArray[Any]

PLAIN = (
    "bool",
    *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "bfloat16", "float32", "float64", "complex64", "complex128"),
)
# x86's extended precision: 10 bytes in 16. Where longdouble is another format it has no name here.
FLOAT80 = "float80"
HAS_FLOAT80 = np.finfo(np.longdouble).nmant == 63 and np.dtype(np.longdouble).itemsize == 16
DTYPES: dict[str, np.dtype[Any]] = {name: np.dtype(name) for name in PLAIN}
if HAS_FLOAT80:
    DTYPES[FLOAT80] = np.dtype(np.longdouble)
_NAMES = {dtype: name for name, dtype in DTYPES.items()}


def dtype_name(dtype: np.dtype[Any]) -> str | None:
    """Return a dtype's name in recordings, or None if they do not hold it."""
    return _NAMES.get(dtype)


def as_plain(name: str, value: Any) -> Array:
    """Return a value as an array in native byte order: it may share the value's memory.

    Takes arrays, numbers, what has ``__array__``, and tensors of PyTorch on any device, with or
    without a gradient, bfloat16 and sparse ones included; PyTorch is not imported for it.

    Raises
    ------
    UnrecordableError
        If its dtype is none of a recording's, such as objects, texts and dates.
    DtypeError, ShapeError
        If it is a masked array, or ragged.
    """
    a = as_array("Recorder", name, _from_tensor(name, value) if _is_tensor(value) else value)
    if dtype_name(a.dtype) is None:
        raise UnrecordableError(
            "Recorder",
            got=f"{name} of dtype {a.dtype}",
            needs=f"one of {', '.join(DTYPES)}",
            cause="Is it a list of mixed things, or a text? Those belong into the info.",
        )
    return a


def _is_tensor(value: Any) -> bool:
    return hasattr(value, "detach") and hasattr(value, "numpy")


def _from_tensor(name: str, tensor: Any) -> Array:
    try:
        tensor = tensor.detach()
        if str(tensor.layout) != "torch.strided":
            tensor = tensor.to_dense()
        if str(tensor.dtype) == "torch.bfloat16":  # which NumPy does not know
            bits: Array = tensor.view(tensor.new_empty(0).short().dtype).numpy(force=True)
            return bits.view(ml_dtypes.bfloat16)
        found: Array = tensor.numpy(force=True)
    except (TypeError, RuntimeError, AttributeError) as error:
        raise UnrecordableError(
            "Recorder",
            got=f"{name}, a tensor that gives no array ({error})",
            needs="a tensor with values, of a dtype that NumPy or ml_dtypes knows",
            cause="Is it quantised, or on the device 'meta'?",
        ) from error
    return found


def to_bytes(a: Array) -> memoryview:
    """Return the array's bytes in C order, little-endian: its own memory where that is so already.

    Examples
    --------
    >>> to_bytes(np.array([[1, 2], [3, 4]], ">u2").T).hex(" ")
    '01 00 03 00 02 00 04 00'
    """
    little = np.asarray(a, a.dtype.newbyteorder("<"), order="C")
    raw: NDArray[np.uint8] = little.reshape(-1).view(np.uint8)
    if HAS_FLOAT80 and a.dtype == np.longdouble:  # six of its sixteen bytes are whatever was there
        rows = raw.reshape(-1, 16).copy()
        rows[:, 10:] = 0
        return rows.reshape(-1).data
    return raw.data
