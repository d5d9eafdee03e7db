"""Clipping of gradients, as values: the ``clip`` of any optimizer, itself or as a spec.

Called with gradients by name they return clipped ones, as new arrays::

    ClipByGlobalNorm(1.0)(grads)        Adam(clip="by_global_norm(limit=1.0)")
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from refnet import checks, specs
from refnet.admission import as_array, widened
from refnet.arrays import FLOAT64, LONGDOUBLE, Array, number_type
from refnet.errors import ArgumentError

Grads = Mapping[str, Array]


class Clip:
    """What bounds gradients; those here are frozen dataclasses."""

    def transform(self, grads: Grads, number: Callable[[float], Any]) -> Callable[[Array], Array]:
        """Return what clipping these gradients does to each of them.

        It takes and returns arrays of float32 or wider; ``number`` is float, or np.longdouble for
        gradients of that dtype.
        """
        raise NotImplementedError

    def __call__(self, grads: Grads) -> dict[str, Array]:
        """Return the gradients clipped, of the same dtypes; the half types are rounded once.

        Raises
        ------
        ArgumentError
            If the gradients are no mapping.
        DtypeError
            If a gradient is no array of floats.
        """
        if not isinstance(grads, Mapping):
            raise ArgumentError(
                "clip",
                got=f"gradients of type {type(grads).__name__}",
                needs="a mapping from name to array",
                cause="Are they a list, or an array by itself?",
            )
        arrays = {name: as_array("clip", name, g) for name, g in grads.items()}
        for g in arrays.values():
            checks.float_dtype("clip", g.dtype)
        numbers = {number_type(g.dtype) for g in arrays.values()}
        clipped = {number: self.transform(arrays, number) for number in numbers}
        return {
            name: np.asarray(clipped[number_type(g.dtype)](widened(g)), g.dtype)
            for name, g in arrays.items()
        }


@dataclass(frozen=True, repr=False)
class ClipByValue(Clip):
    """Clip each element g to [-limit, limit]; NaN stays.

    PyTorch's clip_grad_value_, Keras's clipvalue, optax's clip.

    Raises
    ------
    OptionError
        If limit is no finite number above 0.

    Examples
    --------
    >>> ClipByValue(0.5)({"w": np.array([0.25, -3.0])})
    {'w': array([ 0.25, -0.5 ])}
    """

    limit: float

    _name: ClassVar[str] = "by_value"

    def __post_init__(self) -> None:
        _take_limit(self)

    def __repr__(self) -> str:
        return f"{self._name}(limit={self.limit!r})"

    def transform(
        self,
        grads: Grads,  # noqa: ARG002
        number: Callable[[float], Any],
    ) -> Callable[[Array], Array]:
        """Return the function from g to max(-limit, min(g, limit))."""
        limit = number(self.limit)

        def clipped(g: Array) -> Array:
            with np.errstate(over="ignore"):  # a limit beyond the dtype is infinite
                return np.asarray(np.maximum(np.minimum(g, limit), -limit))

        return clipped


@dataclass(frozen=True, repr=False)
class ClipByGlobalNorm(Clip):
    """Scale all gradients by limit / max(norm + eps, limit), norm that of all of them together.

    Pascanu, Mikolov & Bengio 2013, Alg. 1. With eps = 0 this is TensorFlow's clip_by_global_norm,
    Keras's global_clipnorm and optax's clip_by_global_norm; PyTorch's clip_grad_norm_, which is
    min(1, limit / (norm + 1e-6)), has eps = 1e-6. The norm is computed in float64, and in
    longdouble where a gradient is; squares neither overflow nor vanish in it. A NaN among the
    gradients makes all of them NaN; an infinite one, or a norm beyond float64, leaves NaN where
    they are infinite and 0 elsewhere.

    Raises
    ------
    OptionError
        If limit is no finite number above 0, or eps negative.

    Examples
    --------
    >>> ClipByGlobalNorm(1.0)({"w": np.array([3.0]), "b": np.array([-4.0])})
    {'w': array([0.6]), 'b': array([-0.8])}
    """

    limit: float
    eps: float = 0.0

    _name: ClassVar[str] = "by_global_norm"

    def __post_init__(self) -> None:
        _take_limit(self)
        eps = checks.number(self._name, "eps", self.eps, low=0)
        object.__setattr__(self, "eps", eps)

    def __repr__(self) -> str:
        return f"{self._name}(limit={self.limit!r}, eps={self.eps!r})"

    def transform(self, grads: Grads, number: Callable[[float], Any]) -> Callable[[Array], Array]:
        """Return the function from g to g limit / max(norm + eps, limit)."""
        limit = number(self.limit)
        scale = number(limit / np.maximum(global_norm(grads) + number(self.eps), limit))
        return lambda g: scale * g


def global_norm(grads: Grads) -> Any:
    """Return the square root of the sum of all elements' squares.

    It is a float64, or a longdouble where a gradient is one, and 0 for no elements.

    Examples
    --------
    >>> float(global_norm({"w": np.array([3e200]), "b": np.array([4e200])}))
    5e+200
    """
    wide = LONGDOUBLE if any(g.dtype == LONGDOUBLE for g in grads.values()) else FLOAT64
    sizes = [np.abs(g).astype(wide) for g in grads.values() if g.size]
    peak = np.max([s.max() for s in sizes], initial=wide.type(0))
    if not 0 < peak < np.inf:
        return wide.type(peak)
    return peak * np.sqrt(np.sum([np.square(s / peak).sum() for s in sizes], dtype=wide))


def clip_from_spec(spec: str | Clip, kind: str = "clip") -> Clip:
    """Return the clipping that a spec such as ``"by_value(limit=0.5)"`` describes.

    Raises
    ------
    OptionError
        If the spec names none, or an option that it does not have or that is out of range.

    Examples
    --------
    >>> clip_from_spec("by_global_norm(limit=1.0)")
    by_global_norm(limit=1.0, eps=0.0)
    """
    return spec if isinstance(spec, Clip) else specs.from_spec(kind, spec, _FACTORIES)


_FACTORIES: Mapping[str, Callable[..., Clip]] = {
    cls._name: cls for cls in (ClipByValue, ClipByGlobalNorm)
}


def _take_limit(clip: Any) -> None:
    limit = checks.number(clip._name, "limit", clip.limit, low=0, open_low=True)
    object.__setattr__(clip, "limit", limit)
