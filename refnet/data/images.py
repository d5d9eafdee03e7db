"""Labelled images, and images as rows of numbers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from refnet import checks
from refnet.arrays import Array
from refnet.errors import ShapeError


class Images(NamedTuple):
    """Images (N, H, W) of uint8, their labels (N,) of int64, and the value of white."""

    images: Array
    labels: Array
    white: int


def as_rows(data: Images, dtype: Any = np.float32) -> Array:
    """Return the images as rows (N, H W), black at -1 and white at 1, as the sources scale them.

    Raises
    ------
    DtypeError
        If ``dtype`` is no float dtype.
    ShapeError
        If the images are not (N, H, W).

    Examples
    --------
    >>> as_rows(Images(np.array([[[0, 255]]], np.uint8), np.array([7]), 255))
    array([[-1.,  1.]], dtype=float32)
    """
    scaled = _scaled("as_rows", data, dtype)
    n, h, w = scaled.shape
    return scaled.reshape(n, h * w)


def as_images(data: Images, dtype: Any = np.float32) -> Array:
    """Return the images with an axis of one channel (N, H, W, 1), black at -1 and white at 1.

    Raises
    ------
    DtypeError
        If ``dtype`` is no float dtype.
    ShapeError
        If the images are not (N, H, W).

    Examples
    --------
    >>> as_images(Images(np.array([[[0, 255]]], np.uint8), np.array([7]), 255))[..., 0]
    array([[[-1.,  1.]]], dtype=float32)
    """
    return _scaled("as_images", data, dtype)[..., np.newaxis]


def _scaled(name: str, data: Images, dtype: Any) -> Array:
    """Return the images (N, H, W), black at -1 and white at 1."""
    wanted = checks.float_dtype(name, dtype)
    if data.images.ndim != 3:
        raise ShapeError(
            name,
            got=f"images of shape {data.images.shape}",
            needs="images (N, H, W)",
            cause="Is a single image passed, or a channel axis left in?",
        )
    white = checks.count(name, "white", data.white, low=1)
    return np.asarray((data.images / white * 2 - 1).astype(wanted))
