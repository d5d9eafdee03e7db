"""The cosine distance of vectors."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape
from refnet.losses.reducing import reduce as reduce_elements
from refnet.losses.reducing import reduced_shape, spread
from refnet.op import intermediate, operation


@operation(analytic=True)
def cosine(
    a: Array, b: Array, /, *, axis: int = -1, eps: float = 1e-8, reduction: str = "mean"
) -> Array:
    """Return 1 - cos(a, b) along ``axis``: a, b of one shape -> y without that axis, reduced.

    cos(a, b) = (a / max(|a|, eps)) . (b / max(|b|, eps)): each norm by itself is at least eps, as
    torch.nn.functional.cosine_similarity of PyTorch 2.13 documents it (its early versions limited
    the product of the norms). Vectors are scaled by a power of two before they are squared, so
    norms neither overflow nor vanish. The error is absolute, of the order of u: the distance of
    nearly parallel vectors is a difference of nearly equal numbers, and may come out below 0.

    Parameters
    ----------
    a, b : array
        Vectors along ``axis``.
    axis : int
        The axis of the vectors.
    eps : float
        The least norm, rounded to the dtype that is computed in (float32 for float16). With 0, a
        vector of zeros has no distance: NaN.
    reduction : {"mean", "sum", "none"}
        The mean is that over the vectors.

    VJP: da = -g (b' - cos a') / |a|, with a' and b' the vectors divided by their norms; where |a|
    is at most eps, the divisor is constant: da = -g b' / eps. db alike. g is dy, divided by the
    number of vectors for the mean.

    Raises
    ------
    ShapeError
        If the shapes differ.
    DtypeError
        If the dtypes differ or are no floats.
    OptionError
        If the axis does not exist, eps is negative or the reduction unknown.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> a, b = np.array([[3.0, 4.0], [1e200, 0.0]]), np.array([[4.0, 3.0], [-2.0, 0.0]])
    >>> rn.cosine(a, b, reduction="none")
    array([0.04, 2.  ])
    """
    left, right = _unit(a, axis, eps), _unit(b, axis, eps)
    cos = intermediate(np.asarray(np.add.reduce(left.direction * right.direction, axis=axis)))
    return reduce_elements(np.asarray(1 - cos), reduction)


@cosine.shape_rule
def _(a: Shape, b: Shape, *, axis: int, eps: float, reduction: str) -> Shape:
    checks.same_shapes("cosine", a, b, ("a", "b"))
    gone = checks.axis("cosine", axis, len(a))
    checks.number("cosine", "eps", eps, low=0)
    return reduced_shape("cosine", a[:gone] + a[gone + 1 :], reduction)


@cosine.vjp_rule
def _(dy: Array, a: Array, b: Array, *, axis: int, eps: float, reduction: str) -> Cotangents:
    left, right = _unit(a, axis, eps), _unit(b, axis, eps)
    cos = intermediate(np.add.reduce(left.direction * right.direction, axis=axis, keepdims=True))
    g = spread(np.expand_dims(dy, axis) if reduction == "none" else dy, cos.shape, reduction)

    def cotangent(own: _Unit, other: _Unit) -> Array:
        turned = other.direction - np.where(own.constant, 0, cos * own.direction)
        return np.asarray(-g * turned / own.norm * own.scale)

    return cotangent(left, right), cotangent(right, left)


class _Unit(NamedTuple):
    """Vectors x as directions x / max(|x|, eps), and what they were divided by.

    ``norm`` is that divisor times ``scale``, a power of two which brings it near 1. ``constant``
    says where it is eps.
    """

    direction: Array
    norm: Array
    scale: Array
    constant: Array


def _unit(x: Array, axis: int, eps: float) -> _Unit:
    info = np.finfo(x.real.dtype)
    least = info.dtype.type(eps)
    # Of the largest element and eps, so that neither is far above 1 when scaled.
    high = np.maximum.reduce(np.abs(x.real), axis=axis, keepdims=True, initial=least)
    exponent = np.frexp(np.where(np.isfinite(high), high, 1))[1]
    scale = np.ldexp(info.dtype.type(1), -np.clip(exponent, info.minexp + 2, info.maxexp - 1))
    scaled = x * scale
    norm = np.sqrt(np.add.reduce(scaled * scaled, axis=axis, keepdims=True))
    least = least * scale
    constant = np.asarray(norm.real <= least)
    norm = np.where(constant, least, norm)
    return _Unit(scaled / norm, norm, scale, constant)
