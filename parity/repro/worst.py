"""The worst element of a cell: both values, the oracle's, their errors and the bound."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from tabulate import tabulate

from parity.cells import Measured
from parity.compare import measure
from parity.report.rows import short

Array = NDArray[Any]
Arrays = Sequence[tuple[str, Array, Array, Array]]  # of a side: name, itself, the oracle's, limit


class Worst(NamedTuple):
    """The array and the index at which a side is worst, and each side's arrays by their names."""

    side: int  # 0 for the subject, 1 for the backend
    array: str
    place: tuple[int, ...]
    values: tuple[dict[str, Array], dict[str, Array]]
    expected: Array
    limits: tuple[Array, Array]


def worst_of(measured: Measured, sides: tuple[Arrays, Arrays]) -> Worst | None:
    """Return the worst element of the side that is outside its bound, or nearer to it.

    None where what differs is no element.
    """
    deviations = measured.actual, measured.other
    ranks = [(not d.within, d.mismatches > 0, _size(d.ratio)) for d in deviations]
    side = int(ranks[1] >= ranks[0])
    d = deviations[side]
    values = [{name: got for name, got, _, _ in arrays} for arrays in sides]
    targets = [{name: (value, limit) for name, _, value, limit in arrays} for arrays in sides]
    if d.array not in targets[side]:
        return None
    expected, limit = targets[side][d.array]
    limits = [t.get(d.array, (expected, limit))[1] for t in targets]
    return Worst(side, d.array, d.place, (values[0], values[1]), expected, (limits[0], limits[1]))


def table(w: Worst, names: Sequence[str], dtype: str, rtol: str) -> str:
    """Return the worst element in words."""
    where = f"{w.array}[{', '.join(map(str, w.place))}]" if w.place else w.array
    lines = [f"worst element: {where}"]
    rows = []
    wanted = w.expected[w.place] if w.expected.size else None
    digits = 9 if np.dtype(dtype).itemsize <= 4 else 17
    if wanted is not None:
        rows.append(["oracle", f"{float(wanted):.{digits}g}", "", "", ""])
    for name, values, limit in zip(names, w.values, w.limits, strict=True):
        a = values.get(w.array)
        if a is None:
            rows.append([name, "not computed", "", "", ""])
        elif a.shape != w.expected.shape or a.dtype != np.dtype(dtype) or wanted is None:
            rows.append([name, f"{a.dtype} {a.shape}", "", "", ""])
        else:
            index = (*w.place, None)  # an array of one element, also where there is one alone
            one = measure("", a[index], w.expected[index], limit[index], dtype)
            bound = f"{float(limit[w.place]):.3g}"
            value = f"{float(a[w.place]):.{digits}g}"
            rows.append([name, value, short(one.max_ulp), bound, short(one.ratio)])
    heads = ["", "value", "error in ULP", "bound", "bound used"]
    lines.append(tabulate(rows, headers=heads, tablefmt="plain", disable_numparse=True))
    lines.append(f"the least rtol that would pass, of {' and '.join(names)}: {rtol}")
    return "\n".join(lines)


def _size(ratio: float) -> float:
    return math.inf if math.isnan(ratio) else ratio
