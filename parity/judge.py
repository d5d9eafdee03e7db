"""Decide what a measured cell means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from parity.compare import Deviation
from parity.deviations import Entry
from parity.result import Status


class Verdict(NamedTuple):
    """A status with its reason, and the register's entry where one had a part in it."""

    status: Status
    reason: str = ""
    entry: str = ""


def judge(
    subject: str,
    backend: str,
    actual: Deviation,
    other: Deviation,
    entries: Sequence[Entry] = (),
    alike: bool = False,
) -> Verdict:
    """Return the verdict on subject and backend, both measured against the oracle.

    ``entries`` are those of the register that cover the cell; ``alike`` says that subject and
    backend agree with one another.
    """
    match actual.within, other.within:
        case True, True:
            verdict = Verdict(Status.PASS)
        case True, False:
            verdict = Verdict(
                Status.FAIL,
                f"sides part: {backend} is outside the bound and {subject} within. One of the two "
                f"formulas is another function. {backend}: {other.worst}",
            )
        case False, True:
            verdict = Verdict(
                Status.FAIL,
                f"{subject} loses accuracy: it is outside the bound and {backend} within. "
                f"{subject}: {actual.worst}",
            )
        case _:
            verdict = Verdict(
                Status.FAIL,
                f"bound in doubt: {subject} and {backend} are both outside; a computation in "
                f"higher precision, by mpmath, has to arbitrate. {subject}: {actual.worst}; "
                f"{backend}: {other.worst}",
            )
    for entry in entries:
        if actual.within and other.within:
            if not entry.always:
                continue
            return Verdict(
                Status.STALE,
                f"the register's entry {entry.id} expects {backend} to differ, and it does not",
                entry.id,
            )
        # A subject that differs just as the backend does follows the backend's convention; refnet,
        # whose own code the oracle is, can only have lost accuracy.
        if not (actual.within or (alike and subject != "refnet")):
            return Verdict(
                Status.FAIL,
                f"the register's entry {entry.id} is about {backend}, and {subject} differs in "
                f"another way. {verdict.reason}",
                entry.id,
            )
        if not (other.within or entry.holds(other)):
            value = float(getattr(other, entry.metric))
            return Verdict(
                Status.FAIL,
                f"the register's entry {entry.id} allows {entry.metric} from {entry.low:g} to "
                f"{entry.high:g}; {backend} has {value:.3g}. {verdict.reason}",
                entry.id,
            )
        return Verdict(Status.KNOWN, entry.reason, entry.id)
    return verdict
