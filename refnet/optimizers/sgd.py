"""Stochastic gradient descent, with momentum and weight decay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from refnet import checks
from refnet.arrays import Array
from refnet.errors import OptionError
from refnet.optimizers.base import Params, optimizer, updated


class SGDState(NamedTuple):
    """The state of :class:`SGD`: updates done, and a momentum buffer per parameter.

    ``momentum_buffer`` is empty without momentum.
    """

    step: int
    momentum_buffer: dict[str, Array]


@optimizer
@dataclass(frozen=True)
class SGD:
    """Gradient descent with momentum, dampening, Nesterov's step and weight decay.

    With g the gradient, p a parameter, v its buffer::

        g <- g + weight_decay p
        v <- momentum v + (1 - dampening) g          (v <- g at the first update)
        g <- g + momentum v if nesterov else v       (if momentum is not 0)
        p <- p - lr g

    These are PyTorch's names and formula (``torch.optim.SGD``): the learning rate stands outside
    the buffer, and Nesterov's is the reformulated step (Sutskever, Martens, Dahl & Hinton 2013),
    whose gradient is taken at the parameters themselves. float16 is computed in float32 and
    rounded once per result.

    Parameters
    ----------
    lr : float
        Learning rate, at least 0.
    momentum, dampening : float
        At least 0 (momentum below 1, dampening at most 1).
    weight_decay : float
        At least 0; the gradient of an L2 penalty of half that weight.
    nesterov : bool
        Needs momentum and no dampening.

    Raises
    ------
    OptionError
        If an option is outside what it may be.

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

    lr: float
    momentum: float = 0.0
    dampening: float = 0.0
    weight_decay: float = 0.0
    nesterov: bool = False

    def __post_init__(self) -> None:
        # Plain numbers: a NumPy scalar would carry its dtype into the parameters.
        plain = {
            "lr": checks.number("SGD", "lr", self.lr, low=0),
            "momentum": _below_one(self.momentum),
            "dampening": checks.number("SGD", "dampening", self.dampening, low=0, high=1),
            "weight_decay": checks.number("SGD", "weight_decay", self.weight_decay, low=0),
            "nesterov": checks.flag("SGD", "nesterov", self.nesterov),
        }
        for name, value in plain.items():
            object.__setattr__(self, name, value)
        if self.nesterov and (self.momentum == 0 or self.dampening != 0):
            raise OptionError(
                "SGD",
                got=f"nesterov=True, momentum={self.momentum!r}, dampening={self.dampening!r}",
                needs="a momentum and no dampening with nesterov",
                cause="Was momentum left out?",
            )

    def init(self, params: Params) -> SGDState:
        """Return the state before the first update: zero buffers."""
        if not self.momentum:
            return SGDState(0, {})
        return SGDState(0, {name: np.zeros_like(p) for name, p in params.items()})

    def gradient_point(self, params: Params, state: SGDState) -> Params:  # noqa: ARG002
        """Return ``params``: the gradient is taken where they are."""
        return params

    def update(
        self, params: Params, grads: Params, state: SGDState
    ) -> tuple[dict[str, Array], SGDState]:
        """Return the parameters and the state after one update; the arguments are untouched.

        Raises
        ------
        ArgumentError
            If the names of ``grads`` or of the state are not those of ``params``.
        ShapeError, DtypeError
            If a shape or dtype differs from the parameter's.
        """
        if not self.momentum:
            (moved,) = updated("SGD", params, grads, {}, self._plain)
            return moved, SGDState(state.step + 1, {})
        slots = {"momentum_buffer": state.momentum_buffer}
        rule = self._later if state.step else self._first
        moved, buffers = updated("SGD", params, grads, slots, rule)
        return moved, SGDState(state.step + 1, buffers)

    def _plain(self, p: Array, g: Array) -> tuple[Array]:
        step = np.asarray(self.lr * self._decayed(p, g))
        return (np.subtract(p, step, out=step),)  # one new array rather than two

    def _decayed(self, p: Array, g: Array) -> Array:
        return g + self.weight_decay * p if self.weight_decay else g

    def _first(self, p: Array, g: Array, _: Array) -> tuple[Array, Array]:
        g = np.array(self._decayed(p, g))
        return self._moved(p, g, g)

    def _later(self, p: Array, g: Array, v: Array) -> tuple[Array, Array]:
        g = self._decayed(p, g)
        return self._moved(p, g, np.asarray(self.momentum * v + (1 - self.dampening) * g))

    def _moved(self, p: Array, g: Array, v: Array) -> tuple[Array, Array]:
        direction = g + self.momentum * v if self.nesterov else v
        return np.asarray(p - self.lr * direction), v


def _below_one(momentum: float) -> float:
    return checks.number("SGD", "momentum", momentum, low=0, high=1, open_high=True)
