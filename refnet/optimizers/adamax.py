"""AdaMax: Adam by the infinity norm."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any, NamedTuple

import numpy as np

from refnet.arrays import Array
from refnet.optimizers.arithmetic import mixed, over
from refnet.optimizers.base import Elementwise, Number, Rule
from refnet.optimizers.clipping import Clip
from refnet.optimizers.registry import optimizer
from refnet.optimizers.schedules import Schedule


class AdaMaxState(NamedTuple):
    """The state of :class:`AdaMax`: updates done, means of gradients and decaying maxima of |g|."""

    step: int
    exp_avg: dict[str, Array]
    exp_inf: dict[str, Array]


@optimizer
@dataclass(frozen=True, repr=False)
class AdaMax(Elementwise[AdaMaxState]):
    """AdaMax: Adam with a decaying maximum in the place of the mean of squares.

    With g the gradient, p a parameter, m and u its slots, at update t = 1, 2, ... ::

        m <- beta1 m + (1 - beta1) g
        u <- max(beta2 u, |g| + eps)                 max(beta2 u, |g|) without eps_in_maximum
        p <- p - lr / (1 - beta1^t) m / u            m / (u + eps)     without

    Kingma & Ba 2015, Alg. 2, where eps is 0. The defaults are PyTorch's (``torch.optim.Adamax``),
    optax's adamax has its formula, and Keras has ``eps_in_maximum=False``.

    Parameters
    ----------
    lr : float, str or Schedule
        Learning rate, at least 0.
    beta1, beta2 : float
        Share of the past, at least 0 and below 1.
    eps : float
        At least 0.
    eps_in_maximum : bool
        See above.
    weight_decay, decay_kind, clip
        As in :class:`SGD`.

    Raises
    ------
    OptionError
        If an option is outside what it may be.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> opt = rn.optimizers.AdaMax(lr=0.1, beta2=0.5)
    >>> params = {"w": np.array([1.0])}
    >>> params, state = opt.update(params, {"w": np.array([4.0])}, opt.init(params))
    >>> params, state = opt.update(params, {"w": np.array([0.0])}, state)
    >>> params["w"], state.exp_inf["w"]  # 0.9 - 0.1 / 0.19 * 0.36 / 2
    (array([0.80526316]), array([2.]))
    """

    lr: float | str | Schedule = 2e-3
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    _: KW_ONLY
    eps_in_maximum: bool = True
    weight_decay: float = 0.0
    decay_kind: str = "l2"
    clip: str | Clip | None = None

    _state = AdaMaxState
    _below_one = frozenset({"beta1", "beta2"})

    def _slots(self) -> dict[str, float]:
        return {"exp_avg": 0.0, "exp_inf": 0.0}

    def _rule(self, t: int, lr: Any, number: Number) -> Rule:
        b1, b2, eps = number(self.beta1), number(self.beta2), number(self.eps)
        share = 1 - b1
        down = -lr / (1 - b1**t)

        def rule(g: Array, m: Array, u: Array) -> tuple[Any, ...]:
            t = np.empty_like(g)
            m = mixed(b1, m, share, g, t)
            np.abs(g, out=t)
            if self.eps_in_maximum:
                t += eps
            u = b2 * u
            np.maximum(u, t, out=u)
            norm = u if self.eps_in_maximum else np.add(u, eps, out=t)
            return over(down, m, norm, t), m, u

        return rule
