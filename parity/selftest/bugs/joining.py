"""Bugs of joining and taking apart."""

from __future__ import annotations

from parity.selftest.bug import Bug

JOINING = "refnet/ops/joining.py"

BUGS = (
    Bug(
        "concat",
        "wrong order",
        "the last array first",
        JOINING,
        "np.concatenate(xs, ",
        "np.concatenate(xs[::-1], ",
    ),
    Bug(
        "concat",
        "first for all",
        "the first part for all",
        JOINING,
        "np.cumsum([0, *sizes])",
        "0 * np.cumsum([0, *sizes])",
    ),
    Bug(
        "stack",
        "wrong axis",
        "the last axis",
        JOINING,
        "return np.stack(xs, axis=axis)",
        "return np.stack(xs, axis=-1)",
    ),
    Bug(
        "stack",
        "wrong axis",
        "cotangents along the first axis",
        JOINING,
        "for entry in np.moveaxis(dy, axis, 0)",
        "for entry in np.moveaxis(dy, 0, 0)",
    ),
    Bug(
        "unstack",
        "first for all",
        "the first entry for all",
        JOINING,
        "[entry.copy() for entry in np.moveaxis(x, axis, 0)]",
        "[x.take(0, axis) for entry in np.moveaxis(x, axis, 0)]",
    ),
    Bug(
        "unstack",
        "cotangent lost",
        "a cotangent lost",
        JOINING,
        "(np.stack(dy, axis=axis),)",
        "(np.stack((0 * dy[0], *dy[1:]), axis=axis),)",
    ),
    Bug(
        "split",
        "wrong order",
        "cotangents in reverse",
        JOINING,
        "(np.concatenate(dy, axis=axis),)",
        "(np.concatenate(dy[::-1], axis=axis),)",
    ),
)
