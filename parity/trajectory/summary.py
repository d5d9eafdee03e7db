"""What the ratios of a lockstep run come to: for the judge, and for the report."""

from __future__ import annotations

from collections.abc import Sequence

from parity.cells import number
from parity.compare import Deviation
from parity.result import Apart, Tensor
from parity.trajectory.lockstep import LIMIT, Ratio


def deviation(ratios: Sequence[Ratio], side: int) -> Deviation:
    """Return one side's worst ratio as a share of the limit, for the judge."""
    worst = max(ratios, key=lambda r: (r.subject, r.backend)[side])
    value = (worst.subject, worst.backend)[side]
    words = (
        f"{worst.tensor} at step {worst.step} is {value:.3g} times as far from the oracle as "
        f"rounding explains; {LIMIT:g} is the limit"
    )
    first = apart(ratios, side)
    if first is not None:
        words += f"; first apart at step {first.step}: {first.tensor}"
    return Deviation(ratio=value / LIMIT, outside=int(value > LIMIT), elements=1, worst=words)


def apart(ratios: Sequence[Ratio], side: int) -> Apart | None:
    """Return where one side first exceeds the limit, or None if it never does."""
    for r in ratios:
        value = (r.subject, r.backend)[side]
        if value > LIMIT:
            return Apart(step=r.step, tensor=r.tensor, ratio=number(value))
    return None


def by_tensor(ratios: list[Ratio]) -> list[Tensor]:
    """Return each tensor's worst step, worst first."""
    worst: dict[str, Ratio] = {}
    for r in ratios:
        kept = worst.get(r.tensor)
        if kept is None or max(r.subject, r.backend) > max(kept.subject, kept.backend):
            worst[r.tensor] = r
    ordered = sorted(worst.values(), key=lambda r: (-max(r.subject, r.backend), r.tensor))
    return [
        Tensor(
            name=r.tensor,
            step=r.step,
            subject_ratio=number(r.subject),
            backend_ratio=number(r.backend),
        )
        for r in ordered
    ]
