"""What an optimizer is, and what all those here share: checks, clipping, weight decay, dtypes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import update_wrapper
from typing import Any, ClassVar, Generic, NoReturn, ParamSpec, Protocol, TypeVar, cast
from typing import runtime_checkable as checkable

import numpy as np

from refnet import checks, specs
from refnet.admission import widened
from refnet.arrays import FLOAT32, FLOAT64, LONGDOUBLE, Array, is_float, is_half
from refnet.errors import ArgumentError, DtypeError, OptionError, ShapeError
from refnet.optimizers.clipping import Clip, clip_from_spec
from refnet.optimizers.schedules import Schedule, schedule_from_spec

Params = Mapping[str, Array]
Number = Callable[[float], Any]
Rule = Callable[..., tuple[Any, ...]]
P = ParamSpec("P")
S = TypeVar("S")  # the state of an optimizer
O = TypeVar("O", bound="type[Any]")  # noqa: E741
E = TypeVar("E", bound="Elementwise[Any]")

DECAY_KINDS = ("l2", "l1", "decoupled")

_FACTORIES: dict[str, Callable[..., Optimizer]] = {}


@checkable
class Optimizer(Protocol):
    """An optimizer: hyperparameters, and pure functions of parameters, gradients and state."""

    def init(self, params: Params) -> Any:
        """Return the state before the first update."""
        ...

    def update(self, params: Params, grads: Params, state: Any) -> tuple[dict[str, Array], Any]:
        """Return the parameters and the state after one update."""
        ...

    def gradient_point(self, params: Params, state: Any) -> Params:
        """Return the parameters at which the gradient is to be taken."""
        ...


class Elementwise(Generic[S]):
    """An optimizer whose formula moves each number by its own gradient and slots.

    Each is a frozen dataclass that says which slots it keeps (``_slots``) and what one update does
    to an array (``_rule``). What all have in common is here. With g a gradient and p a parameter,
    an update first clips the gradients as ``clip`` says, and then lets the parameters decay::

        g <- g + weight_decay p               decay_kind "l2"
        g <- g + weight_decay sign(p)         decay_kind "l1"
        p <- p (1 - lr weight_decay)          decay_kind "decoupled"

    ``lr`` is a number or a schedule of the updates done. Numbers such as 1 - beta^t are computed in
    float64, and in longdouble for parameters of that dtype. The half types are computed in float32
    and rounded once per result. A state is a NamedTuple of the updates done and the slots, each a
    dict from name to array; a slot that is not in use is an empty dict.
    """

    lr: float | str | Schedule
    weight_decay: float
    decay_kind: str
    clip: str | Clip | None

    _state: ClassVar[type[Any]]
    _below_one: ClassVar[frozenset[str]] = frozenset()  # every number is at least 0, these below 1

    def __post_init__(self) -> None:
        for field in fields(cast(Any, self)):
            value = self._checked(field.name, field.default, getattr(self, field.name))
            object.__setattr__(self, field.name, value)
        self._check_together()

    def _checked(self, name: str, default: Any, value: Any) -> Any:
        """Return a field's value in its plain type: a NumPy scalar would carry its dtype along."""
        op = type(self).__name__
        if name == "lr" and isinstance(value, str | Schedule):
            return schedule_from_spec(value, f"{op}, lr")
        if name == "clip":
            return None if value is None else clip_from_spec(value, f"{op}, clip")
        if name == "decay_kind":
            return checks.choice(op, name, value, DECAY_KINDS)
        if isinstance(default, bool):
            return checks.flag(op, name, value)
        if name in self._below_one:
            return checks.number(op, name, value, low=0, high=1, open_high=True)
        return checks.number(op, name, value, low=0)

    def _check_together(self) -> None:
        """Refuse options that contradict one another."""

    def _refuse(self, *names: str, needs: str, cause: str) -> NoReturn:
        got = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        raise OptionError(type(self).__name__, got=got, needs=needs, cause=cause)

    def __repr__(self) -> str:
        """Return a spec that describes the optimizer.

        Keyword-only options are left out where they have their defaults.
        """
        shown = [
            f"{f.name}={_literal(getattr(self, f.name))}"
            for f in fields(cast(Any, self))
            if not f.kw_only or getattr(self, f.name) != f.default
        ]
        return f"{type(self).__name__}({', '.join(shown)})"

    def _slots(self) -> dict[str, float]:
        """Return the slots in use, with the value that each starts at."""
        raise NotImplementedError

    def _rule(self, t: int, lr: Any, number: Number) -> Rule:
        """Return what update t does to one array: from p, g and the slots to p and the slots.

        ``number`` turns a field into a number of the precision that the rule's numbers are computed
        in, as lr already is. Slots that are not in use are None; those that are come back as new
        arrays, as p does.
        """
        raise NotImplementedError

    def init(self, params: Params) -> S:
        """Return the state before the first update.

        Raises
        ------
        ArgumentError
            If ``params`` is no mapping.
        DtypeError
            If a parameter is no array of floats.
        """
        params = _arrays(type(self).__name__, "params", params)
        _check_floats(type(self).__name__, params)
        slots = self._slots()
        return self._state_of(
            0,
            [
                {name: np.full(p.shape, slots[slot], p.dtype) for name, p in params.items()}
                if slot in slots
                else {}
                for slot in self._state._fields[1:]
            ],
        )

    def gradient_point(self, params: Params, state: S) -> Params:  # noqa: ARG002
        """Return ``params``: the gradient is taken where they are."""
        return params

    def update(self, params: Params, grads: Params, state: S) -> tuple[dict[str, Array], S]:
        """Return the parameters and the state after one update; the arguments are untouched.

        Raises
        ------
        ArgumentError
            If the names of ``grads`` or of the state are not those of ``params``, or the state is
            another optimizer's.
        ShapeError, DtypeError
            If a shape or dtype differs from the parameter's.
        """
        done, slots = self._taken_apart(state)
        params, grads, slots = self._matched(params, grads, slots)
        lr = self._rate(done)

        def rule(number: Number) -> Rule:
            return self._whole_rule(done + 1, number(lr), number, grads)

        if not params:
            return {}, self._state_of(done + 1, [{} for _ in slots])
        moved, *after = applied(rule, params, grads, *slots)
        return moved, self._state_of(done + 1, after)

    def _rate(self, done: int) -> float:
        """Return the learning rate after ``done`` updates."""
        if type(self.lr) is float:
            return self.lr
        value = cast(Schedule, self.lr)(done)
        return checks.number(type(self).__name__, "the schedule's lr", value, low=0)

    def _whole_rule(self, t: int, lr: Any, number: Number, grads: Params) -> Rule:
        """Return :meth:`_rule` with clipping and decay before it."""
        rule = self._rule(t, lr, number)
        if self.weight_decay:
            rule = _decaying(rule, self.decay_kind, number(self.weight_decay), lr)
        if self.clip is not None:
            rule = _clipping(rule, cast(Clip, self.clip).transform(grads, number))
        return rule

    def _state_of(self, done: int, slots: list[dict[str, Array]]) -> S:
        return cast(S, self._state(done, *slots))

    def _taken_apart(self, state: Any) -> tuple[int, list[Params]]:
        """Return the updates done and the slots of a state, or refuse it."""
        op = type(self).__name__
        if type(state) is not self._state:
            raise ArgumentError(
                op,
                got=f"a state of type {type(state).__name__}",
                needs=f"a {self._state.__name__}",
                cause="Is it another optimizer's, or not what init() returned?",
            )
        done, *slots = state
        if not checks.is_integer(done) or done < 0:
            raise ArgumentError(
                op,
                got=f"a state with step={done!r}",
                needs="the number of updates done as an integer of at least 0",
                cause="Was the state put together by hand?",
            )
        return int(done), slots

    def _matched(
        self, params: Params, grads: Params, slots: list[Params]
    ) -> tuple[Params, Params, list[Params]]:
        """Return parameters, gradients and slots as plain arrays that match, or refuse them."""
        op = type(self).__name__
        params = _arrays(op, "params", params)
        _check_floats(op, params)
        grads = _matching(op, "grads", params, grads)
        used = self._slots()
        found = []
        for slot, values in zip(self._state._fields[1:], slots, strict=True):
            if slot in used:
                found.append(_matching(op, slot, params, values))
            elif isinstance(values, dict) and not values:
                found.append(values)
            else:
                raise ArgumentError(
                    op,
                    got=f"a state whose {slot} is not empty",
                    needs=f"a state of {self!r}, which does not use {slot}",
                    cause="Was it made by an optimizer with other options?",
                )
        return params, grads, found

    @classmethod
    def like(cls: type[E], system: str, **options: Any) -> E:
        """Return the optimizer as a system has it by default, with ``options`` in their place.

        Parameters
        ----------
        system : str
            A system of ``rn.conventions``, such as "torch" or "keras".
        **options
            Fields, which take the place of the system's.

        Raises
        ------
        OptionError
            If the system is unknown or does not have the optimizer, or an option is out of range.
        """
        return cls(**_fields_of(cls.__name__.lower(), system, options))


