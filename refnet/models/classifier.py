"""A network whose result is a score for each class."""

from __future__ import annotations

from typing import Any

import numpy as np

from refnet import checks
from refnet.admission import as_array
from refnet.arrays import Array
from refnet.errors import ShapeError
from refnet.layers import Context, Sequential
from refnet.models.network import Network
from refnet.op import Op
from refnet.ops.one_hot import one_hot
from refnet.optimizers import Optimizer


class Classifier(Network):
    """Layers from samples to scores (N, classes), trained on classes.

    Targets are integer class numbers (N,), or rows (N, classes) such as one-hot ones.

    Parameters
    ----------
    layers : Sequential
        From a batch (N, ...) to scores (N, classes).
    classes : int
        Classes.
    loss : Op
        An operation of scores and targets.
    optimizer : str or Optimizer
        Such as ``"sgd(lr=0.01)"``.
    rows : bool
        Whether the loss takes rows alone: class numbers are made one-hot for it.
    **loss_options
        Options of the loss, such as its reduction.

    Raises
    ------
    ArgumentError
        If the loss is no operation or lacks an option.
    OptionError
        If classes is no integer of at least 1, rows no bool, or the optimizer's spec names nothing.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> model = rn.models.Classifier(
    ...     rn.layers.Sequential(fc=rn.layers.Dense(2)),
    ...     2,
    ...     rn.mean_squared_error,
    ...     optimizer="sgd(lr=0.1)",
    ...     rows=True,
    ... )
    >>> x, labels = np.array([[1.0, 2.0], [2.0, 1.0]]), np.array([1, 0])
    >>> losses = model.fit(x, labels, epochs=50, rng=np.random.default_rng(0))
    >>> model.evaluate(x, labels)
    1.0
    """

    def __init__(
        self,
        layers: Sequential,
        classes: int,
        loss: Op[Any, Any],
        *,
        optimizer: str | Optimizer,
        rows: bool = False,
        **loss_options: Any,
    ) -> None:
        name = type(self).__name__
        self.classes = checks.count(name, "classes", classes, low=1)
        self.rows = checks.flag(name, "rows", rows)
        super().__init__(layers, loss, optimizer=optimizer, **loss_options)

    def loss_and_grads(
        self, params: dict[str, Array], x: Array, t: Array, context: Context | None = None
    ) -> tuple[Array, dict[str, Array]]:
        """Return the loss of a batch and its gradient with respect to every parameter.

        Without a context it is that of evaluation, with the network's buffers.
        """
        return super().loss_and_grads(params, x, self._targets(t, x.dtype), context)

    def evaluate(self, x: Array, labels: Array) -> float:
        """Return the share of samples x (N, ...) whose largest score is at their label.

        A sample with a score that is NaN is none of them.

        Labels are integer class numbers (N,) or rows of probabilities (N, classes), such as one-hot
        ones.

        Raises
        ------
        ShapeError
            If there are no samples or not as many labels.
        DtypeError
            If class numbers are floats.
        DomainError
            If a class number is out of range, or a probability negative or NaN.
        """
        name = type(self).__name__
        x, labels = as_array(name, "x", x), as_array(name, "labels", labels)
        if x.ndim < 2 or len(x) == 0 or labels.shape not in ((len(x),), (len(x), self.classes)):
            raise ShapeError(
                name,
                got=f"x {x.shape} and labels {labels.shape}",
                needs=f"x (N, ...), N at least 1, and labels (N,) or (N, {self.classes})",
                cause="Do they come from different parts of the data?",
            )
        scores = self.predict(x)
        if labels.ndim == 2 and labels.dtype.kind in "iuf":
            labels = labels.astype(scores.dtype)
        # Refuses labels that it cannot be trained on either.
        self.loss(scores, self._targets(labels, scores.dtype), **self.loss_options)
        classes = labels.argmax(axis=1) if labels.ndim == 2 else labels
        right = (scores.argmax(axis=1) == classes) & ~np.isnan(scores).any(axis=1)
        return float(np.mean(right))

    def _targets(self, t: Array, dtype: np.dtype[Any]) -> Array:
        """Return targets as the loss takes them."""
        if self.rows and t.ndim == 1:
            return one_hot(t, classes=self.classes, dtype=dtype)
        return t

    def _check_targets(self, x: Array, t: Array, dtype: Any) -> None:
        super()._check_targets(x, self._targets(t, dtype), dtype)
