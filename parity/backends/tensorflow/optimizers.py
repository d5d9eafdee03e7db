"""The optimizers of tf.compat.v1.train under refnet's names and options.

What they have no option for is unsupported, and says so. Slots go in and out by PyTorch's names, so
that a step may start from any state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np

from parity.backends.base import Array, Update, Values
from parity.backends.optimizer_options import known_options
from parity.backends.tensorflow.schedules import rate
from parity.backends.tensorflow.sessions import Running, Sessions
from parity.errors import UnsupportedError
from refnet.specs import from_spec

Tensors = Mapping[str, Any]
Number = Callable[[str], Any]


class Recipe(NamedTuple):
    """How an optimizer is made, what its slots are, and where they start.

    ``make(number)`` returns it; number makes of an option, "lr" too, a tensor of the parameters'
    dtype: of Python's numbers TensorFlow 1 makes float32, also for float64. ``slots`` names each of
    TensorFlow's by PyTorch's name; those that no option asks for are left out. ``start`` holds
    slots that do not start at zero. ``counts`` are beta1 and beta2, where it keeps their powers.
    """

    make: Callable[[Number], Any]
    slots: Mapping[str, str] = {}
    start: Mapping[str, float] = {}
    counts: tuple[float, ...] = ()


class Optimizer:
    """One optimizer with its options, for graphs of any parameters.

    Raises
    ------
    UnsupportedError
        If TensorFlow 1 has no such optimizer, or not with these options.
    """

    def __init__(self, sessions: Sessions, name: str, options: Mapping[str, Any]) -> None:
        if name not in OPTIMIZERS:
            raise UnsupportedError(f"tf.compat.v1.train has no optimizer {name}")
        self.options = every = {"lr": 1e-3, **known_options("tensorflow", name, options)}
        self.weight_decay, self.decay_kind = float(every["weight_decay"]), every["decay_kind"]
        if self.weight_decay and self.decay_kind not in ("l2", "l1"):
            raise UnsupportedError(
                "a penalty of TensorFlow 1's is part of the loss; none of its optimizers has "
                f"weight decay of kind {self.decay_kind!r}"
            )
        self.recipe = OPTIMIZERS[name](sessions.tf.compat.v1.train, every)
        self.clip = _clip(sessions.tf, every["clip"])
        self.rate = rate(sessions, every["lr"])

    def started(self, params: Values) -> dict[str, Values]:
        """Return the slots before the first update."""
        start = self.recipe.start
        return {
            slot: {name: np.full_like(p, start.get(slot, 0.0)) for name, p in params.items()}
            for slot in self.recipe.slots
        }

    def in_graph(self, sessions: Sessions, params: Mapping[str, Array]) -> Graph:
        """Return variables like ``params``, in the default graph, with room for gradients."""
        return Graph(self, sessions, params)


class Graph:
    """The part of a graph that holds the parameters and updates them."""

    def __init__(self, owner: Optimizer, sessions: Sessions, params: Mapping[str, Array]) -> None:
        tf1 = sessions.tf.compat.v1
        self.owner, self.tf = owner, sessions.tf
        self.variables = {
            name: tf1.Variable(np.zeros_like(p), use_resource=True) for name, p in params.items()
        }
        (self.dtype,) = {v.dtype for v in self.variables.values()}
        self.lr = tf1.placeholder(self.dtype, ())

    def apply(self, grads: Tensors) -> None:
        """Build the update by gradients of the variables."""
        tf1, owner = self.tf.compat.v1, self.owner
        clipped = owner.clip(grads)
        if owner.weight_decay:
            penalty = {"l2": lambda p: p, "l1": self.tf.sign}[owner.decay_kind]
            clipped = {
                name: g + owner.weight_decay * penalty(self.variables[name].value())
                for name, g in clipped.items()
            }
        optimizer = owner.recipe.make(self._number)
        pairs = [(clipped[name], v) for name, v in self.variables.items()]
        self.update = optimizer.apply_gradients(pairs)
        self.slots = {
            slot: {name: optimizer.get_slot(v, inner) for name, v in self.variables.items()}
            for slot, inner in owner.recipe.slots.items()
        }
        held = {"": self.variables, **self.slots}
        # First that of beta1.
        self.powers = [v for v in optimizer.variables() if "_power" in v.name]
        variables = [v for each in held.values() for v in each.values()] + self.powers
        self.feeds = {v.ref(): tf1.placeholder(v.dtype, v.shape) for v in variables}
        self.load = tf1.group(*(v.assign(self.feeds[v.ref()]) for v in variables))
        self.start = tf1.global_variables_initializer()
        self.values = {
            slot: {name: v.value() for name, v in each.items()} for slot, each in held.items()
        }

    def _number(self, option: str) -> Any:
        if option == "lr":
            return self.lr
        return self.tf.constant(self.owner.options[option], self.dtype)

    def set(
        self, running: Running, params: Values, slots: Mapping[str, Values] | None, done: int
    ) -> None:
        """Put variables and slots into the state after ``done`` updates; None starts the slots."""
        running.run(self.start)
        slots = self.owner.started(params) if slots is None else slots
        fed = {self.feeds[self.variables[name].ref()]: p for name, p in params.items()}
        for slot, each in self.slots.items():
            fed |= {self.feeds[v.ref()]: slots[slot][name] for name, v in each.items()}
        one = np.ones((), self.dtype.as_numpy_dtype)
        for v, beta in zip(self.powers, self.owner.recipe.counts, strict=True):
            # By repeated multiplication, as TensorFlow comes to it.
            power = reduce(np.multiply, repeat(one.dtype.type(beta), done + 1), one)
            fed[self.feeds[v.ref()]] = np.asarray(power)
        running.run(self.load, fed)

    def rate(self, done: int) -> dict[Any, Array]:
        """Return what the rate is fed for the update that comes after ``done`` others."""
        return {self.lr: np.array(self.owner.rate(done), self.dtype.as_numpy_dtype)}

    def get(self, running: Running) -> tuple[Values, dict[str, Values]]:
        """Return the parameters and the slots."""
        found = running.run(self.values)
        return found.pop(""), found


def updates_of(
    sessions: Sessions, name: str, params: Values, grads: Sequence[Values], **options: Any
) -> list[Update]:
    """Return the parameters and slots after each update by ``grads``."""
    optimizer = Optimizer(sessions, name, options)
    tf = sessions.tf
    graph = tf.Graph()
    with graph.as_default():
        part = optimizer.in_graph(sessions, params)
        given = {key: sessions.placeholder(p) for key, p in params.items()}
        part.apply(given)
    updates = []
    with sessions.open(graph) as running:
        part.set(running, params, None, 0)
        for done, g in enumerate(grads):
            fed = {given[key]: a for key, a in g.items()}
            running.run(part.update, {**fed, **part.rate(done)})
            updates.append(Update(*part.get(running)))
    return updates


def _sgd(train: Any, o: Mapping[str, Any]) -> Recipe:
    if not o["momentum"]:
        return Recipe(lambda number: train.GradientDescentOptimizer(number("lr")))
    nesterov = not o["lookahead"] if o["nesterov"] is None else o["nesterov"]
    what = "tf.compat.v1.train.MomentumOptimizer"
    _refuse(f"{what} has no dampening", bool(o["dampening"]))
    _refuse(f"{what} multiplies by the rate outside the accumulator", o["lr_inside"])
    _refuse(f"{what}'s Nesterov takes the gradient at the parameters", o["lookahead"])

    def make(number: Number) -> Any:
        return train.MomentumOptimizer(number("lr"), number("momentum"), use_nesterov=nesterov)

    return Recipe(make, {"momentum_buffer": "momentum"})


def _adagrad(train: Any, o: Mapping[str, Any]) -> Recipe:
    what = "tf.compat.v1.train.AdagradOptimizer"
    _refuse(f"{what} adds nothing to the root", bool(o["eps"]))
    _refuse(f"{what} has no decay of its rate", bool(o["lr_decay"]))

    def make(number: Number) -> Any:
        return train.AdagradOptimizer(number("lr"))

    return Recipe(make, {"sum": "accumulator"}, {"sum": o["initial_accumulator"]})


def _adadelta(train: Any, _: Mapping[str, Any]) -> Recipe:
    def make(number: Number) -> Any:
        return train.AdadeltaOptimizer(number("lr"), number("rho"), number("eps"))

    return Recipe(make, {"square_avg": "accum", "acc_delta": "accum_update"})


def _rmsprop(train: Any, o: Mapping[str, Any]) -> Recipe:
    what = "tf.compat.v1.train.RMSPropOptimizer"
    _refuse(f"{what} adds epsilon inside the root", not o["eps_inside"])
    # Without momentum it is all the same.
    outside = bool(o["momentum"]) and not o["lr_inside"]
    _refuse(f"{what} multiplies by the rate inside the momentum", outside)

    def make(number: Number) -> Any:
        values = (number(name) for name in ("lr", "rho", "momentum", "eps"))
        return train.RMSPropOptimizer(*values, centered=o["centered"])

    slots = {"square_avg": "rms"}
    slots |= {"momentum_buffer": "momentum"} if o["momentum"] else {}
    slots |= {"grad_avg": "mg"} if o["centered"] else {}
    return Recipe(make, slots, {"square_avg": o["initial_accumulator"]})


def _adam(train: Any, o: Mapping[str, Any]) -> Recipe:
    what = "tf.compat.v1.train.AdamOptimizer"
    _refuse(f"{what} has no AMSGrad", o["amsgrad"])
    _refuse(f"{what} always corrects the bias", not o["bias_correction"])
    _refuse(f"{what} has no epsilon inside the root", bool(o["eps_root"]))
    before = o["eps_before_correction"]
    _refuse(f"{what} adds epsilon before the bias is corrected (epsilon-hat)", not before)

    def make(number: Number) -> Any:
        return train.AdamOptimizer(*(number(name) for name in ("lr", "beta1", "beta2", "eps")))

    counts = (o["beta1"], o["beta2"])
    return Recipe(make, {"exp_avg": "m", "exp_avg_sq": "v"}, counts=counts)


def _refuse(why: str, refused: bool) -> None:
    if refused:
        raise UnsupportedError(why)


OPTIMIZERS: Mapping[str, Callable[[Any, Mapping[str, Any]], Recipe]] = {
    "sgd": _sgd,
    "momentum": _sgd,
    "nesterov": _sgd,
    "adagrad": _adagrad,
    "adadelta": _adadelta,
    "rmsprop": _rmsprop,
    "adam": _adam,
}


def _clip(tf: Any, spec: Any) -> Callable[[Tensors], dict[str, Any]]:
    """Return what clips gradients, for a spec."""
    if spec is None:
        return dict
    if not isinstance(spec, str):
        raise UnsupportedError(f"tensorflow is handed clipping as a spec, not as {spec!r}")

    def by_value(limit: float) -> Callable[[Tensors], dict[str, Any]]:
        return lambda grads: {k: tf.clip_by_value(g, -limit, limit) for k, g in grads.items()}

    def by_global_norm(limit: float, eps: float = 0.0) -> Callable[[Tensors], dict[str, Any]]:
        _refuse("tf.clip_by_global_norm adds nothing to the norm", bool(eps))

        def clip(grads: Tensors) -> dict[str, Any]:
            clipped, _ = tf.clip_by_global_norm([*grads.values()], limit)
            return dict(zip(grads, clipped, strict=True))

        return clip

    return from_spec("clip", spec, {"by_value": by_value, "by_global_norm": by_global_norm})
