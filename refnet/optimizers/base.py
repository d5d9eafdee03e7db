"""What an optimizer is, and the checks and the registry that all of them share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn, Protocol, TypeVar, cast, runtime_checkable

import numpy as np

from refnet import specs
from refnet.admission import widened
from refnet.arrays import FLOAT32, FLOAT64, Array, is_float
from refnet.errors import ArgumentError, DtypeError, ShapeError

Params = Mapping[str, Array]
Rule = Callable[..., tuple[Array, ...]]
O = TypeVar("O", bound="type[Any]")  # noqa: E741

_FACTORIES: dict[str, Callable[..., Optimizer]] = {}


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


def optimizer(cls: O) -> O:
    """Register an optimizer class under its lower-case name, for string specs."""
    _FACTORIES[cls.__name__.lower()] = cls
    return cls


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
    """
    if isinstance(spec, Optimizer) and not isinstance(spec, type):
        return spec
    return specs.from_spec("optimizer", cast(str, spec), _FACTORIES)


def updated(
    op: str, params: Params, grads: Params, slots: Mapping[str, Params], rule: Rule
) -> list[dict[str, Array]]:
    """Return the parameters and each slot after one update, the arguments untouched.

    ``rule`` takes a parameter, its gradient and its slots and returns the parameter and the slots
    as new arrays. The half types are computed in float32 and rounded once per result. Gradients and
    slots that do not match the parameters are refused.
    """
    plain = True
    columns = {"grads": grads, **slots}
    for kind, column in columns.items():
        if column.keys() != params.keys():
            _refuse_names(op, kind, params, column)
        for name, p in params.items():
            v = column[name]
            if not (isinstance(p, np.ndarray) and isinstance(v, np.ndarray)):
                _refuse_types(op, kind, name, p, v)
            dtype = p.dtype
            if v.shape != p.shape or not (v.dtype is dtype or v.dtype == dtype):
                _refuse_match(op, kind, name, p, v)
            if not (dtype is FLOAT32 or dtype is FLOAT64):
                plain = False
    if not plain:
        rule = _computed_wider(op, rule)
    if not slots:
        return [{name: rule(p, grads[name])[0] for name, p in params.items()}]
    rows = [rule(p, *[c[name] for c in columns.values()]) for name, p in params.items()]
    if not rows:
        return [{} for _ in range(1 + len(slots))]
    return [dict(zip(params, values, strict=True)) for values in zip(*rows, strict=True)]


def _computed_wider(op: str, rule: Rule) -> Rule:
    """Return a rule that computes the half types in float32 and refuses what is no float."""

    def wider(p: Array, *others: Array) -> tuple[Array, ...]:
        if not is_float(p.dtype):
            raise DtypeError(
                op,
                got=f"a parameter of dtype {p.dtype}",
                needs="float16, bfloat16, float32, float64 or longdouble",
                cause="Parameters are floats.",
            )
        results = rule(widened(p), *map(widened, others))
        return tuple(r.astype(p.dtype, copy=False) for r in results)

    return wider


def _refuse_names(op: str, kind: str, params: Params, values: Params) -> NoReturn:
    missing = sorted(params.keys() - values.keys())
    extra = sorted(values.keys() - params.keys())
    raise ArgumentError(
        op,
        got=f"{kind} without {missing} and with {extra} beside the parameters",
        needs=f"one entry in {kind} for each parameter",
        cause="Do they belong to another network, or was init() not called on these?",
    )


def _refuse_types(op: str, kind: str, name: str, param: object, v: object) -> NoReturn:
    raise DtypeError(
        op,
        got=f"{kind}[{name!r}] of type {type(v).__name__} for a {type(param).__name__}",
        needs="NumPy arrays",
        cause="Is an np.asarray() missing?",
    )


def _refuse_match(op: str, kind: str, name: str, param: Array, v: Array) -> NoReturn:
    if v.shape != param.shape:
        raise ShapeError(
            op,
            got=f"{kind}[{name!r}] of shape {v.shape} for a parameter of shape {param.shape}",
            needs="the same shape",
            cause="Was it summed over the wrong axis, or transposed?",
        )
    raise DtypeError(
        op,
        got=f"{kind}[{name!r}] of dtype {v.dtype} for a parameter of dtype {param.dtype}",
        needs="one dtype",
        cause="Is an .astype() missing?",
    )
