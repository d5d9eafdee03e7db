"""The names under which string specs find optimizers, and presets: names without a class."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar, cast

from refnet import specs
from refnet.optimizers.base import Elementwise, Optimizer, like

P = ParamSpec("P")
C = TypeVar("C", bound="type[Any]")
E = TypeVar("E", bound=Elementwise[Any])

_FACTORIES: dict[str, Callable[..., Optimizer]] = {}


def optimizer(cls: C) -> C:
    """Register an optimizer class under its lower-case name."""
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
        return like(cast(Callable[..., E], self._make), system, options)


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
