"""Bound of group normalisation: that of :mod:`parity.bounds.normalizing` over the groups."""

from __future__ import annotations

from typing import Any

from parity.bounds.base import Arithmetic, Array, bound, count
from parity.bounds.normalizing import (
    affine_limit,
    dbeta_limit,
    dgamma_limit,
    dx_limit,
    normalized,
)

Shapes = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]


def _shapes(x: Array, groups: int, layout: str) -> Shapes:
    """Return x's shape with groups apart, that of gamma there, and the axes of a mean."""
    if layout == "NCHW":
        n, c, *space = x.shape
        apart = (groups, c // groups)
        return (n, *apart, count(space)), (1, *apart, 1), (2, 3)
    n, *space, c = x.shape
    apart = (groups, c // groups)
    return (n, count(space), *apart), (1, 1, *apart), (1, 3)


def _group_norm(
    a: Arithmetic,
    y: Array,
    x: Array,
    gamma: Array | None,
    beta: Array | None,
    *,
    groups: int,
    eps: float,
    layout: str,
) -> Any:
    shape, kept, axes = _shapes(x, groups, layout)
    wide = [None if p is None else p.reshape(kept) for p in (gamma, beta)]
    return affine_limit(
        a, normalized(a, x.reshape(shape), axes, eps, corrected=True), *wide
    ).reshape(x.shape)


def _group_norm_vjp(
    a: Arithmetic,
    cotangents: Any,
    dy: Array,
    x: Array,
    gamma: Array | None,
    beta: Array | None,
    *,
    groups: int,
    eps: float,
    layout: str,
) -> Any:
    shape, kept, axes = _shapes(x, groups, layout)
    z, dy = normalized(a, x.reshape(shape), axes, eps, corrected=True), dy.reshape(shape)
    g = dy if gamma is None else dy * gamma.reshape(kept)
    dgamma = None if gamma is None else dgamma_limit(a, z, dy, kept).reshape(gamma.shape)
    dbeta = None if beta is None else dbeta_limit(a, dy, kept).reshape(beta.shape)
    return dx_limit(a, z, g, axes).reshape(x.shape), dgamma, dbeta


bound("group_norm", _group_norm, _group_norm_vjp)
