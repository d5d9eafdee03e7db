"""Where two recordings part: the first step, in it the first tensor, and how the gap grew.

Three limits, each on the root mean square of a tensor's difference as a share of the tensor's own:

- *any* difference of values at all;
- *beyond rounding*: more than 16 u, u the unit roundoff of the coarser dtype of the two;
- *parting*: more than the threshold, 1e-4 by default and never below 16 u.

Between the last two are differences that rounding makes in a few steps and training amplifies; they
are shown and not held against the runs. Stricter is what a run is *given*: step 0, batches, masks
and options such as the learning rate part beyond rounding (options, which some frameworks keep in
float32, beyond that dtype's). Integers and bools, so masks, indices and branches, part at any
difference. A gradient, slot, output or parameter that is rounding noise beside the others of its
kind does not part by it: its difference must also exceed 16 u of their root mean square, at that
step or an earlier one, since near a minimum every gradient is what cancellation leaves.

Within a step, tensors are in the order of :data:`parity.trace.names.KINDS`, so that a cause stands
before its effects.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from parity.cells import number
from parity.trace.align import Alignment, Pair, common_steps
from parity.trace.distance import ROUNDINGS, Distance, distance, rounding, unit
from parity.trace.names import kind_of, parts, rank
from parity.trace.recording import Recording

THRESHOLD = 1e-4
GIVEN = ("batch", "mask", "option")
NOISY = ("output", "gradient", "slot", "parameter")
SATURATED = 0.5  # of the largest distance: from there on it grows no more


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A tensor at a step that differs, and its farthest element.

    ``distance`` is the relative root mean square, of exact tensors the share of elements that
    differ; infinite where shapes, NaN or infinities differ, or nothing is there to be relative to.
    """

    step: int
    tensor: str
    distance: float
    differing: int
    elements: int
    element: list[int] = []
    a: str = ""
    b: str = ""


class Growth(msgspec.Struct, frozen=True, kw_only=True):
    """How the distance of the parameters grew from one step to another: d ~ factor^step.

    By least squares on log d, from the first difference to the parting, or to saturation where
    they never part or part at once. ``doubling`` is in steps, None where it does not grow.
    """

    factor: float
    doubling: float | None
    first: int
    last: int


class Parting(msgspec.Struct, frozen=True, kw_only=True):
    """What the comparison of two recordings found.

    ``only_a`` and ``only_b`` count at how many of the steps compared a tensor was in one alone.
    ``kinds`` has the first parting of each kind; ``distances`` the relative distance of all
    parameters together after each step compared; ``transposed`` the order of axes in which b's
    tensor is a's.
    """

    steps: int
    first_step: int | None
    last_step: int | None
    tensors: int
    first_any: Place | None = None
    first_rounding: Place | None = None
    first_parted: Place | None = None
    kinds: dict[str, Place] = {}
    distances: list[tuple[int, float]] = []
    growth: Growth | None = None
    threshold: float = THRESHOLD
    only_a: dict[str, int] = {}
    only_b: dict[str, int] = {}
    steps_only_a: int = 0
    steps_only_b: int = 0
    transposed: dict[str, list[int]] = {}
    dtypes: dict[str, tuple[str, str]] = {}
    torn: tuple[bool, bool] = (False, False)

    @property
    def parted(self) -> bool:
        """Whether the runs part."""
        return self.first_parted is not None

    @property
    def final(self) -> float | None:
        """The distance of the parameters after the last step compared."""
        return self.distances[-1][1] if self.distances else None

    def as_json(self) -> bytes:
        """Return it as JSON; infinities and NaN are words."""
        plain = _finite(msgspec.to_builtins(self))
        return msgspec.json.format(msgspec.json.encode(plain), indent=1) + b"\n"


