"""Universal approximation made visible: two sigmoids make a tower, and towers make any function.

With enough hidden units a network of one hidden layer comes as near to a continuous function on an
interval as one likes (Cybenko 1989, "Approximation by superpositions of a sigmoidal function"). The
sources build it by hand: a steep sigmoid is a step, the difference of two steps is a tower, and
towers side by side are a bar chart of the function.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from refnet import checks
from refnet.admission import as_array
from refnet.arrays import Array
from refnet.errors import DtypeError, OptionError, ShapeError
from refnet.ops.dense import dense
from refnet.ops.sigmoid import sigmoid


def tower(
    x: Any, left: float, right: float, height: float = 1.0, steepness: float = 100.0
) -> Array:
    """Return height (sigmoid(s (x - left)) - sigmoid(s (x - right))) of x (...), s the steepness.

    It is about height between left and right, and about 0 elsewhere; half of it at either end. The
    steeper, the sharper its edges.

    Raises
    ------
    DtypeError
        If x holds no real numbers.
    OptionError
        If left is not below right, height no finite number, or steepness not above 0.

    Examples
    --------
    >>> tower([0.0, 0.4, 0.5, 0.6, 1.0], 0.4, 0.6, height=2.0, steepness=1000.0)
    array([0., 1., 2., 1., 0.])
    """
    points = _real("tower", x)
    low = checks.number("tower", "left", left)
    high = checks.number("tower", "right", right)
    if not low < high:
        raise OptionError(
            "tower",
            got=f"left={low} and right={high}",
            needs="left below right",
            cause="Were they exchanged?",
        )
    tall = checks.number("tower", "height", height)
    s = checks.number("tower", "steepness", steepness, low=0, open_low=True)
    return np.asarray(tall * (sigmoid(s * (points - low)) - sigmoid(s * (points - high))))


def approximation(
    f: Callable[[Array], Any],
    low: float,
    high: float,
    towers: int,
    steepness: float | None = None,
) -> Callable[[Any], Array]:
    """Return the function of a network that approximates f on [low, high] by towers side by side.

    Each tower is as wide as the others and as high as f is in its middle. The network has one
    hidden layer: x (...) -> sigmoid(x w1 + b1) w2, with two units for each tower, so the error is
    at most about how much f changes over a tower's width.

    Parameters
    ----------
    f : callable
        From an array of points (towers,) to as many values.
    low, high : float
        The interval.
    towers : int
        How many, at least 1.
    steepness : float, optional
        Of the sigmoids; by default 25 over a tower's width, which is as sharp as plots show.

    Raises
    ------
    OptionError
        If low is not below high, towers no integer of at least 1, or steepness not above 0.
    ShapeError
        If f does not give as many values as there are towers.
    DtypeError
        If f gives no real numbers, or the network is called with none.

    Examples
    --------
    >>> x = np.linspace(0.05, 0.95, 200)
    >>> for n in (5, 20, 80):
    ...     g = approximation(lambda x: x**2, 0.0, 1.0, n)
    ...     print(n, np.abs(g(x) - x**2).max().round(2))
    5 0.12
    20 0.03
    80 0.01
    """
    start, end = (
        checks.number("approximation", name, v) for name, v in (("low", low), ("high", high))
    )
    if not start < end:
        raise OptionError(
            "approximation",
            got=f"low={start} and high={end}",
            needs="low below high",
            cause="Were they exchanged?",
        )
    n = checks.count("approximation", "towers", towers, low=1)
    width = (end - start) / n
    s = 25 / width if steepness is None else steepness
    s = checks.number("approximation", "steepness", s, low=0, open_low=True)
    edges = start + width * np.arange(n + 1)
    heights = _real("approximation", f((edges[:-1] + edges[1:]) / 2))
    if heights.shape != (n,):
        raise ShapeError(
            "approximation",
            got=f"values {heights.shape} of f at {n} point(s)",
            needs=f"f from an array ({n},) to as many values",
            cause="Does it take one number at a time? Then wrap it in numpy.vectorize.",
        )
    w1 = np.full((1, 2 * n), s)
    b1 = -s * np.concatenate([edges[:-1], edges[1:]])
    w2 = np.concatenate([heights, -heights])[:, np.newaxis]

    def network(x: Any) -> Array:
        """Return the approximation at the points x (...)."""
        points = _real("approximation", x)
        hidden = sigmoid(dense(points[..., np.newaxis], w1, b1))
        return np.asarray(dense(hidden, w2)[..., 0])

    return network


def _real(name: str, values: Any) -> Array:
    given = as_array(name, "x", values)
    if given.dtype.kind not in "biuf":
        raise DtypeError(
            name,
            got=f"values of dtype {given.dtype}",
            needs="real numbers",
            cause="Were they read as text?",
        )
    return given.astype(np.float64)
