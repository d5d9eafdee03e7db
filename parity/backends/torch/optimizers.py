"""Optimizers under refnet's names and options: torch.optim's, one tensor at a time.

What torch.optim lacks is composed: small rules of :mod:`parity.backends.torch.composed`, or one of
its classes started, or fed, differently. Slots go in and out by PyTorch's names, so that a step may
start from any state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from parity.backends.optimizer_options import known_options
from parity.backends.torch import composed
from parity.backends.torch.composed import Composed, mu_product
from parity.backends.torch.schedules import rate
from parity.errors import UnsupportedError
from refnet.specs import from_spec

Tensors = Mapping[str, Any]
Slots = Mapping[str, Tensors]


class Recipe(NamedTuple):
    """How an optimizer is made over tensors, and what its state holds.

    ``make(tensors, lr, weight_decay)``. ``decays`` are the kinds of decay that it does itself.
    ``start`` holds slots that start from a value of their own; with None torch starts them.
    ``others(done, dtype)`` are the entries of a tensor's state beside its slots.
    """

    make: Callable[[Sequence[Any], float, float], Any]
    slots: tuple[str, ...]
    start: Mapping[str, float] | None = None
    decays: tuple[str, ...] = ("l2",)
    others: Callable[[int, Any], dict[str, Any]] = lambda done, dtype: {}  # noqa: ARG005
    lookahead: float = 0.0  # the momentum of a look-ahead
    lr_inside: bool = False  # whether the gradients, rather than the steps, are multiplied by lr


class TorchOptimizer:
    """One optimizer with its options, over whatever tensors it is given.

    Raises
    ------
    UnsupportedError
        If the name, or an option, is none that is known here.
    """

    def __init__(self, torch: Any, name: str, options: Mapping[str, Any]) -> None:
        every = known_options("torch", name, options)
        self.torch = torch
        self.rate = rate(torch, every.get("lr"))
        self.clip = _clip(torch, every["clip"])
        self.weight_decay, self.decay_kind = float(every["weight_decay"]), every["decay_kind"]
        self.recipe = _RECIPES[name](torch, every)

    def over(self, tensors: Tensors, slots: Slots | None = None, done: int = 0) -> Updates:
        """Return the optimizer of these tensors, in the state after ``done`` updates."""
        return Updates(self, tensors, slots or {}, done)


class Updates:
    """An optimizer of tensors, stepped from a state."""

    def __init__(self, owner: TorchOptimizer, tensors: Tensors, slots: Slots, done: int) -> None:
        self.owner, self.tensors, self.done = owner, tensors, done
        recipe = owner.recipe
        self.native = owner.decay_kind in recipe.decays and not recipe.lr_inside
        decay = owner.weight_decay if self.native else 0.0
        lr = 1.0 if recipe.lr_inside else owner.rate(done)
        self.inner = recipe.make([*self.tensors.values()], lr, decay)
        if done or recipe.start is not None:
            for name, tensor in self.tensors.items():
                state = recipe.others(done, tensor.dtype)
                for slot in recipe.slots:
                    state[slot] = (
                        slots[slot][name]
                        if done
                        else owner.torch.full_like(tensor, (recipe.start or {})[slot])
                    ).detach()
                self.inner.state[tensor] = state

    def gradient_point(self) -> Tensors:
        """Return where the gradient is to be taken: the tensors given, but for a look-ahead."""
        recipe = self.owner.recipe
        if not recipe.lookahead:
            return self.tensors
        lr = 1.0 if recipe.lr_inside else self.owner.rate(self.done)
        buffers = self.slots()["momentum_buffer"]
        return {
            name: tensor.detach() - buffers[name] * (recipe.lookahead * lr)
            for name, tensor in self.tensors.items()
        }

    def step(self) -> None:
        """Update the tensors from their gradients, which may be written to."""
        owner, lr = self.owner, self.owner.rate(self.done)
        with owner.torch.no_grad():
            owner.clip([*self.tensors.values()])
            for tensor in self.tensors.values() if not self.native else ():
                self._decay(tensor, lr)
            if owner.recipe.lr_inside:
                for tensor in self.tensors.values():
                    tensor.grad.mul_(lr)
            else:
                self.inner.param_groups[0]["lr"] = lr
            self.inner.step()
        self.done += 1

    def counted(self) -> int:
        """Return how many updates torch's state counts; where it does not, how many were made."""
        counts = {int(state["step"]) for state in self.inner.state.values() if "step" in state}
        return max(counts, default=self.done)

    def _decay(self, tensor: Any, lr: float) -> None:
        weight = self.owner.weight_decay
        if not weight:
            return
        if self.owner.decay_kind == "l2":
            tensor.grad.add_(tensor, alpha=weight)
        elif self.owner.decay_kind == "l1":
            tensor.grad.add_(tensor.sign(), alpha=weight)
        else:
            tensor.mul_(1 - lr * weight)

    def slots(self) -> dict[str, dict[str, Any]]:
        """Return the slots by name; one that torch has not made yet is zero."""
        zeros = self.owner.torch.zeros_like
        return {
            slot: {
                name: self.inner.state[tensor][slot]
                if self.inner.state[tensor].get(slot) is not None
                else zeros(tensor.detach())
                for name, tensor in self.tensors.items()
            }
            for slot in self.owner.recipe.slots
        }


