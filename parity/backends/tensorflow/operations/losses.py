"""The losses."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from parity.backends.family import Family
from parity.backends.tensorflow.halves import in_float32
from parity.errors import UnsupportedError


def family(tf: Any) -> Family:
    """Return the losses."""
    nn, log = tf.nn, tf.math.log

    def reduced(elements: Any, reduction: str) -> Any:
        match reduction:
            case "none":
                return elements
            case "sum":
                return tf.reduce_sum(elements)
            case "mean":
                return tf.reduce_mean(elements)
            case _:
                raise UnsupportedError(f"no reduction {reduction!r}")

    def elementwise(function: Callable[..., Any]) -> Callable[..., Any]:
        def loss(y: Any, t: Any, reduction: str = "mean", **options: Any) -> Any:
            return reduced(function(y, t, **options), reduction)

        return loss

    def last(x: Any, axis: int) -> Any:
        axes = [i for i in range(x.ndim) if i != axis % x.ndim]
        return x if axis % x.ndim == x.ndim - 1 else tf.transpose(x, [*axes, axis % x.ndim])

    def of_labels(elements: Any, kept: Any, weights: Any, reduction: str) -> Any:
        """Return the loss of elements that are weighted; the mean divides by the weights' sum."""
        zeros = tf.zeros_like(elements)
        elements = tf.where(kept, elements, zeros)
        if reduction == "mean":
            return tf.reduce_sum(elements) / tf.reduce_sum(tf.where(kept, weights, zeros))
        return reduced(elements, reduction)

    def counted(labels: Any, ignore_index: int | None) -> tuple[Any, Any]:
        """Return which labels count, and labels that are classes throughout."""
        if ignore_index is None:
            return tf.ones_like(labels, tf.bool), labels
        kept = tf.not_equal(labels, ignore_index)
        return kept, tf.where(kept, labels, tf.zeros_like(labels))

    def picked(rows: Any, labels: Any) -> Any:
        return tf.gather(rows, labels, axis=-1, batch_dims=labels.ndim)

    def nll(
        log_probs: Any,
        labels: Any,
        reduction: str = "mean",
        weight: Any = None,
        ignore_index: int | None = None,
        axis: int = -1,
    ) -> Any:
        kept, labels = counted(labels, ignore_index)
        elements = -picked(last(log_probs, axis), labels)
        weights = tf.ones_like(elements) if weight is None else tf.gather(weight, labels)
        return of_labels(weights * elements, kept, weights, reduction)

    def softmax_cross_entropy(
        logits: Any,
        labels: Any,
        reduction: str = "mean",
        weight: Any = None,
        ignore_index: int | None = None,
        label_smoothing: float = 0.0,
        axis: int = -1,
    ) -> Any:
        scores = last(logits, axis)
        if not labels.dtype.is_floating:
            kept, labels = counted(labels, ignore_index)
            ones = tf.ones(labels.shape, scores.dtype)
            weights = ones if weight is None else tf.gather(weight, labels)
            if label_smoothing:
                rows = tf.one_hot(labels, scores.shape[-1], dtype=scores.dtype)
                elements = of_rows(scores, rows, weight, label_smoothing)
            else:
                sparse = nn.sparse_softmax_cross_entropy_with_logits
                elements = weights * sparse(labels=labels, logits=scores)
            return of_labels(elements, kept, weights, reduction)
        return reduced(of_rows(scores, last(labels, axis), weight, label_smoothing), reduction)

    def of_rows(scores: Any, rows: Any, weight: Any, smoothing: float) -> Any:
        # Not softmax_cross_entropy_with_logits: its derivative takes it that a row sums to 1.
        targets = rows if weight is None else rows * weight
        if smoothing:
            others = smoothing / scores.shape[-1]
            uniform = tf.ones_like(rows) if weight is None else tf.ones_like(rows) * weight
            targets = (1 - smoothing) * targets + others * uniform
        return -tf.reduce_sum(tf.math.multiply_no_nan(nn.log_softmax(scores), targets), -1)

    def cross_entropy(
        probs: Any, labels: Any, eps: float = 0.0, reduction: str = "mean", axis: int = -1
    ) -> Any:
        probs = last(probs, axis)
        if labels.dtype.is_floating:
            terms = tf.math.xlogy(last(labels, axis), probs + eps)
            return reduced(-tf.reduce_sum(terms, -1), reduction)
        return reduced(-log(picked(probs, labels) + eps), reduction)

    def hinge(y: Any, t: Any, margin: float = 1.0, squared: bool = False) -> Any:
        # Scores beyond the margin are left out before they meet their cotangent of 0: it would be
        # NaN for an infinite one.
        beyond = margin - t * y <= 0
        gap = margin - t * tf.where(beyond, tf.zeros_like(y), y)
        elements = tf.where(beyond, tf.zeros_like(gap), gap)
        return tf.square(elements) if squared else elements

    def kl_div(x: Any, t: Any, log_target: bool = False, reduction: str = "mean") -> Any:
        # What is impossible adds nothing, whatever x: it is left out before it is computed with.
        possible = tf.not_equal(t, -math.inf if log_target else 0)
        p, log_q = (tf.where(possible, v, tf.ones_like(v)) for v in (t, x))
        terms = tf.exp(p) * (p - log_q) if log_target else p * (log(p) - log_q)
        elements = tf.where(possible, terms, tf.zeros_like(t))
        if reduction == "mean_rows":
            return tf.reduce_sum(elements) / x.shape[0]
        return reduced(elements, reduction)

    def cosine(a: Any, b: Any, axis: int = -1, eps: float = 1e-8, reduction: str = "mean") -> Any:
        left, right = (nn.l2_normalize(v, axis, epsilon=eps**2) for v in (a, b))
        return reduced(1 - tf.reduce_sum(left * right, axis), reduction)

    def huber(y: Any, t: Any, delta: float = 1.0) -> Any:
        size = tf.abs(y - t)
        capped = tf.minimum(size, delta)
        return capped * (size - capped / 2)

    def smooth_l1(y: Any, t: Any, beta: float = 1.0) -> Any:
        return huber(y, t, beta) / beta if beta else tf.abs(y - t)

    def l2_penalty(w: Any, strength: float = 1.0, half: bool = False) -> Any:
        # tf.nn.l2_loss is halved.
        return (strength if half else 2 * strength) * nn.l2_loss(w)

    def binary_cross_entropy(p: Any, t: Any, log_min: float | None = None) -> Any:
        if log_min is not None:
            log_p, log_q = log(p), tf.math.log1p(-p)
            return -(t * tf.maximum(log_p, log_min) + (1 - t) * tf.maximum(log_q, log_min))
        return -(tf.math.xlogy(t, p) + tf.math.xlog1py(1 - t, -p))

    def with_logits(x: Any, t: Any, pos_weight: Any = None) -> Any:
        if pos_weight is None:
            return nn.sigmoid_cross_entropy_with_logits(labels=t, logits=x)
        return nn.weighted_cross_entropy_with_logits(labels=t, logits=x, pos_weight=pos_weight)

    def mean_squared_error(y: Any, t: Any, reduction: str = "mean") -> Any:
        squares = tf.math.squared_difference(y, t)
        match reduction:
            case "half_sum":
                return tf.reduce_sum(squares) / 2
            case "half_mean_rows":
                return tf.reduce_sum(squares) / (2 * y.shape[0])
            case "sum_rows":
                return tf.reduce_sum(squares, list(range(1, y.ndim)))
            case _:
                return reduced(squares, reduction)

    every: dict[str, Callable[..., Any]] = {
        "binary_cross_entropy": elementwise(binary_cross_entropy),
        "binary_cross_entropy_with_logits": elementwise(with_logits),
        "cosine": in_float32(tf, cosine),
        "cross_entropy": cross_entropy,
        "hinge": elementwise(hinge),
        "huber": elementwise(huber),
        "kl_div": kl_div,
        "l1": elementwise(lambda y, t: tf.abs(y - t)),
        "l1_penalty": lambda w, strength=1.0: strength * tf.reduce_sum(tf.abs(w)),
        "l2_penalty": l2_penalty,
        "mean_squared_error": mean_squared_error,
        "nll": nll,
        "smooth_l1": elementwise(smooth_l1),
        "softmax_cross_entropy": softmax_cross_entropy,
    }
    # Each is several kernels: elements, their reduction, and the same backward. The cosine is
    # computed in float32, for its eps is no number of float16.
    return Family(every, rounds_between=frozenset(every) - {"cosine"})
