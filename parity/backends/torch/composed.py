"""Optimizers that torch.optim does not have, composed of tensors' own operations.

Each rule updates a parameter p and its slots in place, from its gradient g, at the t-th update and
the rate lr. They are written from the papers (Duchi, Hazan & Singer 2011; Tieleman & Hinton 2012,
lecture 6e; Kingma & Ba 2015; Reddi, Kale & Kumar 2018; Dozat 2016) and from the descriptions that
TensorFlow, Keras and optax give of their own forms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Rule = Callable[[Any, Any, Mapping[str, Any], int, float], None]


class Composed:
    """What torch.optim.Optimizer is to its caller: state by tensor, groups with a rate, step()."""

    def __init__(self, tensors: Sequence[Any], lr: float, rule: Rule) -> None:
        self.tensors, self.rule = list(tensors), rule
        self.param_groups = [{"lr": lr}]
        self.state: dict[Any, dict[str, Any]] = {t: {} for t in self.tensors}

    def step(self) -> None:
        """Update every tensor from its gradient."""
        for tensor in self.tensors:
            state = self.state[tensor]
            state["step"] += 1
            done, lr = int(state["step"]), self.param_groups[0]["lr"]
            self.rule(tensor, tensor.grad, state, done, lr)


def adagrad(o: Mapping[str, Any]) -> Rule:
    """Return AdaGrad with eps inside the root."""

    def rule(p: Any, g: Any, state: Mapping[str, Any], t: int, lr: float) -> None:
        state["sum"].add_(g.square())
        rate = lr / (1 + (t - 1) * o["lr_decay"])
        p.sub_(g.div((state["sum"] + o["eps"]).sqrt_()).mul_(rate))

    return rule


def rmsprop(o: Mapping[str, Any]) -> Rule:
    """Return RMSProp with eps inside the root, or the rate inside the momentum."""
    rho, momentum, eps = o["rho"], o["momentum"], o["eps"]

    def rule(p: Any, g: Any, state: Mapping[str, Any], _: int, lr: float) -> None:
        square = state["square_avg"].mul_(rho).add_(g.square(), alpha=1 - rho)
        if o["centered"]:
            mean = state["grad_avg"].mul_(rho).add_(g, alpha=1 - rho)
            square = square - mean.square()
        root = (square + eps).sqrt_() if o["eps_inside"] else square.sqrt().add_(eps)
        step = g / root
        if not momentum:
            p.sub_(step, alpha=lr)
        elif o["lr_inside"]:
            p.sub_(state["momentum_buffer"].mul_(momentum).add_(step, alpha=lr))
        else:
            p.sub_(state["momentum_buffer"].mul_(momentum).add_(step), alpha=lr)

    return rule


def adam(o: Mapping[str, Any]) -> Rule:
    """Return Adam with its further epsilons, AMSGrad of corrected values, or uncorrected."""
    beta1, beta2, eps = o["beta1"], o["beta2"], o["eps"]

    def rule(p: Any, g: Any, state: Mapping[str, Any], t: int, lr: float) -> None:
        m = state["exp_avg"].mul_(beta1).add_(g, alpha=1 - beta1)
        v = state["exp_avg_sq"].mul_(beta2).add_(g.square(), alpha=1 - beta2)
        first, second = (1 - beta1**t, 1 - beta2**t) if o["bias_correction"] else (1.0, 1.0)
        if o["amsgrad"]:
            most = state["max_exp_avg_sq"]
            v = most.copy_(most.maximum(v / second if o["amsgrad_corrected"] else v))
            second = 1.0 if o["amsgrad_corrected"] else second
        scale = second**0.5 if o["eps_before_correction"] else 1.0
        if not o["eps_before_correction"]:
            v = v / second
        root = (v + o["eps_root"]).sqrt_().add_(eps)
        p.sub_(m / root, alpha=lr * scale / first)

    return rule


def adamax(o: Mapping[str, Any]) -> Rule:
    """Return AdaMax with eps beside the maximum, as Keras has it."""
    beta1, beta2 = o["beta1"], o["beta2"]

    def rule(p: Any, g: Any, state: Mapping[str, Any], t: int, lr: float) -> None:
        m = state["exp_avg"].mul_(beta1).add_(g, alpha=1 - beta1)
        norm = state["exp_inf"]
        norm.copy_(norm.mul(beta2).maximum(g.abs()))
        p.sub_(m / (norm + o["eps"]), alpha=lr / (1 - beta1**t))

    return rule


def nadam(o: Mapping[str, Any]) -> Rule:
    """Return Nadam with a constant beta1, or eps before the correction of the second moment."""
    beta1, beta2, eps = o["beta1"], o["beta2"], o["eps"]

    def rule(p: Any, g: Any, state: Mapping[str, Any], t: int, lr: float) -> None:
        m = state["exp_avg"].mul_(beta1).add_(g, alpha=1 - beta1)
        v = state["exp_avg_sq"].mul_(beta2).add_(g.square(), alpha=1 - beta2)
        mu, following = (_mu(o, k) for k in (t, t + 1))
        product = mu_product(o, t)
        ahead = m.mul(following / (1 - product * following)).add_(g, alpha=(1 - mu) / (1 - product))
        second = 1 - beta2**t
        if o["eps_before_correction"]:
            p.sub_(ahead.div_(v.sqrt().add_(eps)), alpha=lr * second**0.5)
        else:
            p.sub_(ahead.div_((v / second).sqrt_().add_(eps)), alpha=lr)

    return rule


def mu_product(o: Mapping[str, Any], t: int) -> float:
    """Return the product of Nadam's mu_1 to mu_t."""
    product = 1.0
    for k in range(1, t + 1):
        product *= _mu(o, k)
    return product


def _mu(o: Mapping[str, Any], t: int) -> float:
    decay = o["schedule_decay"]
    beta1 = float(o["beta1"])
    return beta1 if decay is None else beta1 * (1 - 0.5 * 0.96 ** (t * float(decay)))
