"""Dropout as a layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from refnet import checks
from refnet.admission import as_array
from refnet.arrays import Array
from refnet.errors import DtypeError
from refnet.layers.base import EVALUATION, Context, Layer, Params
from refnet.ops.dropout import dropout, dropout_mask


class Dropout(Layer):
    """Drop units in training, each with probability ``rate``; see :func:`refnet.dropout`.

    The masks are drawn by the context's generator, or are those that the context has for the
    layer's name, of any real dtype.

    Parameters
    ----------
    rate : float
        From 0 to less than 1.
    scale : {"inverted", "at_test"}
        Whether training divides by 1 - rate, or evaluation multiplies by it.

    Raises
    ------
    OptionError
        If the rate or the scale is none of these.
    DtypeError
        When called in training with a context that has neither a generator nor a mask for it, or
        with a mask of no numbers.
    ShapeError
        When called with a mask that has not the shape of the batch.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> layer = rn.layers.Dropout(0.5)
    >>> context = rn.layers.Context(training=True, rng=np.random.default_rng(0))
    >>> y, tape = layer.forward({}, np.ones((2, 4)), context=context)
    >>> sorted(set(y.ravel().tolist()))
    [0.0, 2.0]
    >>> layer.forward({}, np.ones(2))[0]
    array([1., 1.])
    >>> context = rn.layers.Context(training=True, masks={"drop": np.array([1, 0])})
    >>> layer.forward({}, np.ones(2), "drop.", context)[0]
    array([2., 0.])
    """

    def __init__(self, rate: float, *, scale: str = "inverted") -> None:
        self.rate, self.scale = rate, scale
        dropout.shape((1,), (1,), rate=rate, scale=scale)  # refuses what it does not take

    def __repr__(self) -> str:
        scale = "" if self.scale == "inverted" else f", scale={self.scale!r}"
        return f"Dropout({self.rate}{scale})"

    def forward(
        self, params: Params, x: Array, prefix: str = "", context: Context = EVALUATION
    ) -> tuple[Array, Any]:
        """Return the batch with units dropped in training, and its VJP as the tape."""
        if not context.training:
            return dropout.with_vjp(x, rate=self.rate, scale=self.scale, training=False)
        x = as_array("Dropout", "x", x)
        given = context.masks.get(prefix.removesuffix("."))
        if given is None:
            rng = checks.generator("Dropout", context.rng)
            mask = dropout_mask(x.shape, self.rate, rng, dtype=x.dtype)
        else:
            mask = self._in_dtype(as_array("Dropout", "mask", given), x.dtype)
        return dropout.with_vjp(x, mask, rate=self.rate, scale=self.scale)

    def vjp(
        self, dy: Array, params: Params, tape: Any, prefix: str = "", *, wrt_input: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        """Return dx, or None unless ``wrt_input``, and no gradients."""
        return (tape(dy, wrt=("x",))[0] if wrt_input else None), {}

    @staticmethod
    def _in_dtype(mask: Array, dtype: np.dtype[Any]) -> Array:
        """Return a mask in the dtype of the batch, which it hands ones and zeros to."""
        if mask.dtype != dtype and mask.dtype.kind not in "biuf":
            raise DtypeError(
                "Dropout",
                got=f"a mask of dtype {mask.dtype}",
                needs="a mask of bools or real numbers",
                cause="Was it read as text?",
            )
        return mask.astype(dtype, copy=False)
