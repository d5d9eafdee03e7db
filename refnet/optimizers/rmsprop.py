"""RMSProp: steps divided by the root of a running mean of squared gradients."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any, NamedTuple

import numpy as np

from refnet.arrays import Array
from refnet.optimizers.arithmetic import mixed, over, rooted, squared
from refnet.optimizers.base import Elementwise, Number, Rule
from refnet.optimizers.clipping import Clip
from refnet.optimizers.registry import optimizer
from refnet.optimizers.schedules import Schedule


class RMSPropState(NamedTuple):
    """The state of :class:`RMSProp`: updates done, and per parameter the mean of squared gradients.

    ``momentum_buffer`` is empty without momentum, ``grad_avg`` where not centered.
    """

    step: int
    square_avg: dict[str, Array]
    momentum_buffer: dict[str, Array]
    grad_avg: dict[str, Array]


@optimizer
@dataclass(frozen=True, repr=False)
class RMSProp(Elementwise[RMSPropState]):
    """RMSProp: steps divided by the root of the mean of squared gradients.

    With g the gradient, p a parameter, s, a and v its slots::

        s <- rho s + (1 - rho) g^2
        a <- rho a + (1 - rho) g;   r = s - a^2 if centered else s
        d  = g / (sqrt(r) + eps)       g / sqrt(r + eps) with eps_inside
        v <- momentum v + d            v <- momentum v + lr d with lr_inside
        p <- p - lr v                  p <- p - v with lr_inside         (p - lr d without momentum)

    Tieleman & Hinton 2012, lecture 6.5; centered: Graves 2013, eq. 38 to 45. Rounding may put
    s - a^2 below 0, where it is taken for 0. The defaults are PyTorch's (``torch.optim.RMSprop``).
    TensorFlow 1 has ``eps_inside, lr_inside, initial_accumulator=1.0`` (s starts at 1), Keras
    ``eps_inside, lr_inside``.

    Parameters
    ----------
    lr : float, str or Schedule
        Learning rate, at least 0.
    rho : float
        Share of the past in the means, at least 0 and below 1.
    eps : float
        At least 0.
    momentum : float
        At least 0 and below 1.
    centered : bool
        Whether to divide by the deviation about the mean gradient.
    eps_inside : bool
        Whether eps is added under the root.
    lr_inside : bool
        Whether the momentum buffer holds steps.
    initial_accumulator : float
        What s starts at, at least 0.
    weight_decay, decay_kind, clip
        As in :class:`SGD`.

    Raises
    ------
    OptionError
        If an option is outside what it may be.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> opt = rn.optimizers.RMSProp(lr=0.1, rho=0.75, eps=0.0)
    >>> params = {"w": np.array([1.0])}
    >>> params, state = opt.update(params, {"w": np.array([4.0])}, opt.init(params))
    >>> params["w"], state.square_avg["w"]  # 1 - 0.1 * 4 / sqrt(16 / 4)
    (array([0.8]), array([4.]))
    """

    lr: float | str | Schedule = 0.01
    rho: float = 0.99
    eps: float = 1e-8
    momentum: float = 0.0
    _: KW_ONLY
    centered: bool = False
    eps_inside: bool = False
    lr_inside: bool = False
    initial_accumulator: float = 0.0
    weight_decay: float = 0.0
    decay_kind: str = "l2"
    clip: str | Clip | None = None

    _state = RMSPropState
    _below_one = frozenset({"rho", "momentum"})

    def _slots(self) -> dict[str, float]:
        slots = {"square_avg": self.initial_accumulator}
        if self.momentum:
            slots["momentum_buffer"] = 0.0
        if self.centered:
            slots["grad_avg"] = 0.0
        return slots

    def _rule(self, t: int, lr: Any, number: Number) -> Rule:  # noqa: ARG002
        rho, eps, momentum = number(self.rho), number(self.eps), number(self.momentum)
        share = 1 - rho
        inside, down = (lr, -1.0) if self.lr_inside else (1.0, -lr)

        def rule(g: Array, s: Array, v: Array | None, a: Array | None) -> tuple[Any, ...]:
            t = np.empty_like(g)
            r = s = mixed(rho, s, share, squared(g, t), t)
            if a is not None:
                a = mixed(rho, a, share, g, t)
                r = np.maximum(s - a * a, 0)
            root = rooted(r, eps, t, inside=self.eps_inside)
            if v is None:
                return over(-lr, g, root, t), s, None, a
            v = momentum * v
            v += over(inside, g, root, t)
            return down * v, s, v, a

        return rule
