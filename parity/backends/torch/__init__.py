"""The adapter of PyTorch, on the CPU, in one thread.

Each operation is PyTorch's own where it has one of that meaning, and composed from its primitives
where it has not; its VJP is always PyTorch's automatic differentiation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from parity.backends.base import Array, Outcome, Trainer, Update, Values
from parity.backends.framework import FrameworkAdapter
from parity.backends.optimizer_options import DEFAULTS
from parity.backends.torch import models as torch_models
from parity.backends.torch import operations as torch_operations
from parity.backends.torch.optimizers import TorchOptimizer, Updates
from parity.backends.torch.trainer import TorchTrainer


class TorchAdapter(FrameworkAdapter):
    """PyTorch. Importing it is left to the constructor, so that parity runs without it."""

    name = "torch"

    def __init__(self) -> None:
        import torch

        torch.set_num_threads(1)
        torch.set_float32_matmul_precision("highest")
        self.torch = torch
        super().__init__(torch, torch_operations, torch_models)

    def versions(self) -> Mapping[str, str]:
        """Return PyTorch's version and the instruction set that it chose."""
        chosen = self.torch.backends.cpu.get_cpu_capability()
        return {"torch": str(self.torch.__version__), "torch CPU capability": chosen}

    def run(
        self,
        op: str,
        inputs: Sequence[Array | None],
        options: Mapping[str, Any],
        cotangents: Sequence[Any] | None,
    ) -> Outcome:
        """Return the result of an operation and its VJP at each of ``cotangents``."""
        tensors = [None if a is None else self.tensor(a) for a in inputs]
        leaves = [t for t in tensors if t is not None and t.is_floating_point()]
        for leaf in leaves:
            leaf.requires_grad_(cotangents is not None)
        converted = {
            k: self.tensor(v) if isinstance(v, np.ndarray) else v for k, v in options.items()
        }
        y = self._operations[op](*tensors, **converted)
        several = isinstance(y, tuple)
        values = tuple(self.array(t) for t in y) if several else self.array(y)
        if cotangents is None:
            return Outcome(values, None)
        found = []
        for dy in cotangents:
            grads = self.torch.autograd.grad(
                y,
                leaves,
                tuple(self.tensor(d) for d in dy) if several else self.tensor(dy),
                retain_graph=True,
                allow_unused=True,
                materialize_grads=True,
            )
            by_leaf = iter(grads)
            found.append(
                tuple(
                    self.array(next(by_leaf)) if t is not None and t.is_floating_point() else None
                    for t in tensors
                )
            )
        return Outcome(values, found)

    def initializers(self) -> Mapping[str, Callable[..., Array]]:
        """Return torch.nn.init's functions, which take weights as (out, in)."""
        init = self.torch.nn.init

        def truncated(w: Any, mean: float, std: float, lower: float, upper: float) -> Any:
            # torch.nn.init counts the limits in values.
            return init.trunc_normal_(w, mean, std, mean + lower * std, mean + upper * std)

        fillers = {
            "std_normal": lambda w, gain=1.0: init.normal_(w, 0.0, gain),
            "truncated_normal": lambda w, mean=0.0, std=1.0, lower=-2.0, upper=2.0: truncated(
                w, mean, std, lower, upper
            ),
            "he_uniform": lambda w: init.kaiming_uniform_(w, nonlinearity="relu"),
            "he_normal": lambda w: init.kaiming_normal_(w, nonlinearity="relu"),
            "glorot_uniform": init.xavier_uniform_,
            "glorot_normal": init.xavier_normal_,
            "constant": lambda w, value=0.0: init.constant_(w, value),
            "zeros": init.zeros_,
        }

        def drawn(filler: Callable[..., Any]) -> Callable[..., Array]:
            def draw(shape: tuple[int, ...], dtype: str, seed: int, **options: Any) -> Array:
                w = self.torch.empty(shape[::-1], dtype=getattr(self.torch, dtype))
                with self.torch.random.fork_rng(devices=[]):
                    self.torch.manual_seed(seed)
                    filler(w, **options)
                return np.asarray(w.numpy().T)

            return draw

        return {name: drawn(filler) for name, filler in fillers.items()}

    def optimizers(self) -> Mapping[str, Callable[..., list[Update]]]:
        """Return the optimizers: torch.optim's, and what is composed beside them."""
        return {name: partial(self._updates, name) for name in DEFAULTS}

    def _trainer(self, model: Any, optimizer: str, options: Mapping[str, Any]) -> Trainer:
        return TorchTrainer(self, model, optimizer, options)

    def tensor(self, a: Array) -> Any:
        """Return an array as a tensor of its own memory."""
        # A copy in C order: torch takes neither negative strides nor read-only memory.
        copied = np.array(a, order="C", copy=True)
        if copied.dtype.name == "bfloat16":  # from_numpy does not know it
            return self.torch.from_numpy(copied.view(np.int16)).view(self.torch.bfloat16)
        return self.torch.from_numpy(copied)

    def array(self, t: Any) -> Array:
        """Return a tensor as an array."""
        if t.dtype is self.torch.bfloat16:
            bits = t.detach().contiguous().view(self.torch.int16).numpy()
            return np.asarray(bits.view("bfloat16"))
        return np.asarray(t.detach().numpy())

    def slots(self, updates: Updates) -> dict[str, Values]:
        """Return an optimizer's slots as arrays of their own."""
        return {
            slot: {name: self.array(t).copy() for name, t in values.items()}
            for slot, values in updates.slots().items()
        }

    def _updates(
        self, name: str, params: Values, grads: Sequence[Values], **options: Any
    ) -> list[Update]:
        tensors = {key: self.tensor(p) for key, p in params.items()}
        opt = TorchOptimizer(self.torch, name, options).over(tensors)
        updates = []
        for g in grads:
            for key, tensor in tensors.items():
                tensor.grad = self.tensor(g[key])
            opt.step()
            moved = {key: self.array(t).copy() for key, t in tensors.items()}
            ahead = opt.gradient_point()
            point = None
            if ahead is not tensors:
                point = {key: self.array(t) for key, t in ahead.items()}
            updates.append(Update(moved, self.slots(opt), opt.counted(), point))
        return updates
