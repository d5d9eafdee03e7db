"""Layouts of images, which the bounds of convolutions and of pooling take channels last."""

from __future__ import annotations

import numpy as np

from parity.bounds.base import Array


def channels_last(a: Array, layout: str) -> Array:
    """Return images in ``layout`` with their channels last."""
    return np.moveaxis(a, 1, -1) if layout == "NCHW" else a


def in_layout(a: Array, layout: str) -> Array:
    """Return images whose channels are last in ``layout``."""
    return np.moveaxis(a, -1, 1) if layout == "NCHW" else a
