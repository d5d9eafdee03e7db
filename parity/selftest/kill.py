"""Put a bug in, run its cells, see whether the gate notices: the kill matrix.

A bug exists in memory only. refnet and parity are imported anew with one file's text changed, so
the oracle, which is refnet too, has the bug as well: that the other side tells them apart is what
is tested.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, NamedTuple

from parity.case import InitializerCase
from parity.errors import CaseError
from parity.registry import all_cases
from parity.selftest.bug import Bug
from parity.selftest.classes import class_of
from parity.trajectory.lockstep import LIMIT

FAR = 100.0  # times refnet's own error, which is rounding
ROOT = Path(__file__).resolve().parents[2]


class Verdict(StrEnum):
    """On whom a failing cell puts the difference; a run with several has the first of these."""

    PART = "sides part"
    DOUBT = "bound in doubt"
    STALE = "entry of the register stale"
    LOSS = "refnet loses accuracy"


class Kill(NamedTuple):
    """What a run with a bug in it said: its exit code, which operations differ, by how much.

    ``margins`` has the largest share of a bound in each dtype in which a cell failed. ``farther``
    is how many times as far from the oracle as refnet the other side is, where it is so most.
    """

    bug: Bug
    exit_code: int
    named: tuple[str, ...]
    margins: Mapping[str, float]
    verdict: Verdict | None
    reason: str
    farther: float = math.inf

    @property
    def margin(self) -> float:
        """The largest share of a bound."""
        return max(self.margins.values(), default=0.0)

    @property
    def fell(self) -> bool:
        """Whether the difference was put on the right side.

        The oracle is refnet, so where it has the bug too, refnet agrees with it, or is out by its
        rounding, of which a wrong formula may make more: it is the other side that must be outside,
        by far more than rounding, or inside where the register knows that it is outside. The same
        holds for a bug in the other side's adapter.
        """
        if not self.other_side or self.verdict in (Verdict.PART, Verdict.STALE):
            return True
        return self.verdict == Verdict.DOUBT and self.farther > FAR

    @property
    def other_side(self) -> bool:
        """Whether it is the other side that must be outside its bound."""
        bug = self.bug
        if bug.op in _without_oracle():
            return False
        return not bug.in_refnet or class_of(bug.cls).shared

    @property
    def killed(self) -> bool:
        """Whether the gate exited 1, named the operation, and put it on the right side."""
        return self.exit_code == 1 and self.bug.op in self.named and self.fell


def kill(bug: Bug, seed: int = 0) -> Kill:
    """Run a bug's cells with the bug in place.

    Raises
    ------
    CaseError
        If the bug's text does not occur in its file exactly once.
    """
    with injected(bug):
        from parity.run import Request, run

        selectors = bug.selector.split() or [bug.op]
        report = run(Request(selectors=selectors, dtypes=bug.dtypes, seed=seed, jobs=1)).report
    results: list[Any] = [*report.cells, *report.trainings]
    failed = [r for r in results if r.status.value in ("fail", "stale")]
    margins: dict[str, float] = {}
    for r in failed:
        margins[r.dtype] = max(_margin(r), margins.get(r.dtype, 0.0))
    found = {_verdict(r) for r in failed}
    return Kill(
        bug,
        report.exit_code,
        tuple(sorted({r.op for r in failed})),
        margins,
        next((v for v in Verdict if v in found), None),
        failed[0].reason if failed else report.verdict,
        max(map(_farther, failed), default=0.0),
    )


def with_bug(bug: Bug) -> str:
    """Return the text of a bug's file with the bug in it.

    Raises
    ------
    CaseError
        If the text that it replaces does not occur exactly once.
    """
    text = (ROOT / bug.file).read_text("utf-8")
    if text.count(bug.old) != 1:
        raise CaseError(
            "bug",
            got=f"{bug.id!r}, whose text occurs {text.count(bug.old)} times in {bug.file}",
            needs="a text that occurs once",
            cause="Was the file changed? Then change the bug with it.",
        )
    return text.replace(bug.old, bug.new)


def _margin(r: Any) -> float:
    """Return the largest share of a bound, or of the lockstep limit.

    It is infinity where a side raised, and where a known difference is gone.

    Results are those of modules imported anew, so their classes are not the ones here.
    """
    if r.status.value == "stale":
        return math.inf
    if hasattr(r, "steps"):
        return max(float(r.subject_ratio), float(r.backend_ratio)) / LIMIT or math.inf
    return max((float(s.ratio) for s in (r.actual, r.other) if s is not None), default=math.inf)


def _verdict(r: Any) -> Verdict:
    """Return on whom a failing cell or run puts the difference."""
    if r.status.value == "stale":
        return Verdict.STALE
    if hasattr(r, "steps"):
        inside = float(r.subject_ratio) <= LIMIT, float(r.backend_ratio) <= LIMIT
        return _of_sides(*inside)
    if r.actual is None or r.other is None:
        return Verdict.PART  # one raised, alone
    return _of_sides(r.actual.within, r.other.within)


def _farther(r: Any) -> float:
    """Return how many times as far from the oracle as the subject the backend is."""
    if hasattr(r, "steps"):
        mine, theirs = float(r.subject_ratio), float(r.backend_ratio)
    elif r.actual is None or r.other is None:
        return math.inf
    else:
        mine, theirs = float(r.actual.max_abs), float(r.other.max_abs)
    return theirs / mine if mine else math.inf


def _of_sides(subject: bool, backend: bool) -> Verdict:
    """Return whose difference it is, given who is within; both are where one raised."""
    if subject:
        return Verdict.PART
    return Verdict.LOSS if backend else Verdict.DOUBT


@cache
def _without_oracle() -> frozenset[str]:
    """Return the initializers: a sample is compared with a distribution."""
    return frozenset(c.op for c in all_cases() if isinstance(c, InitializerCase))


@contextmanager
def injected(bug: Bug) -> Iterator[None]:
    """Import refnet and parity with the bug for the length of the block, and without it after."""
    finder = _Finder(bug.file, with_bug(bug))
    kept = _forget()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        _forget()
        sys.modules.update(kept)


def _forget() -> dict[str, ModuleType]:
    """Take refnet's and parity's modules out of sys.modules and return them."""
    names = [n for n in sys.modules if n.partition(".")[0] in ("refnet", "parity")]
    return {name: sys.modules.pop(name) for name in names}


class _Finder(MetaPathFinder):
    def __init__(self, file: str, text: str) -> None:
        self.name = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        self.text = text

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] not in ("refnet", "parity"):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            text = self.text if fullname == self.name else None
            spec.loader = _Loader(fullname, spec.loader.path, text)
        return spec


class _Loader(SourceFileLoader):
    """Loads a module from ``text`` in place of its file's, and every other from memory."""

    def __init__(self, fullname: str, path: str, text: str | None) -> None:
        super().__init__(fullname, path)
        self.text = text

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002
        if self.text is None:
            return _compiled(self.path)
        return compile(self.text, self.path, "exec", dont_inherit=True)


@cache
def _compiled(path: str) -> CodeType:
    """Return a file's code, compiled once: hundreds of bugs import all the others anew."""
    return compile(Path(path).read_bytes(), path, "exec", dont_inherit=True)
