"""The multilayer perceptron of the sources, on images of digits."""

from __future__ import annotations

from typing import Any, NamedTuple

from refnet import checks
from refnet.initializers import Initializer
from refnet.layers import Activation, Dense, Layer, Sequential
from refnet.losses.mean_squared_error import mean_squared_error
from refnet.losses.softmax_cross_entropy import softmax_cross_entropy
from refnet.models.classifier import Classifier
from refnet.op import Op
from refnet.optimizers import Optimizer


class Form(NamedTuple):
    """What the sources put at the end of the network, by the loss."""

    loss: Op[Any, Any]
    reduction: str
    rows: bool  # whether the loss wants one-hot rows
    output: str  # the activation before it
    output_init: str
    optimizer: str


FORMS = {
    "softmax_cross_entropy": Form(
        softmax_cross_entropy, "sum", False, "identity", "zeros", "sgd(lr=2e-4, momentum=0.9)"
    ),
    "mean_squared_error": Form(
        mean_squared_error, "half_mean_rows", True, "relu", "std_normal(gain=0.1)", "sgd(lr=0.04)"
    ),
}


class MLP(Classifier):
    """Dense, ReLU, dense, or a single dense layer: 784-300-10 and 784-10 on MNIST in the sources.

    With the softmax cross-entropy the scores are logits, and the loss is summed over the batch,
    as the gradient descent of the sources sums a vector of losses: learning rates are per sum, and
    go with the batch size (256 there). The output layer starts at zero, where it learns all the
    same as long as the layer before it does not (two such layers in a row never do).

    With the mean squared error a second ReLU makes the scores, and the loss is
    sum (y - t)^2 / (2 m) for m samples, as the sources have it on paper. Their program prints the
    sums of the rows beside twice this loss's gradient: a learning rate of theirs is half of one
    here. A class whose ReLU is off for every sample stays off, which happens often, and least for
    inputs that are not negative; ``output="identity"`` does without it.

    Parameters
    ----------
    hidden : int or None
        Hidden units; None for no hidden layer.
    classes : int
        Classes.
    loss : {"softmax_cross_entropy", "mean_squared_error"}
        The loss.
    output : {"relu", "identity"}, optional
        What makes the scores: the ReLU for the squared error, and nothing for the softmax.
    init : str or Initializer
        How the hidden layer's weights start.
    output_init : str or Initializer, optional
        How the output layer's weights start: at zero for the softmax, and std_normal with gain 0.1
        for the squared error, since a ReLU does not let go of zero.
    optimizer : str or Optimizer, optional
        Momentum 0.9 with lr 2e-4 for the softmax, gradient descent with lr 0.04 for the squared
        error; the sources train 784-10 with ``"sgd(lr=1e-3)"``.

    Raises
    ------
    OptionError
        If a number of units is no integer of at least 1, the loss or the output is none of the two,
        or a spec names nothing.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> data = rn.data.digits()
    >>> x = rn.data.as_rows(data)
    >>> model = rn.models.MLP(hidden=30, optimizer="sgd(lr=2e-3, momentum=0.9)")
    >>> losses = model.fit(
    ...     x[:1500], data.labels[:1500], epochs=10, batch_size=100, rng=np.random.default_rng(0)
    ... )
    >>> losses[0] > 100 > 20 > losses[-1], model.evaluate(x[1500:], data.labels[1500:]) > 0.85
    (True, True)
    """

    def __init__(
        self,
        hidden: int | None = 300,
        classes: int = 10,
        *,
        loss: str = "softmax_cross_entropy",
        output: str | None = None,
        init: str | Initializer = "truncated_normal(std=0.1)",
        output_init: str | Initializer | None = None,
        optimizer: str | Optimizer | None = None,
    ) -> None:
        form = FORMS[checks.choice("MLP", "loss", loss, FORMS)]
        checks.count("MLP", "classes", classes, low=1)
        activation = form.output if output is None else output
        checks.choice("MLP", "output", activation, ("relu", "identity"))
        layers: dict[str, Layer] = {}
        if hidden is not None:
            layers |= {"fc1": Dense(hidden, init=init), "relu1": Activation("relu")}
        last = 1 if hidden is None else 2
        output_init = form.output_init if output_init is None else output_init
        layers[f"fc{last}"] = Dense(classes, init=output_init)
        if activation == "relu":
            layers[f"relu{last}"] = Activation("relu")
        super().__init__(
            Sequential(**layers),
            classes,
            form.loss,
            optimizer=form.optimizer if optimizer is None else optimizer,
            rows=form.rows,
            reduction=form.reduction,
        )
