"""Training steps of dense networks under torch's optimizers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from parity.backends.base import Array, Step, Values
from parity.backends.torch.optimizers import TorchOptimizer

if TYPE_CHECKING:
    from parity.backends.torch import TorchAdapter


class TorchTrainer:
    """Dense layers with an activation between them, under one of torch's optimizers."""

    def __init__(
        self,
        adapter: TorchAdapter,
        activations: tuple[str, ...],
        loss: Callable[..., Any],
        optimizer: str,
        options: Mapping[str, Any],
    ) -> None:
        self.adapter = adapter
        self.torch = adapter.torch
        self.activations = activations
        self.loss = loss
        self.optimizer = TorchOptimizer(self.torch, optimizer, options)

    def slots(self, params: Values) -> dict[str, Values]:
        """Return the optimizer's slots before the first step."""
        tensors = {name: self.adapter.tensor(p) for name, p in params.items()}
        return self.adapter.slots(self.optimizer.over(tensors))

    def step(
        self,
        params: Values,
        slots: dict[str, Values],
        done: int,
        x: Array,
        t: Array,
        masks: Values | None = None,  # noqa: ARG002
    ) -> Step:
        """Return one step from a state after ``done`` updates, on the batch x, t."""
        tensors = {name: self.adapter.tensor(p) for name, p in params.items()}
        buffers = {
            slot: {name: self.adapter.tensor(a) for name, a in values.items()}
            for slot, values in slots.items()
        }
        opt = self.optimizer.over(tensors, buffers, done)
        points = {name: p.requires_grad_() for name, p in opt.gradient_point().items()}
        branches: Values = {}
        y = self._forward(points, self.adapter.tensor(x), branches)
        branches["class"] = y.detach().numpy().argmax(axis=-1)
        loss = self.loss(y, self.adapter.tensor(t))
        loss.backward()
        grads = {name: point.grad.numpy().copy() for name, point in points.items()}
        for name, tensor in tensors.items():
            tensor.grad = points[name].grad
        opt.step()
        moved = {name: tensor.detach().numpy().copy() for name, tensor in tensors.items()}
        return Step(loss.detach().numpy(), grads, moved, self.adapter.slots(opt), branches)

    def predict(self, params: Values, x: Array) -> Array:
        """Return the network's result for samples x."""
        tensors = {name: self.adapter.tensor(p) for name, p in params.items()}
        return np.asarray(self._forward(tensors, self.adapter.tensor(x), {}).numpy())

    def _forward(self, tensors: Mapping[str, Any], x: Any, branches: Values) -> Any:
        linear = self.torch.nn.functional.linear
        for i, activation in enumerate((*self.activations, None), start=1):
            x = linear(x, tensors[f"fc{i}.w"].T, tensors[f"fc{i}.b"])
            if activation is not None:
                x = getattr(self.torch, activation)(x)
            if activation == "relu":
                branches[f"relu {len(branches)}"] = x.detach().numpy() > 0
        return x
