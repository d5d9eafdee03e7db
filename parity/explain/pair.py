"""What explains the difference of two recordings of any loops: the second from the first.

There is no model to run here. What is known is what was recorded, and, where the first recording
says which optimizer it is of, its update rule.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from parity.backends.base import Array, Values, cast_values
from parity.cells import number
from parity.explain import causes
from parity.explain.described import optimizer_of
from parity.explain.distance import PRINTED, largest_gap, multiple_of
from parity.explain.inputs import sorted_rows
from parity.explain.onset import Onset, onset
from parity.explain.reading import read
from parity.explain.result import Cause, Explanation
from parity.explain.start import roundings, same
from parity.explain.updates import Replay, rules_tried
from parity.explain.verdict import UNEXPLAINED, capital, of_update
from parity.trace import RecordedStep, Recording
from parity.trace.align import Alignment, paired
from parity.trace.compare import compare
from parity.trajectory.free_running import flipped_branch, relative_distance
from parity.trajectory.lockstep import LIMIT

CLOSE = 1e-3  # relative distance of parameters up to which gradients are compared
SAME = 1e-2  # relative distance of gradients at such parameters
NEAR = 3  # steps before and after, among which a batch that was read early or late is looked for


def explain_pair(
    a: Recording,
    b: Recording,
    optimizer: str | None = None,
    rename: Mapping[str, str] | None = None,
) -> Explanation:
    """Return what explains the difference of recording b from recording a.

    Parameters
    ----------
    a, b : Recording
        Of the same training, with the parameters of step 0. Weights of the other order of axes are
        put in order.
    optimizer : str, optional
        What a used, as a spec such as "adam(lr=0.001)"; by default what its info says.
    rename : mapping, optional
        What a calls ``old``, b calls ``new``; see ``parity trace compare``.

    Raises
    ------
    OptionError
        If the spec names no optimizer.
    SelectionError
        If a recording does not begin with the parameters of step 0, or has no update, or they have
        no step in common.
    """
    rule = optimizer_of(a, optimizer)
    beside = _Beside()
    with np.errstate(all="ignore"):
        for mine, theirs in paired(a, b, Alignment(a, rename)):
            beside(a, mine, theirs)
        steps = read(b)
        update = None if rule is None else Replay(rule, beside.dtype, LIMIT)
        rules = []
        if update is not None:
            read(b, update)
            rules = rules_tried(update, b, beside.dtype)
    tried = beside.causes()
    if update is None:
        what = "no optimizer is known: hand over --optimizer"
        tried.append(Cause(stage="update", what=what, explains=False))
    else:
        tried += causes.of_update(update, rules, ())
    found = list(beside.faults)
    if update is not None and not update.agrees:
        found.append(of_update(*(c for c in tried if c.stage == "update")))
    distances = [d for _, d in beside.distances]
    grown = onset(distances, first=beside.distances[0][0]) if distances else None
    differs = bool(found) or compare(a, b, rename=rename).parted
    explained, sentences = all(known for known, _ in found), [s for _, s in found]
    if not found:
        explained, sentences = _only_grown(beside, grown, differs)
    return Explanation(
        what=f"{b.path} beside {a.path}",
        steps=steps,
        verdict=" ".join([*sentences, *[UNEXPLAINED] * (not explained)]),
        differs=differs,
        explained=explained,
        causes=tried,
        horizon=None,
        onset=None if grown is None else grown.step,
        growth=[] if grown is None else [number(grown.before), number(grown.after)],
        first_flip=beside.first_flip,
        flip=beside.flip,
        printed=beside.printed,
        distances=[[t, number(d)] for t, d in beside.distances],
    )


class _Beside:
    """Two recordings side by side, step by step."""

    def __init__(self) -> None:
        self.dtype = "float64"
        self.start = ""
        self.rounded = ""
        self.inputs_at: int | None = None
        self.inputs, self.inputs_known = "", False
        self.factors: list[float] = []
        self.gradients_apart: int | None = None
        self.gradients_off = 0.0  # the largest relative distance from their multiple
        self.distances: list[tuple[int, float]] = []
        self.first_flip: int | None = None
        self.flip = ""
        self.printed: int | None = None
        self._close = True  # whether the parameters before the step were

    def __call__(self, a: Recording, mine: RecordedStep, theirs: RecordedStep) -> None:
        params, other = (
            _common(s.parameters, t.parameters) for s, t in ((mine, theirs), (theirs, mine))
        )
        if mine.step == 0:
            self._begin(params, other)
            return
        if self.inputs_at is None:
            self._read_same(a, mine, theirs)
        if self._close and self.inputs_at is None:
            self._gradients(mine, theirs)
        if self.first_flip is None:
            self.flip = flipped_branch(mine.branches, theirs.branches)
            self.first_flip = mine.step if self.flip else None
        if params:
            d = relative_distance(_wide(other), _wide(params))
            self.distances.append((mine.step, d))
            self._close = d <= CLOSE
            if self.printed is None and largest_gap(params, other) > PRINTED:
                self.printed = mine.step

    def _begin(self, params: Values, other: Values) -> None:
        self.dtype = max((p.dtype for p in other.values()), key=lambda d: -d.itemsize).name
        if not same(params, other):
            made = roundings(params, self.dtype)
            self.rounded = next((what for what, p in made if same(p, other)), "")
            self.start = self.rounded or "other initial values"

    def _read_same(self, a: Recording, mine: RecordedStep, theirs: RecordedStep) -> None:
        for kind in ("batch", "mask"):
            own, other = mine.of(kind), theirs.of(kind)
            names = own.keys() & other.keys()
            if all(_equal(own[n], other[n]) for n in names):
                continue
            self.inputs_at = mine.step
            where = self._place(a, kind, mine.step, {n: other[n] for n in names})
            self.inputs_known = bool(where)
            other_words = "another batch" if kind == "batch" else "other masks"
            self.inputs = f"at step {mine.step} it reads {where or other_words}"
            return

    def _place(self, a: Recording, kind: str, step: int, got: Values) -> str:
        if kind == "batch" and _reordered(got, a.at(step).of(kind)):
            return "the same samples in another order"
        for away in (d for k in range(1, NEAR + 1) for d in (k, -k)):
            if step + away in a.steps:
                there = a.at(step + away).of(kind)
                if got.keys() <= there.keys() and all(_equal(there[n], x) for n, x in got.items()):
                    when = "later" if away > 0 else "earlier"
                    n = abs(away)
                    return f"what comes {n} step{'s' * (n > 1)} {when}"
        return ""

    def _gradients(self, mine: RecordedStep, theirs: RecordedStep) -> None:
        own = _wide(_common(mine.gradients, theirs.gradients))
        other = _wide(_common(theirs.gradients, mine.gradients))
        if not own:
            return
        factor = multiple_of(other, own)
        self.factors.append(factor)
        multiple = {k: factor * g for k, g in own.items()}
        if not relative_distance(other, own) <= SAME:
            self.gradients_off = max(self.gradients_off, relative_distance(other, multiple))
            if self.gradients_apart is None:
                self.gradients_apart = mine.step

    def causes(self) -> list[Cause]:
        """Return what the stages before the update showed."""
        found = [
            Cause(
                stage="start",
                what=self.start or "the same initial values",
                explains=bool(self.rounded),
            )
        ]
        what = self.inputs or "the same batches and masks, as far as they were recorded"
        found.append(Cause(stage="inputs", what=what, explains=self.inputs_known))
        what = "the same gradients, where the parameters are close"
        if not self.factors:
            what = "no gradients to compare"
        elif self.gradients_apart is not None:
            what = self._gradient_words()
        found.append(Cause(stage="gradient", what=what, explains=self._is_multiple))
        return found

    @property
    def _is_multiple(self) -> bool:
        first = self.factors[0] if self.factors else math.nan
        steady = all(math.isclose(f, first, rel_tol=SAME) for f in self.factors)
        return self.gradients_apart is not None and steady and self.gradients_off <= SAME

    def _gradient_words(self) -> str:
        if self._is_multiple:
            return f"every gradient is {float(np.median(self.factors)):.6g} times the other's"
        return f"the gradient is another from step {self.gradients_apart} on"

    @property
    def faults(self) -> list[tuple[bool, str]]:
        """What is wrong before the update, in causal order, and whether it is known how."""
        found = []
        if self.start:
            found.append((bool(self.rounded), f"It begins with {self.start}."))
        if self.inputs_at is not None:
            found.append((self.inputs_known, f"{capital(self.inputs)}."))
        if self.gradients_apart is not None:
            found.append((self._is_multiple, f"{capital(self._gradient_words())}."))
        return found


def _only_grown(beside: _Beside, grown: Onset | None, differs: bool) -> tuple[bool, list[str]]:
    """Say what is known where no stage differs."""
    if not differs:
        return True, ["The recordings agree: no stage differs."]
    how = ""
    if grown is not None:
        how = (
            f"; the distance grows from step {grown.step} on, {grown.after:.2f} times a step "
            f"({grown.before:.2f} before), to {beside.distances[-1][1]:.1e}"
        )
    if beside.first_flip is not None:
        how += f"; {beside.flip} differs first at step {beside.first_flip}"
    return False, [
        f"No stage differs by itself{how}. Whether that is rounding, only twins can tell: "
        "`parity explain CASE` has them, for a training case."
    ]


def _common(values: Values, others: Values) -> Values:
    return {k: a for k, a in values.items() if k in others and a.shape == others[k].shape}


def _wide(values: Values) -> Values:
    return cast_values(values, np.float64)


def _equal(a: Array, b: Array) -> bool:
    """Return whether b is a, in b's dtype."""
    return np.array_equal(a.astype(b.dtype), b, equal_nan=b.dtype.kind == "f")


def _reordered(got: Values, wanted: Values) -> bool:
    """Return whether the same samples lie along the first axis, in another order."""
    if any(n not in wanted or wanted[n].shape != x.shape or not x.ndim for n, x in got.items()):
        return False
    mine, theirs = (
        sorted_rows([values[n].astype(x.dtype) for n, x in got.items()]) for values in (got, wanted)
    )
    return np.array_equal(mine, theirs)
