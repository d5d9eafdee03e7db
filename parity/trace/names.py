"""How the tensors of a step are named, and in which order a step computes them.

A name is a kind, then what is of that kind, with slashes between: ``parameter/fc1.w``,
``gradient/fc1.w``, ``slot/exp_avg/fc1.w``, ``option/lr/0`` (the number is the parameter group's),
``batch/x``, ``mask/dropout1``, ``output/fc1``, ``branch/relu 0``, ``buffer/norm.running_mean``, and
``loss``. A name that begins with no kind is allowed, and compared like any other, last.

Step 0 holds the state before the first update, so parameters, slots, buffers; step t what update t
read and computed (batch, masks, outputs, branches, loss, gradients, options) and the state that it
left.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from parity.errors import UnrecordableError

# In the order in which a step computes them: a cause stands before its effects.
KINDS = (
    "batch",
    "mask",
    "output",
    "branch",
    "buffer",
    "loss",
    "gradient",
    "option",
    "slot",
    "parameter",
)
# What a layer computes is in the order in which it was recorded, whichever of these it is.
_RANKS = {kind: i for i, kind in enumerate(KINDS)} | {"branch": KINDS.index("output")}
MAX_NAME = 4096  # bytes

Named = Mapping[str, Any]


def kind_of(name: str) -> str:
    """Return the kind that a name begins with, or an empty text.

    Examples
    --------
    >>> kind_of("slot/exp_avg/fc1.w"), kind_of("loss"), kind_of("fc1.w")
    ('slot', 'loss', '')
    """
    kind = name.partition("/")[0]
    return kind if kind in _RANKS else ""


def rank(name: str) -> int:
    """Return the place of a name's kind within a step."""
    return _RANKS.get(kind_of(name), len(KINDS))


def parts(name: str) -> tuple[str, str]:
    """Return what stands before a tensor's own name, and that name.

    Examples
    --------
    >>> parts("slot/exp_avg/fc1.w"), parts("batch/x"), parts("fc1.w")
    (('slot/exp_avg', 'fc1.w'), ('batch', 'x'), ('', 'fc1.w'))
    """
    kind = kind_of(name)
    if not kind:
        return "", name
    before, slash, own = name.partition("/")
    if kind in ("slot", "option") and "/" in own:
        slot, _, own = own.partition("/")
        before = f"{before}/{slot}"
    return (before, own) if slash else ("", name)


def named(
    *,
    batch: Named | None = None,
    masks: Named | None = None,
    outputs: Named | None = None,
    branches: Named | None = None,
    buffers: Named | None = None,
    loss: Any = None,
    gradients: Named | None = None,
    options: Mapping[str, Iterable[Any]] | None = None,
    slots: Mapping[str, Named] | None = None,
    parameters: Named | None = None,
) -> dict[str, Any]:
    """Return the parts of a step under their names in a recording; what is None is left out.

    ``options`` maps an option, such as lr, to its value in each parameter group.

    Examples
    --------
    >>> list(named(loss=0.5, gradients={"w": 2.0}, slots={"exp_avg": {"w": 0.2}}))
    ['loss', 'gradient/w', 'slot/exp_avg/w']
    """
    found: dict[str, Any] = {}
    for kind, values in (
        ("batch", batch),
        ("mask", masks),
        ("output", outputs),
        ("branch", branches),
        ("buffer", buffers),
    ):
        found |= {f"{kind}/{name}": a for name, a in (values or {}).items()}
    if loss is not None:
        found["loss"] = loss
    found |= {f"gradient/{name}": a for name, a in (gradients or {}).items()}
    for option, groups in (options or {}).items():
        found |= {f"option/{option}/{i}": value for i, value in enumerate(groups)}
    for slot, table in (slots or {}).items():
        found |= {f"slot/{slot}/{name}": a for name, a in table.items()}
    return found | {f"parameter/{name}": a for name, a in (parameters or {}).items()}


def checked(name: object) -> str:
    """Return a name that a recording can hold, and a terminal can show.

    Raises
    ------
    UnrecordableError
        If it is no text, empty, longer than 4,096 bytes, or has NUL, other control characters or
        lone surrogates.
    """
    if isinstance(name, str) and name and name.isprintable() and len(name.encode()) <= MAX_NAME:
        return name
    raise UnrecordableError(
        "Recorder",
        got=f"the name {str(name)[:40]!r} of type {type(name).__name__}",
        needs=f"names of 1 to {MAX_NAME:,} bytes of UTF-8 without control characters",
        cause="Is it a number or a path, or text that was decoded wrongly?",
    )