def optimizer(cls: O) -> O:
    """Register an optimizer class under its lower-case name, for string specs."""
    _FACTORIES[cls.__name__.lower()] = cls
    return cls


class Preset(Generic[P, E]):
    """A function that makes an optimizer, under a name of its own: call it with its options."""

    __name__: str

    def __init__(self, make: Callable[P, E]) -> None:
        self._make = make
        update_wrapper(self, make)

    def __call__(self, *args: P.args, **options: P.kwargs) -> E:
        """Return the optimizer."""
        return self._make(*args, **options)

    def __repr__(self) -> str:
        return f"refnet.optimizers.{self.__name__}"

    def __reduce__(self) -> str:
        return self.__name__

    def like(self, system: str, **options: Any) -> E:
        """Return the optimizer as a system has it by default; see ``Elementwise.like``."""
        make = cast(Callable[..., E], self._make)
        return make(**_fields_of(self.__name__.lower(), system, options))


def preset(make: Callable[P, E]) -> Preset[P, E]:
    """Register a function that makes an optimizer under its lower-case name."""
    made = Preset(make)
    _FACTORIES[made.__name__.lower()] = make
    return made


def from_spec(spec: str | Optimizer) -> Optimizer:
    """Return the optimizer that a spec such as ``"sgd(lr=0.01)"`` describes.

    Raises
    ------
    OptionError
        If the spec names no optimizer, or an option that it does not have or that is out of range.

    Examples
    --------
    >>> from_spec("sgd(lr=0.01, momentum=0.9)").momentum
    0.9
    >>> from_spec("adam(lr='cosine(lr=0.1, steps=100)')").lr
    cosine(lr=0.1, steps=100, floor=0.0)
    """
    if isinstance(spec, Optimizer) and not isinstance(spec, type):
        return spec
    return specs.from_spec("optimizer", cast(str, spec), _FACTORIES)


