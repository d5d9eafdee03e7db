"""An activation as a layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from refnet import specs
from refnet.arrays import Array, Shape
from refnet.errors import OptionError
from refnet.layers.base import EVALUATION, Context, Layer, Params, sample_shape
from refnet.op import Op
from refnet.ops.affine import affine, identity
from refnet.ops.elu import elu, selu
from refnet.ops.gelu import gelu
from refnet.ops.hard_sigmoid import hard_sigmoid
from refnet.ops.hard_tanh import hard_tanh
from refnet.ops.leaky_relu import leaky_relu
from refnet.ops.mish import mish
from refnet.ops.relu import relu
from refnet.ops.sigmoid import sigmoid
from refnet.ops.silu import silu
from refnet.ops.softmax import log_softmax, softmax
from refnet.ops.softplus import softplus
from refnet.ops.softsign import softsign
from refnet.ops.step import step
from refnet.ops.tanh import tanh

Applied = tuple[Op[Any, Any], dict[str, Any]]


def _factory(op: Op[Any, Any]) -> Callable[..., Applied]:
    def applied(**options: Any) -> Applied:
        # Refuses unknown options and wrong values at once; an axis may be any that arrays can have.
        op.shape((1,) * 32, **options)
        return op, options

    return applied


ACTIVATIONS: dict[str, Callable[..., Applied]] = {
    op.name: _factory(op)
    for op in (
        affine,
        elu,
        gelu,
        hard_sigmoid,
        hard_tanh,
        identity,
        leaky_relu,
        log_softmax,
        mish,
        relu,
        selu,
        sigmoid,
        silu,
        softmax,
        softplus,
        softsign,
        step,
        tanh,
    )
}


class Activation(Layer):
    """An elementwise activation, or softmax, by its spec; it has no parameters.

    Parameters
    ----------
    spec : str
        The name of an operation, with its options if any: ``"affine(slope=2.0, intercept=0.5)"``,
        ``"elu(alpha=1.0)"``, ``"gelu(approximate='tanh')"``, ``"hard_sigmoid(slope=0.2)"``,
        ``"hard_tanh(low=0.0, high=6.0)"``, ``"identity"``, ``"leaky_relu(slope=0.2)"``,
        ``"log_softmax"``, ``"mish"``, ``"relu"``, ``"selu"``, ``"sigmoid"``, ``"silu"``,
        ``"softmax"``, ``"softplus(beta=2.0)"``, ``"softsign"``, ``"step"`` or ``"tanh"``.

    Raises
    ------
    OptionError
        If the spec names no activation or an option outside its range.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> layer = rn.layers.Activation("affine(slope=2.0, intercept=1.0)")
    >>> layer.forward({}, np.array([[1.0, 2.0]]))[0]
    array([[3., 5.]])
    """

    def __init__(self, spec: str) -> None:
        self.op, self.options = specs.from_spec("activation", spec, ACTIVATIONS)
        if self.options.get("axis", -1) >= 0:
            raise OptionError(
                "activation",
                got=f"axis={self.options['axis']} in {spec!r}",
                needs="an axis from the end, such as -1",
                cause="From the front it would count the batch, and mix samples.",
            )

    def __repr__(self) -> str:
        options = ", ".join(f"{k}={v!r}" for k, v in self.options.items())
        return (
            f"Activation({self.op.name}({options}))" if options else f"Activation({self.op.name})"
        )

    def output_shape(self, shape: Shape) -> Shape:
        """Return ``shape``."""
        return cast(Shape, self.op.shape(sample_shape(self, shape), **self.options))

    def forward(
        self,
        params: Params,
        x: Array,
        prefix: str = "",
        context: Context = EVALUATION,
    ) -> tuple[Array, Any]:
        """Return the activation of x, and its VJP as the tape."""
        return self.op.with_vjp(x, **self.options)

    def vjp(
        self,
        dy: Array,
        params: Params,
        tape: Any,
        prefix: str = "",
        *,
        wrt_input: bool = True,
    ) -> tuple[Array | None, dict[str, Array]]:
        """Return dx, or None unless ``wrt_input``, and no gradients."""
        return (tape(dy)[0] if wrt_input else None), {}
