"""Bugs that any optimizer may have, one for each.

They are put in where every optimizer passes, in refnet.optimizers.base and beside it.
"""

from __future__ import annotations

from collections.abc import Container

from parity.selftest.bug import Bug
from parity.selftest.classes import optimizers

BASE = "refnet/optimizers/base.py"
CLIPPING = "refnet/optimizers/clipping.py"
MOVED = "        moved, *after = applied(rule, params, grads, *slots)\n"
ADDED = '            step += kept * p if kind == "decoupled" else p\n'


def _all(
    cls: str,
    what: str,
    old: str,
    new: str,
    cases: str = "*",
    file: str = BASE,
    elsewhere: Container[str] = (),
) -> list[Bug]:
    """Return the same bug for every optimizer, which its cases of that name have to notice.

    ``elsewhere`` names the optimizers that have it in a file of their own.
    """
    return [
        Bug(op, cls, what, file, old, new, f"{op}/{cases}", ("float64",))
        for op in optimizers()
        if op not in elsewhere
    ]


IN_PLACE = _all(
    "mutated input",
    "the parameters move in place",
    ADDED,
    f"{ADDED}            p[...] = step\n",
    "decay*",
)
BUGS = (
    *(b._replace(defect="start changed") if b.op == "sgd" else b for b in IN_PLACE),
    *_all(
        "shared state",
        "the slots change in place",
        MOVED,
        f"{MOVED}"
        "        for old, new in zip(slots, after):\n"
        "            for name in new:\n"
        "                old[name][...] = new[name]\n"
        "                new[name] = old[name]\n",
    ),
    *_all(
        "float32 accumulation in float64",
        "updates of float32",
        "            rows.append(rules[dtype](*found))\n",
        "            row = rules[dtype](*found)\n"
        "            rows.append(\n"
        "                tuple(\n"
        "                    [\n"
        "                        r.astype(np.float32).astype(dtype)\n"
        "                        if r is not None and dtype == np.float64\n"
        "                        else r\n"
        "                        for r in row\n"
        "                    ]\n"
        "                )\n"
        "            )\n",
        "decay*",
    ),
    *_all(
        "wrong sign",
        "uphill",
        "step = row[0]  # which",
        "step = np.negative(row[0], out=row[0])  # which",
        "decay*",
    ),
    *_all(
        "weight decay misplaced",
        "decoupled and coupled at once",
        'if kind == "l2":',
        'if kind in ("l2", "decoupled"):',
        "decay*",
    ),
    *_all(
        "weight decay misplaced",
        "L1 decay of the absolute value",
        "decay * np.sign(p)",
        "decay * np.abs(p)",
        "decay*",
    ),
    *_all(
        "schedule off by one",
        "the rate of the next update",
        "lr = self._rate(done)\n\n        def rule",
        "lr = self._rate(done + 1)\n\n        def rule",
        elsewhere={"adagrad"},
    ),
    *_all(
        "clipping misplaced",
        "clipped by the norm of each tensor",
        "return lambda g: scale * g",
        "return lambda g: number(limit / max(global_norm({'': g}) + self.eps, limit)) * g",
        "all",
        CLIPPING,
        elsewhere={"adam"},
    ),
    *_all(
        "clipping misplaced",
        "clipped after the decay",
        "row = rule(g, *slots)",
        "row = rule(g if clipped is None else clipped(g), *slots)",
        "all",
        elsewhere={"adamax"},
    ),
)
