"""Bugs that any operation may have, one for each that they apply to.

They are put in where every operation passes, in refnet.op, for the one operation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import refnet as rn
from parity.case import Case
from parity.registry import all_cases
from parity.selftest.bug import Bug
from parity.selftest.classes import (
    of_floats,
    operations,
    options_of,
    sloped,
    with_special_cases,
)

OP = "refnet/op.py"
FEW = 4  # cases that a bug is tried on
BACKWARD_ONLY = (("embedding", "padding_idx"),)  # options that the result does not depend on
CHECKED = (
    "        arrays, filled, _, half = self._checked(inputs, options)\n"
    "        return cast(Y, self._finished(self._forward(*arrays, **filled), half))\n"
)
FORWARD = "        return cast(Y, self._finished(self._forward(*arrays, **filled), half))\n"
PULLED = "        cotangents = self._vjp_rule(dy, *arrays, **filled)\n"
NEGATED = "            cotangents = tuple([None if c is None else -c for c in cotangents])\n"
KEPT = """\
            kept = self.__dict__.setdefault("_kept", {})
            for i, c in enumerate(cotangents):
                if c is not None:
                    kept.setdefault((i, c.shape, c.dtype), np.array(c))[...] = c
            cotangents = tuple(
                [None if c is None else kept[i, c.shape, c.dtype] for i, c in enumerate(cotangents)]
            )
"""
NARROWED = (
    "_each(lambda v: v.astype(np.float32).astype(v.dtype) if v.dtype == np.float64 else v, y)"
)
BLIND = "_each(lambda v: np.nan_to_num(v, nan=0.0, posinf=np.inf, neginf=-np.inf), y)"


def _cases(op: str, wanted: Callable[[Case], bool]) -> str:
    """Return the selection of a few of an operation's cases, from first to last; all if none."""
    ids = [c.id for c in all_cases() if isinstance(c, Case) and c.op == op and wanted(c)]
    picked = dict.fromkeys(ids[i * (len(ids) - 1) // (FEW - 1)] for i in range(FEW)) if ids else {}
    return " ".join(picked)


def _for(op: str, lines: str) -> str:
    """Return lines that act for one operation alone."""
    return f'        if self.name == "{op}":\n{lines}'


def _forward(op: str, lines: str) -> str:
    """Return the forward call whose result y passes through lines."""
    passed = _for(op, lines)
    return (
        f"        y: Any = self._forward(*arrays, **filled)\n{passed}"
        "        return cast(Y, self._finished(y, half))\n"
    )


def _optioned(op: str, name: str, value: str) -> str:
    """Return the forward call with another value of an option."""
    first, second = CHECKED.splitlines(keepends=True)
    changed = f'            filled = {{**filled, "{name}": {value}}}\n'
    return f"{first}{_for(op, changed)}{second}"


def _each(
    ops: Iterable[str],
    cls: str,
    what: str,
    old: str,
    new: Callable[[str], str],
    wanted: Callable[[Case], bool] = lambda c: c.regime == "typical",
    dtypes: tuple[str, ...] = ("float64",),
) -> list[Bug]:
    """Return a class's bug for each of the operations, for a few of the wanted cases."""
    return [Bug(op, cls, what, OP, old, new(op), _cases(op, wanted), dtypes) for op in ops]


def _in(rule: Callable[[], list[str]]) -> list[str]:
    """Return the operations of a rule, without optimizers."""
    return [op for op in rule() if op in rn.ops()]


CHANGED = '            given = [a for a in inputs if a is not None and a.dtype.kind == "f"]\n'
BUGS = (
    *_each(
        _in(of_floats),
        "mutated input",
        "works in the memory of its last input",
        FORWARD,
        lambda op: _forward(op, f"{CHANGED}            given[-1][...] += 1\n"),
    ),
    *_each(
        _in(sloped),
        "shared state",
        "every cotangent in the same memory",
        PULLED,
        lambda op: f"{PULLED}{_for(op, KEPT)}",
    ),
    *_each(
        _in(sloped),
        "float32 accumulation in float64",
        "result of float32",
        FORWARD,
        lambda op: _forward(op, f"            y = {NARROWED}\n"),
    ),
    *_each(
        _in(sloped),
        "wrong sign",
        "every cotangent negated",
        PULLED,
        lambda op: f"{PULLED}{_for(op, NEGATED)}",
    ),
    *_each(
        with_special_cases(),
        "swallowed NaN",
        "0 for NaN",
        FORWARD,
        lambda op: _forward(op, f"            y = {BLIND}\n"),
        lambda _: False,  # all of them: NaN comes of empty means too
    ),
    *_each(
        [op for op in operations() if "axis" in options_of(op)],
        "wrong axis",
        "the first axis, or the last for the first",
        CHECKED,
        lambda op: _optioned(op, "axis", '-1 if filled["axis"] == 0 else 0'),
    ),
    *_each(
        [op for op in operations() if "reduction" in options_of(op)],
        "wrong reduction",
        "sum and mean exchanged",
        CHECKED,
        lambda op: _optioned(
            op,
            "reduction",
            '{"sum": "mean", "mean": "sum"}.get(filled["reduction"], filled["reduction"])',
        ),
        lambda c: c.options.get("reduction", "mean") in ("sum", "mean"),
    ),
    *(
        bug
        for name in sorted({name for op in operations() for name in rn.ops()[op].options})
        for bug in _each(
            [
                op
                for op in operations()
                if name in rn.ops()[op].options and (op, name) not in BACKWARD_ONLY
            ],
            "wrong dtype" if name == "dtype" else "option ignored",
            f"{name} ignored",
            CHECKED,
            lambda op, name=name: _optioned(op, name, f'self._defaults["{name}"]'),  # type: ignore[misc]
            lambda c, name=name: name in c.options,  # type: ignore[misc]
            ("float32", "float64"),
        )
    ),
)
