"""The registered cases, and selections of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
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


def excuse(op: str, names: str | Sequence[str], parts: str | Sequence[str], reason: str) -> None:
    """Say of cases of an operation why a part of their check cannot fail.

    ``names`` are names of cases, or patterns of them; ``parts`` those that the lint finds
    (:mod:`parity.selftest.vacuity`): an input or result for its sizes, ``dx`` for a gradient, ``y``
    for a result, ``step of w`` for an update.

    Raises
    ------
    CaseError
        If a name fits no case of the operation.
    """
    for name in [names] if isinstance(names, str) else names:
        found = [c for c in _CASES.values() if c.op == op and fnmatchcase(c.name, name)]
        if not found:
            raise CaseError(
                "excuse",
                got=f"{op}/{name}, which is no case",
                needs="the name of a case that is registered, or a pattern",
                cause="Was the case renamed, or is it registered further down?",
            )
        said = dict.fromkeys([parts] if isinstance(parts, str) else parts, reason)
        for case in found:
            _CASES[case.id] = replace(case, vacuous={**case.vacuous, **said})


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
