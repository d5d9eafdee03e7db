"""The deep feedforward network of the sources, on images of digits."""

from __future__ import annotations

import numpy as np

from refnet import checks
from refnet.admission import as_array
from refnet.arrays import Array
from refnet.errors import ShapeError
from refnet.initializers import Initializer
from refnet.layers import Activation, Dense, Sequential
from refnet.losses.softmax_cross_entropy import softmax_cross_entropy
from refnet.models.network import Network
from refnet.optimizers import Optimizer


class DFN(Network):
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
        self.classes = checks.count("DFN", "classes", classes, low=1)
        layers = Sequential(
            fc1=Dense(hidden, init=init),
            sigmoid=Activation("sigmoid"),
            fc2=Dense(classes, init=init),
        )
        super().__init__(layers, softmax_cross_entropy, optimizer=optimizer)

    def evaluate(self, x: Array, labels: Array) -> float:
        """Return the share of samples x (N, C) whose largest score is at their label.

        Labels are integer class numbers (N,) or rows of probabilities (N, classes), such as one-hot
        ones, as the loss takes them.

        Raises
        ------
        ShapeError
            If there are no samples or not as many labels.
        DtypeError
            If class numbers are floats.
        DomainError
            If a class number is out of range, or a probability negative or NaN.
        """
        x, labels = as_array("DFN", "x", x), as_array("DFN", "labels", labels)
        if x.ndim != 2 or len(x) == 0 or labels.shape not in ((len(x),), (len(x), self.classes)):
            raise ShapeError(
                "DFN",
                got=f"x {x.shape} and labels {labels.shape}",
                needs=f"x (N, C), N at least 1, and labels (N,) or (N, {self.classes})",
                cause="Do they come from different parts of the data?",
            )
        scores = self.predict(x)
        if labels.ndim == 2 and labels.dtype.kind in "iuf":
            labels = labels.astype(scores.dtype)
        self.loss(scores, labels)  # refuses labels that it cannot be trained on either
        classes = labels.argmax(axis=1) if labels.ndim == 2 else labels
        return float(np.mean(scores.argmax(axis=1) == classes))
