"""Arrays and options as Python's text, exact to the last bit."""

from __future__ import annotations

import base64
import re
import textwrap
from typing import Any

import numpy as np
from numpy.typing import NDArray

INLINE = 2000  # elements of an array that is written out; a larger one is written as its bytes
WIDTH = 96


def numbers(a: NDArray[Any]) -> str:
    """Return the elements of an array as nested lists; NaN and infinities as ``nan`` and ``inf``.

    Floats are the shortest decimals that are read back as the same number, in whatever dtype the
    list becomes an array of.

    Examples
    --------
    >>> import numpy as np
    >>> numbers(np.array([[0.1, -np.inf], [2.0, np.nan]], np.float32))
    '[[0.1, -inf], [2.0, nan]]'
    """
    text = _text(a)
    return textwrap.fill(
        text, WIDTH, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
    )


def _text(a: NDArray[Any]) -> str:
    if a.ndim:
        return f"[{', '.join(map(_text, a))}]"
    value: Any = a[()]
    if a.dtype.kind in "biu":
        return str(value.item())
    if not np.isfinite(value):
        return str(float(value))
    if a.dtype == np.longdouble and a.dtype.itemsize > 8:
        return f"'{np.format_float_scientific(value, unique=True)}'"
    # The halves are read by way of wider formats, which may round twice: they are written in full.
    short = str(value) if a.dtype.itemsize > 2 else ""
    if short and a.dtype.type(float(short)) == value:
        return repr(float(short))
    return repr(float(value))


def array(a: NDArray[Any], dtype: str) -> str:
    """Return the text of an array as NumPy's ``np.array(..., dtype)``."""
    if a.size > INLINE:
        return f"{packed(a)}.astype({dtype})"
    made = f"np.array({numbers(a)}, {dtype})"
    return made if a.size else f"{made}.reshape({a.shape})"


def packed(a: NDArray[Any]) -> str:
    """Return the text of a large array, of a dtype that NumPy has: its bytes, in base 64."""
    if a.dtype.name == "bfloat16":
        a = a.astype(np.float32)
    data = textwrap.fill(base64.b64encode(np.ascontiguousarray(a).tobytes()).decode(), WIDTH)
    return f'np.frombuffer(base64.b64decode("""\n{data}\n"""), "{a.dtype.str}").reshape({a.shape})'


def option(value: Any) -> str:
    """Return the text of an option that is no array.

    Examples
    --------
    >>> import numpy as np
    >>> option((1, "SAME")), option(np.dtype("float32")), option(float("-inf"))
    ("(1, 'SAME')", "np.dtype('float32')", '-inf')
    """
    return f"np.dtype({value.name!r})" if isinstance(value, np.dtype) else repr(value)


def identifier(name: str) -> str:
    """Return a name that a variable may have."""
    return re.sub(r"\W+", "_", name).strip("_")
