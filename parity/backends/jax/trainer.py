"""Training steps of a model under one of optax's optimizers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from parity.backends.base import Array, Step, Values
from parity.backends.jax.optimizers import JaxOptimizer
from parity.backends.model import Branches, Model

if TYPE_CHECKING:
    from parity.backends.jax import JaxAdapter


class JaxModel:
    """A model's loss with its gradient, and its forward pass, each compiled once per shape."""

    def __init__(self, jax: Any, model: Model) -> None:
        def objective(params: Any, x: Any, t: Any, masks: Any) -> Any:
            branches = Branches()
            y = model.forward(params, x, masks, branches)
            if model.scores:
                branches.classes(y)
            # What was noted goes out of the traced program with its names as keys.
            noted = [{kind: arrays} for kind, arrays in branches.noted]
            return model.loss(y, t, params), noted

        def predict(params: Any, x: Any) -> Any:
            return model.result(model.forward(params, x, {}, Branches()))

        self.loss_and_grads = jax.jit(jax.value_and_grad(objective, has_aux=True))
        self.predict: Callable[[Any, Any], Any] = jax.jit(predict)


class JaxTrainer:
    """A model under an optimizer, stepped from any state."""

    def __init__(
        self, adapter: JaxAdapter, model: JaxModel, optimizer: str, options: Mapping[str, Any]
    ) -> None:
        self.adapter, self.model = adapter, model
        with adapter.settings():
            self.optimizer = JaxOptimizer(adapter.modules, optimizer, options)

    def slots(self, params: Values) -> dict[str, Values]:
        """Return the optimizer's slots before the first step."""
        with self.adapter.settings():
            return self.adapter.tables(self.optimizer.slots(self.adapter.tensors(params)))

    def step(
        self,
        params: Values,
        slots: dict[str, Values],
        done: int,
        x: Array,
        t: Array,
        masks: Values | None = None,
    ) -> Step:
        """Return one step from a state after ``done`` updates, on the batch x, t."""
        adapter, opt = self.adapter, self.optimizer
        with adapter.settings():
            tensors = adapter.tensors(params)
            buffers = {slot: adapter.tensors(values) for slot, values in slots.items()}
            (loss, noted), grads = self.model.loss_and_grads(
                opt.gradient_point(tensors, buffers, done),
                adapter.tensor(x),
                adapter.tensor(t),
                adapter.tensors(masks or {}),
            )
            moved = opt.update(tensors, grads, buffers, done)
            branches = Branches()
            branches.noted = [item for each in noted for item in each.items()]
            taken = branches.found([adapter.array(a) for a in branches.arrays()])
            return Step(
                adapter.array(loss),
                adapter.arrays(grads),
                adapter.arrays(moved.params),
                adapter.tables(moved.slots),
                taken,
            )

    def predict(self, params: Values, x: Array) -> Array:
        """Return the model's result for samples x."""
        adapter = self.adapter
        with adapter.settings():
            return adapter.array(self.model.predict(adapter.tensors(params), adapter.tensor(x)))
