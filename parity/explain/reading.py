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
        If the recording does not begin with the parameters of step 0, or has no update.
    """
    before: RecordedStep | None = None
    for step in recording:
        if before is not None:
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
