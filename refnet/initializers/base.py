"""What an initializer is, and the registry that string specs look names up in."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import wraps
from types import MappingProxyType
from typing import Any, ParamSpec, TypeAlias

import numpy as np

from refnet import checks, specs
from refnet.arrays import Array, Shape
from refnet.errors import ShapeError

P = ParamSpec("P")
Draw: TypeAlias = "Callable[[Shape, np.random.Generator], Array]"  # not evaluated: it is costly

_FACTORIES: dict[str, Callable[..., Initializer]] = {}


class Initializer:
    """Initial values as a value: call it to draw them.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> init = rn.initializers.he_uniform()
    >>> init
    he_uniform()
    >>> w = init((24, 10), np.random.default_rng(0), np.float32)
    >>> w.dtype.name, bool(abs(w).max() <= np.sqrt(6 / 24))
    ('float32', True)
    """

    def __init__(self, name: str, options: dict[str, Any], draw: Draw) -> None:
        self.name = name
        self.options: Mapping[str, Any] = MappingProxyType(options)
        self._draw = draw

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Initializer):
            return NotImplemented
        return (self.name, self.options) == (other.name, other.options)

    def __hash__(self) -> int:
        return hash((self.name, *self.options.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return _made, (self.name, dict(self.options))

    def __repr__(self) -> str:
        return f"{self.name}({', '.join(f'{k}={v!r}' for k, v in self.options.items())})"

    def __call__(self, shape: Shape, rng: np.random.Generator, dtype: Any = np.float64) -> Array:
        """Return an array of ``shape`` and ``dtype``, drawn in float64 from ``rng`` and rounded.

        Raises
        ------
        ShapeError
            If the shape is no tuple, or the fans need a shape of two axes or more.
        OptionError
            If a length is no integer or negative.
        DtypeError
            If ``dtype`` is no float dtype or ``rng`` no ``numpy.random.Generator``.
        """
        wanted = checks.float_dtype(self.name, dtype)
        checks.generator(self.name, rng)
        if not isinstance(shape, tuple | list):
            raise ShapeError(
                self.name,
                got=f"shape {shape!r}",
                needs="a tuple of lengths, such as (784, 200)",
                cause="A vector's shape is (n,), with a comma.",
            )
        lengths = tuple(checks.count(self.name, "a length of shape", n) for n in shape)
        return self._draw(lengths, rng).astype(wanted)


def _made(name: str, options: dict[str, Any]) -> Initializer:
    return _FACTORIES[name](**options)


def initializer(
    factory: Callable[P, tuple[dict[str, Any], Draw]],
) -> Callable[P, Initializer]:
    """Register a function from options to (checked options, draw) under its name."""
    name = factory.__name__

    @wraps(factory)
    def make(*args: P.args, **kwargs: P.kwargs) -> Initializer:
        return Initializer(name, *factory(*args, **kwargs))

    _FACTORIES[name] = make
    return make


def from_spec(spec: str | Initializer) -> Initializer:
    """Return the initializer that a spec such as ``"std_normal(gain=0.01)"`` describes.

    Raises
    ------
    OptionError
        If the spec names no initializer, or an option that it does not have or that is out of
        range.

    Examples
    --------
    >>> from_spec("std_normal(gain=0.01)")
    std_normal(gain=0.01)
    """
    if isinstance(spec, Initializer):
        return spec
    return specs.from_spec("initializer", spec, _FACTORIES)


def fans(op: str, shape: Shape) -> tuple[int, int]:
    """Return fan-in and fan-out of a weight (..., in, out): units times receptive field.

    Examples
    --------
    >>> fans("he_normal", (784, 200)), fans("he_normal", (3, 3, 16, 32))
    ((784, 200), (144, 288))
    """
    if len(shape) < 2 or 0 in shape:
        raise ShapeError(
            op,
            got=f"shape {shape}",
            needs="a weight of shape (..., in, out) without an empty axis",
            cause="Is it a bias? Start those at zeros().",
        )
    field = math.prod(shape[:-2])
    return field * shape[-2], field * shape[-1]
