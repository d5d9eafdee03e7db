"""Which tensor of one recording belongs to which of another: names, and the order of axes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import permutations
from typing import NamedTuple

from parity.errors import SelectionError
from parity.trace.arrays import Array
from parity.trace.distance import distance, rounding
from parity.trace.names import parts
from parity.trace.recording import RecordedStep, Recording
from refnet.checks import nearest

Axes = tuple[int, ...]
MAX_PERMUTED = 5  # dimensions up to which other orders of axes are tried
NEARER = 10


class Pair(NamedTuple):
    """A tensor as both recordings have it: ``b`` in ``a``'s order of axes, shapes may differ."""

    name: str
    a: Array
    b: Array


class Alignment:
    """Matches the tensors of two recordings, remembering what it found out about their axes.

    Weights are (out, in) in one framework and (in, out) in another. Where a tensor is first seen,
    the orders of b's axes that give a's shape are tried: the nearest is taken from then on, and
    where the order as it is fits, only one that is ten times nearer. A parameter's gradient and
    slots follow the parameter.

    Parameters
    ----------
    a : Recording
        The recording whose names are replaced.
    rename : mapping
        What is called ``old`` in a is called ``new`` in b. ``old`` is a whole name, or what follows
        the kind and slot (``fc1.weight`` renames the parameter, its gradient and slots), or, where
        it begins with a dot, the end of either.

    Raises
    ------
    SelectionError
        If a renaming names nothing, or gives two tensors one name.

    Attributes
    ----------
    axes : dict
        For each tensor of b's whose axes are in another order, that order: ``b.transpose(axes)`` is
        what a has.
    """

    def __init__(self, a: Recording, rename: Mapping[str, str] | None = None) -> None:
        self.axes: dict[str, Axes] = {}
        self._seen: dict[str, bool] = {}  # whether the order of axes is settled
        self._renamed = _renamed(a, rename or {})

    def name(self, name: str) -> str:
        """Return b's name for a tensor of a's."""
        return self._renamed.get(name, name)

    def pairs(self, a: RecordedStep, b: RecordedStep) -> list[Pair]:
        """Return the tensors that both steps have, under b's names."""
        common = [(self.name(n), x) for n, x in a.tensors.items() if self.name(n) in b.tensors]
        # The parameters decide for their gradients and slots, which stand before them.
        for name, x in common:
            if parts(name)[0] == "parameter":
                self._decide(name, x, b.tensors[name])
        return [Pair(name, x, self._put(name, x, b.tensors[name])) for name, x in common]

    def _put(self, name: str, x: Array, y: Array) -> Array:
        before, own = parts(name)
        parameter = f"parameter/{own}"
        follows = before == "gradient" or before.startswith("slot/")
        if follows and parameter in self._seen:
            axes = self.axes.get(parameter)
            if axes is not None and x.ndim == y.ndim == len(axes):  # a slot may be one number
                self.axes[name] = axes
        else:
            self._decide(name, x, y)
        axes = self.axes.get(name)
        return y if axes is None or len(axes) != y.ndim else y.transpose(axes)

    def _decide(self, name: str, x: Array, y: Array) -> None:
        """Find the order of axes, unless it is known."""
        if self._seen.get(name, False):
            return
        same = tuple(range(y.ndim))
        fitting = [same]
        if x.ndim == y.ndim and 2 <= y.ndim <= MAX_PERMUTED and y.size:
            fitting = [o for o in permutations(same) if y.transpose(o).shape == x.shape] or [same]
        if fitting == [same]:
            self._seen[name] = True
            return
        gaps = {axes: distance(x, y.transpose(axes)).relative for axes in fitting}
        best = min(fitting, key=gaps.__getitem__)
        if same in gaps and not gaps[best] < gaps[same] / NEARER:
            best = same
        # Where several orders agree, as for zeros, the next step is asked again.
        self._seen[name] = sum(gap <= rounding(x, y) for gap in gaps.values()) < 2
        self.axes.pop(name, None)
        if best != same:
            self.axes[name] = best


def paired(
    a: Recording, b: Recording, alignment: Alignment | None = None
) -> Iterator[tuple[RecordedStep, RecordedStep]]:
    """Yield the steps that both recordings have, b's with a's order of axes, a's with b's names.

    One step of each is in memory.
    """
    alignment = alignment or Alignment(a)
    for mine, theirs in common_steps(a, b):
        put = {pair.name: pair.b for pair in alignment.pairs(mine, theirs)}
        yield (
            mine._replace(tensors={alignment.name(n): x for n, x in mine.tensors.items()}),
            theirs._replace(tensors={**theirs.tensors, **put}),
        )


def common_steps(a: Recording, b: Recording) -> Iterator[tuple[RecordedStep, RecordedStep]]:
    """Yield the steps that both recordings have, in order."""
    first, second = iter(a), iter(b)
    x, y = next(first, None), next(second, None)
    while x is not None and y is not None:
        if x.step < y.step:
            x = None  # before the next is read
            x = next(first, None)
        elif y.step < x.step:
            y = None
            y = next(second, None)
        else:
            yield x, y
            x = y = None
            x, y = next(first, None), next(second, None)


def _renamed(a: Recording, rename: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    used: set[str] = set()
    for name in a.names if rename else ():
        before, own = parts(name)
        for old, new in rename.items():
            ends = old.startswith(".") and name.endswith(old)
            if name == old:
                found[name] = new
            elif own == old:
                found[name] = f"{before}/{new}"
            elif ends:
                found[name] = name.removesuffix(old) + new
            else:
                continue
            used.add(old)
            break
    for old in rename:
        if old not in used:
            raise SelectionError(
                "trace compare",
                got=f"a renaming of {old!r}",
                needs=f"a name that {a.path} has, or the end of one",
                cause=nearest(old, {parts(n)[1] for n in a.names}),
            )
    counts = Counter(found.get(name, name) for name in a.names) if found else Counter()
    twice = sorted(name for name, n in counts.items() if n > 1)
    if twice:
        raise SelectionError(
            "trace compare",
            got=f"renamings by which {', '.join(twice)} stands for several tensors of {a.path}",
            needs="one tensor per name",
            cause="Is the new name one that the recording has already?",
        )
    return found
