"""The registered cases, and selections of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fnmatch import fnmatchcase
from importlib import import_module
from pkgutil import iter_modules

from parity.case import DTYPES, KINDS, REGIMES, AnyCase
from parity.errors import CaseError, SelectionError
from refnet.checks import nearest

_CASES: dict[str, AnyCase] = {}
_loaded = False


def register(*cases: AnyCase) -> None:
    """Add cases; an id that is taken, an unknown regime or an unknown dtype is an error."""
    for case in cases:
        if case.id in _CASES:
            raise CaseError(
                "register",
                got=f"a second case {case.id!r}",
                needs="ids that are still free",
                cause="Do two loops make the same name?",
            )
        if case.regime not in REGIMES or not set(case.dtypes) <= set(DTYPES):
            raise CaseError(
                "register",
                got=f"case {case.id!r} of regime {case.regime!r} in {', '.join(case.dtypes)}",
                needs=f"a regime out of {', '.join(REGIMES)} and dtypes out of {', '.join(DTYPES)}",
                cause=nearest(case.regime, REGIMES),
            )
        _CASES[case.id] = case


def all_cases() -> list[AnyCase]:
    """Return every case of :mod:`parity.cases`, by id."""
    global _loaded
    if not _loaded:
        import parity.cases

        for module in iter_modules(parity.cases.__path__):
            import_module(f"parity.cases.{module.name}")
        _loaded = True
    return [case for _, case in sorted(_CASES.items())]


def select(selectors: Sequence[str], cases: Collection[AnyCase] | None = None) -> list[AnyCase]:
    """Return the cases that any selector names, by id; all of them without selectors.

    A selector is an operation (``dense``), a case (``dense/typical``), a pattern of either
    (``*cross_entropy``, ``softmax/huge*``), or a kind of case (``operations``, ``initializers``,
    ``optimizers``, ``trainings``).

    Raises
    ------
    SelectionError
        If a selector names nothing.
    """
    known = all_cases() if cases is None else list(cases)
    if not selectors:
        return known
    chosen: dict[str, AnyCase] = {}
    for selector in selectors:
        found = {
            case.id: case
            for case in known
            if fnmatchcase(case.id, selector)
            or fnmatchcase(case.op, selector)
            or type(case) is KINDS.get(selector)
        }
        if not found:
            names = {case.op for case in known} | {case.id for case in known} | {*KINDS}
            raise SelectionError(
                "select",
                got=f"the selector {selector!r}, which names nothing",
                needs="an operation, a case id, a pattern of either; `parity list` shows them; or "
                f"{', '.join(KINDS)}",
                cause=nearest(selector, names),
            )
        chosen |= found
    return [case for _, case in sorted(chosen.items())]
