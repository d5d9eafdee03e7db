"""Normalisation layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from refnet import checks
from refnet.arrays import Array, Shape
from refnet.errors import OptionError, ShapeError
from refnet.initializers import constant, zeros
from refnet.layers.base import EVALUATION, Context, Params, absent, sample_shape
from refnet.layers.operation import OperationLayer
from refnet.op import Op
from refnet.ops.batch_norm import batch_norm
from refnet.ops.group_norm import group_norm
from refnet.ops.layer_norm import layer_norm


class BatchNorm(OperationLayer):
    """Batch normalisation, with parameters ``gamma`` and ``beta`` (C,) and running statistics.

    In training it takes the statistics of the batch and moves its buffers ``running_mean`` and
    ``running_var``; in evaluation it takes those. See :func:`refnet.batch_norm` for the fields.

    Parameters
    ----------
    momentum, momentum_of, unbiased, eps, layout
        As the operation has them.

    Raises
    ------
    ArgumentError
        When called with params that lack its own, or a context whose buffers do.
    ShapeError, OptionError
        When called, as the operation has it: one value per channel in training, for one.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> layer = rn.layers.BatchNorm()
    >>> params = layer.init((3,), np.random.default_rng(0))
    >>> context = rn.layers.Context(training=True, buffers=layer.init_buffers((3,)))
    >>> x = np.array([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]])
    >>> layer.forward(params, x, context=context)[0].round(2)
    array([[-1.,  0.,  1.],
           [ 1.,  0., -1.]])
    >>> context.moved["running_mean"]
    array([0.2, 0.2, 0.2])
    """

    op: Op[Any, Any] = batch_norm

    def __init__(
        self,
        *,
        momentum: float = 0.1,
        momentum_of: str = "new",
        unbiased: bool = True,
        eps: float = 1e-5,
        layout: str = "NHWC",
    ) -> None:
        options = {
            "momentum": momentum,
            "momentum_of": momentum_of,
            "unbiased": unbiased,
            "eps": eps,
            "layout": layout,
        }
        super().__init__(options, {"gamma": constant(value=1.0), "beta": zeros()})

    def __repr__(self) -> str:
        return self._called()

    @property
    def buffers(self) -> tuple[str, ...]:
        """The names ``running_mean`` and ``running_var``."""
        return ("running_mean", "running_var")

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Return those of gamma and beta, (C,)."""
        channels = _channels("BatchNorm", shape, self.options["layout"])
        return {"gamma": (channels,), "beta": (channels,)}

    def init_buffers(
        self, shape: Shape, dtype: Any = np.float64, prefix: str = ""
    ) -> dict[str, Array]:
        """Return a running mean of 0 and a running variance of 1."""
        (n,) = self.parameter_shapes(shape)["gamma"]
        return {
            prefix + "running_mean": np.zeros(n, dtype),
            prefix + "running_var": np.ones(n, dtype),
        }

    def output_shape(self, shape: Shape) -> Shape:
        """Return ``shape``."""
        shape = sample_shape(self, shape)
        own = self.parameter_shapes(shape)["gamma"]
        self.op.shape((1, *shape), own, own, own, own, training=False, **self.options)
        return shape

    def forward(
        self, params: Params, x: Array, prefix: str = "", context: Context = EVALUATION
    ) -> tuple[Array, Any]:
        """Return the normalised batch, and its VJP with whether it has several results."""
        gamma, beta = self._own(params, prefix)
        try:
            running = [context.buffers[prefix + name] for name in self.buffers]
        except KeyError as error:
            name = str(error.args[0]).removeprefix(prefix)
            raise absent(self, "a context's buffers", name, prefix) from error
        result, tape = self.op.with_vjp(
            x, gamma, beta, *running, training=context.training, **self.options
        )
        if not context.training:
            return result, (tape, False)
        y, *moved = result
        context.moved |= {prefix + name: a for name, a in zip(self.buffers, moved, strict=True)}
        return y, (tape, True)

    def vjp(
        self, dy: Array, params: Params, tape: Any, prefix: str = "", *, wrt_input: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        """Return dx, or None unless ``wrt_input``, and the gradients of gamma and beta."""
        pulled, several = tape
        wanted = ("x", *self.parameters) if wrt_input else self.parameters
        dx, dgamma, dbeta, *_ = pulled((dy, None, None) if several else dy, wrt=wanted)
        return dx, {prefix + "gamma": dgamma, prefix + "beta": dbeta}


class LayerNorm(OperationLayer):
    """Layer normalisation of each sample, with parameters ``gamma`` and ``beta``.

    Parameters
    ----------
    axis : int or tuple of int
        Axes from the end, such as -1 or (-2, -1).
    eps : float
        As :func:`refnet.layer_norm` has it.

    Raises
    ------
    OptionError
        If there is no axis, or one counts from the front, where the batch is.
    ArgumentError
        When called with params that lack its own.

    Examples
    --------
    >>> import numpy as np, refnet as rn
    >>> layer = rn.layers.LayerNorm(axis=(-2, -1))
    >>> {k: p.shape for k, p in layer.init((5, 4, 3), np.random.default_rng(0)).items()}
    {'gamma': (4, 3), 'beta': (4, 3)}
    """

    op: Op[Any, Any] = layer_norm

    def __init__(self, *, axis: int | tuple[int, ...] = -1, eps: float = 1e-5) -> None:
        axes: Any = axis if isinstance(axis, tuple) else (axis,)
        if not axes or any(not checks.is_integer(k) or k >= 0 for k in axes):
            raise OptionError(
                "LayerNorm",
                got=f"axis={axis!r}",
                needs="at least one axis, each from the end, such as -1",
                cause="From the front they would count the batch, and mix samples.",
            )
        self.axes = tuple(int(k) for k in axes)
        axis = self.axes if isinstance(axis, tuple) else self.axes[0]
        super().__init__(
            {"axis": axis, "eps": eps}, {"gamma": constant(value=1.0), "beta": zeros()}
        )

    def __repr__(self) -> str:
        return self._called()

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Return those of gamma and beta: the sizes of the axes, in order."""
        if min(self.axes) < -len(shape):
            raise ShapeError(
                "LayerNorm",
                got=f"samples of shape {shape} for axis={self.options['axis']!r}",
                needs="samples that have these axes",
                cause="Is an axis missing?",
            )
        sizes = tuple(shape[k] for k in sorted(self.axes))
        return {"gamma": sizes, "beta": sizes}


class GroupNorm(OperationLayer):
    """Group normalisation of each sample, with parameters ``gamma`` and ``beta`` (C,).

    Parameters
    ----------
    groups : int
        Groups of channels; as many as channels is instance normalisation.
    eps, layout
        As :func:`refnet.group_norm` has them.

    Raises
    ------
    OptionError
        If groups is no integer of at least 1.
    ArgumentError
        When called with params that lack its own.

    Examples
    --------
    >>> import refnet as rn
    >>> rn.layers.GroupNorm(2).output_shape((5, 5, 6))
    (5, 5, 6)
    """

    op: Op[Any, Any] = group_norm

    def __init__(self, groups: int, *, eps: float = 1e-5, layout: str = "NHWC") -> None:
        options = {
            "groups": checks.count("GroupNorm", "groups", groups, low=1),
            "eps": eps,
            "layout": layout,
        }
        super().__init__(options, {"gamma": constant(value=1.0), "beta": zeros()})

    def __repr__(self) -> str:
        return self._called()

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Return those of gamma and beta, (C,)."""
        channels = _channels("GroupNorm", shape, self.options["layout"])
        return {"gamma": (channels,), "beta": (channels,)}


def _channels(name: str, shape: Shape, layout: str) -> int:
    if not shape:
        raise ShapeError(
            name,
            got="samples without an axis",
            needs="samples with an axis of channels",
            cause="Is the batch passed as one sample?",
        )
    return shape[0] if layout == "NCHW" else shape[-1]
