"""Moments and normalizations."""

from __future__ import annotations

from typing import Any

from refnet.errors import OptionError, ShapeError
from refnet.graph import Node, apply, binary
from refnet.op import ops
from refnet.tf1.arithmetic import add_n, cast, maximum, pow, rsqrt, square
from refnet.tf1.arrays import pad, size
from refnet.tf1.reductions import axes_of, reduce_mean, reduce_sum
from refnet.tf1.values import value


def moments(
    x: Any,
    axes: Any,
    shift: Any = None,
    name: str | None = None,
    keep_dims: bool | None = None,
    keepdims: bool | None = None,
) -> tuple[Node, Node]:
    """Return mean and variance (of n, not n - 1) over axes."""
    node, over, kept = value(x), axes_of(axes), bool(keepdims or keep_dims)
    names = ("mean", "variance") if kept else ("Squeeze", "Squeeze_1")
    with node.graph.name_scope(name or "moments"):
        mean = reduce_mean(node, over, kept, names[0])
        variance: Node = apply(
            ops()["var"], node, kind="variance", name=names[1], axis=over, keepdims=kept
        )
    return mean, variance


def batch_normalization(
    x: Any,
    mean: Any,
    variance: Any,
    offset: Any,
    scale: Any,
    variance_epsilon: float,
    name: str | None = None,
) -> Node:
    """Return (x - mean) scale / sqrt(variance + epsilon) + offset.

    Scale and offset may be None. It is computed as TensorFlow does: x inv + (offset - mean inv).
    """
    node, spread = value(x), value(variance)
    with node.graph.name_scope(name or "batchnorm"):
        inv = rsqrt(spread + variance_epsilon)
        if scale is not None:
            inv = inv * scale
        shift = -(value(mean, node.dtype) * inv) if offset is None else offset - mean * inv
        return node * inv + shift


def batch_norm_with_global_normalization(
    t: Any = None,
    m: Any = None,
    v: Any = None,
    beta: Any = None,
    gamma: Any = None,
    variance_epsilon: Any = None,
    scale_after_normalization: Any = None,
    name: str | None = None,
    input: Any = None,
    mean: Any = None,
    variance: Any = None,
) -> Node:
    """Return :func:`batch_normalization` of t with mean m, variance v and offset beta.

    gamma is its scale if ``scale_after_normalization``, and has no part in the value otherwise.
    """
    x = t if input is None else input
    centre, spread = (m if mean is None else mean), (v if variance is None else variance)
    scale = gamma if scale_after_normalization else None
    return batch_normalization(x, centre, spread, beta, scale, variance_epsilon, name)


def fused_batch_norm(
    x: Any,
    scale: Any,
    offset: Any,
    mean: Any = None,
    variance: Any = None,
    epsilon: float = 0.001,
    data_format: str = "NHWC",
    is_training: bool = True,
    name: str | None = None,
    exponential_avg_factor: float = 1.0,
) -> tuple[Node, Node, Node]:
    """Return images normalised channel by channel, with the mean and variance.

    In training they are the batch's, the variance that is returned times n / (n - 1); else those
    given.

    Raises
    ------
    OptionError
        For an exponential_avg_factor other than 1.
    """
    if exponential_avg_factor != 1.0:
        raise OptionError(
            "fused_batch_norm",
            got=f"{exponential_avg_factor=}",
            needs="1, which leaves the averages to the caller",
            cause="ExponentialMovingAverage keeps averages.",
        )
    node = value(x)
    options: dict[str, Any] = {"eps": float(epsilon), "layout": data_format}
    called = ops()["batch_norm"]
    made: Node
    if not is_training:
        parts = [value(v, node.dtype) for v in (scale, offset, mean, variance)]
        made = apply(
            called, node, *parts, kind="FusedBatchNormV3", name=name, training=False, **options
        )
        return made, parts[2], parts[3]
    axes = (0, 1, 2) if data_format == "NHWC" else (0, 2, 3)
    weights = [value(v, node.dtype) for v in (scale, offset)]
    made = apply(
        called, node, *weights, kind="FusedBatchNormV3", name=name, training=True, **options
    )
    batch_mean, batch_variance = moments(node, axes, name="batch_moments")
    return made, batch_mean, unbiased(node, batch_variance)


def unbiased(x: Node, variance: Node) -> Node:
    """Return the variance of n values each times n / (n - 1)."""
    n = cast(size(x), variance.dtype) / cast(size(variance), variance.dtype)
    return variance * (n / maximum(n - 1.0, 1.0))


def l2_normalize(
    x: Any,
    axis: Any = None,
    epsilon: float = 1e-12,
    name: str | None = None,
    dim: Any = None,
) -> Node:
    """Return x / sqrt(max(sum x^2, epsilon)) over axes."""
    node = value(x)
    with node.graph.name_scope(name or "l2_normalize") as scope:
        total = reduce_sum(square(node), axis if axis is not None else dim, True)
        return binary("multiply", node, rsqrt(maximum(total, epsilon)), scope)


def lrn(
    input: Any,
    depth_radius: int = 5,
    bias: float = 1,
    alpha: float = 1,
    beta: float = 0.5,
    name: str | None = None,
) -> Node:
    """Return x / (bias + alpha s)^beta, s the sum of squares of the channels up to a radius away.

    Krizhevsky, Sutskever & Hinton 2012, section 3.3.
    """
    x = value(input)
    channels = None if x.dims is None else x.dims[-1]
    if x.dims is None or channels is None:
        raise ShapeError(
            f"lrn of {x.name!r}",
            got=f"the shape {x.shape}",
            needs="a known number of channels",
            cause="Was a placeholder made with None there?",
        )
    before = ((0, 0),) * (len(x.dims) - 1)
    squares = pad(square(x), (*before, (depth_radius, depth_radius)))
    total = add_n([squares[..., i : i + channels] for i in range(2 * depth_radius + 1)])
    return binary("divide", x, pow(total * alpha + bias, float(beta)), name)
