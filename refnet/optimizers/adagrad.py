"""AdaGrad: steps divided by the root of the sum of all squared gradients."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any, NamedTuple

from refnet.arrays import Array
from refnet.optimizers.arithmetic import over, rooted
from refnet.optimizers.base import Elementwise, Number, Rule
from refnet.optimizers.clipping import Clip
from refnet.optimizers.registry import optimizer
from refnet.optimizers.schedules import Schedule


class AdaGradState(NamedTuple):
    """The state of :class:`AdaGrad`: updates done, and the sum of squared gradients."""

    step: int
    sum: dict[str, Array]


@optimizer
@dataclass(frozen=True, repr=False)
class AdaGrad(Elementwise[AdaGradState]):
    """AdaGrad: the smaller the steps, the larger all gradients before.

    With g the gradient, p a parameter and s its sum, at update t = 1, 2, ... ::

        s <- s + g^2
        p <- p - lr / (1 + (t - 1) lr_decay) g / (sqrt(s) + eps)
                                                 sqrt(s + eps)         with eps_inside

    Duchi, Hazan & Singer 2011, Alg. 1 with the diagonal. The defaults are PyTorch's
    (``torch.optim.Adagrad``). TensorFlow 1 and ann_box.txt (eq. 1.53) start s at 0.1 and have no
    eps: ``initial_accumulator=0.1, eps=0.0``. Keras and optax start it at 0.1 and have
    ``eps=1e-7, eps_inside=True``. scratch_notes.txt has ``eps=1e-7``.

    Parameters
    ----------
    lr : float, str or Schedule
        Learning rate, at least 0.
    eps : float
        At least 0. With none, 0 / 0 where every gradient was 0 and s started at 0 is NaN.
    eps_inside : bool
        Whether eps is added under the root.
    initial_accumulator : float
        What s starts at, at least 0.
    lr_decay : float
        At least 0.
    weight_decay, decay_kind, clip
        As in :class:`SGD`.

    Raises
    ------
    OptionError
        If an option is outside what it may be.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> opt = rn.optimizers.AdaGrad(lr=0.1)
    >>> params, grads = {"w": np.array([1.0])}, {"w": np.array([3.0])}
    >>> params, state = opt.update(params, grads, opt.init(params))
    >>> params, state = opt.update(params, {"w": np.array([4.0])}, state)
    >>> params["w"], state.sum["w"]  # 1 - 0.1 * 3 / 3 - 0.1 * 4 / 5
    (array([0.82]), array([25.]))
    """

    lr: float | str | Schedule = 0.01
    eps: float = 1e-10
    _: KW_ONLY
    eps_inside: bool = False
    initial_accumulator: float = 0.0
    lr_decay: float = 0.0
    weight_decay: float = 0.0
    decay_kind: str = "l2"
    clip: str | Clip | None = None

    _state = AdaGradState

    def _slots(self) -> dict[str, float]:
        return {"sum": self.initial_accumulator}

    def _rule(self, t: int, lr: Any, number: Number) -> Rule:
        down, eps = -lr / (1 + (t - 1) * number(self.lr_decay)), number(self.eps)

        def rule(g: Array, s: Array) -> tuple[Any, ...]:
            t = g * g
            s = s + t
            root = rooted(s, eps, t, inside=self.eps_inside)
            return over(down, g, root, t), s

        return rule
