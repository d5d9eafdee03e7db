"""The adapter of PyTorch, on the CPU, in one thread.

Each operation is PyTorch's own where it has one of that meaning, and composed from its primitives
where it has not; its VJP is always PyTorch's automatic differentiation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from parity.backends.base import Adapter, Array, Functions, Outcome, Step, Trainer, Update, Values

# In float16 these are several kernels on the CPU, each of which rounds its result to float16: the
# product and the sum of a VJP under broadcasting, the log-softmax and the loss of a cross-entropy,
# y (1 - y) of a sigmoid's derivative. All others accumulate in float32 and round once.
ROUNDS_BETWEEN = frozenset(
    {
        "affine",
        "binary_cross_entropy",
        "binary_cross_entropy_with_logits",
        "cross_entropy",
        "log_softmax",
        "matmul",
        "mean_squared_error",
        "multiply",
        "nll",
        "sigmoid",
        "softmax",
        "softmax_cross_entropy",
    }
)


class TorchAdapter(Adapter):
    """PyTorch. Importing it is left to the constructor, so that parity runs without it."""

    name = "torch"

    def __init__(self) -> None:
        import torch

        torch.set_num_threads(1)
        torch.set_float32_matmul_precision("highest")
        self.torch = torch
        self._operations = _operations(torch)

    def versions(self) -> Mapping[str, str]:
        """Return PyTorch's version and the instruction set that it chose."""
        chosen = self.torch.backends.cpu.get_cpu_capability()
        return {"torch": str(self.torch.__version__), "torch CPU capability": chosen}

    def operations(self) -> Mapping[str, Functions]:
        """Return the operations, as functions of tensors; :meth:`run` converts."""
        return {name: Functions(forward) for name, forward in self._operations.items()}

    def accumulation(self, op: str, dtype: str) -> str:
        """Return float16 for what PyTorch's CPU composes from several float16 kernels."""
        if dtype == "float16":
            return "float16" if op in ROUNDS_BETWEEN else "float32"
        return dtype

    def run(
        self,
        op: str,
        inputs: Sequence[Array | None],
        options: Mapping[str, Any],
        cotangents: Sequence[Array] | None,
    ) -> Outcome:
        """Return the result of an operation and its VJP at each of ``cotangents``."""
        tensors = [None if a is None else self._tensor(a) for a in inputs]
        leaves = [t for t in tensors if t is not None and t.is_floating_point()]
        for leaf in leaves:
            leaf.requires_grad_(cotangents is not None)
        converted = {
            k: self._tensor(v) if isinstance(v, np.ndarray) else v for k, v in options.items()
        }
        y = self._operations[op](*tensors, **converted)
        if cotangents is None:
            return Outcome(y.numpy(), None)
        found = []
        for dy in cotangents:
            grads = self.torch.autograd.grad(
                y,
                leaves,
                self._tensor(dy),
                retain_graph=True,
                allow_unused=True,
                materialize_grads=True,
            )
            by_leaf = iter(grads)
            found.append(
                tuple(
                    next(by_leaf).numpy() if t is not None and t.is_floating_point() else None
                    for t in tensors
                )
            )
        return Outcome(y.detach().numpy(), found)

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
        """Return the optimizers of torch.optim."""
        return {"sgd": self._sgd_updates}

    def trainers(self) -> Mapping[str, Callable[..., Trainer]]:
        """Return the models dfn and xor, of torch's functions."""
        functional = self.torch.nn.functional

        def half_mean_rows(y: Any, t: Any) -> Any:
            return functional.mse_loss(y, t, reduction="sum") / (2 * len(y))

        def made(activation: str, loss: Callable[..., Any]) -> Callable[..., Trainer]:
            # The model's sizes are those of the parameters that it is handed.
            def make(_: Any, optimizer: str, options: Mapping[str, Any]) -> TorchTrainer:
                return TorchTrainer(self, (activation,), loss, optimizer, options)

            return make

        return {
            "dfn": made("sigmoid", functional.cross_entropy),
            "xor": made("relu", half_mean_rows),
        }

    def _tensor(self, a: Array) -> Any:
        # A copy in C order: torch takes neither negative strides nor read-only memory.
        return self.torch.from_numpy(np.array(a, order="C", copy=True))

    def _sgd_updates(self, params: Values, grads: Sequence[Values], **options: Any) -> list[Update]:
        tensors = {name: self._tensor(p) for name, p in params.items()}
        opt = self.torch.optim.SGD(tensors.values(), **options)
        updates = []
        for g in grads:
            for name, tensor in tensors.items():
                tensor.grad = self._tensor(g[name])
            opt.step()
            moved = {name: t.numpy().copy() for name, t in tensors.items()}
            updates.append(Update(moved, sgd_slots(opt, tensors)))
        return updates


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
        tensors = {name: self.adapter._tensor(p) for name, p in params.items()}
        return sgd_slots(self.optimizer(tensors.values(), **self.options), tensors)

    def step(self, params: Values, slots: dict[str, Values], done: int, x: Array, t: Array) -> Step:
        """Return one step from a state after ``done`` updates, on the batch x, t."""
        tensors = {name: self.adapter._tensor(p).requires_grad_() for name, p in params.items()}
        opt = self.optimizer(tensors.values(), **self.options)
        if done:  # torch makes its slots at the first step
            for slot, values in slots.items():
                for name, tensor in tensors.items():
                    opt.state[tensor][slot] = self.adapter._tensor(values[name])
        branches: Values = {}
        y = self._forward(tensors, self.adapter._tensor(x), branches)
        branches["class"] = y.detach().numpy().argmax(axis=-1)
        loss = self.loss(y, self.adapter._tensor(t))
        loss.backward()
        grads = {name: tensor.grad.numpy().copy() for name, tensor in tensors.items()}
        opt.step()
        moved = {name: tensor.detach().numpy().copy() for name, tensor in tensors.items()}
        return Step(loss.detach().numpy(), grads, moved, sgd_slots(opt, tensors), branches)

    def predict(self, params: Values, x: Array) -> Array:
        """Return the network's result for samples x."""
        tensors = {name: self.adapter._tensor(p) for name, p in params.items()}
        return np.asarray(self._forward(tensors, self.adapter._tensor(x), {}).numpy())

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