def _fields_of(name: str, system: str, options: Mapping[str, Any]) -> dict[str, Any]:
    from refnet.systems import conventions  # it names optimizers and operations alike

    found = {**conventions[system, name].fields, **options}
    if "lr" not in found:
        raise OptionError(
            name,
            got=f"no lr beside what {system} has by default",
            needs="an lr",
            cause=f"{system} leaves it to its caller.",
        )
    return found


def _literal(value: Any) -> str:
    return repr(str(value)) if isinstance(value, Schedule | Clip) else repr(value)


def _clipping(rule: Rule, clipped: Callable[[Array], Array]) -> Rule:
    return lambda p, g, *slots: rule(p, clipped(g), *slots)


def _decaying(rule: Rule, kind: str, decay: Any, lr: Any) -> Rule:
    """Return a rule that lets the parameter decay first."""
    match kind:
        case "l2":
            return lambda p, g, *slots: rule(p, g + decay * p, *slots)
        case "l1":
            return lambda p, g, *slots: rule(p, g + decay * np.sign(p), *slots)
        case _:  # "decoupled"
            kept = 1 - lr * decay
            return lambda p, g, *slots: rule(kept * p, g, *slots)


def applied(
    rule: Callable[[Number], Rule], params: Params, *others: Params
) -> list[dict[str, Array]]:
    """Return the results of a rule on each parameter and what the others have under its name.

    ``rule`` makes the rule from the type of its numbers: np.longdouble for parameters of that
    dtype, float for others. The half types are computed in float32 and rounded once per result. An
    empty mapping among ``others`` is None to the rule; so is a result that becomes empty.
    """
    rules: dict[Any, Rule] = {}
    rows = []
    for name, p in params.items():
        dtype = p.dtype
        if dtype not in rules:
            made = rule(np.longdouble if dtype == LONGDOUBLE else float)
            rules[dtype] = _computed_wider(made) if is_half(dtype) else made
        row = rules[dtype](p, *[values.get(name) for values in others])
        rows.append(row if p.ndim else [None if r is None else np.asarray(r) for r in row])
    return [
        {} if column[0] is None else dict(zip(params, column, strict=True))
        for column in zip(*rows, strict=True)
    ]


