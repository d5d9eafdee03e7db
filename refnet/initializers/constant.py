"""Constant initial values."""

from __future__ import annotations

from typing import Any

import numpy as np

from refnet import checks
from refnet.initializers.base import Draw, initializer


@initializer
def constant(value: float = 0.0) -> tuple[dict[str, Any], Draw]:
    """Fill with one value.

    Raises
    ------
    OptionError
        If value is no finite number.

    Examples
    --------
    >>> constant(0.1)((2,), np.random.default_rng(0))
    array([0.1, 0.1])
    """
    v = checks.number("constant", "value", value)
    return {"value": v}, lambda shape, _: np.full(shape, v)


@initializer
def zeros() -> tuple[dict[str, Any], Draw]:
    """Fill with zeros, the usual start of biases.

    Raises
    ------
    OptionError
        When called with a shape whose lengths are no integers or negative.

    Examples
    --------
    >>> zeros()((2,), np.random.default_rng(0))
    array([0., 0.])
    """
    return {}, lambda shape, _: np.zeros(shape)
