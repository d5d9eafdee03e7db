"""The changes of an optimizer that some system's convention knows."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import lru_cache
from typing import Any, NamedTuple

import refnet as rn
from refnet.errors import RefnetError
from refnet.optimizers import Optimizer

_FORMS = ("nesterov", "lookahead")
# Numbers that somebody chooses for a problem; the other fields say which formula is meant.
_TUNED = ("momentum", "weight_decay", "rho", "beta1", "beta2", "eps")


class Change(NamedTuple):
    """An optimizer with something changed, what that is, and which systems have it so.

    ``conventions`` names each system's optimizer or preset, as "torch adamw".
    """

    what: str
    conventions: tuple[str, ...]
    optimizer: Optimizer

    @property
    def systems(self) -> list[str]:
        """The systems alone."""
        return sorted({name.partition(" ")[0] for name in self.conventions})

    @property
    def fields(self) -> frozenset[str]:
        """What is changed, one by one."""
        return frozenset(self.what.split(", "))


def changes(opt: Any) -> list[Change]:
    """Return every change of ``opt`` towards a convention of its kind, the smallest first.

    Those are: each field that a system has otherwise; all of them together, but for the numbers
    that are tuned; and all of them. The learning rate stays.

    Examples
    --------
    >>> found = changes(rn.optimizers.Adam(lr=0.1))
    >>> [c.conventions for c in found if c.what == "eps_before_correction=True"]
    [('keras adam', 'keras adamw', 'tensorflow1 adam')]
    >>> [c.systems for c in found if c.what == "eps_before_correction=True"]
    [['keras', 'tensorflow1']]
    """
    found: dict[str, tuple[Optimizer, set[str]]] = {}

    def add(options: dict[str, Any], system: str) -> None:
        try:
            changed: Any = replace(opt, **options)
        except RefnetError:  # fields that contradict the others
            return
        if not changed.weight_decay:  # then its kind does nothing
            changed = replace(changed, decay_kind=opt.decay_kind)
        what = ", ".join(f"{k}={v!r}" for k, v in differing(changed, opt).items())
        if what:
            found.setdefault(what, (changed, set()))[1].add(system)

    kind: Any = type(opt)
    conventions = _of_kind(kind)
    for label, options in conventions:
        for name, value in options.items():
            # The two forms of Nesterov's step exclude each other, and go together.
            both = {k: options[k] for k in _FORMS} if name in _FORMS else {}
            add({name: value, **both}, label)
        add({"clip": None}, label)  # which every system leaves to the caller
    for label, options in conventions:
        add({name: value for name, value in options.items() if name not in _TUNED}, label)
        add(options, label)
    return [Change(what, tuple(sorted(names)), new) for what, (new, names) in found.items()]


def differing(opt: Any, other: Any) -> dict[str, Any]:
    """Return the fields of an optimizer that differ from those of another of its kind.

    Examples
    --------
    >>> differing(rn.optimizers.SGD(0.1, 0.9), rn.optimizers.SGD(0.1))
    {'momentum': 0.9}
    """
    values = {f.name: getattr(opt, f.name) for f in fields(opt)}
    return {name: v for name, v in values.items() if v != getattr(other, name)}


@lru_cache(maxsize=32)
def _of_kind(kind: type[Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return the conventions that have optimizers of a kind, each with its fields but for lr."""
    found = []
    for (system, name), convention in rn.conventions.items():
        try:
            made = rn.optimizers.from_spec(f"{name}(lr=0.1)")
        except RefnetError:  # an operation's convention
            continue
        if type(made) is kind:
            options = {k: v for k, v in convention.fields.items() if k != "lr"}
            if name == "nesterov":
                options["nesterov"] = not options["lookahead"]  # as the preset has it
            found.append((f"{system} {name}", options))
    return found
