"""refnet's models as parity trains them: pure functions of parameters and a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

import refnet as rn
from parity.backends.base import Array, Dropped, Values
from refnet.models import l_layer

Shape = tuple[int, ...]


class Model(Protocol):
    """A model of given sizes.

    ``loss_op`` is the operation that ends the forward pass. ``scores`` says whether its results are
    a row of scores for each sample, the largest of which is its class.
    """

    loss_op: str
    scores: bool

    def parameter_shapes(self, sample: Shape) -> dict[str, Shape]:
        """Return the shapes of the parameters for samples of a shape, by name and in order."""
        ...

    def dropped(self, sample: Shape) -> dict[str, Dropped]:
        """Return what each layer with dropout drops of a sample of a shape, by its name."""
        ...

    def loss_and_grads(
        self, params: Values, x: Array, t: Array, masks: Values | None
    ) -> tuple[Array, Values]:
        """Return the loss of a batch and its gradient with respect to every parameter."""
        ...

    def predict(self, params: Values, x: Array) -> Array:
        """Return the result for samples x."""
        ...


class NetworkModel:
    """A network of layers."""

    def __init__(self, network: rn.models.Network, *, scores: bool = True) -> None:
        self.network, self.scores = network, scores
        self.loss_op = network.loss.name

    def parameter_shapes(self, sample: Shape) -> dict[str, Shape]:
        """Return the shapes of the parameters for samples of a shape, by name and in order."""
        return self.network.layers.parameter_shapes(sample)

    def dropped(self, sample: Shape) -> dict[str, Dropped]:
        """Return what each layer with dropout drops of a sample of a shape, by its name."""
        found = {}
        for name, layer in self.network.layers.layers.items():
            if isinstance(layer, rn.layers.Dropout):
                found[name] = Dropped(sample, layer.rate)
            sample = layer.output_shape(sample)
        return found

    def loss_and_grads(
        self, params: Values, x: Array, t: Array, masks: Values | None
    ) -> tuple[Array, Values]:
        """Return the loss of a batch and its gradient with respect to every parameter."""
        context = rn.layers.Context(training=masks is not None, masks=masks)
        return self.network.loss_and_grads(params, x, t, context)

    def predict(self, params: Values, x: Array) -> Array:
        """Return the network's result for samples x."""
        return self.network.layers(params, x)


class LLayerModel:
    """The L-layer network, whose samples are columns: ``hidden`` layers, then ``outputs`` units."""

    loss_op = "binary_cross_entropy_with_logits"
    scores = False

    def __init__(
        self,
        hidden: Sequence[int],
        outputs: int,
        *,
        l1: float = 0.0,
        l2: float = 0.0,
        keep_prob: float = 1.0,
    ) -> None:
        self.hidden, self.outputs = tuple(hidden), outputs
        self.penalties, self.keep_prob = {"l1": l1, "l2": l2}, keep_prob

    def parameter_shapes(self, sample: Shape) -> dict[str, Shape]:
        """Return the shapes of W1, b1, W2, b2, ... for samples of a shape."""
        units = (*sample, *self.hidden, self.outputs)
        shapes: dict[str, Shape] = {}
        for i in range(1, len(units)):
            shapes |= {f"W{i}": (units[i], units[i - 1]), f"b{i}": (units[i], 1)}
        return shapes

    def dropped(self, sample: Shape) -> dict[str, Dropped]:  # noqa: ARG002
        """Return what is dropped of each hidden layer: D1, D2, ..."""
        if self.keep_prob == 1:
            return {}
        return {
            f"D{i}": Dropped((units,), 1 - self.keep_prob)
            for i, units in enumerate(self.hidden, start=1)
        }

    def loss_and_grads(
        self, params: Values, x: Array, t: Array, masks: Values | None
    ) -> tuple[Array, Values]:
        """Return the cost of a batch and its gradient with respect to every parameter."""
        options: dict[str, Any] = {**self.penalties, "keep_prob": self.keep_prob, "masks": masks}
        return l_layer.cost_and_gradients(params, x, t, **options)

    def predict(self, params: Values, x: Array) -> Array:
        """Return the probabilities for samples x."""
        return l_layer.forward(params, x)


def _network(
    network: Callable[..., rn.models.Network], *, scores: bool = True
) -> Callable[..., NetworkModel]:
    return lambda **options: NetworkModel(network(**options), scores=scores)


MODELS: Mapping[str, Callable[..., Model]] = {
    "dfn": _network(rn.models.DFN),
    "l_layer": LLayerModel,
    "mlp": _network(rn.models.MLP),
    "rnn_binary_addition": _network(rn.models.BinaryAdder, scores=False),
    # How many words there are shows in the initial values alone, which are the harness's.
    "sentiment": _network(partial(rn.models.SentimentNetwork, 1), scores=False),
    "small_alexnet": _network(rn.models.SmallAlexNet),
    "xor": _network(rn.models.XOR),
}
