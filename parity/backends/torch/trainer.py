"""Training steps of dense networks under torch.optim."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from parity.backends.base import Array, Step, Values

if TYPE_CHECKING:
    from parity.backends.torch import TorchAdapter


class TorchTrainer:
    """Dense layers with an activation between them, under torch.optim."""

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
        self.optimizer = {"sgd": self.torch.optim.SGD}[optimizer]
        self.options = dict(options)

    def slots(self, params: Values) -> dict[str, Values]:
        """Return the optimizer's slots before the first step."""
        tensors = {name: self.adapter.tensor(p) for name, p in params.items()}
        return sgd_slots(self.optimizer(tensors.values(), **self.options), tensors)

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
        tensors = {name: self.adapter.tensor(p).requires_grad_() for name, p in params.items()}
        opt = self.optimizer(tensors.values(), **self.options)
        if done:  # torch makes its slots at the first step
            for slot, values in slots.items():
                for name, tensor in tensors.items():
                    opt.state[tensor][slot] = self.adapter.tensor(values[name])
        branches: Values = {}
        y = self._forward(tensors, self.adapter.tensor(x), branches)
        branches["class"] = y.detach().numpy().argmax(axis=-1)
        loss = self.loss(y, self.adapter.tensor(t))
        loss.backward()
        grads = {name: tensor.grad.numpy().copy() for name, tensor in tensors.items()}
        opt.step()
        moved = {name: tensor.detach().numpy().copy() for name, tensor in tensors.items()}
        return Step(loss.detach().numpy(), grads, moved, sgd_slots(opt, tensors), branches)

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


def sgd_slots(opt: Any, tensors: Mapping[str, Any]) -> dict[str, Values]:
    """Return torch.optim.SGD's buffers; one that is not made yet is zero."""
    if not opt.param_groups[0]["momentum"]:
        return {}
    found: Values = {}
    for name, tensor in tensors.items():
        buffer = opt.state[tensor].get("momentum_buffer")
        found[name] = (
            np.zeros_like(tensor.detach().numpy()) if buffer is None else (buffer.numpy().copy())
        )
    return {"momentum_buffer": found}
