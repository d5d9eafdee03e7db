"""Layers that make their own variables: ``tf.layers``.

The variables go by the layer's name, "dense/kernel" and "dense/bias"; a second layer without a name
is "dense_1".
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from refnet.errors import OptionError, ShapeError
from refnet.graph import Node, Variable
from refnet.tf1.arithmetic import matmul
from refnet.tf1.arrays import reshape, where
from refnet.tf1.conditions import cond
from refnet.tf1.initial_values import ones_initializer, zeros_initializer
from refnet.tf1.matrices import tensordot
from refnet.tf1.missing import missing
from refnet.tf1.nn import convolutions, windows
from refnet.tf1.nn.layers import bias_add
from refnet.tf1.nn.layers import dropout as dropped
from refnet.tf1.nn.normalization import batch_normalization as normalized
from refnet.tf1.nn.normalization import moments, unbiased
from refnet.tf1.values import floats, value
from refnet.tf1.variables import GraphKeys, add_to_collection, get_variable, variable_scope

__all__ = [
    "average_pooling2d",
    "batch_normalization",
    "conv2d",
    "conv2d_transpose",
    "dense",
    "dropout",
    "flatten",
    "max_pooling2d",
]

Activation = Callable[[Any], Any]
Regularizer = Callable[[Any], Any]


def dense(
    inputs: Any,
    units: int,
    activation: Activation | None = None,
    use_bias: bool = True,
    kernel_initializer: Any = None,
    bias_initializer: Any = zeros_initializer,
    kernel_regularizer: Regularizer | None = None,
    bias_regularizer: Regularizer | None = None,
    activity_regularizer: Any = None,
    kernel_constraint: Any = None,
    bias_constraint: Any = None,
    trainable: bool = True,
    name: str | None = None,
    reuse: Any = None,
) -> Node:
    """Return activation(inputs @ kernel + bias), along the last axis."""
    _none("dense", activity_regularizer, kernel_constraint, bias_constraint)
    x = _floats(inputs)
    with variable_scope(name, "dense", reuse=reuse):
        kernel = get_variable(
            "kernel",
            [_channels("dense", x), int(units)],
            x.dtype,
            kernel_initializer,
            kernel_regularizer,
            trainable,
        )
        rank = len(x.dims or ())
        y = matmul(x, kernel) if rank == 2 else tensordot(x, kernel, [[rank - 1], [0]])
        return _finished(y, use_bias, bias_initializer, bias_regularizer, trainable, activation)


def conv2d(
    inputs: Any,
    filters: int,
    kernel_size: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: str = "channels_last",
    dilation_rate: Any = (1, 1),
    activation: Activation | None = None,
    use_bias: bool = True,
    kernel_initializer: Any = None,
    bias_initializer: Any = zeros_initializer,
    kernel_regularizer: Regularizer | None = None,
    bias_regularizer: Regularizer | None = None,
    activity_regularizer: Any = None,
    kernel_constraint: Any = None,
    bias_constraint: Any = None,
    trainable: bool = True,
    name: str | None = None,
    reuse: Any = None,
) -> Node:
    """Return activation(conv2d(inputs, kernel) + bias) of images (N, H, W, C)."""
    _none("conv2d", activity_regularizer, kernel_constraint, bias_constraint)
    _channels_last("conv2d", data_format)
    x = _floats(inputs)
    with variable_scope(name, "conv2d", reuse=reuse):
        kernel = get_variable(
            "kernel",
            [*_pair(kernel_size), _channels("conv2d", x), int(filters)],
            x.dtype,
            kernel_initializer,
            kernel_regularizer,
            trainable,
        )
        y = windows.conv2d(x, kernel, _pair(strides), padding, dilations=_pair(dilation_rate))
        return _finished(y, use_bias, bias_initializer, bias_regularizer, trainable, activation)


def conv2d_transpose(
    inputs: Any,
    filters: int,
    kernel_size: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: str = "channels_last",
    activation: Activation | None = None,
    use_bias: bool = True,
    kernel_initializer: Any = None,
    bias_initializer: Any = zeros_initializer,
    kernel_regularizer: Regularizer | None = None,
    bias_regularizer: Regularizer | None = None,
    activity_regularizer: Any = None,
    kernel_constraint: Any = None,
    bias_constraint: Any = None,
    trainable: bool = True,
    name: str | None = None,
    reuse: Any = None,
) -> Node:
    """Return activation(conv2d_transpose(inputs, kernel) + bias) of images (N, H, W, C)."""
    _none("conv2d_transpose", activity_regularizer, kernel_constraint, bias_constraint)
    _channels_last("conv2d_transpose", data_format)
    x, sizes, steps = _floats(inputs), _pair(kernel_size), _pair(strides)
    known = (x.dims or (None,) * 4)[1:3]
    lengths = [
        0 if n is None else n * s + (0 if padding.upper() == "SAME" else max(k - s, 0))
        for n, k, s in zip(known, sizes, steps, strict=True)
    ]
    with variable_scope(name, "conv2d_transpose", reuse=reuse):
        kernel = get_variable(
            "kernel",
            [*sizes, int(filters), _channels("conv2d_transpose", x)],
            x.dtype,
            kernel_initializer,
            kernel_regularizer,
            trainable,
        )
        shape = [1, *lengths, int(filters)]
        y = convolutions.conv2d_transpose(x, kernel, shape, steps, padding.upper())
        return _finished(y, use_bias, bias_initializer, bias_regularizer, trainable, activation)


def max_pooling2d(
    inputs: Any,
    pool_size: Any,
    strides: Any,
    padding: str = "valid",
    data_format: str = "channels_last",
    name: str | None = None,
) -> Node:
    """Return the maximum of each window of images (N, H, W, C)."""
    _channels_last("max_pooling2d", data_format)
    return windows.max_pool(inputs, _pair(pool_size), _pair(strides), padding, name=name)


def average_pooling2d(
    inputs: Any,
    pool_size: Any,
    strides: Any,
    padding: str = "valid",
    data_format: str = "channels_last",
    name: str | None = None,
) -> Node:
    """Return the mean of each window of images (N, H, W, C)."""
    _channels_last("average_pooling2d", data_format)
    return windows.avg_pool(inputs, _pair(pool_size), _pair(strides), padding, name=name)


def flatten(inputs: Any, name: str | None = None, data_format: str = "channels_last") -> Node:
    """Return each sample as a vector."""
    _channels_last("flatten", data_format)
    x = value(inputs)
    lengths = [None] if x.dims is None else x.dims[1:]
    if None in lengths:
        raise ShapeError(
            f"flatten of {x.name!r}",
            got=f"the shape {x.shape}",
            needs="lengths that are known, but for the samples",
            cause="Was a placeholder made with None there?",
        )
    return reshape(x, [-1, math.prod(n for n in lengths if n is not None)], name)


def dropout(
    inputs: Any,
    rate: Any = 0.5,
    noise_shape: Any = None,
    seed: int | None = None,
    training: Any = False,
    name: str | None = None,
) -> Node:
    """Return, in training, inputs with a share of ``rate`` dropped; else the inputs.

    ``training`` may be a node.
    """
    x = value(inputs)

    def with_drops() -> Node:
        return dropped(x, noise_shape=noise_shape, seed=seed, rate=rate, name=name)

    if isinstance(training, Node):
        return value(cond(training, with_drops, lambda: x))
    return with_drops() if training else x


def batch_normalization(
    inputs: Any,
    axis: int = -1,
    momentum: float = 0.99,
    epsilon: float = 1e-3,
    center: bool = True,
    scale: bool = True,
    beta_initializer: Any = zeros_initializer,
    gamma_initializer: Any = ones_initializer,
    moving_mean_initializer: Any = zeros_initializer,
    moving_variance_initializer: Any = ones_initializer,
    beta_regularizer: Regularizer | None = None,
    gamma_regularizer: Regularizer | None = None,
    beta_constraint: Any = None,
    gamma_constraint: Any = None,
    training: Any = False,
    trainable: bool = True,
    name: str | None = None,
    reuse: Any = None,
    renorm: bool = False,
    renorm_clipping: Any = None,
    renorm_momentum: float = 0.99,
    fused: bool | None = None,
    virtual_batch_size: Any = None,
    adjustment: Any = None,
) -> Node:
    """Return inputs normalised channel by channel: with the batch's moments in training.

    In training, which may be a node, the moving moments follow by operations in the collection
    ``tf.GraphKeys.UPDATE_OPS``: moving <- momentum moving + (1 - momentum) the batch's. For images
    their variance is the batch's times n / (n - 1), as TensorFlow's fused kernel has it, unless
    ``fused=False``.

    Raises
    ------
    OptionError
        For another axis than the last, constraints and renormalisation.
    """
    x = _floats(inputs)
    rank = len(x.dims or ())
    _none("batch_normalization", beta_constraint, gamma_constraint, virtual_batch_size, adjustment)
    if axis not in (-1, rank - 1) or renorm:
        raise OptionError(
            "batch_normalization",
            got=f"{axis=}, {renorm=}",
            needs="the last axis, and no renormalisation",
            cause="Is it of the layout NCHW?",
        )
    n = _channels("batch_normalization", x)
    with variable_scope(name, "batch_normalization", reuse=reuse):

        def made(
            called: str, initializer: Any, regularizer: Regularizer | None, moves: bool
        ) -> Variable:
            return get_variable(called, [n], x.dtype, initializer, regularizer, moves)

        gamma = beta = None
        if scale:
            gamma = made("gamma", gamma_initializer, gamma_regularizer, trainable)
        if center:
            beta = made("beta", beta_initializer, beta_regularizer, trainable)
        mean = made("moving_mean", moving_mean_initializer, None, False)
        variance = made("moving_variance", moving_variance_initializer, None, False)
        if training is False:
            return normalized(x, mean, variance, beta, gamma, epsilon)
        batch, spread = moments(x, list(range(rank - 1)))
        followed = spread
        if rank == 4 and fused is not False:
            followed = unbiased(x, spread)
        share = 1.0 - momentum
        by: Any = where(training, share, 0.0) if isinstance(training, Node) else share
        for moving, new in ((mean, batch), (variance, followed)):
            update = moving.assign_sub((moving - new) * by)
            add_to_collection(GraphKeys.UPDATE_OPS, update)
        if isinstance(training, Node):
            batch, spread = where(training, batch, mean), where(training, spread, variance)
        return normalized(x, batch, spread, beta, gamma, epsilon)


def _finished(
    y: Node,
    use_bias: bool,
    initializer: Any,
    regularizer: Regularizer | None,
    trainable: bool,
    activation: Activation | None,
) -> Node:
    """Return a layer's result with its bias and activation."""
    if use_bias:
        n = _channels("bias", y)
        b = get_variable("bias", [n], y.dtype, initializer, regularizer, trainable)
        y = bias_add(y, b)
    return y if activation is None else activation(y)


