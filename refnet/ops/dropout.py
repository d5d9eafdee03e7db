"""Dropout with its mask as an input, and the drawing of masks."""

from __future__ import annotations

from typing import Any

import numpy as np

from refnet import checks
from refnet.arrays import Array, Cotangents, Shape
from refnet.errors import ArgumentError, ShapeError
from refnet.op import operation

SCALES = ("inverted", "at_test")


@operation(analytic=True)
def dropout(
    x: Array,
    mask: Array | None = None,
    /,
    *,
    rate: float,
    scale: str = "inverted",
    training: bool = True,
) -> Array:
    """Return x with elements dropped where ``mask`` is 0: x, mask of one shape -> y of it.

    ===========  ==================  ==============
    scale        in training         at test
    ===========  ==================  ==============
    ``inverted`` x mask / (1 - rate) x
    ``at_test``  x mask              x (1 - rate)
    ===========  ==================  ==============

    ``inverted`` is that of PyTorch, Keras and ONNX, ``at_test`` the original of Srivastava et al.
    2014, section 4. Nothing is drawn here: :func:`dropout_mask` draws a mask of zeros and ones with
    the same rate. The mask is a factor like any other, so its values are not checked, a dropped NaN
    stays NaN and a dropped negative number is -0. At test it has no part and may be left out.
    ``rate`` is the share that is dropped; 1 - rate is rounded once, to the dtype that is computed
    in.

    VJP: dx = dy times what x is multiplied by. dmask = dy x / (1 - rate) or dy x in training, and
    zero at test.

    Raises
    ------
    ShapeError
        If x and mask differ in shape (one value per channel is stretched by the caller).
    OptionError
        If rate is not in [0, 1), scale is unknown or training is no bool.
    ArgumentError
        If rate is not given, or no mask in training.
    DtypeError
        If the dtypes differ or are no floats.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> x, mask = np.array([1.0, 2.0, 3.0]), np.array([1.0, 0.0, 1.0])
    >>> rn.dropout(x, mask, rate=0.75)
    array([ 4.,  0., 12.])
    >>> rn.dropout(x, rate=0.75, scale="at_test", training=False)
    array([0.25, 0.5 , 0.75])
    """
    if training:
        assert mask is not None
        y = x * mask
        return np.asarray(y / _kept(x, rate) if scale == "inverted" else y)
    return np.asarray(x * _kept(x, rate) if scale == "at_test" else x.copy())


@dropout.shape_rule
def _(x: Shape, mask: Shape | None, *, rate: Any, scale: str, training: bool) -> Shape:
    checks.number("dropout", "rate", rate, low=0, high=1, open_high=True)
    checks.choice("dropout", "scale", scale, SCALES)
    checks.flag("dropout", "training", training)
    if mask is not None:
        if x != mask:
            raise ShapeError(
                "dropout",
                got=f"x {x} and mask {mask}",
                needs="x and mask of the same shape",
                cause="Is the mask of another batch, or one per channel to be stretched first?",
            )
    elif training:
        raise ArgumentError(
            "dropout",
            got="no mask, in training",
            needs="the mask, which dropout_mask(x.shape, rate, rng) draws",
            cause="Is training=False meant?",
        )
    return x


@dropout.vjp_rule
def _(
    dy: Array, x: Array, mask: Array | None, *, rate: Any, scale: str, training: bool
) -> Cotangents:
    if training:
        assert mask is not None
        dx, dmask = dy * mask, dy * x
        if scale == "inverted":
            kept = _kept(x, rate)
            dx, dmask = dx / kept, dmask / kept
        return dx, dmask
    dx = dy * _kept(x, rate) if scale == "at_test" else dy.copy()
    return dx, None if mask is None else np.zeros_like(mask)


def dropout_mask(
    shape: int | tuple[int, ...], rate: float, rng: np.random.Generator, *, dtype: Any = np.float64
) -> Array:
    """Return an array of ``shape`` that is 0 with probability ``rate`` and else 1.

    Each element takes one number of ``rng.random``, whatever the dtype.

    Raises
    ------
    OptionError
        If rate is not in [0, 1), or a length is negative or no integer.
    DtypeError
        If rng is no numpy.random.Generator, or dtype is no float.

    Examples
    --------
    >>> dropout_mask((2, 4), 0.5, np.random.default_rng(0))
    array([[1., 0., 0., 0.],
           [1., 1., 1., 1.]])
    """
    checks.number("dropout_mask", "rate", rate, low=0, high=1, open_high=True)
    lengths = shape if isinstance(shape, tuple | list) else (shape,)
    sizes = tuple(checks.count("dropout_mask", "a length of shape", n) for n in lengths)
    found = checks.float_dtype("dropout_mask", dtype)
    drawn = checks.generator("dropout_mask", rng).random(sizes)
    return np.asarray(drawn >= float(rate)).astype(found)


def _kept(x: Array, rate: Any) -> Any:
    """Return 1 - rate, rounded once to the real dtype of x."""
    return x.real.dtype.type(np.longdouble(1) - np.longdouble(float(rate)))
