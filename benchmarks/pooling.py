"""Pooling by windows of 2 x 2 cells with its VJP, in refnet and in PyTorch eager.

Both read the same float32 images, refnet with the channels last. PyTorch has them contiguous with
the channels first, its default, or in its memory format ``channels_last``, for which it has other
kernels; how its tensors lie is not timed.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import refnet as rn
from benchmarks.side_by_side import Call, Comparison

SHAPE = (64, 28, 28, 32)
KERNEL = 2


def comparisons() -> list[Comparison]:
    """Return maximum and mean, beside PyTorch in either memory format."""
    rng = np.random.default_rng(1)
    n, h, w, c = SHAPE
    x = rng.standard_normal(SHAPE).astype(np.float32)
    dy = rng.standard_normal((n, h // KERNEL, w // KERNEL, c)).astype(np.float32)
    return [
        Comparison(
            f"{kind}_pool2d {KERNEL}x{KERNEL}, {'x'.join(map(str, SHAPE))}, forward + VJP",
            f"PyTorch, {memory}",
            _refnet(kind, x, dy),
            _torch(kind, memory, x, dy),
            at_most,
        )
        for memory, at_most in (("contiguous", 0.9), ("channels last", None))
        for kind in ("max", "avg")
    ]


def _refnet(kind: str, x: Any, dy: Any) -> Call:
    op: Any = {"max": rn.max_pool2d, "avg": rn.avg_pool2d}[kind]

    def call() -> Any:
        _, vjp = op.with_vjp(x, kernel=KERNEL)
        return vjp(dy)

    return call


def _torch(kind: str, memory: str, x: Any, dy: Any) -> Call:
    import torch

    functional = torch.nn.functional
    op: Any = {"max": functional.max_pool2d, "avg": functional.avg_pool2d}[kind]
    form = torch.channels_last if memory == "channels last" else torch.contiguous_format
    images, cotangent = (
        torch.from_numpy(a).permute(0, 3, 1, 2).contiguous(memory_format=form) for a in (x, dy)
    )
    images.requires_grad_()
    return lambda: torch.autograd.grad(op(images, KERNEL), images, cotangent)
