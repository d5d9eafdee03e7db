"""A cell of an optimizer again: its worst element, and its script."""

from __future__ import annotations

from parity.backends import adapter
from parity.case import OptimizerCase
from parity.errors import ReproError
from parity.optimizers import arrays_of, judged, measured, values_of
from parity.report.rows import short
from parity.repro.script import VERSIONS, Wanted, script
from parity.repro.update import Updates, text_of
from parity.repro.worst import Arrays, Worst, table, worst_of
from parity.runner import Task


class OptimizerAgain:
    """One cell of an optimizer, run again.

    Raises
    ------
    SidesError
        If one side raises.
    """

    def __init__(self, task: Task) -> None:
        assert isinstance(task.case, OptimizerCase)
        self.task, self.case = task, task.case
        self.sides = adapter(task.subject), adapter(task.backend)
        sides = judged(self.case, task.dtype, *self.sides, task.seed)
        self.measured = measured(task.dtype, *self.sides, sides)
        arrays: list[Arrays] = []
        for d, side in zip((self.measured.actual, self.measured.other), sides, strict=True):
            lost = d.mismatches and not d.array
            every = (side.updates, side.expected, side.limits, task.dtype)
            arrays.append([] if lost else list(arrays_of(*every)))
        self.worst: Worst | None = worst_of(self.measured, (arrays[0], arrays[1]))

    def words(self) -> str:
        """Return the worst element in words; empty where what differs is none."""
        if self.worst is None:
            return ""
        names = [side.name for side in self.sides]
        rtol = self.measured.rtol
        return table(self.worst, names, self.task.dtype, "unknown" if rtol is None else short(rtol))

    def script(self, words: str, side: int | None = None) -> str:
        """Return the script that shows the difference of a side: 0 is the subject, 1 the backend.

        Raises
        ------
        ReproError
            If what differs is no array, or the side is neither torch nor refnet.
        """
        w = self.worst
        at = 1 if w is None else w.side if side is None else side
        got = None if w is None else w.values[at].get(w.array)
        if w is None or got is None:
            raise ReproError(
                "repro",
                got=f"updates that differ in no array ({self.measured.other.worst})",
                needs="one array in which a side differs",
                cause="`parity repro` without --script says what it shows.",
            )
        params, grads = values_of(self.case, self.task.dtype, self.task.seed)
        of, _, count = w.array.partition(" after update ")
        slot, _, name = of.rpartition(" of ")
        updates = Updates(
            self.case.op,
            self.case.options,
            self.task.dtype,
            params,
            {},
            0,
            grads[: int(count)],
            slot,
            name,
        )
        spec = (self.task.subject, self.task.backend)[at]
        place = w.place if at == w.side else tuple(0 for _ in w.expected.shape)
        wanted = Wanted(w.array, self.task.dtype, got, w.expected, w.limits[at], place)
        title = f"{self.case.op} in {self.task.dtype}: {self.sides[at].name} beside its formula."
        return script(title, words, text_of(updates, spec), wanted, VERSIONS.get(spec, '"own"'))
