"""A cell of an operation again: its worst element, its inputs shrunk, and its script."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from parity.backends import adapter
from parity.backends.base import results
from parity.backends.refnet import RefnetAdapter
from parity.bounds.base import oracle_dtype
from parity.case import Case
from parity.cells import Measured
from parity.errors import ReproError, SidesError
from parity.inputs import drawn
from parity.operations import arrays_of, cast, cast_options, cotangents_of, judged, measured
from parity.report.rows import short
from parity.repro.calls import Call, text_of
from parity.repro.literals import identifier
from parity.repro.script import VERSIONS, Wanted, script
from parity.repro.shrink import Failing, Shrunk, shrink
from parity.repro.worst import Worst, table, worst_of
from parity.runner import Task

# What the judge makes of a cell: which sides are within, which differ in kind and which in arrays;
# or who raised what.
Kind = tuple[Any, ...]


class Seen(NamedTuple):
    """What a cell shows for inputs: its measures and worst element, or who alone raised what."""

    kind: Kind
    measured: Measured | None = None
    worst: Worst | None = None
    raised: SidesError | None = None


class OperationAgain:
    """One cell of an operation, to be run on its own inputs and on smaller ones."""

    def __init__(self, task: Task) -> None:
        assert isinstance(task.case, Case)
        self.task, self.case = task, task.case
        self.sides = adapter(task.subject), adapter(task.backend)
        make = cotangents_of(self.case, task.dtype, task.seed)
        self.whole = Failing(drawn(self.case, task.dtype, task.seed), make)

    def seen(self, failing: Failing) -> Seen | None:
        """Return what the cell shows for inputs; None where nobody can be judged by them."""
        op, dtype = self.case.op, self.task.dtype
        try:
            sides = judged(op, dtype, *self.sides, failing.given, failing.dys())
            found = measured(dtype, *self.sides, sides, vjp=failing.make is not None)
        except SidesError as error:
            return Seen(("raises", *error.got.split(" (")[:1]), raised=error)
        except (Exception, SystemExit):  # inputs that the operation does not take
            return None
        d = found.actual, found.other
        kind = tuple((x.within, x.mismatches > 0, bool(x.array)) for x in d)
        # Of a side whose arrays are others than those asked for none can be matched.
        mine, theirs = (
            [] if x.mismatches and not x.array else arrays_of(side)
            for x, side in zip(d, sides, strict=True)
        )
        return Seen(kind, found, worst_of(found, (mine, theirs)))

    def words(self) -> str:
        """Return the worst element of the cell in words; empty where there is none."""
        seen = self.seen(self.whole)
        if seen is None or seen.measured is None or seen.worst is None:
            return ""
        names = [side.name for side in self.sides]
        rtol = "unknown" if seen.measured.rtol is None else short(seen.measured.rtol)
        return table(seen.worst, names, self.task.dtype, rtol)

    def shrunk(self) -> Shrunk:
        """Return the smallest inputs on which the cell differs in the same way; else its own."""
        seen = self.seen(self.whole)
        differs = seen is not None and (seen.raised or not self._passes(seen))
        if seen is None or not differs:
            return Shrunk(self.whole, 0)
        wanted = seen.kind

        def fails(candidate: Failing) -> bool:
            found = self.seen(candidate)
            return found is not None and found.kind == wanted

        return shrink(self.whole, fails, self._shape)

    def sizes(self, failing: Failing) -> str:
        """Return the shapes of inputs in words: x (3, 4), w (4, 5)."""
        inputs = self._named(failing)
        return ", ".join(f"{n} {'none' if a is None else a.shape}" for n, a in inputs.items())

    def script(self, failing: Failing, words: str, side: int | None = None) -> str:
        """Return the script that shows the difference of a side: 0 is the subject, 1 the backend.

        By default it is the side that is outside its bound, and the backend if both are.

        Raises
        ------
        ReproError
            If what differs is no array, nobody could be judged, or the source is not to be had.
        """
        seen = self.seen(failing)
        dtype = self.task.dtype
        if seen is None:
            raise self._refused("a cell in which nobody can be judged")
        if seen.raised is not None:
            at = int(f" from {self.sides[1].name} (" in seen.raised.got)
            call = self._call(failing, "", failing.dys() is not None, None)
            return self._written(at, call, None, words)
        if seen.worst is None:
            raise self._refused(f"a cell that differs in no array ({self._what(seen)})")
        at = seen.worst.side if side is None else side
        name, place = seen.worst.array, seen.worst.place
        if side is not None and side != seen.worst.side:
            place = tuple(0 for _ in seen.worst.expected.shape)
        got = seen.worst.values[at].get(name)
        if got is None:
            raise self._refused(f"{name}, which {self.sides[at].name} does not compute")
        index = int(name.rpartition(" ")[2]) if " for cotangent " in name else None
        of = name.partition(" ")[0].removeprefix("d") if index is not None else ""
        number = int(name[2:-1]) if name.startswith("y[") else None
        if name == "y" and isinstance(self._shape(failing), list):  # a tuple of one
            number = 0
        call = self._call(failing, of, index is not None, index, number)
        wanted = Wanted(name, dtype, got, seen.worst.expected, seen.worst.limits[at], place)
        return self._written(at, call, wanted, words)

    def _passes(self, seen: Seen) -> bool:
        m = seen.measured
        return m is not None and m.actual.within and m.other.within

    def _what(self, seen: Seen) -> str:
        m = seen.measured
        return "" if m is None else f"{m.actual.worst}; {m.other.worst}"

    def _written(self, at: int, call: Call, wanted: Wanted | None, words: str) -> str:
        spec = (self.task.subject, self.task.backend)[at]
        title = f"{self.case.op} in {self.task.dtype}: {self.sides[at].name} beside its formula."
        return script(title, words, text_of(call, spec), wanted, VERSIONS.get(spec, '"own"'))

    def _call(
        self, failing: Failing, of: str, vjp: bool, index: int | None, result: int | None = None
    ) -> Call:
        dys = failing.dys()
        dy = None
        if vjp and dys is not None:
            try:
                dy = dys(self._shape(failing))[index or 0]
            except (Exception, SystemExit):  # refnet raises already in the forward pass
                dy = None
        inputs = self._named(failing)
        given, options = failing.given, {**failing.given.options}
        return Call(
            self.case.op,
            self.task.dtype,
            inputs,
            options,
            given.layouts,
            dy,
            identifier(of),
            result,
        )

    def _named(self, failing: Failing) -> dict[str, Any]:
        """Return the inputs by names that variables may have."""
        inputs = failing.given.inputs
        names, _ = RefnetAdapter.signature(self.case.op, len(inputs))
        return {identifier(n): a for n, a in zip(names, inputs, strict=False)}

    def _shape(self, failing: Failing) -> Any:
        """Return the shapes of the results, in the oracle."""
        wide = oracle_dtype(self.task.dtype)
        assert wide is not None
        inputs, options = failing.given.fresh()
        wide_options = cast_options(options, wide)
        with np.errstate(all="ignore"):
            y = RefnetAdapter().run(self.case.op, cast(inputs, wide), wide_options, None).y
        return [v.shape for v in results(y)] if isinstance(y, tuple) else y.shape

    def _refused(self, what: str) -> ReproError:
        return ReproError(
            "repro",
            got=what,
            needs="one array in which a side differs",
            cause="`parity repro` without --script says what it shows.",
        )
