"""A measured cell, and the frame that every kind of cell is run in."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar, cast

from parity.backends.base import Adapter
from parity.bounds.base import oracle_dtype
from parity.case import AnyCase
from parity.compare import Deviation
from parity.deviations import Entry
from parity.errors import SidesError, UnsupportedError
from parity.judge import Verdict, judge
from parity.result import CellResult, Number, Side, Status

T = TypeVar("T")
O = TypeVar("O")  # noqa: E741


class Measured(NamedTuple):
    """The deviations of subject and backend from the oracle in one cell.

    ``rtol`` is the least with which the two would pass as close to one another; None where they
    are samples. ``rounds_between`` names the sides that round to a half type between kernels.
    """

    actual: Deviation
    other: Deviation
    rtol: float | None
    elements: int
    forward_only: bool = False
    alike: bool = False  # whether the two are as close to one another as both bounds allow
    rounds_between: tuple[str, ...] = ()


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
    measured = framed(case.op, dtype, subject, backend, run)
    if isinstance(measured, Verdict):
        return CellResult(**common, status=measured.status, reason=measured.reason)
    covering = [e for e in entries if e.covers(case.id, dtype, backend.name)]
    verdict = judge(
        subject.name, backend.name, measured.actual, measured.other, covering, measured.alike
    )
    return CellResult(
        **common,
        status=verdict.status,
        reason=verdict.reason,
        deviation=verdict.entry,
        elements=measured.elements,
        forward_only=measured.forward_only,
        rounds_between=list(measured.rounds_between),
        actual=side(measured.actual),
        other=side(measured.other),
        rtol=None if measured.rtol is None else number(measured.rtol),
    )


def framed(
    op: str, dtype: str, subject: Adapter, backend: Adapter, run: Callable[[], T]
) -> T | Verdict:
    """Return what ``run`` returns, or the verdict on a cell that cannot be run or raises."""
    try:
        return _lacking(op, dtype, subject, backend) or run()
    except UnsupportedError as error:
        return Verdict(Status.UNSUPPORTED, error.reason)
    except SidesError as error:
        return Verdict(Status.FAIL, str(error))
    except (Exception, SystemExit) as error:  # a broken implementation is a row, not a crash
        return Verdict(Status.ERROR, f"{type(error).__name__}: {error}")


def both(
    subject: Adapter,
    backend: Adapter,
    oracle: Callable[[], O],
    run: Callable[[Adapter, O | None], T],
) -> tuple[O, T, T]:
    """Return what the oracle, the subject and the backend give.

    ``run`` is handed what the oracle gave, or None where it raised.

    Raises
    ------
    SidesError
        If one of subject and backend raises and the other does not: the sides part. The oracle is
        refnet, so its exception counts as the subject's where refnet is the subject.
    """
    expected, error = _attempt(oracle)
    if error is not None and subject.name != "refnet":
        raise error
    mine, mine_raised = _attempt(lambda: run(subject, expected))
    theirs, theirs_raised = _attempt(lambda: run(backend, expected))
    mine_raised = mine_raised or error
    if mine_raised is not None and theirs_raised is not None:
        raise mine_raised
    for adapter, alone in ((subject, mine_raised), (backend, theirs_raised)):
        if alone is not None:
            raise raised_alone(adapter.name, alone) from alone
    return cast(O, expected), cast(T, mine), cast(T, theirs)


def blamed(name: str, task: Callable[[], T]) -> T:
    """Return what ``task`` makes of one side's results; whatever it raises is that side's."""
    try:
        return task()
    except Exception as error:
        raise raised_alone(name, error) from error


def raised_alone(name: str, error: BaseException) -> SidesError:
    """Return the error that says that one side raised where the other computed."""
    return SidesError(
        "sides part",
        got=f"{type(error).__name__} from {name} ({error})",
        needs="a result, as the other side gives",
        cause="Is an array transposed, or a shape computed from the wrong axis?",
    )


def _attempt(task: Callable[[], T]) -> tuple[T | None, BaseException | None]:
    try:
        return task(), None
    except UnsupportedError:
        raise
    except (Exception, SystemExit) as error:  # whatever an implementation may raise
        return None, error


def _lacking(op: str, dtype: str, subject: Adapter, backend: Adapter) -> Verdict | None:
    """Return why a cell cannot be run at all, or None if it can."""
    if subject is backend:
        return Verdict(Status.ABSENT, f"{subject.name} beside itself: there is no independent side")
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