def _counted(torch: Any) -> Callable[[int, Any], dict[str, Any]]:
    return lambda done, _: {"step": torch.tensor(float(done))}


def _composed(torch: Any, rule: composed.Rule, start: Mapping[str, float]) -> Recipe:
    def make(tensors: Sequence[Any], lr: float, _: float) -> Composed:
        return Composed(tensors, lr, rule)

    return Recipe(make, tuple(start), start, decays=(), others=_counted(torch))


def _sgd(torch: Any, o: Mapping[str, Any]) -> Recipe:
    # At a rate of 1, gradients times lr put the rate inside the buffer.
    nesterov = not o["lookahead"] if o["nesterov"] is None else o["nesterov"]
    dampening = o["momentum"] if o["dampening"] == "momentum" else o["dampening"]
    if isinstance(dampening, str) or o["first_buffer"] not in ("gradient", "zeros"):
        raise UnsupportedError(
            f"torch has no dampening={dampening!r} with first_buffer={o['first_buffer']!r}"
        )

    def make(tensors: Sequence[Any], lr: float, weight_decay: float) -> Any:
        return torch.optim.SGD(
            tensors,
            lr=lr,
            momentum=o["momentum"],
            dampening=dampening,
            weight_decay=weight_decay,
            nesterov=nesterov,
            foreach=False,
        )

    slots = ("momentum_buffer",) if o["momentum"] else ()
    return Recipe(
        make,
        slots,
        dict.fromkeys(slots, 0.0) if o["first_buffer"] == "zeros" else None,
        lookahead=float(o["momentum"]) if o["lookahead"] else 0.0,
        lr_inside=o["lr_inside"],
    )


def _adagrad(torch: Any, o: Mapping[str, Any]) -> Recipe:
    if o["eps_inside"]:
        start = {"sum": o["initial_accumulator"]}
        return _composed(torch, composed.adagrad(o), start)

    def make(tensors: Sequence[Any], lr: float, weight_decay: float) -> Any:
        return torch.optim.Adagrad(
            tensors,
            lr=lr,
            lr_decay=o["lr_decay"],
            weight_decay=weight_decay,
            initial_accumulator_value=o["initial_accumulator"],
            eps=o["eps"],
            foreach=False,
        )

    return Recipe(make, ("sum",), others=_counted(torch))


def _adadelta(torch: Any, o: Mapping[str, Any]) -> Recipe:
    def make(tensors: Sequence[Any], lr: float, weight_decay: float) -> Any:
        return torch.optim.Adadelta(
            tensors, lr=lr, rho=o["rho"], eps=o["eps"], weight_decay=weight_decay, foreach=False
        )

    return Recipe(make, ("square_avg", "acc_delta"), others=_counted(torch))


def _rmsprop(torch: Any, o: Mapping[str, Any]) -> Recipe:
    start = {"square_avg": o["initial_accumulator"]}
    start |= {"momentum_buffer": 0.0} if o["momentum"] else {}
    start |= {"grad_avg": 0.0} if o["centered"] else {}
    if o["eps_inside"] or o["lr_inside"]:
        return _composed(torch, composed.rmsprop(o), start)

    def make(tensors: Sequence[Any], lr: float, weight_decay: float) -> Any:
        return torch.optim.RMSprop(
            tensors,
            lr=lr,
            alpha=o["rho"],
            eps=o["eps"],
            weight_decay=weight_decay,
            momentum=o["momentum"],
            centered=o["centered"],
            foreach=False,
        )

    own_start = start if o["initial_accumulator"] else None
    return Recipe(make, tuple(start), own_start, others=_counted(torch))


