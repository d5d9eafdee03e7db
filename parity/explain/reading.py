"""Read a recording once, a step with the one before it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from parity.errors import SelectionError
from parity.trace import RecordedStep

Taker = Callable[[RecordedStep, RecordedStep], None]


def read(recording: Iterable[RecordedStep], *takers: Taker) -> int:
    """Hand every update, the step before it first, to each taker; return the last step.

    Raises
    ------
    SelectionError
        If the recording does not begin with the parameters of step 0, has no update, or leaves out
        a step or a parameter further on.
    """
    before: RecordedStep | None = None
    for step in recording:
        if before is not None:
            _check_next(before, step)
            for take in takers:
                take(before, step)
        elif step.step != 0 or not step.parameters:
            break
        before = step
    if before is None or before.step == 0:
        raise SelectionError(
            "explain",
            got="a recording without the parameters of step 0, or without an update after it",
            needs="the state before the first update, and at least one update",
            cause="Was the recorder attached after training had begun?",
        )
    return before.step


def _check_next(before: RecordedStep, step: RecordedStep) -> None:
    if step.step != before.step + 1:
        raise SelectionError(
            "explain",
            got=f"a recording with step {step.step} right after step {before.step}",
            needs="every step, since each is checked from the one before it",
            cause="Was only every so many steps recorded? `parity trace compare` takes that.",
        )
    shapes = [{k: p.shape for k, p in s.parameters.items()} for s in (before, step)]
    if shapes[0] != shapes[1]:
        differing = shapes[0].items() ^ shapes[1].items()
        raise SelectionError(
            "explain",
            got=f"a recording in which step {step.step} has other parameters than the step before "
            f"it: {', '.join(sorted({name for name, _ in differing}))}",
            needs="the same parameters after every step",
            cause="Were they recorded at some steps only?",
        )