def _operations(torch: Any) -> dict[str, Callable[..., Any]]:
    functional = torch.nn.functional

    def rows(a: Any) -> Any:
        return a.reshape(-1, a.shape[-1])

    def reduced(elements: Any, reduction: str) -> Any:
        return elements if reduction == "none" else getattr(elements, reduction)()

    def dense(x: Any, w: Any, b: Any) -> Any:
        return functional.linear(x, w.T, b)

    def step(x: Any) -> Any:
        # heaviside has no derivative in torch; sign has one, which is zero.
        value = torch.heaviside(x.detach(), torch.zeros((), dtype=x.dtype))
        slope = torch.sign(x)
        return value + (slope - slope.detach())

    def class_loss(function: Callable[..., Any]) -> Callable[..., Any]:
        def loss(scores: Any, labels: Any, **options: Any) -> Any:
            if options.get("ignore_index", 0) is None:
                options.pop("ignore_index")
            if labels.is_floating_point():
                value = function(rows(scores), rows(labels), **options)
            else:
                value = function(rows(scores), labels.reshape(-1).long(), **options)
            return value.reshape(scores.shape[:-1]) if value.ndim else value

        return loss

    def cross_entropy(probs: Any, labels: Any, eps: float = 0.0, reduction: str = "mean") -> Any:
        if labels.is_floating_point():
            return reduced(-torch.xlogy(labels, probs + eps).sum(-1), reduction)
        picked = torch.gather(probs, -1, labels.long()[..., None])[..., 0]
        return reduced(-torch.log(picked + eps), reduction)

    def _unlimited(probs: Any) -> bool:
        p = probs.detach().double()
        return bool((p * (1 - p) >= 1e-12).all())

    def binary_cross_entropy(
        probs: Any, t: Any, reduction: str = "mean", log_min: float | None = None
    ) -> Any:
        # torch limits the logarithms at -100 and, in the derivative, p (1 - p) at 1e-12: it is this
        # function where neither limit acts, or where the former is asked for.
        if log_min == -100.0 or (log_min is None and _unlimited(probs)):
            return functional.binary_cross_entropy(probs, t, reduction=reduction)
        if log_min is not None:
            log_p, log_q = torch.log(probs), torch.log1p(-probs)
            limited = t * log_p.clamp(min=log_min) + (1 - t) * log_q.clamp(min=log_min)
            return reduced(-limited, reduction)
        terms = torch.xlogy(t, probs) + torch.special.xlog1py(1 - t, -probs)
        return reduced(-terms, reduction)

    def mean_squared_error(y: Any, t: Any, reduction: str = "mean") -> Any:
        match reduction:
            case "half_sum":
                return functional.mse_loss(y, t, reduction="sum") / 2
            case "half_mean_rows":
                return functional.mse_loss(y, t, reduction="sum") / (2 * len(y))
            case "sum_rows":
                return (
                    functional.mse_loss(y, t, reduction="none").flatten(1).sum(1)
                    if y.ndim > 1
                    else functional.mse_loss(y, t, reduction="none")
                )
            case _:
                return functional.mse_loss(y, t, reduction=reduction)

    def reduction_over(function: Callable[..., Any]) -> Callable[..., Any]:
        def reduce(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
            dims = tuple(range(x.ndim)) if axis is None else axis
            return function(x, dim=dims, keepdim=keepdims)

        return reduce

    return {
        "add": torch.add,
        "affine": lambda x, slope=1.0, intercept=0.0: slope * x + intercept,
        "bias_add": torch.add,
        "binary_cross_entropy": binary_cross_entropy,
        "binary_cross_entropy_with_logits": functional.binary_cross_entropy_with_logits,
        "cross_entropy": cross_entropy,
        "dense": dense,
        "identity": torch.clone,
        "log_softmax": lambda x, axis=-1: functional.log_softmax(x, dim=axis),
        "matmul": torch.matmul,
        "mean": reduction_over(torch.mean),
        "mean_squared_error": mean_squared_error,
        "multiply": torch.mul,
        "nll": class_loss(functional.nll_loss),
        "relu": torch.relu,
        "sigmoid": torch.sigmoid,
        "softmax": lambda x, axis=-1: functional.softmax(x, dim=axis),
        "softmax_cross_entropy": class_loss(functional.cross_entropy),
        "square": torch.square,
        "step": step,
        "subtract": torch.sub,
        "sum": reduction_over(torch.sum),
        "tanh": torch.tanh,
    }
