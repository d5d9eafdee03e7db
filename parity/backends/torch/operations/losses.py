"""The losses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from parity.backends.family import Family


def reduced(elements: Any, reduction: str) -> Any:
    """Return a loss's elements as they are, their sum or their mean."""
    return elements if reduction == "none" else getattr(elements, reduction)()


def family(torch: Any) -> Family:
    """Return the losses."""
    functional = torch.nn.functional

    def class_loss(function: Callable[..., Any]) -> Callable[..., Any]:
        def loss(scores: Any, labels: Any, axis: int = -1, **options: Any) -> Any:
            if options.get("ignore_index", 0) is None:
                options.pop("ignore_index")
            rows = labels.is_floating_point()
            if scores.ndim > 1 and axis % scores.ndim == 1:  # where torch has its classes
                return function(scores, labels if rows else labels.long(), **options)
            scores = scores.movedim(axis, -1)
            n, classes = scores.shape[:-1], scores.shape[-1]
            scores = scores.reshape(-1, classes)
            if rows:
                labels = labels.movedim(axis, -1).reshape(-1, classes)
            else:
                labels = labels.reshape(-1).long()
            value = function(scores, labels, **options)
            return value.reshape(n) if value.ndim else value

        return loss

    def cross_entropy(
        probs: Any, labels: Any, eps: float = 0.0, reduction: str = "mean", axis: int = -1
    ) -> Any:
        if labels.is_floating_point():
            return reduced(-torch.xlogy(labels, probs + eps).sum(axis), reduction)
        picked = torch.gather(probs, axis, labels.long().unsqueeze(axis)).squeeze(axis)
        return reduced(-torch.log(picked + eps), reduction)

    def hinge(
        y: Any, t: Any, margin: float = 1.0, squared: bool = False, reduction: str = "mean"
    ) -> Any:
        # Scores beyond the margin are left out before they meet their cotangent of 0: it would be
        # NaN for an infinite one.
        active = ~(margin - t * y <= 0)
        gap = margin - t * torch.where(active, y, 0)
        elements = torch.where(active, gap, 0)
        return reduced(elements.square() if squared else elements, reduction)

    def kl_div(x: Any, t: Any, log_target: bool = False, reduction: str = "mean") -> Any:
        if reduction == "mean":  # which warns that it is not the mean over rows
            return functional.kl_div(x, t, reduction="sum", log_target=log_target) / x.numel()
        name = "batchmean" if reduction == "mean_rows" else reduction
        return functional.kl_div(x, t, reduction=name, log_target=log_target)

    def cosine(a: Any, b: Any, axis: int = -1, eps: float = 1e-8, reduction: str = "mean") -> Any:
        return reduced(1 - functional.cosine_similarity(a, b, dim=axis, eps=eps), reduction)

    def l2_penalty(w: Any, strength: float = 1.0, half: bool = False) -> Any:
        # Scaled before it is summed: in float16 the sum of squares alone may overflow.
        return ((strength / 2 if half else strength) * w.square()).sum()

    def _unlimited(probs: Any) -> bool:
        p = probs.detach().double()
        return bool((p * (1 - p) >= 1e-12).all())

    def binary_cross_entropy(
        probs: Any, t: Any, reduction: str = "mean", log_min: float | None = None
    ) -> Any:
        # torch limits the logarithms at -100 and, in the derivative, p (1 - p) at 1e-12: it is this
        # function where neither limit acts, or where the former is asked for.
        if log_min == -100.0 or (log_min is None and _unlimited(probs)):
            return functional.binary_cross_entropy(probs, t, reduction=reduction)
        if log_min is not None:
            log_p, log_q = torch.log(probs), torch.log1p(-probs)
            limited = t * log_p.clamp(min=log_min) + (1 - t) * log_q.clamp(min=log_min)
            return reduced(-limited, reduction)
        terms = torch.xlogy(t, probs) + torch.special.xlog1py(1 - t, -probs)
        return reduced(-terms, reduction)

    def mean_squared_error(y: Any, t: Any, reduction: str = "mean") -> Any:
        match reduction:
            case "half_sum":
                return functional.mse_loss(y, t, reduction="sum") / 2
            case "half_mean_rows":
                return functional.mse_loss(y, t, reduction="sum") / (2 * len(y))
            case "sum_rows":
                return (
                    functional.mse_loss(y, t, reduction="none").flatten(1).sum(1)
                    if y.ndim > 1
                    else functional.mse_loss(y, t, reduction="none")
                )
            case _:
                return functional.mse_loss(y, t, reduction=reduction)

    every: dict[str, Callable[..., Any]] = {
        "binary_cross_entropy": binary_cross_entropy,
        "binary_cross_entropy_with_logits": functional.binary_cross_entropy_with_logits,
        "cosine": cosine,
        "cross_entropy": cross_entropy,
        "hinge": hinge,
        "huber": functional.huber_loss,
        "kl_div": kl_div,
        "l1": functional.l1_loss,
        "l1_penalty": lambda w, strength=1.0: (strength * w.abs()).sum(),
        "l2_penalty": l2_penalty,
        "mean_squared_error": mean_squared_error,
        "nll": class_loss(functional.nll_loss),
        "smooth_l1": functional.smooth_l1_loss,
        "softmax_cross_entropy": class_loss(functional.cross_entropy),
    }
    # Each is several kernels: elements, their reduction, and the same backward.
    return Family(every, rounds_between=frozenset(every))
