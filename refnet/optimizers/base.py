"""What an optimizer is, and what all those here share: clipping, weight decay, dtypes, checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import (
    Any,
    ClassVar,
    Generic,
    NoReturn,
    Protocol,
    Self,
    TypeVar,
    cast,
    runtime_checkable,
)

import numpy as np

from refnet import checks
from refnet.admission import widened
from refnet.arrays import Array, is_half, number_type
from refnet.errors import ArgumentError, OptionError
from refnet.optimizers.clipping import Clip, clip_from_spec
from refnet.optimizers.matching import Params, matching, parameters
from refnet.optimizers.schedules import Schedule, schedule_from_spec

Number = Callable[[float], Any]
Rule = Callable[..., tuple[Any, ...]]
S = TypeVar("S")  # the state of an optimizer
E = TypeVar("E")

DECAY_KINDS = ("l2", "l1", "decoupled")


@runtime_checkable
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
        """Return what update t does with one array: from g and the slots to the step and the slots.

        The step is added to the parameter, so it has -lr in it. ``number`` turns a field into a
        number of the precision that the rule's numbers are computed in, as lr already is. Slots
        that are not in use are None; those that are come back as new arrays, as the step does.
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
        params = parameters(type(self).__name__, params)
        started = self._slots()
        slots: list[dict[str, Array]] = [
            {name: np.full(p.shape, started[slot], p.dtype) for name, p in params.items()}
            if slot in started
            else {}
            for slot in self._state._fields[1:]
        ]
        return cast(S, self._state(0, *slots))

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
            If a shape or dtype differs from the parameter's, or a parameter is no array of floats.
        """
        params = parameters(type(self).__name__, params)
        done, slots = self._taken_apart(state, params)
        grads = matching(type(self).__name__, "grads", params, grads)
        lr = self._rate(done)

        def rule(number: Number) -> Rule:
            return self._whole_rule(done + 1, number(lr), number, grads)

        moved, *after = applied(rule, params, grads, *slots)
        return moved, cast(S, self._state(done + 1, *after))

    def _rate(self, done: int) -> float:
        """Return the learning rate after ``done`` updates."""
        if type(self.lr) is float:
            return self.lr
        value = cast(Schedule, self.lr)(done)
        return checks.number(type(self).__name__, "the schedule's lr", value, low=0)

    def _whole_rule(self, t: int, lr: Any, number: Number, grads: Params) -> Rule:
        """Return what update t does to one array: from p, g and the slots to p and the slots."""
        rule = self._rule(t, lr, number)
        clipped = cast(Clip, self.clip).transform(grads, number) if self.clip else None
        decay, kind = number(self.weight_decay), self.decay_kind if self.weight_decay else ""
        kept = 1 - lr * decay

        def whole(p: Array, g: Array, *slots: Array | None) -> tuple[Any, ...]:
            if clipped is not None:
                g = clipped(g)
            if kind == "l2":
                g = g + decay * p
            elif kind == "l1":
                g = g + decay * np.sign(p)
            row = rule(g, *slots)
            step = row[0]  # which becomes the parameter, in its place in the row
            step += kept * p if kind == "decoupled" else p
            return row

        return whole

    def _taken_apart(self, state: Any, params: Params) -> tuple[int, list[Params]]:
        """Return the updates done and the slots of a state, or refuse what is not for ``params``.

        A slot that is not in use is an empty mapping.
        """
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
        used = self._slots()
        found: list[Params] = []
        for slot, values in zip(self._state._fields[1:], slots, strict=True):
            if slot in used:
                found.append(matching(op, slot, params, values))
            elif isinstance(values, Mapping) and not values:
                found.append(values)
            else:
                raise ArgumentError(
                    op,
                    got=f"a state whose {slot} is not empty",
                    needs=f"a state of {self!r}, which does not use {slot}",
                    cause="Was it made by an optimizer with other options?",
                )
        return int(done), found

    @classmethod
    def like(cls, system: str, **options: Any) -> Self:
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
            If the system is unknown or does not have the optimizer, it has no lr by default and
            none is given, or an option is out of range.
        """
        return like(cls, system, options)


def like(make: Callable[..., E], system: str, options: Mapping[str, Any]) -> E:
    """Return what ``make`` makes of a system's fields for it, with ``options`` in their place."""
    from refnet.systems import conventions  # it names optimizers and operations alike

    name = make.__name__.lower()
    found = {**conventions[system, name].fields, **options}
    if "lr" not in found:
        raise OptionError(
            name,
            got=f"no lr beside what {system} has by default",
            needs="an lr",
            cause=f"{system} leaves it to its caller.",
        )
    return make(**found)


def applied(
    rule: Callable[[Number], Rule], params: Params, *others: Params
) -> list[dict[str, Array]]:
    """Return the results of a rule on each parameter and what the others have under its name.

    ``rule`` makes the rule from the type of its numbers: np.longdouble for parameters of that
    dtype, float for others. The half types are computed in float32 and rounded once per result. An
    empty mapping among ``others`` is None to the rule, and a result that is None becomes empty.
    There are as many results as there are others.
    """
    if not params:
        return [{} for _ in others]
    rules: dict[Any, Rule] = {}
    rows = []
    for name, p in params.items():
        dtype = p.dtype
        if dtype not in rules:
            made = rule(number_type(dtype))
            rules[dtype] = _computed_wider(made) if is_half(dtype) else made
        found = [p, *[values.get(name) for values in others]]
        if p.ndim:
            rows.append(rules[dtype](*found))
        else:  # as one axis, since arithmetic on none makes NumPy scalars
            row = rules[dtype](*[None if v is None else v.reshape(1) for v in found])
            rows.append(tuple([None if r is None else r.reshape(()) for r in row]))
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


def _literal(value: Any) -> str:
    return repr(str(value)) if isinstance(value, Schedule | Clip) else repr(value)
