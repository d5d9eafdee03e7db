"""The perceptron's gates."""

from __future__ import annotations

from typing import Any

import numpy as np

from refnet import checks
from refnet.admission import as_array
from refnet.arrays import Array
from refnet.errors import DtypeError, ShapeError
from refnet.ops.dense import dense
from refnet.ops.step import step


def gate(x: Any, w: Any, b: float) -> Array:
    """Return step(x w + b): inputs x (..., 2) -> (...), 1.0 or 0.0.

    Raises
    ------
    ShapeError
        If the last axis of x does not hold two inputs.
    DtypeError
        If x or w holds no real numbers.
    OptionError
        If b is no finite number.

    Examples
    --------
    >>> gate([1, 1], w=[0.5, 0.5], b=-0.7)
    array(1.)
    """
    inputs, weights = _real("x", x), _real("w", w)
    bias = checks.number("gate", "b", b)
    if inputs.shape[-1:] != (2,) or weights.shape != (2,):
        raise ShapeError(
            "gate",
            got=f"x {inputs.shape} and w {weights.shape}",
            needs="x (..., 2) and w (2,)",
            cause="A gate has two inputs, on the last axis.",
        )
    return np.asarray(step(dense(inputs, weights[:, np.newaxis], np.array([bias])))[..., 0])


def _real(name: str, value: Any) -> Array:
    a = as_array("gate", name, value)
    if a.dtype.kind not in "biuf":
        raise DtypeError(
            "gate",
            got=f"{name} of dtype {a.dtype}",
            needs=f"{name} of real numbers, such as 0 and 1",
            cause="Were the inputs read as text?",
        )
    return a.astype(np.float64)


def and_gate(x: Any) -> Array:
    """Return 1 where both inputs are 1: x (..., 2) -> (...).

    Raises
    ------
    ShapeError, DtypeError
        As :func:`gate` has it.

    Examples
    --------
    >>> and_gate([[0, 0], [0, 1], [1, 0], [1, 1]])
    array([0., 0., 0., 1.])
    """
    return gate(x, (0.5, 0.5), -0.7)


def nand_gate(x: Any) -> Array:
    """Return 1 unless both inputs are 1: x (..., 2) -> (...).

    Raises
    ------
    ShapeError, DtypeError
        As :func:`gate` has it.

    Examples
    --------
    >>> nand_gate([[0, 0], [0, 1], [1, 0], [1, 1]])
    array([1., 1., 1., 0.])
    """
    return gate(x, (-0.5, -0.5), 0.7)


def or_gate(x: Any) -> Array:
    """Return 1 where an input is 1: x (..., 2) -> (...).

    Raises
    ------
    ShapeError, DtypeError
        As :func:`gate` has it.

    Examples
    --------
    >>> or_gate([[0, 0], [0, 1], [1, 0], [1, 1]])
    array([0., 1., 1., 1.])
    """
    return gate(x, (0.5, 0.5), -0.2)


def xor_gate(x: Any) -> Array:
    """Return 1 where the inputs differ, from two layers of gates: x (..., 2) -> (...).

    Raises
    ------
    ShapeError, DtypeError
        As :func:`gate` has it.

    Examples
    --------
    >>> xor_gate([[0, 0], [0, 1], [1, 0], [1, 1]])
    array([0., 1., 1., 0.])
    """
    return and_gate(np.stack([nand_gate(x), or_gate(x)], axis=-1))
