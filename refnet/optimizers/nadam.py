"""Nadam: Adam with Nesterov's momentum."""

from __future__ import annotations

import math
from dataclasses import KW_ONLY, dataclass
from typing import Any, NamedTuple

import numpy as np

from refnet.arrays import Array
from refnet.optimizers.arithmetic import mixed, rooted, squared
from refnet.optimizers.base import Elementwise, Number, Rule
from refnet.optimizers.clipping import Clip
from refnet.optimizers.registry import optimizer
from refnet.optimizers.schedules import Schedule


class NadamState(NamedTuple):
    """The state of :class:`Nadam`: updates done, means of gradients and of squared gradients."""

    step: int
    exp_avg: dict[str, Array]
    exp_avg_sq: dict[str, Array]


@optimizer
@dataclass(frozen=True, repr=False)
class Nadam(Elementwise[NadamState]):
    """Nadam: Adam with Nesterov's momentum.

    With g the gradient, p a parameter, m and v its means, at update t = 1, 2, ... ::

        mu_t = beta1 (1 - 0.96^(t schedule_decay) / 2)       (beta1 where schedule_decay is None)
        m <- beta1 m + (1 - beta1) g
        v <- beta2 v + (1 - beta2) g^2;  c2 = 1 - beta2^t
        n  = (1 - mu_t) g / (1 - mu_1 ... mu_t) + mu_(t+1) m / (1 - mu_1 ... mu_(t+1))
        p <- p - lr n / (sqrt(v / c2) + eps)
        p <- p - lr sqrt(c2) n / (sqrt(v) + eps)             with eps_before_correction

    Dozat 2016, Alg. 2, with the schedule of its section 3. The defaults are PyTorch's
    (``torch.optim.NAdam``). Keras has ``schedule_decay=1.0``; optax's nadam has
    ``schedule_decay=None``. The product of the mu is computed from t and is no slot.

    Parameters
    ----------
    lr : float, str or Schedule
        Learning rate, at least 0.
    beta1, beta2 : float
        Share of the past, at least 0 and below 1.
    eps : float
        At least 0.
    schedule_decay : float, optional
        At least 0; PyTorch's momentum_decay.
    eps_before_correction : bool
        See above; as in :class:`Adam`.
    weight_decay, decay_kind, clip
        As in :class:`SGD`.

    Raises
    ------
    OptionError
        If an option is outside what it may be.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> opt = rn.optimizers.Nadam(lr=0.1, beta1=0.5, beta2=0.75, schedule_decay=None)
    >>> params = {"w": np.array([1.0])}
    >>> params, state = opt.update(params, {"w": np.array([4.0])}, opt.init(params))
    >>> params["w"]  # n = 0.5 * 4 / 0.5 + 0.5 * 2 / 0.75, over 4
    array([0.86666667])
    """

    lr: float | str | Schedule = 2e-3
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    _: KW_ONLY
    schedule_decay: float | None = 0.004
    eps_before_correction: bool = False
    weight_decay: float = 0.0
    decay_kind: str = "l2"
    clip: str | Clip | None = None

    _state = NadamState
    _below_one = frozenset({"beta1", "beta2"})

    def _checked(self, name: str, default: Any, value: Any) -> Any:
        if name == "schedule_decay" and value is None:
            return None
        return super()._checked(name, default, value)

    def _slots(self) -> dict[str, float]:
        return {"exp_avg": 0.0, "exp_avg_sq": 0.0}

    def _rule(self, t: int, lr: Any, number: Number) -> Rule:
        b1, b2, eps = number(self.beta1), number(self.beta2), number(self.eps)
        share1, share2 = 1 - b1, 1 - b2
        now, then, product = self._schedule(t, number)
        root_c2 = number(np.sqrt(1 - b2**t))
        # As in Adam, the correction of v is taken out of the root.
        of_g = -lr * root_c2 * (1 - now) / (1 - product)
        of_m = -lr * root_c2 * then / (1 - product * then)
        if not self.eps_before_correction:
            eps = eps * root_c2

        def rule(g: Array, m: Array, v: Array) -> tuple[Any, ...]:
            t = np.empty_like(g)
            m = mixed(b1, m, share1, g, t)
            v = mixed(b2, v, share2, squared(g, t), t)
            step = mixed(of_g, g, of_m, m, t)
            step /= rooted(v, eps, t)
            return step, m, v

        return rule

    def _schedule(self, t: int, number: Number) -> tuple[Any, Any, Any]:
        """Return mu_t, mu_(t+1) and the product of mu_1 to mu_t."""
        b1 = number(self.beta1)
        if self.schedule_decay is None or not self.beta1:
            return b1, b1, b1**t
        # Each factor is at most beta1: after so many the product no longer shows beside 1.
        enough = math.ceil(-80 * math.log(2) / math.log(self.beta1))
        decay, base = number(self.schedule_decay), number(0.96)
        last = [number(i) for i in (t, t + 1)]
        now, then = (b1 * (1 - base ** (i * decay) / 2) for i in last)
        steps = np.arange(1, min(t, enough) + 1) * decay
        return now, then, number(np.prod(b1 * (1 - base**steps / 2)))
