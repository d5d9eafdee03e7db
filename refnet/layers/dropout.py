"""Dropout as a layer."""

from __future__ import annotations

from typing import Any

from refnet import checks
from refnet.admission import as_array
from refnet.arrays import Array
from refnet.layers.base import EVALUATION, Context, Layer, Params
from refnet.ops.dropout import dropout, dropout_mask


class Dropout(Layer):
    """Drop units in training, each with probability ``rate``; see :func:`refnet.dropout`.

    The masks are drawn by the context's generator.

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
        When called in training with a context without a generator.

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
        rng = checks.generator("Dropout", context.rng)
        mask = dropout_mask(x.shape, self.rate, rng, dtype=x.dtype)
        return dropout.with_vjp(x, mask, rate=self.rate, scale=self.scale)

    def vjp(
        self, dy: Array, params: Params, tape: Any, prefix: str = "", *, wrt_input: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        """Return dx, or None unless ``wrt_input``, and no gradients."""
        return (tape(dy, wrt=("x",))[0] if wrt_input else None), {}
