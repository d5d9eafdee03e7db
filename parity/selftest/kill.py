"""Put a bug in, run its cells, see whether the gate notices: the kill matrix.

A bug exists in memory only. refnet and parity are imported anew with one file's text changed, so
the oracle, which is refnet too, has the bug as well: that the other side tells them apart is what
is tested.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import NamedTuple

from parity.errors import CaseError
from parity.result import CellResult, TrainingResult
from parity.selftest.bug import Bug
from parity.trajectory.lockstep import LIMIT

ROOT = Path(__file__).resolve().parents[2]


class Kill(NamedTuple):
    """What a run with a bug in it said: its exit code, which operations differ, by how much."""

    bug: Bug
    exit_code: int
    named: tuple[str, ...]
    margin: float
    reason: str

    @property
    def killed(self) -> bool:
        """Whether the gate exited 1 and named the operation."""
        return self.exit_code == 1 and self.bug.op in self.named


def kill(bug: Bug, seed: int = 0) -> Kill:
    """Run a bug's cells with the bug in place.

    Raises
    ------
    CaseError
        If the bug's text does not occur in its file exactly once.
    """
    with injected(bug):
        from parity.run import Request, run

        selectors = [bug.selector or bug.op]
        report = run(Request(selectors=selectors, dtypes=bug.dtypes, seed=seed, jobs=1)).report
    cells = [c for c in report.cells if c.status.value == "fail"]
    trainings = [t for t in report.trainings if t.status.value == "fail"]
    margins = [*map(_cell_margin, cells), *map(_training_margin, trainings)]
    reasons = [*(c.reason for c in cells), *(t.reason for t in trainings)]
    return Kill(
        bug,
        report.exit_code,
        tuple(sorted({*(c.op for c in cells), *(t.op for t in trainings)})),
        max(margins, default=0.0),
        reasons[0] if reasons else report.verdict,
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


def _cell_margin(c: CellResult) -> float:
    """Return the largest share of a bound; infinity where a side raised."""
    return max((float(s.ratio) for s in (c.actual, c.other) if s is not None), default=math.inf)


def _training_margin(t: TrainingResult) -> float:
    """Return the largest share of the lockstep limit; infinity where a side raised."""
    return max(float(t.subject_ratio), float(t.backend_ratio)) / LIMIT or math.inf


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
