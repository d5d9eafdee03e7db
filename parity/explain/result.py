"""What an explanation says, as plain data."""

from __future__ import annotations

import msgspec

from parity.result import Number

CUT = " (cut off)"  # a recording whose last step is not whole


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was tried: what, whether it explains the difference, and its figure.

    ``figure`` is the largest distance, as a multiple of what rounding does there, and for a whole
    run as one of the twins' envelope; ``limit`` is what two correct runs keep to. ``systems`` have
    it so by convention.
    """

    stage: str
    what: str
    explains: bool
    figure: Number | None = None
    limit: float | None = None
    systems: list[str] = []
    note: str = ""


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """What was found."""

    what: str  # the run, and what it is compared with
    steps: int
    verdict: str
    differs: bool  # by more than rounding does before the horizon
    explained: bool
    causes: list[Cause]  # everything that was tried, in the order in which a step computes things
    horizon: int | None
    onset: int | None  # from which step on the difference grows as it does in the end
    growth: list[Number]  # factors per step, before the onset and after it
    first_flip: int | None  # the first step at which a branch differs, and which
    flip: str
    printed: int | None  # the first step at which parameters printed to 3 decimals show it
    # Step, distance of the parameters, and the twins' envelope where there are twins.
    distances: list[list[Number]]