def _adam(torch: Any, o: Mapping[str, Any]) -> Recipe:
    slots = ("exp_avg", "exp_avg_sq", *(("max_exp_avg_sq",) if o["amsgrad"] else ()))
    further = ("amsgrad_corrected", "eps_root", "eps_before_correction")
    if any(o[name] for name in further) or not o["bias_correction"]:
        return _composed(torch, composed.adam(o), dict.fromkeys(slots, 0.0))
    decoupled = o["decay_kind"] == "decoupled"
    optimizer = torch.optim.AdamW if decoupled else torch.optim.Adam

    def make(tensors: Sequence[Any], lr: float, weight_decay: float) -> Any:
        return optimizer(
            tensors,
            lr=lr,
            betas=(o["beta1"], o["beta2"]),
            eps=o["eps"],
            weight_decay=weight_decay,
            amsgrad=o["amsgrad"],
            foreach=False,
        )

    return Recipe(make, slots, decays=("l2", "decoupled"), others=_counted(torch))


def _adamax(torch: Any, o: Mapping[str, Any]) -> Recipe:
    slots = ("exp_avg", "exp_inf")
    if not o["eps_in_maximum"]:
        return _composed(torch, composed.adamax(o), dict.fromkeys(slots, 0.0))

    def make(tensors: Sequence[Any], lr: float, weight_decay: float) -> Any:
        return torch.optim.Adamax(
            tensors,
            lr=lr,
            betas=(o["beta1"], o["beta2"]),
            eps=o["eps"],
            weight_decay=weight_decay,
            foreach=False,
        )

    return Recipe(make, slots, others=_counted(torch))


def _nadam(torch: Any, o: Mapping[str, Any]) -> Recipe:
    slots = ("exp_avg", "exp_avg_sq")
    start = dict.fromkeys(slots, 0.0)
    if o["schedule_decay"] is None or o["eps_before_correction"]:
        return _composed(torch, composed.nadam(o), start)

    def make(tensors: Sequence[Any], lr: float, weight_decay: float) -> Any:
        return torch.optim.NAdam(
            tensors,
            lr=lr,
            betas=(o["beta1"], o["beta2"]),
            eps=o["eps"],
            weight_decay=weight_decay,
            momentum_decay=o["schedule_decay"],
            decoupled_weight_decay=o["decay_kind"] == "decoupled",
            foreach=False,
        )

    def others(done: int, dtype: Any) -> dict[str, Any]:
        # torch keeps the product in its default dtype, where the parameters may have a wider one.
        wide = dtype if dtype is torch.float64 else torch.float32
        product = torch.tensor(mu_product(o, done), dtype=wide)
        return {"step": torch.tensor(float(done)), "mu_product": product}

    return Recipe(make, slots, start, decays=("l2", "decoupled"), others=others)


_RECIPES: Mapping[str, Callable[[Any, Mapping[str, Any]], Recipe]] = {
    "sgd": _sgd,
    "momentum": _sgd,
    "nesterov": _sgd,
    "adagrad": _adagrad,
    "adadelta": _adadelta,
    "rmsprop": _rmsprop,
    "adam": _adam,
    "adamw": _adam,
    "adamax": _adamax,
    "nadam": _nadam,
}


def _clip(torch: Any, spec: Any) -> Callable[[Sequence[Any]], None]:
    """Return what clips the gradients of tensors in place, for a spec."""
    if spec is None:
        return lambda _: None
    if not isinstance(spec, str):
        raise UnsupportedError(f"torch is handed clipping as a spec, not as {spec!r}")
    utils = torch.nn.utils

    def by_value(limit: float) -> Callable[[Sequence[Any]], None]:
        return partial(utils.clip_grad_value_, clip_value=limit, foreach=False)

    def by_global_norm(limit: float, eps: float = 0.0) -> Callable[[Sequence[Any]], None]:
        if eps == 1e-6:  # torch's own
            return partial(utils.clip_grad_norm_, max_norm=limit, foreach=False)

        def clip(tensors: Sequence[Any]) -> None:
            norm = torch.linalg.vector_norm
            total = norm(torch.stack([norm(t.grad) for t in tensors]))
            for t in tensors:
                t.grad.mul_((limit / (total + eps)).clamp(max=1.0))

        return clip

    return from_spec("clip", spec, {"by_value": by_value, "by_global_norm": by_global_norm})