def _computed_wider(rule: Rule) -> Rule:
    """Return a rule that computes the half types in float32 and rounds each result once."""

    def wider(p: Array, *others: Array | None) -> tuple[Any, ...]:
        results = rule(widened(p), *map(widened, others))
        return tuple(r if r is None else r.astype(p.dtype, copy=False) for r in results)

    return wider


def _arrays(op: str, kind: str, values: Params) -> Params:
    """Return a mapping of arrays: itself, or with subclasses of arrays taken for plain ones."""
    if not isinstance(values, Mapping):
        raise ArgumentError(
            op,
            got=f"{kind} of type {type(values).__name__}",
            needs=f"{kind} as a mapping from name to array",
            cause="Are they a list, or an array by itself?",
        )
    for v in values.values():
        if type(v) is not np.ndarray:
            return {name: _array(op, kind, name, v) for name, v in values.items()}
    return values


def _array(op: str, kind: str, name: str, v: Any) -> Array:
    if isinstance(v, np.ma.MaskedArray):
        raise DtypeError(
            op,
            got=f"{kind}[{name!r}] as a masked array",
            needs="plain arrays",
            cause="Its mask would be lost: use .filled(value).",
        )
    if not isinstance(v, np.ndarray):
        raise DtypeError(
            op,
            got=f"{kind}[{name!r}] of type {type(v).__name__}",
            needs="NumPy arrays",
            cause="Is an np.asarray() missing?",
        )
    return np.asarray(v)


def _check_floats(op: str, params: Params) -> None:
    for name, p in params.items():
        dtype = p.dtype
        if not (dtype is FLOAT32 or dtype is FLOAT64 or is_float(dtype)):
            raise DtypeError(
                op,
                got=f"params[{name!r}] of dtype {dtype}",
                needs="float16, bfloat16, float32, float64 or longdouble",
                cause="Parameters are floats, in the machine's byte order.",
            )


def _matching(op: str, kind: str, params: Params, values: Params) -> Params:
    """Return gradients or a slot as plain arrays of the parameters' names, shapes and dtypes."""
    values = _arrays(op, kind, values)
    if values.keys() != params.keys():
        missing = sorted(params.keys() - values.keys())
        extra = sorted(values.keys() - params.keys())
        raise ArgumentError(
            op,
            got=f"{kind} without {missing} and with {extra} beside the parameters",
            needs=f"one entry in {kind} for each parameter",
            cause="Do they belong to another network, or was init() not called on these?",
        )
    for name, p in params.items():
        v = values[name]
        if v.shape != p.shape:
            raise ShapeError(
                op,
                got=f"{kind}[{name!r}] of shape {v.shape} for a parameter of shape {p.shape}",
                needs="the same shape",
                cause="Was it summed over the wrong axis, or transposed?",
            )
        if not (v.dtype is p.dtype or v.dtype == p.dtype):
            raise DtypeError(
                op,
                got=f"{kind}[{name!r}] of dtype {v.dtype} for a parameter of dtype {p.dtype}",
                needs="one dtype",
                cause="Is an .astype() missing?",
            )
    return values
