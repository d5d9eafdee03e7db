"""The table of the elementary functions, as Markdown."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence

from tabulate import tabulate

from parity.case import Case
from parity.deviations import load
from parity.elementary.measure import SIDES, Difference, Row, Side, Task
from parity.registry import all_cases
from parity.run import cpu_features

# refnet computes the half types in float32 and rounds once. k ulp of float32 are k 2^-13 ulp of
# float16 and k 2^-16 of bfloat16: this allows for an error of 80 ulp in float32.
LIMIT = 0.51

COLUMNS = ("largest error", "at", "rounded right", "differ in kind")

READING = """\
Every function is evaluated at all 65,536 float16 and all 65,536 bfloat16 numbers, by refnet and by
PyTorch, and compared with the exact value, which mpmath gives from a definition of its own
(parity/elementary/functions.py), to as many bits as it takes to see what it rounds to.

- *largest error*: in ulp, units in the last place of the exact value; below the normal numbers that
  is the distance of the subnormal ones. 0.5 is what one rounding does. refnet computes in float32
  and rounds once: an error of k ulp there adds k 2^-13 in float16 and k 2^-16 in bfloat16.
- *at*: the input of the largest error.
- *rounded right*: the share of results that are the exact value's correct rounding, to nearest and
  to even in a tie. Infinity is right where the exact value is at least half an ulp beyond the
  largest number, as IEEE 754 has it. Equal zeros count as equal; PyTorch's of another sign are
  listed below. (Half of bfloat16's subnormal x have a tie at x / 2; gelu(x) and silu(x) lie beside
  it by less than float32 can tell, and are rounded as the tie is.)
- *differ in kind*: results that are NaN or infinite and should not be, or are not and should be.
  They have no error in ulp. An input that is NaN, by any of its bit patterns (2,046 in float16, 254
  in bfloat16), has to give NaN. At infinite inputs the exact value is the limit."""

DERIVATIVES = """\
The VJP with dy = 1, at every number but NaN, where it is a convention, as it is at kinks: there the
exact value is what the operation's documentation says. refnet takes the derivatives of sigmoid and
tanh from their results, y (1 - y) and 1 - y^2, as PyTorch does: these cancel next to 1. Their error
is small beside 1, not beside the derivative, so that it is large in ulp. Near a zero of the
derivative, those of gelu and mish have a little more error than their rounding."""

KINDS = """\
Every result of PyTorch that differs in kind, and every zero of another sign than refnet's.
*register* names the entries of parity/deviations.toml on results of the function that differ
altogether."""


def report(rows: Sequence[Row], versions: Mapping[str, str]) -> str:
    """Return the tables with what they show."""
    every = max(r.task.every for r in rows)
    parts = [
        "# Elementary functions at every number of the half types",
        f"**{summary(rows)}**",
        f"Here only at every {every}th number." if every > 1 else "",
        READING,
        ", ".join([*(f"{name} {v}" for name, v in versions.items()), *_machine()]) + ".",
        "## Values",
        _table([r for r in rows if not r.task.derivative]),
        "## Derivatives",
        DERIVATIVES,
        _table([r for r in rows if r.task.derivative]),
        "## Where PyTorch differs in kind",
        KINDS,
        _kinds(rows),
        "Written by `python -m parity.elementary --out FILE`.",
    ]
    return "\n\n".join(part for part in parts if part)


def failures(rows: Sequence[Row]) -> list[Row]:
    """Return the rows in which refnet's values are off by more than rounding, or in kind."""
    return [
        r
        for r in rows
        if not r.task.derivative
        and not (r.sides["refnet"].worst < LIMIT and not r.sides["refnet"].kinds)
    ]


def summary(rows: Sequence[Row]) -> str:
    """Return in a sentence for each implementation what the values show."""
    values = [r for r in rows if not r.task.derivative]
    return " ".join(_sentence(side, values) for side in SIDES)


def _sentence(side: str, rows: Sequence[Row]) -> str:
    worst = max(rows, key=lambda r: r.sides[side].worst)
    right, inputs = sum(r.sides[side].right for r in rows), sum(r.inputs for r in rows)
    differing = sum(r.sides[side].differing for r in rows)
    return (
        f"In {side} at most {ulp(worst.sides[side].worst)} ulp ({worst.task.name}, "
        f"{worst.task.dtype}), {share(right, inputs)} of {inputs:,} values correctly rounded, "
        f"{f'{differing:,}' if differing else 'none'} different in kind."
    )


def _table(rows: Sequence[Row]) -> str:
    cells = [
        [r.task.name, r.task.dtype, *(c for s in SIDES for c in _side(r.sides[s], r.inputs))]
        for r in rows
    ]
    names = ["function", "dtype", *(f"{side}: {c}" for side in SIDES for c in COLUMNS)]
    return _markdown(cells, names)


def _side(side: Side, inputs: int) -> list[str]:
    return [
        ulp(side.worst),
        f"{side.at:.6g}" if side.worst else "",
        share(side.right, inputs),
        f"{side.differing:,}",
    ]


def ulp(error: float) -> str:
    """Return an error in ulp, to five decimals where it is about one rounding.

    Examples
    --------
    >>> ulp(0.0), ulp(0.50004), ulp(1.43578), ulp(246.62)
    ('0', '0.50004', '1.44', '247')
    """
    if not error:
        return "0"
    return f"{error:.5f}" if error < 1 else f"{error:.2f}" if error < 10 else f"{error:,.0f}"


def share(part: int, whole: int) -> str:
    """Return a share in per cent, rounded down: 100 % is all of them.

    Examples
    --------
    >>> share(65535, 65536), share(65536, 65536)
    ('99.998 %', '100 %')
    """
    return "100 %" if part == whole else f"{part * 100_000 // whole / 1000:.3f} %"


def _kinds(rows: Sequence[Row]) -> str:
    cells = []
    for r in rows:
        cells += [
            [
                f"{r.task.name}, derivative" if r.task.derivative else r.task.name,
                r.task.dtype,
                _where(d),
                f"{d.inputs:,}",
                d.exact,
                d.got,
                ", ".join(registered(r.task)),
            ]
            for d in (*r.sides["torch"].kinds, *r.sides["torch"].zeros)
        ]
    return _markdown(
        cells, ["function", "dtype", "inputs", "count", "exact", "PyTorch", "register"]
    )


def registered(task: Task) -> list[str]:
    """Return what the register has of a function in PyTorch: results that differ altogether.

    Only with the same options, whatever their values.
    """
    f = task.function
    cases = [
        c
        for c in all_cases()
        if isinstance(c, Case) and (c.op, set(c.options)) == (f.op, set(f.options))
    ]
    return [
        e.id
        for e in load()
        if e.metric == "differing" and any(e.covers(c.id, task.dtype, "torch") for c in cases)
    ]


def _where(d: Difference) -> str:
    return f"{d.low:.6g}" if d.inputs == 1 or d.low != d.low else f"{d.low:.6g} to {d.high:.6g}"


def _markdown(rows: Sequence[Sequence[str]], names: Sequence[str]) -> str:
    return str(tabulate(rows, headers=list(names), tablefmt="github", disable_numparse=True))


def _machine() -> list[str]:
    return [f"{platform.system()} {platform.machine()}", " ".join(cpu_features())]
