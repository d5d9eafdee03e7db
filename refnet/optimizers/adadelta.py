"""AdaDelta: steps as large as those before, for gradients as large as those before."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any, NamedTuple

import numpy as np

from refnet.arrays import Array
from refnet.optimizers.arithmetic import mixed, rooted, squared
from refnet.optimizers.base import Elementwise, Number, Rule
from refnet.optimizers.clipping import Clip
from refnet.optimizers.registry import optimizer
from refnet.optimizers.schedules import Schedule


class AdaDeltaState(NamedTuple):
    """The state of :class:`AdaDelta`: updates done, means of squared gradients and of squared d."""

    step: int
    square_avg: dict[str, Array]
    acc_delta: dict[str, Array]


@optimizer
@dataclass(frozen=True, repr=False)
class AdaDelta(Elementwise[AdaDeltaState]):
    """AdaDelta: steps that have the unit of the parameters.

    With g the gradient, p a parameter, s and a the running means::

        s <- rho s + (1 - rho) g^2
        d  = sqrt(a + eps) / sqrt(s + eps) g
        a <- rho a + (1 - rho) d^2
        p <- p - lr d

    Zeiler 2012, Alg. 1, where lr is 1. The defaults are PyTorch's (``torch.optim.Adadelta``).
    TensorFlow 1, Keras, optax and ann_box.txt (3.5: lr 0.001, rho 0.95, eps 1e-8) have the same
    formula with other numbers.

    Parameters
    ----------
    lr : float, str or Schedule
        Learning rate, at least 0.
    rho : float
        Share of the past in the means, at least 0 and below 1.
    eps : float
        At least 0; with 0 nothing ever moves.
    weight_decay, decay_kind, clip
        As in :class:`SGD`.

    Raises
    ------
    OptionError
        If an option is outside what it may be.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> opt = rn.optimizers.AdaDelta(rho=0.5, eps=1.0)
    >>> params = {"w": np.array([2.0])}
    >>> params, state = opt.update(params, {"w": np.array([4.0])}, opt.init(params))
    >>> params["w"], state.square_avg["w"], state.acc_delta["w"]  # d = 1 / 3 * 4
    (array([0.66666667]), array([8.]), array([0.88888889]))
    """

    lr: float | str | Schedule = 1.0
    rho: float = 0.9
    eps: float = 1e-6
    _: KW_ONLY
    weight_decay: float = 0.0
    decay_kind: str = "l2"
    clip: str | Clip | None = None

    _state = AdaDeltaState
    _below_one = frozenset({"rho"})

    def _slots(self) -> dict[str, float]:
        return {"square_avg": 0.0, "acc_delta": 0.0}

    def _rule(self, t: int, lr: Any, number: Number) -> Rule:  # noqa: ARG002
        rho, eps = number(self.rho), number(self.eps)
        share, down = 1 - rho, -lr

        def rule(g: Array, s: Array, a: Array) -> tuple[Any, ...]:
            t = np.empty_like(g)
            s = mixed(rho, s, share, squared(g, t), t)
            d = rooted(a, eps, np.empty_like(g), inside=True)
            d /= rooted(s, eps, t, inside=True)
            d *= g
            return down * d, s, mixed(rho, a, share, squared(d, t), t)

        return rule
