"""Adam, with AMSGrad, and AdamW."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any, NamedTuple

import numpy as np

from refnet.arrays import Array
from refnet.optimizers.arithmetic import mixed, over, rooted, squared
from refnet.optimizers.base import Elementwise, Number, Rule
from refnet.optimizers.clipping import Clip
from refnet.optimizers.registry import optimizer, preset
from refnet.optimizers.schedules import Schedule


class AdamState(NamedTuple):
    """The state of :class:`Adam`: updates done, means of gradients and of squared gradients.

    ``max_exp_avg_sq`` is empty without amsgrad.
    """

    step: int
    exp_avg: dict[str, Array]
    exp_avg_sq: dict[str, Array]
    max_exp_avg_sq: dict[str, Array]


@optimizer
@dataclass(frozen=True, repr=False)
class Adam(Elementwise[AdamState]):
    """Adam: steps by the running means of gradients and of their squares.

    With g the gradient, p a parameter, m and v its means, at update t = 1, 2, ... ::

        m <- beta1 m + (1 - beta1) g
        v <- beta2 v + (1 - beta2) g^2
        c1 = 1 - beta1^t;  c2 = 1 - beta2^t                      (1 without bias_correction)
        p <- p - lr (m / c1) / (sqrt(v / c2 + eps_root) + eps)
        p <- p - lr sqrt(c2) / c1 m / (sqrt(v + eps_root) + eps) with eps_before_correction

    Kingma & Ba 2015, Alg. 1; eps_before_correction is the order of computation given there before
    section 2.1, whose epsilon ("hat") is another. With amsgrad (Reddi, Kale & Kumar 2018, Alg. 2)
    the largest v so far takes the place of v, or with ``amsgrad_corrected`` the largest v / c2 that
    of v / c2.

    The defaults are PyTorch's (``torch.optim.Adam``), and optax's ``adam`` is the same; optax's
    ``amsgrad`` has ``amsgrad_corrected``. TensorFlow 1 and Keras have ``eps_before_correction``.

    Parameters
    ----------
    lr : float, str or Schedule
        Learning rate, at least 0.
    beta1, beta2 : float
        Share of the past in the means, at least 0 and below 1.
    eps, eps_root : float
        Added to the root and under it, at least 0.
    amsgrad, amsgrad_corrected : bool
        The second needs the first, and not eps_before_correction.
    bias_correction, eps_before_correction : bool
        See above.
    weight_decay, decay_kind, clip
        As in :class:`SGD`. :func:`AdamW` has decoupled decay.

    Raises
    ------
    OptionError
        If an option is outside what it may be, or options contradict one another.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> opt = rn.optimizers.Adam(lr=0.1, beta1=0.5, beta2=0.75)
    >>> params = {"w": np.array([1.0])}
    >>> params, state = opt.update(params, {"w": np.array([4.0])}, opt.init(params))
    >>> params["w"], state.exp_avg["w"], state.exp_avg_sq["w"]  # the first step is lr
    (array([0.9]), array([2.]), array([4.]))
    """

    lr: float | str | Schedule = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    _: KW_ONLY
    amsgrad: bool = False
    amsgrad_corrected: bool = False
    bias_correction: bool = True
    eps_root: float = 0.0
    eps_before_correction: bool = False
    weight_decay: float = 0.0
    decay_kind: str = "l2"
    clip: str | Clip | None = None

    _state = AdamState
    _below_one = frozenset({"beta1", "beta2"})

    def _check_together(self) -> None:
        if self.amsgrad_corrected and (not self.amsgrad or self.eps_before_correction):
            self._refuse(
                "amsgrad_corrected",
                "amsgrad",
                "eps_before_correction",
                needs="amsgrad with amsgrad_corrected, and not eps_before_correction",
                cause="The largest of the corrected means leaves nothing to correct after eps.",
            )

    def _slots(self) -> dict[str, float]:
        slots = {"exp_avg": 0.0, "exp_avg_sq": 0.0}
        return {**slots, "max_exp_avg_sq": 0.0} if self.amsgrad else slots

    def _rule(self, t: int, lr: Any, number: Number) -> Rule:
        b1, b2 = number(self.beta1), number(self.beta2)
        share1, share2 = 1 - b1, 1 - b2
        c1, c2 = (1 - b1**t, 1 - b2**t) if self.bias_correction else (number(1), number(1))
        root_c2 = number(np.sqrt(c2))
        eps, eps_root = number(self.eps), number(self.eps_root)
        # v's correction is taken out of the root: sqrt(v / c2 + e) = sqrt(v + e c2) / sqrt(c2).
        down = -lr / c1 * root_c2
        if not self.eps_before_correction:
            eps, eps_root = eps * root_c2, eps_root * c2

        def rule(g: Array, m: Array, v: Array, top: Any) -> tuple[Any, ...]:
            t = np.empty_like(g)
            m = mixed(b1, m, share1, g, t)
            v = mixed(b2, v, share2, squared(g, t), t)
            r = v
            if self.amsgrad_corrected:
                top = np.maximum(top, v / c2)
                r = top * c2
            elif self.amsgrad:
                r = top = np.maximum(top, v)
            root = rooted(r + eps_root if eps_root else r, eps, t)
            return over(down, m, root, t), m, v, top

        return rule


@preset
def AdamW(  # noqa: N802
    lr: float | str | Schedule = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    *,
    weight_decay: float = 0.01,
    **options: Any,
) -> Adam:
    """Return Adam with decoupled weight decay, p <- p (1 - lr weight_decay) before its step.

    ``Adam(..., weight_decay=0.01, decay_kind="decoupled")``: Loshchilov & Hutter 2019, Alg. 2, with
    lr as the factor of the decay too, as PyTorch, Keras and optax have it.

    Raises
    ------
    OptionError
        If an option is outside what it may be.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> opt = rn.optimizers.AdamW(lr=0.1, weight_decay=0.5)
    >>> params = {"w": np.array([2.0])}
    >>> opt.update(params, {"w": np.array([4.0])}, opt.init(params))[0]["w"]  # 2 * 0.95 - 0.1
    array([1.8])
    """
    options = {"weight_decay": weight_decay, "decay_kind": "decoupled", **options}
    return Adam(lr, beta1, beta2, eps, **options)
