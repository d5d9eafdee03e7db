"""Decide who stands alone where several sides computed the same case and not all of them agree.

The sides are the subject and every backend that was compared, and refnet, whose code the oracle is,
where the subject is another. Those within their bounds agree with the oracle and so with one
another; those outside agree if they are as close to one another as both bounds allow. The *outlier*
is the side that differs from all others while these agree: a backend, or refnet itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from parity.cells import number
from parity.gate import COMPARED
from parity.result import (
    AnyResult,
    Apart,
    Between,
    CellResult,
    Number,
    Outlier,
    Side,
    Status,
    TrainingResult,
)
from parity.trajectory.lockstep import LIMIT

REFNET = "refnet"  # whose code the oracle is


class Key(NamedTuple):
    """What sides are set beside one another in."""

    case: str
    dtype: str


class Pair(NamedTuple):
    """Two sides that both part from the oracle, to be measured against one another.

    ``step`` is that of a training run at which both first do.
    """

    key: Key
    one: str
    other: str
    step: int = 0


class Stand(NamedTuple):
    """Where one side stands to the oracle in one case."""

    within: bool
    raised: bool = False  # where others computed
    ratio: Number = 0.0
    worst: str = ""
    apart: Apart | None = None  # of a training run


def pairs(results: Sequence[AnyResult]) -> list[Pair]:
    """Return which sides have to be measured against one another to know who agrees with whom.

    Those are the ones outside their bounds, where there are two; training runs that part at another
    step differ without it.
    """
    found = []
    for key, group in _groups(results).items():
        outside = {n: s for n, s in _stands(group).items() if not (s.within or s.raised)}
        for (one, a), (other, b) in combinations(outside.items(), 2):
            steps = [s.apart.step if s.apart else 0 for s in (a, b)]
            if steps[0] == steps[1]:
                found.append(Pair(key, one, other, steps[0]))
    return found


def outliers(results: Sequence[AnyResult], measured: Sequence[CellResult]) -> list[Outlier]:
    """Return every case with at least three sides that do not all agree, in the results' order.

    ``measured`` are the cells of the :func:`pairs`.
    """
    cells: dict[Key, list[CellResult]] = {}
    for c in measured:
        cells.setdefault(Key(c.case, c.dtype), []).append(c)
    found = []
    for key, group in _groups(results).items():
        stands = _stands(group)
        if any(not s.within for s in stands.values()):
            found.append(_outlier(group, stands, cells.get(key, [])))
    return found


def _groups(results: Sequence[AnyResult]) -> dict[Key, list[AnyResult]]:
    """Return the compared results of each case and dtype that has those of several backends."""
    found: dict[Key, list[AnyResult]] = {}
    for r in results:
        if r.status in COMPARED:
            found.setdefault(Key(r.case, r.dtype), []).append(r)
    return {key: group for key, group in found.items() if len(group) > 1}


def _stands(group: Sequence[AnyResult]) -> dict[str, Stand]:
    """Return every side's stand, the oracle's own and the subject's first."""
    subject = group[0].subject
    measured = [r for r in group if _sides(r) is not None]
    stands = {} if subject == REFNET else {REFNET: Stand(within=True)}
    # Where not one cell has numbers, the subject is alone: it raised, or every backend did.
    own = [sides[0] for r in measured if (sides := _sides(r)) is not None]
    stands[subject] = next((s for s in own if not s.within), Stand(within=True))
    for r in group:
        sides = _sides(r)
        stands[r.backend] = Stand(within=False, raised=True) if sides is None else sides[1]
    return stands


def _sides(r: AnyResult) -> tuple[Stand, Stand] | None:
    """Return the stands of subject and backend, or None where one of them raised."""
    if isinstance(r, TrainingResult):
        if not r.compared:
            return None
        return (
            _of_training(r.subject_ratio, r.subject_apart),
            _of_training(r.backend_ratio, r.backend_apart),
        )
    if r.actual is None or r.other is None:
        return None
    return _of_cell(r.actual), _of_cell(r.other)


def _of_cell(side: Side) -> Stand:
    return Stand(side.within, ratio=side.ratio, worst=side.worst)


def _of_training(ratio: Number, apart: Apart | None) -> Stand:
    worst = "" if apart is None else f"first apart at step {apart.step}: {apart.tensor}"
    share = number(float(ratio) / LIMIT)
    return Stand(float(ratio) <= LIMIT, ratio=share, worst=worst, apart=apart)


def _outlier(
    group: Sequence[AnyResult],
    stands: Mapping[str, Stand],
    cells: Sequence[CellResult],
) -> Outlier:
    close = {frozenset((c.subject, c.backend)) for c in cells if c.status is Status.PASS}
    camps = _camps(stands, close)
    alone = [camp[0] for camp in camps if len(camp) == 1]
    first = group[0]
    outside = {name: s for name, s in stands.items() if not s.within}
    name, worst = max(outside.items(), key=lambda item: float(item[1].ratio))
    reasons = [r.reason for r in group if _sides(r) is None]
    return Outlier(
        case=first.case,
        op=first.op,
        dtype=first.dtype,
        outlier=alone[0] if len(camps) == 2 and len(alone) == 1 else "",
        groups=camps,
        status=Status.FAIL if any(r.status is Status.FAIL for r in group) else Status.KNOWN,
        deviations=sorted(
            {r.deviation for r in group if isinstance(r, CellResult) and r.status is Status.KNOWN}
        ),
        ratio=worst.ratio,
        worst=f"{name}: {worst.worst}" if worst.worst else next(iter(reasons), ""),
        between=[_between(c) for c in cells],
    )


def _camps(stands: Mapping[str, Stand], close: Collection[frozenset[str]]) -> list[list[str]]:
    """Return the sides in groups that agree, those within their bounds first."""
    camps = [[name for name, s in stands.items() if s.within]]
    raised = [name for name, s in stands.items() if s.raised]
    apart: list[list[str]] = []
    for name, s in stands.items():
        if s.within or s.raised:
            continue
        for camp in apart:
            if all(frozenset((name, other)) in close for other in camp):
                camp.append(name)
                break
        else:
            apart.append([name])
    return [camp for camp in [*camps, *apart, raised] if camp]


def _between(c: CellResult) -> Between:
    return Between(
        sides=(c.subject, c.backend),
        alike=c.status is Status.PASS,
        ratio=None if c.other is None else c.other.ratio,
        words=c.reason,
    )
