"""What a model is to the trainer: its forward pass and its loss, as functions of tensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from parity.backends.base import Array, Values, largest_cells

Tensors = Mapping[str, Any]


class Model(NamedTuple):
    """A model of parameters by refnet's names for them; sizes are those of the parameters.

    ``forward(params, x, masks, branches)`` returns y and notes the decisions that it takes,
    ``loss(y, t, params)`` a number. ``result`` makes of y what users are shown, and ``scores`` says
    whether y is a row of scores for each sample, the largest of which is its class.
    """

    forward: Callable[[Tensors, Any, Tensors, Branches], Any]
    loss: Callable[[Any, Any, Tensors], Any]
    scores: bool = True
    result: Callable[[Any], Any] = lambda y: y


class Branches:
    """The decisions of a forward pass, numbered as refnet's adapter numbers them."""

    def __init__(self) -> None:
        self.found: Values = {}

    def relu(self, y: Any) -> Any:
        """Note which units of a ReLU's result are active, and return it."""
        self.found[f"relu {len(self.found)}"] = _array(y) > 0
        return y

    def pool(self, x: Any, y: Any) -> Any:
        """Note which cells of x (N, H, W, C) pooling over 2 x 2 took into y, and return y."""
        self.found[f"pool {len(self.found)}"] = largest_cells(_array(x), _array(y))
        return y

    def classes(self, y: Any) -> None:
        """Note the class of each sample."""
        self.found["class"] = _array(y).argmax(axis=-1)


def _array(t: Any) -> Array:
    found: Array = t.detach().numpy()
    return found
