"""The report of the gate's proof of itself, as Markdown and in lines."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from tabulate import tabulate

from parity.floats import HALVES
from parity.selftest.classes import CLASSES
from parity.selftest.controls import Control
from parity.selftest.defects import DEFECTS
from parity.selftest.kill import FAR, Kill, Verdict
from parity.selftest.proof import Proof
from parity.selftest.vacuity import Linted


def complaints(proof: Proof) -> list[str]:
    """Return a line for whatever does not hold."""
    found = []
    for c in proof.controls or ():
        found += [f"control: {c.what}, but not in {wrong}" for wrong in c.wrong]
    if proof.vacuity is not None:
        found += [f"vacuous: {_of_finding(f)}" for f in proof.vacuity.findings]
    found += [f"survived: {k.bug.id} ({_why(k)})" for k in proof.kills or () if not k.killed]
    return found


def summary(proof: Proof) -> list[str]:
    """Return a line for each part."""
    found = [f"{c.what}: {c.cells:,} cells" for c in proof.controls or () if not c.wrong]
    if proof.vacuity is not None:
        v = proof.vacuity
        found.append(f"vacuity: {len(v.findings)} findings in {v.cells:,} cells")
    if proof.kills is not None:
        caught = sum(k.killed for k in proof.kills)
        classes = len({k.bug.cls for k in proof.kills})
        found.append(
            f"kill matrix: {caught:,} of {len(proof.kills):,} bugs of {classes} classes caught, "
            f"the smallest margin {_margin(smallest(proof.kills))}"
        )
    return found


def smallest(kills: Iterable[Kill]) -> float:
    """Return the smallest margin."""
    return min((k.margin for k in kills), default=math.nan)


def as_markdown(proof: Proof) -> str:
    """Return the whole report."""
    parts = ["# The gate proves itself"]
    parts.append("\n".join(f"- {line}" for line in (*complaints(proof), *summary(proof))))
    if proof.controls is not None:
        parts.append(_controls(proof.controls))
    if proof.vacuity is not None:
        parts.append(_vacuity(proof.vacuity))
    if proof.kills is not None:
        parts += _kills(proof.kills)
    parts.append("Written by `parity selftest --out FILE`.")
    return "\n\n".join(parts)


def _controls(controls: Sequence[Control]) -> str:
    rows = [[c.what, f"{c.cells:,}", str(len(c.wrong))] for c in controls]
    return f"""\
## Null controls

{_table(["control", "cells", "wrong"], rows)}"""


def _vacuity(v: Linted) -> str:
    kinds = Counter(f.kind for f, _ in v.excused)
    where: dict[tuple[str, str], tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for f, reason in v.excused:
        op, _, name = f.case.partition("/")
        parts, names = where[op, reason]
        parts.add(f.part)
        names.add(name)
    rows = [
        [op, ", ".join(sorted(parts)), _few(sorted(names)), reason]
        for (op, reason), (parts, names) in sorted(where.items())
    ]
    said = ", ".join(f"{n} of {kind}" for kind, n in sorted(kinds.items()))
    return f"""\
## Vacuity

Of {v.cells:,} cells none has a constant cotangent, sizes that coincide, a gradient that is all but
zero or a bound above its signal, but for those that say why ({said}):

{_table(["operation", "parts", "cases", "why they cannot fail there"], rows)}"""


def _kills(kills: Sequence[Kill]) -> list[str]:
    caught = sum(k.killed for k in kills)
    return [
        f"""\
## The kill matrix: {caught:,} of {len(kills):,} injected bugs caught

Each bug is put into refnet or an adapter in memory, one at a time, and `parity run` is asked for
the cells of its operation alone. It is caught if the run exits 1, names the operation and puts the
difference where it is. The oracle is refnet too, so a wrong formula in refnet is in the oracle as
well: then the other side must be outside ("sides part"; or "bound in doubt", where the wrong
formula makes more of refnet's rounding than the bound of the right one allows, and the other side
is over {FAR:g} times as far away). What only costs
accuracy shows in refnet ("refnet loses accuracy"); a difference that the register knows, and that
the bug undoes, shows there. A margin is the largest error as a share of its bound (of the lockstep
limit for training runs): above 1 is caught, inf is NaN, infinity, another shape, an exception or a
known difference gone.

{_verdicts(kills)}

### Classes

{_classes(kills)}""",
        f"""\
### Operations

Each with its classes, and the smallest margin of each.

{_operations(kills)}""",
        f"""\
### Defects of published programs

{_defects(kills)}""",
        f"""\
### Bugs

{bug_table(kills)}""",
    ]


def _verdicts(kills: Sequence[Kill]) -> str:
    shared = Counter(k.verdict for k in kills if k.other_side)
    own = Counter(k.verdict for k in kills if not k.other_side)
    rows = [[str(v), str(shared[v]), str(own[v])] for v in Verdict]
    return _table(["verdict", "oracle or other side has the bug", "digits, memory, NaN"], rows)


def _classes(kills: Sequence[Kill]) -> str:
    rows = []
    for c in CLASSES:
        mine = [k for k in kills if k.bug.cls == c.name]
        if mine:
            least = min(mine, key=lambda k: k.margin)
            ops = {k.bug.op for k in mine}
            rows.append(
                [c.name, c.what, str(len(ops)), str(len(mine)), _margin(least.margin), least.bug.id]
            )
    return _table(["class", "what", "operations", "bugs", "smallest margin", "of"], rows)


def _operations(kills: Sequence[Kill]) -> str:
    least: dict[str, dict[str, float]] = defaultdict(dict)
    for k in kills:
        mine = least[k.bug.op]
        mine[k.bug.cls] = min(k.margin, mine.get(k.bug.cls, math.inf))
    rows = [
        [op, str(len(mine)), "; ".join(f"{c} {_margin(m)}" for c, m in sorted(mine.items()))]
        for op, mine in sorted(least.items())
    ]
    return _table(["operation", "classes", "smallest margin of each"], rows)


def _defects(kills: Sequence[Kill]) -> str:
    rows = []
    for key, d in DEFECTS.items():
        mine = [k for k in kills if k.bug.defect == key]
        stands = "; ".join(f"{k.bug.id} ({_margin(k.margin)})" for k in mine)
        rows.append([d.source, d.what, stands or f"none: {d.instead}"])
    return _table(["program", "defect", "bug, with its margin"], rows)


def bug_table(kills: Sequence[Kill]) -> str:
    """Return every bug, the narrowest margins first."""
    rows = [
        [
            k.bug.op,
            k.bug.cls,
            k.bug.what,
            "caught" if k.killed else "SURVIVED",
            str(k.verdict or ""),
            *(_margin(k.margins.get(dtype)) for dtype in ("float32", "float64")),
            _margin(max((m for d, m in k.margins.items() if d in HALVES), default=None)),
        ]
        for k in sorted(kills, key=lambda k: (k.killed, k.margin, k.bug.id))
    ]
    names = ["operation", "class", "bug", "", "verdict", "float32", "float64", "halves"]
    return _table(names, rows)


def _why(k: Kill) -> str:
    if k.exit_code == 1 and k.bug.op in k.named:
        return f"its verdict is {k.verdict}"
    return f"exit code {k.exit_code}: {k.reason}"


def _of_finding(f: object) -> str:
    return " ".join(str(part) for part in f) if isinstance(f, tuple) else str(f)


def _few(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 4 else f"{', '.join(names[:3])} and {len(names) - 3}"


def _margin(m: float | None) -> str:
    return "" if m is None else f"{m:.3g}"


def _table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return str(tabulate(rows, headers=names, tablefmt="github", disable_numparse=True))
