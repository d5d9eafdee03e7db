"""Normalisation and dropout."""

from __future__ import annotations

from typing import Any

from parity.backends.family import Family


def family(torch: Any) -> Family:
    """Return normalisation and dropout."""
    functional = torch.nn.functional
    halves = (torch.float16, torch.bfloat16)

    def parameters(x: Any, gamma: Any, beta: Any, shape: Any) -> tuple[Any, Any]:
        # With parameters in float32, as mixed precision has them, group and batch normalisation
        # compute half inputs in float32 and round each result once; with parameters of the half
        # type, mean and deviation as well. A beta without gamma is refused by some kernels.
        half = x.dtype in halves
        if gamma is None and (half or beta is not None):
            gamma = torch.ones(shape, dtype=torch.float32 if half else x.dtype)
        if half:
            gamma, beta = gamma.float(), None if beta is None else beta.float()
        return gamma, beta

    def layer_norm(
        x: Any, gamma: Any = None, beta: Any = None, axis: Any = -1, eps: float = 1e-5
    ) -> Any:
        named = sorted(i % x.ndim for i in (axis if isinstance(axis, tuple) else (axis,)))
        last = tuple(range(x.ndim - len(named), x.ndim))
        sizes = tuple(x.shape[i] for i in named)
        y = functional.layer_norm(x.movedim(named, last), sizes, gamma, beta, eps)
        return y.movedim(last, named)

    def group_norm(
        x: Any,
        gamma: Any = None,
        beta: Any = None,
        groups: int = 1,
        eps: float = 1e-5,
        layout: str = "NHWC",
    ) -> Any:
        # Channels last stay last in memory, for which torch has kernels of their own.
        channels = 1 if layout == "NCHW" else -1
        gamma, beta = parameters(x, gamma, beta, x.shape[channels])
        y = functional.group_norm(x.movedim(channels, 1), groups, gamma, beta, eps)
        return y.movedim(1, channels)

    class Carried(torch.autograd.Function):  # type: ignore[misc]
        """The first argument's value with the derivatives of both."""

        @staticmethod
        def forward(ctx: Any, value: Any, expression: Any) -> Any:  # noqa: ARG004
            return value.clone()

        @staticmethod
        def backward(ctx: Any, dy: Any) -> Any:  # noqa: ARG004
            return dy, dy

    def batch_norm(
        x: Any,
        gamma: Any = None,
        beta: Any = None,
        mean: Any = None,
        variance: Any = None,
        training: bool = True,
        momentum: float = 0.1,
        momentum_of: str = "new",
        unbiased: bool = True,
        eps: float = 1e-5,
        layout: str = "NHWC",
    ) -> Any:
        channels, dtype = (1 if layout == "NCHW" else -1), x.dtype
        x = x.movedim(channels, 1)
        gamma, beta = parameters(x, gamma, beta, x.shape[1])
        if mean is None:
            y = functional.batch_norm(x, None, None, gamma, beta, True, 0.0, eps)
            return y.movedim(1, channels)
        if dtype in halves:
            mean, variance = mean.float(), variance.float()
        per_channel = (-1, *(1,) * (x.ndim - 2))
        if not training:
            fixed = mean.detach(), variance.detach()
            y = functional.batch_norm(x, *fixed, gamma, beta, False, 0.0, eps)
            # torch has no derivative with respect to the running statistics.
            centred = x.detach().to(mean.dtype) - mean.reshape(per_channel)
            scaled = centred / (variance + eps).sqrt().reshape(per_channel)
            if gamma is not None:
                scaled = scaled * gamma.detach().reshape(per_channel)
            return Carried.apply(y, scaled.to(dtype)).movedim(1, channels)
        # torch updates the running statistics in place, without a derivative. Half types go
        # through float32 as a whole, so that x's two cotangents are added there.
        x = x.to(mean.dtype)
        new, old = momentum, 1 - momentum
        if momentum_of == "old":
            new, old = old, new
        moved = mean.detach().clone(), variance.detach().clone()
        y = functional.batch_norm(x, *moved, gamma, beta, True, new, eps)
        over = [0, *range(2, x.ndim)]
        seen = torch.var(x, over, correction=int(unbiased))
        mean = Carried.apply(moved[0], old * mean + new * x.mean(over))
        after = old * variance + new * seen
        variance = Carried.apply(moved[1], after) if unbiased else after
        return y.movedim(1, channels).to(dtype), mean.to(dtype), variance.to(dtype)

    def dropout(
        x: Any,
        mask: Any = None,
        rate: float = 0.0,
        scale: str = "inverted",
        training: bool = True,
    ) -> Any:
        # torch draws its own mask; this is what it does with it.
        match (scale, training):
            case ("inverted", True):
                return x * (mask / (1 - rate))
            case ("at_test", True):
                return x * mask
            case ("at_test", False):
                return x * (1 - rate)
            case _:
                return x.clone()

    return Family(
        {
            "batch_norm": batch_norm,
            "dropout": dropout,
            "group_norm": group_norm,
            "layer_norm": layer_norm,
        },
        rounds_between=frozenset({"dropout", "layer_norm"}),
    )