def compare(
    a: Recording,
    b: Recording,
    *,
    rename: Mapping[str, str] | None = None,
    threshold: float = THRESHOLD,
) -> Parting:
    """Compare two recordings step by step, with one step of each in memory.

    Parameters
    ----------
    a, b : Recording
        The recordings; steps are matched by number, tensors by name (:class:`Alignment`).
    rename : mapping
        What a calls ``old``, b calls ``new``.
    threshold : float
        The relative distance beyond which the runs part.

    Raises
    ------
    SelectionError
        If a renaming names nothing.
    DamagedRecordingError
        If a file is damaged.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from parity.trace import Recorder
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     runs = [pathlib.Path(folder) / name for name in "ab"]
    ...     for run, lr in zip(runs, (0.1, 0.11), strict=True):
    ...         w = np.ones(2)
    ...         with Recorder(run) as rec:
    ...             rec.write(0, {"parameter/w": w})
    ...             for _ in range(5):
    ...                 w = w - lr * w
    ...                 rec.step(**{"parameter/w": w})
    ...     found = compare(*map(Recording, runs))
    >>> found.first_parted.step, found.first_parted.tensor, round(found.first_parted.distance, 4)
    (1, 'parameter/w', 0.0111)
    """
    found = _Found(threshold)
    alignment = Alignment(a, rename)
    for mine, theirs in common_steps(a, b):
        found.step(mine.step, alignment.pairs(mine, theirs))
        found.missing({alignment.name(n) for n in mine.tensors}, set(theirs.tensors))
        del mine, theirs  # before the next are read
    common = len(found.steps)
    return Parting(
        steps=common,
        first_step=found.steps[0] if common else None,
        last_step=found.steps[-1] if common else None,
        tensors=len(found.names),
        first_any=found.any,
        first_rounding=found.rounding,
        first_parted=found.parted,
        kinds=found.kinds,
        distances=found.distances,
        growth=growth(found.distances, found.threshold),
        threshold=threshold,
        only_a=dict(found.only_a),
        only_b=dict(found.only_b),
        steps_only_a=len(a) - common,
        steps_only_b=len(b) - common,
        transposed={n: list(axes) for n, axes in alignment.axes.items()},
        dtypes=found.dtypes,
        torn=(a.torn, b.torn),
    )


class _Found:
    """What has been found so far: scalars only."""

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold
        self.any: Place | None = None
        self.rounding: Place | None = None
        self.parted: Place | None = None
        self.kinds: dict[str, Place] = {}
        self.steps: list[int] = []
        self.distances: list[tuple[int, float]] = []
        self.names: set[str] = set()
        self.largest: dict[str, float] = {}  # sizes of kinds so far
        self.only_a: Counter[str] = Counter()
        self.only_b: Counter[str] = Counter()
        self.dtypes: dict[str, tuple[str, str]] = {}

    def step(self, step: int, pairs: list[Pair]) -> None:
        self.steps.append(step)
        pairs = sorted(pairs, key=lambda pair: rank(pair.name))
        gaps = [distance(p.a, p.b) if p.a.shape == p.b.shape else None for p in pairs]
        for group, size in _group_sizes(pairs, gaps).items():
            self.largest[group] = max(self.largest.get(group, 0.0), size)
        for pair, gap in zip(pairs, gaps, strict=True):
            self.names.add(pair.name)
            if pair.a.dtype != pair.b.dtype:
                self.dtypes.setdefault(pair.name, (pair.a.dtype.name, pair.b.dtype.name))
            if gap is None or gap.differing:
                self._differs(step, pair, gap, self.largest[parts(pair.name)[0]])
        moved = _distance_of_parameters(pairs, gaps)
        if moved is not None:
            self.distances.append((step, moved))

    def missing(self, a: set[str], b: set[str]) -> None:
        self.only_a.update(sorted(a - b))
        self.only_b.update(sorted(b - a))

    def _differs(self, step: int, pair: Pair, gap: Distance | None, group: float) -> None:
        place = _place(step, pair, gap)
        limit = rounding(pair.a, pair.b)
        kind = kind_of(pair.name)
        self.any = self.any or place
        if gap is not None and gap.relative <= limit:
            return
        self.rounding = self.rounding or place
        if gap is not None:
            if kind == "option":
                limit = max(limit, ROUNDINGS * unit(np.dtype(np.float32)))
            exact = not limit
            given = step == 0 or kind in GIVEN
            if not exact and not given:
                if kind in NOISY and gap.gap <= limit * group:
                    return
                limit = max(limit, self.threshold)
            if not exact and gap.relative <= limit:
                return
        self.parted = self.parted or place
        self.kinds.setdefault(kind or "other", place)


