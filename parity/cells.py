"""A measured cell, and the frame that every kind of cell is run in."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from parity.backends.base import Adapter
from parity.bounds.base import oracle_dtype
from parity.case import AnyCase
from parity.compare import Deviation
from parity.deviations import Entry
from parity.errors import UnsupportedError
from parity.judge import Verdict, judge
from parity.result import CellResult, Number, Side, Status


class Measured(NamedTuple):
    """The deviations of subject and backend from the oracle in one cell.

    ``rtol`` is the least with which the two would pass as close to one another; None where they
    are samples.
    """

    actual: Deviation
    other: Deviation
    rtol: float | None
    elements: int
    forward_only: bool = False


def cell(
    case: AnyCase,
    dtype: str,
    subject: Adapter,
    backend: Adapter,
    entries: Sequence[Entry],
    run: Callable[[], Measured],
) -> CellResult:
    """Run a cell and judge it; whatever is raised becomes its status."""
    common: dict[str, Any] = {
        "case": case.id,
        "op": case.op,
        "regime": case.regime,
        "dtype": dtype,
        "subject": subject.name,
        "backend": backend.name,
    }
    verdict = lacking(case.op, dtype, subject, backend)
    if verdict is not None:
        return CellResult(**common, status=verdict.status, reason=verdict.reason)
    try:
        measured = run()
    except UnsupportedError as error:
        return CellResult(**common, status=Status.UNSUPPORTED, reason=error.reason)
    except Exception as error:  # a broken implementation is a row, not a crash
        return CellResult(**common, status=Status.ERROR, reason=f"{type(error).__name__}: {error}")
    covering = [e for e in entries if e.covers(case.id, dtype, backend.name)]
    verdict = judge(subject.name, backend.name, measured.actual, measured.other, covering)
    return CellResult(
        **common,
        status=verdict.status,
        reason=verdict.reason,
        deviation=verdict.entry,
        elements=measured.elements,
        forward_only=measured.forward_only,
        actual=side(measured.actual),
        other=side(measured.other),
        rtol=None if measured.rtol is None else number(measured.rtol),
    )


def lacking(op: str, dtype: str, subject: Adapter, backend: Adapter) -> Verdict | None:
    """Return why a cell cannot be run at all, or None if it can."""
    for adapter in (subject, backend):
        if not adapter.has(op):
            return Verdict(Status.UNSUPPORTED, f"{adapter.name} has no {op}")
        reason = adapter.limitation(op, dtype)
        if reason is not None:
            return Verdict(Status.UNSUPPORTED, f"{adapter.name}: {reason}")
    if oracle_dtype(dtype) is None:
        return Verdict(
            Status.ABSENT, f"longdouble is no wider than {dtype} here, so there is no oracle for it"
        )
    return None


def side(d: Deviation) -> Side:
    """Return a deviation as report data."""
    return Side(
        max_abs=number(d.max_abs),
        max_rel=number(d.max_rel),
        max_ulp=number(d.max_ulp),
        ratio=number(d.ratio),
        outside=d.outside,
        mismatches=d.mismatches,
        worst=d.worst,
    )


def number(x: float) -> Number:
    """Return a float as strict JSON has it: finite, or the word for what it is."""
    return float(x) if math.isfinite(x) else str(float(x))
