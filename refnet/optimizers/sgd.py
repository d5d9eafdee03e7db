"""Stochastic gradient descent, with momentum in all its forms."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any, NamedTuple, cast

from refnet import checks
from refnet.arrays import Array
from refnet.optimizers.base import Elementwise, Number, Rule, applied
from refnet.optimizers.clipping import Clip
from refnet.optimizers.matching import Params, parameters
from refnet.optimizers.registry import optimizer, preset
from refnet.optimizers.schedules import Schedule


class SGDState(NamedTuple):
    """The state of :class:`SGD`: updates done, and a momentum buffer per parameter.

    ``momentum_buffer`` is empty without momentum.
    """

    step: int
    momentum_buffer: dict[str, Array]


@optimizer
@dataclass(frozen=True, repr=False)
class SGD(Elementwise[SGDState]):
    """Gradient descent with momentum, dampening, Nesterov's step and weight decay.

    With g the gradient, p a parameter, v its buffer::

        v <- momentum v + (1 - dampening) g          (v <- g at the first update)
        d  = g + momentum v if nesterov else v       (g without momentum)
        p <- p - lr d

    and with ``lr_inside`` the learning rate is part of the buffer::

        v <- momentum v + lr (1 - dampening) g       (v <- lr g at the first update)
        p <- p - (lr g + momentum v if nesterov else v)

    Polyak 1964; Sutskever, Martens, Dahl & Hinton 2013. The names are PyTorch's
    (``torch.optim.SGD``), and so is the formula by default. TensorFlow 1's MomentumOptimizer is the
    same. Keras, ann_box.txt (3.2) and scratch_notes.txt have ``lr_inside``, which matters where lr
    changes. numpy_dnn.txt has the moving average v <- beta v + (1 - beta) g, which is
    ``momentum=beta, dampening="momentum", first_buffer="zeros"``.

    Nesterov's step comes in two forms. ``nesterov`` takes the gradient at the parameters
    themselves (PyTorch, TensorFlow 1, Keras). ``lookahead`` takes it where momentum alone would
    lead (Sutskever et al., eq. 4; ann_box.txt 3.3): :meth:`gradient_point` is p - lr momentum v, or
    p - momentum v with ``lr_inside``, and v moves as without Nesterov. With lr constant the points
    that the first form visits are those at which the second takes its gradients.

    Parameters
    ----------
    lr : float, str or Schedule
        Learning rate, at least 0.
    momentum : float
        At least 0 and below 1.
    dampening : float or str
        At least 0 and at most 1; "momentum" stands for the momentum.
    weight_decay : float
        At least 0; with the kind "l2", the gradient of an L2 penalty of half that weight.
    nesterov, lookahead : bool
        At most one of them; both need momentum, nesterov no dampening.
    lr_inside : bool
        Whether the buffer holds steps rather than gradients.
    first_buffer : str
        "gradient": the first gradient, undamped, whatever the buffer is; "zeros": the first update
        is as any other.
    decay_kind : str
        "l2": g + weight_decay p. "l1": g + weight_decay sign(p). "decoupled": p (1 - lr
        weight_decay) first (Loshchilov & Hutter 2019).
    clip : None, str or Clip
        What bounds the gradients before anything else, such as "by_global_norm(limit=1.0)".

    Raises
    ------
    OptionError
        If an option is outside what it may be, or options contradict one another.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> opt = rn.optimizers.SGD(lr=0.1, momentum=0.9)
    >>> params = {"w": np.array([1.0, 2.0])}
    >>> state = opt.init(params)
    >>> for _ in range(2):
    ...     params, state = opt.update(params, {"w": np.array([1.0, -1.0])}, state)
    >>> params["w"]
    array([0.71, 2.29])
    >>> state.step, state.momentum_buffer["w"]
    (2, array([ 1.9, -1.9]))
    """

    lr: float | str | Schedule
    momentum: float = 0.0
    dampening: float | str = 0.0
    weight_decay: float = 0.0
    nesterov: bool = False
    _: KW_ONLY
    lookahead: bool = False
    lr_inside: bool = False
    first_buffer: str = "gradient"
    decay_kind: str = "l2"
    clip: str | Clip | None = None

    _state = SGDState
    _below_one = frozenset({"momentum"})

    def _checked(self, name: str, default: Any, value: Any) -> Any:
        if name == "dampening":
            value = self.momentum if isinstance(value, str) and value == "momentum" else value
            return checks.number("SGD", name, value, low=0, high=1)
        if name == "first_buffer":
            return checks.choice("SGD", name, value, ("gradient", "zeros"))
        return super()._checked(name, default, value)

    def _check_together(self) -> None:
        if self.nesterov and (self.momentum == 0 or self.dampening != 0):
            self._refuse(
                "nesterov",
                "momentum",
                "dampening",
                needs="a momentum and no dampening with nesterov",
                cause="Was momentum left out?",
            )
        if self.lookahead and (self.momentum == 0 or self.nesterov):
            self._refuse(
                "lookahead",
                "momentum",
                "nesterov",
                needs="a momentum with lookahead, and not nesterov, its other form",
                cause="Was momentum left out?",
            )

    def _slots(self) -> dict[str, float]:
        return {"momentum_buffer": 0.0} if self.momentum else {}

    def _rule(self, t: int, lr: Any, number: Number) -> Rule:
        momentum, share = number(self.momentum), 1 - number(cast(float, self.dampening))
        down = -1.0 if self.lr_inside else -lr
        first = t == 1 and self.first_buffer == "gradient"

        def plain(g: Array, _: None) -> tuple[Any, ...]:
            return -lr * g, None

        def with_momentum(g: Array, v: Array) -> tuple[Any, ...]:
            if self.lr_inside:
                g = lr * g
            if first:
                v = g.copy()
            else:
                v = momentum * v
                v += g if share == 1 else share * g
            if not self.nesterov:
                return down * v, v
            step = momentum * v
            step += g
            step *= down
            return step, v

        return with_momentum if self.momentum else plain

    def gradient_point(self, params: Params, state: SGDState) -> Params:
        """Return ``params``, or with lookahead where the momentum alone would lead.

        Raises
        ------
        ArgumentError, ShapeError, DtypeError
            With lookahead, if the state does not belong to the parameters; as :meth:`update` does.
        """
        if not self.lookahead:
            return params
        params = parameters("SGD", params)
        done, (buffers,) = self._taken_apart(state, params)
        lr = 1.0 if self.lr_inside else self._rate(done)

        def ahead(number: Number) -> Rule:
            reach = number(lr) * number(self.momentum)
            return lambda p, v: (p - reach * v,)

        (points,) = applied(ahead, params, buffers)
        return points


@preset
def Momentum(  # noqa: N802
    lr: float | str | Schedule, momentum: float = 0.9, **options: Any
) -> SGD:
    """Return SGD with momentum: ``SGD(lr, momentum, **options)``.

    The formulas of PyTorch, TensorFlow 1, Keras and the sources are its options; see :class:`SGD`.

    Raises
    ------
    OptionError
        If momentum is 0, or an option is outside what it may be.

    Examples
    --------
    >>> import refnet as rn
    >>> rn.optimizers.Momentum(0.1) == rn.optimizers.SGD(0.1, momentum=0.9)
    True
    """
    return SGD(lr, _some(momentum, "Momentum"), **options)


@preset
def Nesterov(  # noqa: N802
    lr: float | str | Schedule, momentum: float = 0.9, *, lookahead: bool = False, **options: Any
) -> SGD:
    """Return SGD with Nesterov's momentum, in the reformulated or in the look-ahead form.

    ``SGD(lr, momentum, nesterov=True, **options)``, or with ``lookahead`` in the place of nesterov;
    see :class:`SGD`.

    Raises
    ------
    OptionError
        If momentum is 0, or an option is outside what it may be.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> opt = rn.optimizers.Nesterov(0.1, lookahead=True)
    >>> params = {"w": np.array([1.0])}
    >>> params, state = opt.update(params, {"w": np.array([2.0])}, opt.init(params))
    >>> params["w"], opt.gradient_point(params, state)["w"]  # 0.8, and 0.1 * 0.9 * 2 further
    (array([0.8]), array([0.62]))
    """
    momentum = _some(momentum, "Nesterov")
    ahead = checks.flag("Nesterov", "lookahead", lookahead)
    return SGD(lr, momentum, nesterov=not ahead, lookahead=ahead, **options)


def _some(momentum: float, preset: str) -> float:
    return checks.number(preset, "momentum", momentum, low=0, high=1, open_low=True, open_high=True)
