"""The small convolutional network of the sources, after AlexNet, on images of digits."""

from __future__ import annotations

from refnet import checks
from refnet.errors import OptionError
from refnet.initializers import Initializer
from refnet.layers import Activation, Conv2D, Dense, Dropout, Flatten, Layer, MaxPool2D, Sequential
from refnet.losses.softmax_cross_entropy import softmax_cross_entropy
from refnet.models.classifier import Classifier
from refnet.optimizers import Optimizer


class SmallAlexNet(Classifier):
    """Two convolutions and two dense layers with ReLUs: images (N, H, W, C) -> (N, classes).

    What is left of AlexNet (Krizhevsky, Sutskever & Hinton 2012) on MNIST in the sources, without
    its pooling and dropout: each convolution (SAME) has a stride of 2 and halves the image. With
    ``pooling`` the strides are 1, and max pooling over 2 x 2 halves it; with ``dropout`` units of
    the hidden dense layer are dropped in training. The loss is the softmax cross-entropy.

    Parameters
    ----------
    filters : pair of int
        Channels of either convolution.
    hidden, classes : int
        Hidden units of the dense layers, and classes.
    kernel : int
        Rows and columns of the convolutions' windows.
    pooling : bool
        Whether images are halved by pooling rather than by strides.
    dropout : float or None
        The share of hidden units that is dropped in training.
    init : str or Initializer
        How the weights start.
    optimizer : str or Optimizer
        Momentum 0.9 with lr 0.05 by default.

    Raises
    ------
    OptionError
        If a number of units is no integer of at least 1, filters no pair of them, dropout not in
        [0, 1), pooling no bool, or a spec names nothing.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> data = rn.data.digits()
    >>> x = rn.data.as_images(data)
    >>> model = rn.models.SmallAlexNet(filters=(4, 8), hidden=16)
    >>> losses = model.fit(
    ...     x[:600], data.labels[:600], epochs=6, batch_size=50, rng=np.random.default_rng(0)
    ... )
    >>> model.evaluate(x[600:900], data.labels[600:900]) > 0.75
    True
    >>> print(model.layers.summary((8, 8, 1)))
    layer                                                    result     parameters
    conv1    Conv2D(4, 3, stride=2, padding='SAME')          (4, 4, 4)  40
    relu1    Activation(relu)                                (4, 4, 4)  0
    conv2    Conv2D(8, 3, stride=2, padding='SAME')          (2, 2, 8)  296
    relu2    Activation(relu)                                (2, 2, 8)  0
    flatten  Flatten()                                       (32,)      0
    fc1      Dense(16, init=he_normal(), bias_init=zeros())  (16,)      528
    relu3    Activation(relu)                                (16,)      0
    fc2      Dense(10, init=he_normal(), bias_init=zeros())  (10,)      170
    total                                                               1,034
    """

    def __init__(
        self,
        filters: tuple[int, int] = (16, 32),
        hidden: int = 64,
        classes: int = 10,
        *,
        kernel: int = 3,
        pooling: bool = False,
        dropout: float | None = None,
        init: str | Initializer = "he_normal",
        optimizer: str | Optimizer = "sgd(lr=0.05, momentum=0.9)",
    ) -> None:
        name = "SmallAlexNet"
        if not isinstance(filters, tuple | list) or len(filters) != 2:
            raise OptionError(
                name,
                got=f"filters={filters!r}",
                needs="filters as a pair of integers, one for each convolution",
                cause="Is one of them missing?",
            )
        checks.count(name, "classes", classes, low=1)
        stride = 1 if checks.flag(name, "pooling", pooling) else 2
        layers: dict[str, Layer] = {}
        for i, channels in enumerate(filters, start=1):
            layers[f"conv{i}"] = Conv2D(channels, kernel, stride=stride, padding="SAME", init=init)
            layers[f"relu{i}"] = Activation("relu")
            if pooling:
                layers[f"pool{i}"] = MaxPool2D(2, padding="SAME")
        layers |= {"flatten": Flatten(), "fc1": Dense(hidden, init=init)}
        layers["relu3"] = Activation("relu")
        if dropout is not None:
            layers["dropout"] = Dropout(dropout)
        layers["fc2"] = Dense(classes, init=init)
        super().__init__(Sequential(**layers), classes, softmax_cross_entropy, optimizer=optimizer)
