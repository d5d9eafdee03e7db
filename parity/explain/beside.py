"""Two recordings side by side, step by step: where what they read, computed or used is another."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from parity.backends.base import Array, Values, cast_values
from parity.explain.distance import multiple_of, printed_alike
from parity.explain.inputs import how_far, near, same_rows
from parity.explain.result import Cause
from parity.explain.start import rounded
from parity.explain.words import capital, listed
from parity.trace import RecordedStep, Recording
from parity.trajectory.free_running import relative_distance
from refnet.optimizers import Schedule

CLOSE = 1e-3  # relative distance of parameters up to which gradients are compared
SAME = 1e-2  # distance of gradients at such parameters, beside the largest so far
SMALL = 0.1  # beside the largest so far: gradients below it may be what is left by cancellation
RATE = 1e-6  # relative distance of learning rates: some frameworks keep them in float32


class Beside:
    """What the second of two recordings has otherwise than the first, in each stage of a step.

    Attributes
    ----------
    distances : list of (step, distance)
        Of the parameters that both have, after every step.
    rates : tuple of Rates
        The learning rates that each recording has.
    dtypes : tuple of str
        The narrowest dtype of each recording's parameters.
    """

    def __init__(self, a: Recording) -> None:
        self.a = a
        self.dtypes = ("float64", "float64")
        self.uncompared: list[str] = []
        self.misshapen: list[str] = []
        self.start: str | None = ""
        self.inputs_at: int | None = None
        self.inputs, self.inputs_known = "", False
        self.factors: list[float] = []
        self.gradients_apart: int | None = None
        self.gradients_off = 0.0  # the largest distance from their multiple
        self.frozen_at = 0
        self.frozen: list[str] = []  # what has no gradient and does not move
        self.rates = (Rates(), Rates())
        self.rate_apart: int | None = None
        self.distances: list[tuple[int, float]] = []
        self.first_flip: int | None = None
        self.flip = ""
        self.printed: int | None = None
        self._largest = 0.0  # size of the gradients so far
        self._close = True  # whether the parameters before the step were
        self._before: Values = {}  # the second recording's

    def __call__(self, mine: RecordedStep, theirs: RecordedStep) -> None:
        """Compare one step, whose names and axes have been made the same."""
        params, other = (
            _common(s.parameters, t.parameters) for s, t in ((mine, theirs), (theirs, mine))
        )
        if mine.step == 0:
            self._begin(mine.parameters, theirs.parameters)
            self._before = theirs.parameters
            return
        if self.inputs_at is None:
            self._read_same(mine, theirs)
        if self._close and self.inputs_at is None:
            self._gradients(mine, theirs)
        self._rates(mine, theirs)
        if self.first_flip is None:
            flipped = _flipped(mine.branches, theirs.branches)
            self.flip, self.first_flip = flipped, mine.step if flipped else None
        if params:
            d = relative_distance(_wide(other), _wide(params))
            self.distances.append((mine.step, d))
            self._close = d <= CLOSE
            if printed_alike(params, other):
                self.printed = None
            elif self.printed is None:
                self.printed = mine.step
        if not self.frozen:
            self._frozen(mine, theirs)
        self._before = theirs.parameters

    def _begin(self, params: Values, other: Values) -> None:
        self.dtypes = (_narrowest(params), _narrowest(other))
        self.uncompared = sorted(params.keys() ^ other.keys())
        common = _common(params, other)
        self.misshapen = sorted(params.keys() & other.keys() - common.keys())
        theirs = {k: other[k] for k in common}
        self.start = rounded(common, theirs, self.dtypes[1]) if common else ""

    def _read_same(self, mine: RecordedStep, theirs: RecordedStep) -> None:
        for kind in ("batch", "mask"):
            own, other = mine.of(kind), theirs.of(kind)
            names = own.keys() & other.keys()
            if all(_equal(own[n], other[n]) for n in names):
                continue
            self.inputs_at = mine.step
            where = self._place(kind, mine, {n: other[n] for n in sorted(names)})
            self.inputs_known = bool(where)
            other_words = "another batch" if kind == "batch" else "other masks"
            self.inputs = f"at step {mine.step} it reads {where or other_words}"
            return

    def _place(self, kind: str, mine: RecordedStep, got: Values) -> str:
        own = mine.of(kind)
        put = [own[n].astype(x.dtype) for n, x in got.items()]
        if kind == "batch" and same_rows(list(got.values()), put):
            return "the same samples in another order"
        steps = set(self.a.steps)
        for away in near(mine.step):
            if mine.step + away in steps:
                there = self.a.at(mine.step + away).of(kind)
                if got.keys() <= there.keys() and all(_equal(there[n], x) for n, x in got.items()):
                    return f"the {kind}{'es' * (kind == 'mask')} of {how_far(away)}"
        return ""

    def _gradients(self, mine: RecordedStep, theirs: RecordedStep) -> None:
        own = _wide(_common(mine.gradients, theirs.gradients))
        other = _wide(_common(theirs.gradients, mine.gradients))
        if not own:
            return
        size = _norm(own)
        self._largest = max(self._largest, size)
        # What is left near a minimum differs by much more than the parameters do.
        scale = size / self._largest if self._largest else 1.0
        if scale < SMALL:
            return
        factor = multiple_of(other, own)
        self.factors.append(factor)
        if not relative_distance(other, own) * scale <= SAME:
            multiple = {k: factor * g for k, g in own.items()}
            self.gradients_off = max(self.gradients_off, relative_distance(other, multiple))
            if self.gradients_apart is None:
                self.gradients_apart = mine.step

    def _frozen(self, mine: RecordedStep, theirs: RecordedStep) -> None:
        """Notice parameters that only the first recording has gradients of, and moves."""
        gradients, after = theirs.gradients, theirs.parameters
        missing = mine.gradients.keys() - gradients.keys() if gradients else set()
        still = (n for n in sorted(missing & after.keys()) if np.any(mine.gradients[n]))
        self.frozen = [n for n in still if np.array_equal(after[n], self._before[n])]
        if self.frozen:
            self.frozen_at = mine.step

    def _rates(self, mine: RecordedStep, theirs: RecordedStep) -> None:
        both = [step.tensors.get("option/lr/0") for step in (mine, theirs)]
        for rates, recorded in zip(self.rates, both, strict=True):
            rates.note(recorded)
        if self.rate_apart is None and not any(r is None for r in both):
            a, b = (rates.noted[-1] for rates in self.rates)
            if not math.isclose(a, b, rel_tol=RATE):
                self.rate_apart = mine.step

    def causes(self) -> list[Cause]:
        """Return what the stages before the update showed."""
        found = []
        if self.misshapen:
            what = f"other shapes: {listed(self.misshapen)}"
            found.append(Cause(stage="start", what=what, explains=False))
        what = "the same initial values" if self.start == "" else self.start or OTHER_START
        found.append(Cause(stage="start", what=what, explains=bool(self.start)))
        if self.uncompared:
            what = f"not compared, since one recording alone has it: {listed(self.uncompared)}"
            found.append(Cause(stage="start", what=what, explains=False))
        what = self.inputs or "the same batches and masks, as far as they were recorded"
        found.append(Cause(stage="inputs", what=what, explains=self.inputs_known))
        what = "the same gradients, where the parameters are close"
        if not self.factors:
            what = "no gradients to compare"
        elif self.gradients_apart is not None:
            what = self._gradient_words()
        found.append(Cause(stage="gradient", what=what, explains=self._is_multiple))
        if self.frozen:
            found.append(Cause(stage="gradient", what=self._frozen_words(), explains=True))
        if self.rate_apart is not None:
            found.append(Cause(stage="update", what=self._rate_words(), explains=True))
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

    def _frozen_words(self) -> str:
        return f"from step {self.frozen_at} on there is no gradient of {listed(self.frozen)}"

    def _rate_words(self) -> str:
        assert self.rate_apart is not None
        a, b = (rates(self.rate_apart - 1) for rates in self.rates)
        return f"at step {self.rate_apart} the learning rate is {b:.6g}, and not {a:.6g}"

    @property
    def faults(self) -> list[tuple[bool, str]]:
        """What is wrong before the update, in causal order, and whether it is known how."""
        found = []
        if self.misshapen:
            found.append((False, f"It has other shapes: {listed(self.misshapen)}."))
        if self.start != "":
            found.append((bool(self.start), f"It begins with {self.start or OTHER_START}."))
        if self.inputs_at is not None:
            found.append((self.inputs_known, f"{capital(self.inputs)}."))
        if self.gradients_apart is not None:
            found.append((self._is_multiple, f"{capital(self._gradient_words())}."))
        if self.frozen:
            found.append((True, f"{capital(self._frozen_words())}."))
        if self.rate_apart is not None:
            found.append((True, f"{capital(self._rate_words())}."))
        return found


OTHER_START = "other initial values"


class Rates(Schedule):
    """The learning rates that were recorded, as a schedule; empty where there are none."""

    _name = "recorded"

    def __init__(self) -> None:
        self.noted: list[float] = []
        self.missing = False

    def note(self, rate: Array | None) -> None:
        """Keep the rate of the next step."""
        if rate is None or rate.size != 1:
            self.missing = True
        else:
            self.noted.append(float(rate.item()))

    def __bool__(self) -> bool:
        return bool(self.noted) and not self.missing

    def __call__(self, step: int) -> float:
        """Return the learning rate after ``step`` updates; of those after the last, the last."""
        return self.noted[min(step, len(self.noted) - 1)]

    def __repr__(self) -> str:
        return "as recorded"


def _flipped(a: Values, b: Values) -> str:
    """Return which branch that both recorded differs first, or an empty text."""
    return next((f"the branch {n}" for n in a if n in b and not np.array_equal(a[n], b[n])), "")


def _narrowest(values: Values) -> str:
    kinds = [p.dtype for p in values.values() if p.dtype.kind == "f" or p.dtype.name == "bfloat16"]
    found: Any = min(kinds, key=lambda d: d.itemsize, default=np.dtype(np.float64))
    return str(found.name)


def _common(values: Values, others: Values) -> Values:
    return {k: a for k, a in values.items() if k in others and a.shape == others[k].shape}


def _wide(values: Values) -> Values:
    return cast_values(values, np.float64)


def _norm(values: Values) -> float:
    return math.hypot(*(float(np.linalg.norm(a)) for a in values.values()))


def _equal(a: Array, b: Array) -> bool:
    """Return whether b is a, in b's dtype."""
    return np.array_equal(a.astype(b.dtype), b, equal_nan=b.dtype.kind == "f")
