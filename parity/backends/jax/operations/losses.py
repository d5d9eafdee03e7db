"""The losses: optax's where it has them, elementwise, and reduced here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from parity.backends.family import Family
from parity.backends.jax.modules import Modules


def family(modules: Modules) -> Family:
    """Return the losses."""
    jnp, nn, losses = modules.jax.numpy, modules.jax.nn, modules.optax.losses
    special = modules.jax.scipy.special

    def reduced(elements: Any, reduction: str) -> Any:
        match reduction:
            case "none":
                return elements
            case "half_sum":
                return jnp.sum(elements) / 2
            case "half_mean_rows":
                return jnp.sum(elements) / (2 * len(elements))
            case "mean_rows":
                return jnp.sum(elements) / len(elements)
            case "sum_rows":
                return jnp.sum(elements, tuple(range(1, elements.ndim)))
            case _:
                return getattr(jnp, reduction)(elements)

    def binary_cross_entropy(
        probs: Any, t: Any, reduction: str = "mean", log_min: float | None = None
    ) -> Any:
        if log_min is not None:
            log_p, log_q = jnp.log(probs), jnp.log1p(-probs)
            terms = t * jnp.maximum(log_p, log_min) + (1 - t) * jnp.maximum(log_q, log_min)
        else:
            terms = special.xlogy(t, probs) + special.xlog1py(1 - t, -probs)
        return reduced(-terms, reduction)

    def binary_cross_entropy_with_logits(
        x: Any, t: Any, reduction: str = "mean", pos_weight: Any = None
    ) -> Any:
        if pos_weight is None:
            return reduced(losses.sigmoid_binary_cross_entropy(x, t), reduction)
        elements = -pos_weight * t * nn.log_sigmoid(x) - (1 - t) * nn.log_sigmoid(-x)
        return reduced(elements, reduction)

    def cosine(a: Any, b: Any, axis: int = -1, eps: float = 1e-8, reduction: str = "mean") -> Any:
        # optax's epsilon is the least square of a norm.
        return reduced(losses.cosine_distance(a, b, epsilon=eps**2, axis=axis), reduction)

    def cross_entropy(
        probs: Any, labels: Any, eps: float = 0.0, reduction: str = "mean", axis: int = -1
    ) -> Any:
        if jnp.issubdtype(labels.dtype, jnp.floating):
            return reduced(-jnp.sum(special.xlogy(labels, probs + eps), axis), reduction)
        picked = jnp.take_along_axis(probs, jnp.expand_dims(labels, axis), axis).squeeze(axis)
        return reduced(-jnp.log(picked + eps), reduction)

    def hinge(
        y: Any, t: Any, margin: float = 1.0, squared: bool = False, reduction: str = "mean"
    ) -> Any:
        own = margin == 1
        elements = losses.hinge_loss(y, t) if own else jnp.maximum(0, margin - y * t)
        return reduced(jnp.square(elements) if squared else elements, reduction)

    def huber(y: Any, t: Any, delta: float = 1.0, reduction: str = "mean") -> Any:
        return reduced(losses.huber_loss(y, t, delta=delta), reduction)

    def kl_div(x: Any, t: Any, log_target: bool = False, reduction: str = "mean") -> Any:
        divergence = losses.kl_divergence_with_log_targets if log_target else losses.kl_divergence
        return reduced(divergence(x, t, axis=()), reduction)

    def l1(y: Any, t: Any, reduction: str = "mean") -> Any:
        return reduced(jnp.abs(y - t), reduction)

    def l2_penalty(w: Any, strength: float = 1.0, half: bool = False) -> Any:
        # Scaled before it is summed: in float16 the sum of squares alone may overflow.
        return jnp.sum((strength / 2 if half else strength) * jnp.square(w))

    def mean_squared_error(y: Any, t: Any, reduction: str = "mean") -> Any:
        return reduced(losses.squared_error(y, t), reduction)

    def smooth_l1(y: Any, t: Any, beta: float = 1.0, reduction: str = "mean") -> Any:
        if beta == 0:
            return l1(y, t, reduction)
        return reduced(losses.huber_loss(y, t, delta=beta) / beta, reduction)

    def of_labels(
        elements: Any, labels: Any, weight: Any, ignore_index: int | None, reduction: str
    ) -> Any:
        """Return the losses of class numbers, weighted and without those that do not count."""
        counts = jnp.ones(labels.shape, bool) if ignore_index is None else labels != ignore_index
        weights = jnp.where(counts, 1 if weight is None else weight[labels], 0)
        weights = weights.astype(elements.dtype)
        if reduction == "mean":
            return jnp.sum(elements) / jnp.sum(weights)
        return reduced(elements, reduction)

    def counted(elements: Any, labels: Any, ignore_index: int | None) -> Any:
        return elements if ignore_index is None else jnp.where(labels == ignore_index, 0, elements)

    def nll(
        log_probs: Any,
        labels: Any,
        reduction: str = "mean",
        weight: Any = None,
        ignore_index: int | None = None,
        axis: int = -1,
    ) -> Any:
        known = labels if ignore_index is None else jnp.where(labels == ignore_index, 0, labels)
        picked = jnp.take_along_axis(log_probs, jnp.expand_dims(known, axis), axis).squeeze(axis)
        elements = -picked if weight is None else -picked * weight[known]
        elements = counted(elements, labels, ignore_index)
        return of_labels(elements, labels, weight, ignore_index, reduction)

    def softmax_cross_entropy(
        logits: Any,
        labels: Any,
        reduction: str = "mean",
        weight: Any = None,
        ignore_index: int | None = None,
        label_smoothing: float = 0.0,
        axis: int = -1,
    ) -> Any:
        logits = jnp.moveaxis(logits, axis, -1)
        classes = logits.shape[-1]
        if jnp.issubdtype(labels.dtype, jnp.floating):
            rows = jnp.moveaxis(labels, axis, -1)
            rows = losses.smooth_labels(rows, label_smoothing) if label_smoothing else rows
            rows = rows if weight is None else rows * weight
            return reduced(losses.softmax_cross_entropy(logits, rows), reduction)
        known = labels if ignore_index is None else jnp.where(labels == ignore_index, 0, labels)
        if label_smoothing:
            rows = nn.one_hot(known, classes, dtype=logits.dtype)
            rows = losses.smooth_labels(rows, label_smoothing)
            rows = rows if weight is None else rows * weight
            elements = losses.softmax_cross_entropy(logits, rows)
        else:
            elements = losses.softmax_cross_entropy_with_integer_labels(logits, known)
            elements = elements if weight is None else elements * weight[known]
        elements = counted(elements, labels, ignore_index)
        return of_labels(elements, labels, weight, ignore_index, reduction)

    every: dict[str, Callable[..., Any]] = {
        "binary_cross_entropy": binary_cross_entropy,
        "binary_cross_entropy_with_logits": binary_cross_entropy_with_logits,
        "cosine": cosine,
        "cross_entropy": cross_entropy,
        "hinge": hinge,
        "huber": huber,
        "kl_div": kl_div,
        "l1": l1,
        "l1_penalty": lambda w, strength=1.0: jnp.sum(strength * jnp.abs(w)),
        "l2_penalty": l2_penalty,
        "mean_squared_error": mean_squared_error,
        "nll": nll,
        "smooth_l1": smooth_l1,
        "softmax_cross_entropy": softmax_cross_entropy,
    }
    return Family(every, rounds_between=frozenset(every))
