"""A cell's difference as a script that stands alone: NumPy and the implementation, no parity."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parity.floats import finfo
from parity.repro.calls import Text
from parity.repro.literals import INLINE, array, packed

Array = NDArray[Any]

_CHECK = """\
# The formula in higher precision, on the same inputs, and the most that rounding can account for.
expected = {expected}
bound = {bound}

print({version})
if kind.removeprefix("torch.") != {dtype!r} or found.shape != expected.shape:
    sys.exit(f"{name} is {{kind}} {{found.shape}} instead of {dtype} {{expected.shape}}")
with np.errstate(all="ignore"):
    got = found.astype(expected.dtype)
    same = (got == expected) | (np.isnan(got) & np.isnan(expected))
    same &= (bound != 0) | (expected != 0) | (np.signbit(got) == np.signbit(expected))
    wrong = ~(same | ((got != expected) & (np.abs(got - expected) <= bound)))
i = {place}
print(f"{name}{{list(i) or ''}} = {{got[i]}}, expected {{expected[i]}} +- {{bound[i]:.2g}}")
print(f"{{wrong.sum()}} of {{wrong.size}} elements are further off than rounding explains")
sys.exit(int(wrong.any()))
"""


# What prints which version of an implementation runs.
VERSIONS = {
    "jax": '"jax", jax.__version__',
    "refnet": '"refnet", rn.__version__',
    "tensorflow": '"tensorflow", tf.__version__',
    "torch": '"torch", torch.__version__',
}
_AS_LONGDOUBLE = ".astype(np.longdouble)"


class Wanted(NamedTuple):
    """What an array should be: its name, the oracle's values, the limits, and its worst element."""

    name: str
    dtype: str
    got: Array
    expected: Array
    limit: Array
    place: tuple[int, ...]


def script(title: str, words: str, text: Text, wanted: Wanted | None, version: str) -> str:
    """Return the script of a call; without ``wanted`` the call is expected to raise.

    ``version`` is an expression that says which version runs.
    """
    quoted = words.replace("\\", "\\\\").replace('"', "'")
    check = "" if wanted is None else _checked(wanted, version)
    body = f"{text.body}\n\n{check}"
    imports = ["import base64"] if "base64." in body else []
    imports += ["import sys"] if "sys." in body else []
    imports += ["import types"] if "types." in body else []
    names = sorted(set(re.findall(r"(?<![\w.'])(inf|nan)\b(?!')", body)))
    imports += [f"from math import {', '.join(names)}"] if names else []
    head = "\n".join(imports)
    return (
        f'"""{title}\n\n{quoted}\n"""\n\nfrom __future__ import annotations\n\n'
        f"{head}{chr(10) * 2 if head else ''}import numpy as np\n{text.imports}\n\n{body}"
    )


def _checked(w: Wanted, version: str) -> str:
    info = finfo(w.dtype)
    wide = w.expected.dtype.type
    with np.errstate(all="ignore"):
        # Where the value may round to infinity, and did.
        threshold = wide(2) ** info.maxexp * (1 - wide(info.epsneg) / 2)
        limit = w.limit
        if w.got.shape == w.expected.shape:
            beyond = np.abs(w.expected) + w.limit >= threshold
            limit = np.where(np.isinf(w.got.astype(wide)) & beyond, np.inf, limit)
    expected = array(w.expected, "np.float64")
    if w.expected.dtype == np.longdouble:  # whose numbers are written as texts
        large = w.expected.size > INLINE
        expected = packed(w.expected) if large else array(w.expected, "str") + _AS_LONGDOUBLE
    return _CHECK.format(
        expected=expected,
        bound=array(limit.astype(np.float64), "np.float64"),
        version=version,
        dtype=w.dtype,
        name=w.name,
        place=tuple(w.place),
    )
