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
    wanted = checks.float_dtype("as_rows", dtype)
    if data.images.ndim != 3:
        raise ShapeError(
            "as_rows",
            got=f"images of shape {data.images.shape}",
            needs="images (N, H, W)",
            cause="Is a single image passed, or a channel axis left in?",
        )
    white = checks.count("as_rows", "white", data.white, low=1)
    n, h, w = data.images.shape
    return (data.images.reshape(n, h * w) / white * 2 - 1).astype(wanted)
