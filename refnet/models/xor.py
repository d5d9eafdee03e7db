"""The network of the sources that learns exclusive or."""

from __future__ import annotations

import numpy as np

from refnet.initializers import Initializer
from refnet.layers import Activation, Dense, Sequential
from refnet.losses.mean_squared_error import mean_squared_error
from refnet.models.network import Network
from refnet.optimizers import Optimizer

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
T = np.array([[0.0], [1.0], [1.0], [0.0]])
X.flags.writeable = T.flags.writeable = False


class XOR(Network):
    """Dense, ReLU, dense, with half the mean squared error of a row: samples in rows.

    ``X`` (4, 2) and ``T`` (4, 1) of this module are the four cases. The sources train 2-2-1 on all
    four at once for 20,001 epochs from std_normal weights with learning rate 1; most starts end in
    a local minimum.

    Parameters
    ----------
    hidden : int
        Hidden units.
    init : str or Initializer
        How the weights start.
    optimizer : str or Optimizer
        Plain gradient descent with lr 1 in the sources.

    Raises
    ------
    OptionError
        If hidden is no integer of at least 1, or a spec names nothing.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> from refnet.models.xor import T, X
    >>> model = rn.models.XOR(hidden=8, optimizer="sgd(lr=0.3)")
    >>> losses = model.fit(X, T, epochs=2000, rng=np.random.default_rng(1))
    >>> np.abs(np.round(model.predict(X), 3)).ravel()
    array([0., 1., 1., 0.])
    """

    def __init__(
        self,
        hidden: int = 2,
        *,
        init: str | Initializer = "std_normal(gain=1.0)",
        optimizer: str | Optimizer = "sgd(lr=1.0)",
    ) -> None:
        layers = Sequential(
            fc1=Dense(hidden, init=init),
            relu=Activation("relu"),
            fc2=Dense(1, init=init),
        )
        super().__init__(
            layers, mean_squared_error, optimizer=optimizer, reduction="half_mean_rows"
        )
