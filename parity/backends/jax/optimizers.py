"""Optimizers under refnet's names and options, each a chain of optax's transformations.

Slots go in and out by PyTorch's names, so that a step may start from any state. An optimizer whose
rule optax has not, such as AdaGrad with its epsilon beside the root, is unsupported. Around the
rule, what optax leaves to its users is composed here: the place where a look-ahead takes the
gradient, decay of the kind "l1" (``optax.stateless``) and AdaGrad's decay of the rate (a schedule).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from parity.backends.jax.modules import Modules
from parity.backends.jax.schedules import rate
from parity.backends.optimizer_options import known_options
from parity.errors import UnsupportedError
from refnet.specs import from_spec

Tensors = Mapping[str, Any]
Slots = Mapping[str, Tensors]


class Link(NamedTuple):
    """One transformation of a chain, and of which slots the fields of its state are."""

    transformation: Any
    slots: Mapping[str, str] = {}


# An optimizer's own links for a rate, which stands inside a buffer of some.
Rule = Callable[[float], list[Link]]


class Moved(NamedTuple):
    """Parameters and slots after an update, and how many updates the state counts, if it does."""

    params: Tensors
    slots: dict[str, Tensors]
    done: int | None


class JaxOptimizer:
    """One optimizer with its options: a function of parameters, gradients and slots.

    Raises
    ------
    UnsupportedError
        If the name or an option is none that is known, or optax has no such rule.
    """

    def __init__(self, modules: Modules, name: str, options: Mapping[str, Any]) -> None:
        every = known_options("optax", name, options)
        self.jax, self.optax = modules
        self.schedule, self.lr_decay = rate(self.optax, every.get("lr")), every.get("lr_decay", 0.0)
        self.clip = _clip(self.optax, every["clip"])
        self.weight_decay, self.decay_kind = float(every["weight_decay"]), every["decay_kind"]
        self.lr_inside = every.get("lr_inside", False)
        self.lookahead = float(every["momentum"]) if every.get("lookahead") else 0.0
        self.rule = _RULES[name](self.optax, every)

    def rate(self, done: int) -> float:
        """Return the rate of the update that comes after ``done`` others."""
        return float(self.schedule(done) / (1 + self.lr_decay * done))

    def slots(self, params: Tensors) -> dict[str, Tensors]:
        """Return the slots before the first update."""
        links = self._links(self.rate(0))
        return _slots(links, self._chain(links).init(params))

    def gradient_point(self, params: Tensors, slots: Slots, done: int) -> Tensors:
        """Return where the gradient is to be taken: the parameters, but for a look-ahead."""
        if not self.lookahead:
            return params
        ahead = self.lookahead * (1.0 if self.lr_inside else self.rate(done))
        return {name: p - ahead * slots["momentum_buffer"][name] for name, p in params.items()}

    def update(self, params: Tensors, grads: Tensors, slots: Slots, done: int) -> Moved:
        """Return the parameters and slots that follow on those after ``done`` updates."""
        links = self._links(self.rate(done))
        chain = self._chain(links)
        count = self.jax.numpy.asarray(done, "int32")
        states = tuple(
            _restored(state, link, slots, count)
            for state, link in zip(chain.init(params), links, strict=True)
        )
        steps, states = chain.update(grads, states, params)
        counts = [int(state.count) for state in states if "count" in _fields(state)]
        moved = self.optax.apply_updates(params, steps)
        return Moved(moved, _slots(links, states), max(counts, default=None))

    def _links(self, lr: float) -> list[Link]:
        optax, weight = self.optax, self.weight_decay
        links = [*self.clip]
        if weight and self.decay_kind == "l2":
            links.append(Link(optax.add_decayed_weights(weight)))
        elif weight and self.decay_kind == "l1":
            links.append(Link(optax.stateless(self._with_signs)))
        links += self.rule(lr)
        if weight and self.decay_kind == "decoupled":
            links.append(Link(optax.add_decayed_weights(weight * lr if self.lr_inside else weight)))
        links.append(Link(optax.scale(-1.0 if self.lr_inside else -lr)))
        return links

    def _with_signs(self, grads: Tensors, params: Tensors) -> Tensors:
        sign = self.jax.numpy.sign
        return {name: g + self.weight_decay * sign(params[name]) for name, g in grads.items()}

    def _chain(self, links: Sequence[Link]) -> Any:
        return self.optax.chain(*(link.transformation for link in links))


def _fields(state: Any) -> Sequence[str]:
    return getattr(state, "_fields", ())


def _restored(state: Any, link: Link, slots: Slots, count: Any) -> Any:
    """Return the state of a transformation that holds these slots after so many updates."""
    values = {field: dict(slots[slot]) for field, slot in link.slots.items()}
    if "count" in _fields(state):
        values["count"] = count
    return state._replace(**values) if values else state


def _slots(links: Sequence[Link], states: Any) -> dict[str, Tensors]:
    return {
        slot: getattr(state, field)
        for link, state in zip(links, states, strict=True)
        for field, slot in link.slots.items()
    }


def _refuse(*reasons: tuple[bool, str]) -> None:
    """Raise UnsupportedError for the first of the things asked for that optax has not."""
    for asked, reason in reasons:
        if asked:
            raise UnsupportedError(f"optax {reason}")


def _sgd(optax: Any, o: Mapping[str, Any]) -> Rule:
    momentum, dampening = o["momentum"], o["dampening"]
    if dampening == "momentum":
        dampening = momentum
    nesterov = not o["lookahead"] if o["nesterov"] is None else o["nesterov"]
    _refuse(
        (isinstance(dampening, str), f"has no dampening={dampening!r}"),
        (
            o["first_buffer"] not in ("gradient", "zeros"),
            f"has no first_buffer={o['first_buffer']!r}",
        ),
        (
            bool(momentum and dampening and o["first_buffer"] == "gradient"),
            "starts every buffer at zero, so that the first gradient is dampened too",
        ),
        (
            bool(momentum and dampening and nesterov),
            "has no dampening beside Nesterov's momentum",
        ),
    )
    buffer = Link(optax.trace(momentum, nesterov), {"trace": "momentum_buffer"})
    if dampening == momentum:
        buffer = Link(optax.ema(momentum, debias=False), {"ema": "momentum_buffer"})

    def rule(lr: float) -> list[Link]:
        links = [Link(optax.scale(lr))] if o["lr_inside"] else []
        if not momentum:
            return links
        if dampening not in (0, momentum):
            links.append(Link(optax.scale(1 - dampening)))
        return [*links, buffer]

    return rule


def _adagrad(optax: Any, o: Mapping[str, Any]) -> Rule:
    _refuse((not o["eps_inside"] and o["eps"] != 0, "has AdaGrad's eps inside the root alone"))
    scaled = optax.scale_by_rss(o["initial_accumulator"], o["eps"])
    return lambda _: [Link(scaled, {"sum_of_squares": "sum"})]


def _adadelta(optax: Any, o: Mapping[str, Any]) -> Rule:
    scaled = optax.scale_by_adadelta(o["rho"], o["eps"])
    return lambda _: [Link(scaled, {"e_g": "square_avg", "e_x": "acc_delta"})]


def _rmsprop(optax: Any, o: Mapping[str, Any]) -> Rule:
    scale = optax.scale_by_stddev if o["centered"] else optax.scale_by_rms
    scaled = scale(o["rho"], o["eps"], o["initial_accumulator"], eps_in_sqrt=o["eps_inside"])
    slots = {"nu": "square_avg", **({"mu": "grad_avg"} if o["centered"] else {})}

    def rule(lr: float) -> list[Link]:
        links = [Link(scaled, slots)]
        if o["lr_inside"]:
            links.append(Link(optax.scale(lr)))
        if o["momentum"]:
            links.append(Link(optax.trace(o["momentum"]), {"trace": "momentum_buffer"}))
        return links

    return rule


def _adam(optax: Any, o: Mapping[str, Any]) -> Rule:
    beside = o["eps"] != 0 or o["eps_root"] != 0
    _refuse(
        (not o["bias_correction"], "always corrects Adam's bias"),
        (
            o["eps_before_correction"] and beside,
            "adds Adam's eps after the correction of the second moment alone",
        ),
        (
            o["amsgrad"] and not o["amsgrad_corrected"],
            "corrects AMSGrad's second moment before it takes the largest, not after",
        ),
    )
    slots = {"mu": "exp_avg", "nu": "exp_avg_sq"}
    scale = optax.scale_by_adam
    if o["amsgrad"]:
        scale, slots = optax.scale_by_amsgrad, {**slots, "nu_max": "max_exp_avg_sq"}
    scaled = scale(o["beta1"], o["beta2"], o["eps"], o["eps_root"])
    return lambda _: [Link(scaled, slots)]


def _adamax(optax: Any, o: Mapping[str, Any]) -> Rule:
    _refuse(
        (
            not o["eps_in_maximum"] and o["eps"] != 0,
            "adds AdaMax's eps to the gradient's size, not to the maximum",
        )
    )
    scaled = optax.scale_by_adamax(o["beta1"], o["beta2"], o["eps"])
    return lambda _: [Link(scaled, {"mu": "exp_avg", "nu": "exp_inf"})]


def _nadam(optax: Any, o: Mapping[str, Any]) -> Rule:
    _refuse(
        (o["schedule_decay"] is not None, "has no schedule of Nadam's momentum"),
        (
            o["eps_before_correction"] and o["eps"] != 0,
            "adds Nadam's eps after the correction of the second moment alone",
        ),
    )
    scaled = optax.scale_by_adam(o["beta1"], o["beta2"], o["eps"], nesterov=True)
    return lambda _: [Link(scaled, {"mu": "exp_avg", "nu": "exp_avg_sq"})]


_RULES: Mapping[str, Callable[[Any, Mapping[str, Any]], Rule]] = {
    "sgd": _sgd,
    "momentum": _sgd,
    "nesterov": _sgd,
    "adagrad": _adagrad,
    "adadelta": _adadelta,
    "rmsprop": _rmsprop,
    "adam": _adam,
    "adamw": _adam,
    "adamax": _adamax,
    "nadam": _nadam,
}


def _clip(optax: Any, spec: Any) -> list[Link]:
    """Return the links that clip gradients, for a spec."""
    if spec is None:
        return []
    if not isinstance(spec, str):
        raise UnsupportedError(f"optax is handed clipping as a spec, not as {spec!r}")

    def by_global_norm(limit: float, eps: float = 0.0) -> Any:
        _refuse((eps != 0, "has no eps beside the global norm"))
        return optax.clip_by_global_norm(limit)

    factories = {"by_value": lambda limit: optax.clip(limit), "by_global_norm": by_global_norm}
    return [Link(from_spec("clip", spec, factories))]
