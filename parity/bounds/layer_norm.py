"""Bound of layer normalisation: that of :mod:`parity.bounds.normalizing` over the named axes."""

from __future__ import annotations

from typing import Any

from parity.bounds.base import Arithmetic, Array, bound
from parity.bounds.normalizing import (
    affine_limit,
    dbeta_limit,
    dgamma_limit,
    dx_limit,
    normalized,
)


def _kept(x: Array, axis: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the axes and the shape of gamma with the other axes as 1."""
    axes = tuple(i % x.ndim for i in (axis if isinstance(axis, tuple) else (axis,)))
    return axes, tuple(n if i in axes else 1 for i, n in enumerate(x.shape))


def _layer_norm(
    a: Arithmetic,
    y: Array,
    x: Array,
    gamma: Array | None,
    beta: Array | None,
    *,
    axis: Any,
    eps: float,
) -> Any:
    axes, kept = _kept(x, axis)
    wide = [None if p is None else p.reshape(kept) for p in (gamma, beta)]
    return affine_limit(a, normalized(a, x, axes, eps, corrected=True), *wide)


def _layer_norm_vjp(
    a: Arithmetic,
    cotangents: Any,
    dy: Array,
    x: Array,
    gamma: Array | None,
    beta: Array | None,
    *,
    axis: Any,
    eps: float,
) -> Any:
    axes, kept = _kept(x, axis)
    z = normalized(a, x, axes, eps, corrected=True)
    g = dy if gamma is None else dy * gamma.reshape(kept)
    dgamma = None if gamma is None else dgamma_limit(a, z, dy, kept).reshape(gamma.shape)
    dbeta = None if beta is None else dbeta_limit(a, dy, kept).reshape(beta.shape)
    return dx_limit(a, z, g, axes), dgamma, dbeta


bound("layer_norm", _layer_norm, _layer_norm_vjp)
