"""Training steps of a model under one of torch's optimizers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from parity.backends.base import Array, Step, Values
from parity.backends.model import Branches, Model
from parity.backends.torch.optimizers import TorchOptimizer

if TYPE_CHECKING:
    from parity.backends.torch import TorchAdapter


class TorchTrainer:
    """A model under an optimizer, stepped from any state."""

    def __init__(
        self, adapter: TorchAdapter, model: Model, optimizer: str, options: Mapping[str, Any]
    ) -> None:
        self.adapter = adapter
        self.model = model
        self.optimizer = TorchOptimizer(adapter.torch, optimizer, options)

    def slots(self, params: Values) -> dict[str, Values]:
        """Return the optimizer's slots before the first step."""
        return self.adapter.slots(self.optimizer.over(self._tensors(params)))

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
        tensors = self._tensors(params)
        buffers = {slot: self._tensors(values) for slot, values in slots.items()}
        opt = self.optimizer.over(tensors, buffers, done)
        points = {name: p.requires_grad_() for name, p in opt.gradient_point().items()}
        branches = Branches()
        y = self.model.forward(points, self.adapter.tensor(x), self._tensors(masks or {}), branches)
        if self.model.scores:
            branches.classes(y)
        loss = self.model.loss(y, self.adapter.tensor(t), points)
        loss.backward()
        grads = {name: point.grad.numpy().copy() for name, point in points.items()}
        for name, tensor in tensors.items():
            tensor.grad = points[name].grad
        opt.step()
        moved = {name: tensor.detach().numpy().copy() for name, tensor in tensors.items()}
        taken = branches.found([a.detach().numpy() for a in branches.arrays()])
        return Step(loss.detach().numpy(), grads, moved, self.adapter.slots(opt), taken)

    def predict(self, params: Values, x: Array) -> Array:
        """Return the model's result for samples x."""
        y = self.model.forward(self._tensors(params), self.adapter.tensor(x), {}, Branches())
        result: Array = self.model.result(y).numpy()
        return result

    def _tensors(self, values: Values) -> dict[str, Any]:
        return {name: self.adapter.tensor(a) for name, a in values.items()}
