"""The deep feedforward network of the sources, on images of digits."""

from __future__ import annotations

from refnet import checks
from refnet.initializers import Initializer
from refnet.layers import Activation, Dense, Sequential
from refnet.losses.softmax_cross_entropy import softmax_cross_entropy
from refnet.models.classifier import Classifier
from refnet.optimizers import Optimizer


class DFN(Classifier):
    """Dense, sigmoid, dense, with the softmax cross-entropy: samples in rows.

    The deep feedforward network of the sources: 784-200-10 on MNIST there. The initial weights are
    std_normal with gain 0.01, the biases zero.

    Parameters
    ----------
    hidden, classes : int
        Hidden units and classes.
    init : str or Initializer
        How the weights start.
    optimizer : str or Optimizer
        Plain gradient descent with lr 0.01 in the sources.

    Raises
    ------
    OptionError
        If a number of units is no integer of at least 1, or a spec names nothing.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> data = rn.data.digits()
    >>> x = rn.data.as_rows(data)
    >>> model = rn.models.DFN(hidden=32, optimizer="sgd(lr=0.5)")
    >>> losses = model.fit(
    ...     x[:1500], data.labels[:1500], epochs=20, batch_size=64, rng=np.random.default_rng(0)
    ... )
    >>> losses[0] > 2 > 0.2 > losses[-1], model.evaluate(x[1500:], data.labels[1500:]) > 0.85
    (True, True)
    >>> print(model.summary())
    fc1        Dense(32, init=std_normal(gain=0.01), bias_init=zeros())
    sigmoid    Activation(sigmoid)
    fc2        Dense(10, init=std_normal(gain=0.01), bias_init=zeros())
    loss       softmax_cross_entropy()
    optimizer  SGD(lr=0.5, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False)
    fc1.w      (64, 32) float32
    fc1.b      (32,) float32
    fc2.w      (32, 10) float32
    fc2.b      (10,) float32
    total      2,410
    """

    def __init__(
        self,
        hidden: int = 200,
        classes: int = 10,
        *,
        init: str | Initializer = "std_normal(gain=0.01)",
        optimizer: str | Optimizer = "sgd(lr=0.01)",
    ) -> None:
        checks.count("DFN", "classes", classes, low=1)
        layers = Sequential(
            fc1=Dense(hidden, init=init),
            sigmoid=Activation("sigmoid"),
            fc2=Dense(classes, init=init),
        )
        super().__init__(layers, classes, softmax_cross_entropy, optimizer=optimizer)
