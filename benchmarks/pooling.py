"""Pooling by windows of 2 x 2 cells with its VJP, in refnet and in PyTorch eager.

Both read the same float32 images, refnet with the channels last. PyTorch has them contiguous with
the channels first, its default, or in its memory format ``channels_last``, for which it has other
kernels; how its tensors lie is not timed.
"""

from __future__ import annotations

import statistics
import timeit
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import refnet as rn

SHAPE = (64, 28, 28, 32)
KERNEL = 2


class Pool(NamedTuple):
    """What is pooled to, and how PyTorch's tensors lie in memory."""

    kind: str  # max or avg
    memory: str  # contiguous_format or channels_last
    at_most: float | None  # ratio of refnet's time to PyTorch's that the project promises, if any

    @property
    def name(self) -> str:
        """The operation and the shape in words."""
        sizes = "x".join(map(str, SHAPE))
        return f"{self.kind}_pool2d {KERNEL}x{KERNEL}, {sizes}, PyTorch {self.memory}"


POOLS = (
    Pool("max", "contiguous_format", 0.9),
    Pool("avg", "contiguous_format", 0.9),
    Pool("max", "channels_last", None),
    Pool("avg", "channels_last", None),
)


class Timing(NamedTuple):
    """Medians over the repetitions: seconds of either side, and their ratio."""

    pool: Pool
    refnet: float
    torch: float
    ratio: float


def refnet_step(pool: Pool, x: Any, dy: Any) -> Callable[[], Any]:
    """Return a function that pools in refnet and takes the VJP each time it is called."""
    op: Any = {"max": rn.max_pool2d, "avg": rn.avg_pool2d}[pool.kind]

    def step() -> Any:
        _, vjp = op.with_vjp(x, kernel=KERNEL)
        return vjp(dy)

    return step


def torch_step(pool: Pool, x: Any, dy: Any) -> Callable[[], Any]:
    """Return a function that pools in PyTorch and back-propagates each time it is called."""
    import torch

    functional = torch.nn.functional
    op: Any = {"max": functional.max_pool2d, "avg": functional.avg_pool2d}[pool.kind]
    memory = getattr(torch, pool.memory)
    images, cotangent = (
        torch.from_numpy(a).permute(0, 3, 1, 2).contiguous(memory_format=memory) for a in (x, dy)
    )
    images.requires_grad_()

    def step() -> Any:
        return torch.autograd.grad(op(images, KERNEL), images, cotangent)

    return step


def measure(pool: Pool, repetitions: int = 25, seconds: float = 0.05) -> Timing:
    """Time both sides in turn, so that both see the same machine; the ratio is of each pair."""
    rng = np.random.default_rng(1)
    n, h, w, c = SHAPE
    x = rng.standard_normal(SHAPE).astype(np.float32)
    dy = rng.standard_normal((n, h // KERNEL, w // KERNEL, c)).astype(np.float32)
    steps = (refnet_step(pool, x, dy), torch_step(pool, x, dy))
    counts = []
    for step in steps:
        timeit.timeit(step, number=5)  # warm up
        counts.append(max(1, round(seconds / (timeit.timeit(step, number=5) / 5))))
    pairs = []
    for _ in range(repetitions):
        pairs.append([timeit.timeit(s, number=n) / n for s, n in zip(steps, counts, strict=True)])
    return Timing(
        pool,
        statistics.median(p[0] for p in pairs),
        statistics.median(p[1] for p in pairs),
        statistics.median(p[0] / p[1] for p in pairs),
    )