def growth(distances: list[tuple[int, float]], threshold: float) -> Growth | None:
    """Return how the distance grew before it was above ``threshold``, or before it saturated.

    None if there are not two distances to tell it by.

    Examples
    --------
    >>> found = growth([(t, 1e-8 * 1.5**t) for t in range(40)], 1e-4)
    >>> round(found.factor, 6), round(found.doubling, 3), found.last
    (1.5, 1.71, 23)
    """
    known = [(t, d) for t, d in distances if 0 < d < math.inf]
    if not known:
        return None
    above = next((i for i, (_, d) in enumerate(known) if d > threshold), len(known) - 1)
    if above < 2:  # parted at once: what follows is the growth
        most = max(d for _, d in known)
        above = next(i for i, (_, d) in enumerate(known) if d >= SATURATED * most)
    used = known[: above + 1]
    if len(used) < 2:
        return None
    t, log = np.array([s for s, _ in used], float), np.log([d for _, d in used])
    t -= t.mean()
    slope = float((t @ (log - log.mean())) / (t @ t))
    doubling = math.log(2) / slope if slope > 0 else None
    return Growth(factor=math.exp(slope), doubling=doubling, first=used[0][0], last=used[-1][0])


def _group_sizes(pairs: list[Pair], gaps: list[Distance | None]) -> dict[str, float]:
    """Return the root mean square of all elements of each kind, of each slot by itself."""
    squares: dict[str, float] = {}
    elements: Counter[str] = Counter()
    for pair, gap in zip(pairs, gaps, strict=True):
        group = parts(pair.name)[0]
        squares[group] = math.hypot(squares.get(group, 0.0), _length(gap.size, gap) if gap else 0)
        elements[group] += gap.elements if gap else 0
    return {g: s / math.sqrt(elements[g]) if elements[g] else 0.0 for g, s in squares.items()}


def _distance_of_parameters(pairs: list[Pair], gaps: list[Distance | None]) -> float | None:
    """Return the relative distance of all parameters, or of what has no kind if there are none."""
    for kind in ("parameter", ""):
        found = [g for p, g in zip(pairs, gaps, strict=True) if kind_of(p.name) == kind and g]
        if found:
            gap = math.hypot(*(_length(g.gap, g) for g in found))
            size = math.hypot(*(_length(g.size, g) for g in found))
            return gap / size if gap and size else (math.inf if gap else 0.0)
    return None


def _length(rms: float, gap: Distance) -> float:
    return rms * math.sqrt(gap.elements)


def _place(step: int, pair: Pair, gap: Distance | None) -> Place:
    if gap is None:
        return Place(
            step=step,
            tensor=pair.name,
            distance=math.inf,
            differing=max(pair.a.size, pair.b.size),
            elements=max(pair.a.size, pair.b.size),
            a=f"shape {pair.a.shape}",
            b=f"shape {pair.b.shape}",
        )
    exact = not rounding(pair.a, pair.b)
    return Place(
        step=step,
        tensor=pair.name,
        distance=gap.differing / gap.elements if exact else gap.relative,
        differing=gap.differing,
        elements=gap.elements,
        element=list(gap.place),
        a=str(pair.a[gap.place]),
        b=str(pair.b[gap.place]),
    )


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return number(value)
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    return [_finite(v) for v in value] if isinstance(value, list | tuple) else value