def _floats(inputs: Any) -> Node:
    x = value(inputs)
    if not floats(x):
        raise OptionError(
            f"layer of {x.name!r}",
            got=f"the dtype {x.dtype}",
            needs="a dtype of floats",
            cause="Is a cast missing?",
        )
    return x


def _channels(op: str, x: Node) -> int:
    n = x.dims[-1] if x.dims else None
    if n is None:
        raise ShapeError(
            f"{op} of {x.name!r}",
            got=f"the shape {x.shape}",
            needs="a known length of the last axis, from which the variables have their shape",
            cause="Was a placeholder made with None there, or a reshape computed?",
        )
    return n


def _channels_last(op: str, data_format: str) -> None:
    if data_format != "channels_last":
        raise OptionError(
            op,
            got=f"{data_format=}",
            needs="'channels_last'",
            cause="A transpose before the first layer puts the channels there.",
        )


def _pair(given: Any) -> tuple[int, int]:
    rows, columns = (given, given) if isinstance(given, int) else given
    return int(rows), int(columns)


def _none(op: str, *options: Any) -> None:
    if any(option is not None for option in options):
        raise OptionError(
            op,
            got="a constraint, or a regularizer of the activity",
            needs="None",
            cause="They are not there: clip_by_value and assign, or a further loss, do the same.",
        )


__getattr__ = missing("tf.layers", __all__)
