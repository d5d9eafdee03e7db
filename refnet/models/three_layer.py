"""The three-layer forward network of the sources, with its printed weights."""

from __future__ import annotations

import numpy as np

from refnet.arrays import Array
from refnet.layers import Activation, Dense, Sequential

NETWORK = Sequential(
    fc1=Dense(3),
    sigmoid1=Activation("sigmoid"),
    fc2=Dense(2),
    sigmoid2=Activation("sigmoid"),
    fc3=Dense(2),
    identity=Activation("identity"),
)


def parameters() -> dict[str, Array]:
    """Return the weights and biases that the sources print, in float64."""
    return {
        "fc1.w": np.array([[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]]),
        "fc1.b": np.array([0.1, 0.2, 0.3]),
        "fc2.w": np.array([[0.1, 0.4], [0.2, 0.5], [0.3, 0.6]]),
        "fc2.b": np.array([0.1, 0.2]),
        "fc3.w": np.array([[0.1, 0.3], [0.2, 0.4]]),
        "fc3.b": np.array([0.1, 0.2]),
    }


def forward(x: Array) -> Array:
    """Return the network's result: x (..., 2) -> (..., 2).

    Raises
    ------
    ShapeError, DtypeError
        If x does not have two features, or is not float64.

    Examples
    --------
    >>> forward(np.array([1.0, 0.5]))
    array([0.31682708, 0.69627909])
    """
    return NETWORK(parameters(), x)
