"""The register of known differences: which cells may differ, why, and how far.

An entry that matches no case, that a cell passes without, or whose limits a cell leaves is an error
or a failure: the register can only hold what is really there.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import msgspec
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from parity.case import AnyCase
from parity.compare import Deviation
from parity.errors import RegisterError

PATH = Path(__file__).with_name("deviations.toml")
EVERY = "*"
METRICS = ("max_abs", "max_rel", "max_ulp", "ratio", "differing")
KINDS = ("convention", "precision", "upstream-bug")


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One known difference of a backend.

    ``cases`` are patterns of case ids, those of the operation ``op``; one cause that is in several
    operations is one entry, whose ``op`` is ``"*"``. ``metric`` of the backend's deviation from the
    oracle lies in [``low``, ``high``] in every cell that the entry covers. ``versions`` says, as
    PEP 440 does, of which versions of the backend: for any other the entry does not exist. With
    ``always`` false a cell may also agree: rounding that is worse than the bound in one draw and
    not in another.
    From the day ``expires`` on (YYYY-MM-DD, UTC) somebody has to look again; empty is never.
    """

    id: str
    op: str
    backend: str
    cases: list[str]
    dtypes: list[str]
    kind: str
    metric: str
    low: float
    high: float
    reason: str
    link: str
    added: str
    versions: str
    always: bool = True
    expires: str = ""

    def covers(self, case_id: str, dtype: str, backend: str) -> bool:
        """Whether the entry speaks of this cell."""
        return (
            backend == self.backend
            and dtype in self.dtypes
            and any(fnmatchcase(case_id, pattern) for pattern in self.cases)
        )

    def applies_to(self, version: str) -> bool:
        """Whether the entry speaks of this version of its backend."""
        try:
            return SpecifierSet(self.versions).contains(Version(version), prereleases=True)
        except InvalidVersion:  # a backend that counts its versions in a way of its own
            return not self.versions

    def holds(self, deviation: Deviation) -> bool:
        """Whether the deviation is within the entry's limits, and explained by it altogether.

        A size of an error says nothing of elements that differ in kind, a count does.
        """
        value = float(getattr(deviation, self.metric))
        explained = self.metric == "differing" or deviation.mismatches == 0
        return explained and self.low <= value <= self.high


def load(
    path: Path = PATH, cases: Collection[AnyCase] | None = None, today: date | None = None
) -> list[Entry]:
    """Return the entries of a register, each checked, and against ``cases`` if given.

    ``today`` decides which have expired, by default the day in UTC.

    Raises
    ------
    RegisterError
        If the file cannot be read, an entry is malformed or doubled, matches no case, or has
        expired.
    """
    day = today or datetime.now(UTC).date()
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
        entries = msgspec.convert(raw.get("deviation", []), list[Entry])
    except (OSError, ValueError, msgspec.ValidationError) as error:
        raise RegisterError(
            "register",
            got=f"{path.name}, which cannot be read: {error}",
            needs="[[deviation]] tables with every field of parity.deviations.Entry",
            cause="Is a field missing, misspelt or of another type?",
        ) from error
    seen: set[str] = set()
    by_op = None if cases is None else _by_op(cases)
    for entry in entries:
        _check(entry, seen, by_op)
        _check_date(entry, day)
        seen.add(entry.id)
    return entries


def _by_op(cases: Collection[AnyCase]) -> dict[str, list[tuple[str, AnyCase]]]:
    """Return the cases, each with its id, by operation: patterns name theirs as a rule."""
    found: dict[str, list[tuple[str, AnyCase]]] = {}
    for case in cases:
        found.setdefault(case.op, []).append((case.id, case))
    return found


def _check(
    entry: Entry, seen: Collection[str], by_op: Mapping[str, list[tuple[str, AnyCase]]] | None
) -> None:
    problems: Mapping[str, Any] = {
        "an id that is taken": entry.id in seen,
        f"metric {entry.metric!r}": entry.metric not in METRICS,
        f"kind {entry.kind!r}": entry.kind not in KINDS,
        f"limits [{entry.low}, {entry.high}]": not 0 < entry.low <= entry.high,
        "no reason": len(entry.reason) < 20 or "TODO" in entry.reason,
        "no link": not entry.link or "TODO" in entry.link,
        "cases of another operation": any(not _is_of(entry.op, c) for c in entry.cases),
        "no cases or dtypes": not entry.cases or not entry.dtypes,
        f"versions {entry.versions!r}": not _is_specifier(entry.versions),
    }
    for problem, found in problems.items():
        if found:
            raise RegisterError(
                "register",
                got=f"the entry {entry.id!r} with {problem}",
                needs=f"a metric out of {', '.join(METRICS)}, a kind out of {', '.join(KINDS)}, "
                "0 < low <= high, a reason, cases of its own operation, and versions like '>=2.4'",
                cause="Was an entry copied and not changed throughout?",
            )
    for pattern in entry.cases if by_op is not None else ():
        op = pattern.partition("/")[0]
        if not any(
            fnmatchcase(case_id, pattern) and set(case.dtypes) & set(entry.dtypes)
            for name, cases in (by_op or {}).items()
            if fnmatchcase(name, op)
            for case_id, case in cases
        ):
            raise RegisterError(
                "register",
                got=f"the entry {entry.id!r}, whose pattern {pattern!r} matches no case",
                needs="patterns of registered cases, in dtypes that they are declared in",
                cause="Was the case renamed or removed? Then remove the entry.",
            )


def _is_of(op: str, pattern: str) -> bool:
    return "/" in pattern and (op == EVERY or pattern.startswith(f"{op}/"))


def _check_date(entry: Entry, today: date) -> None:
    """Refuse an entry that has expired, or dates that are none."""
    try:
        date.fromisoformat(entry.added)
        expires = date.fromisoformat(entry.expires) if entry.expires else None
    except ValueError as error:
        raise RegisterError(
            "register",
            got=f"the entry {entry.id!r} with a date that is none ({error})",
            needs="added, and expires if it is there, as YYYY-MM-DD",
            cause="Is the month before the day?",
        ) from error
    if expires is not None and expires <= today:
        raise RegisterError(
            "register",
            got=f"the entry {entry.id!r}, which expired on {entry.expires}",
            needs="entries in force",
            cause="Look again whether the difference is still there, and still for that reason; "
            "then set another date, or remove the entry.",
        )


def _is_specifier(text: str) -> bool:
    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        return False
    return True
