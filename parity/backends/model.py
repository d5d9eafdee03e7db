"""What a model is to the trainer: its forward pass and its loss, of a framework's arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
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
    """The decisions of a forward pass, noted as the framework's arrays, traced ones too."""

    def __init__(self) -> None:
        self.noted: list[tuple[str, tuple[Any, ...]]] = []

    def relu(self, y: Any) -> Any:
        """Note a ReLU's result, for which of its units are active, and return it."""
        self.noted.append(("relu", (y,)))
        return y

    def pool(self, x: Any, y: Any) -> Any:
        """Note what pooling over 2 x 2 made of x (N, H, W, C), and return y."""
        self.noted.append(("pool", (x, y)))
        return y

    def classes(self, y: Any) -> None:
        """Note the scores of each sample, for its class."""
        self.noted.append(("class", (y,)))

    def arrays(self) -> list[Any]:
        """Return all that was noted, in order."""
        return [a for _, each in self.noted for a in each]

    def found(self, arrays: Sequence[Array]) -> Values:
        """Return the decisions, numbered as refnet's adapter does, from the values of arrays()."""
        found: Values = {}
        values = iter(arrays)
        for i, (kind, each) in enumerate(self.noted):
            noted = [next(values) for _ in each]
            if kind == "class":
                found[kind] = noted[0].argmax(axis=-1)
            else:
                found[f"{kind} {i}"] = noted[0] > 0 if kind == "relu" else largest_cells(*noted)
        return found


def models_of(package: ModuleType) -> dict[str, Callable[..., Model]]:
    """Return the models of a package, whose files each have ``model(framework, **options)``."""
    return {
        module.name: import_module(f"{package.__name__}.{module.name}").model
        for module in iter_modules(package.__path__)
    }
