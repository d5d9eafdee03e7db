"""Batch normalisation in training, forward and VJP, in refnet and in PyTorch.

refnet has the channels last, PyTorch has them first and contiguous, or last as well: each in the
layout that it does best, and in the one that both share.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import refnet as rn
from benchmarks.side_by_side import Call, Comparison

SHAPE = (64, 28, 28, 32)


def comparisons() -> list[Comparison]:
    """Return a batch of images, beside PyTorch in either memory format."""
    rng = np.random.default_rng(1)
    x, dy = rng.standard_normal((2, *SHAPE)).astype(np.float32)
    gamma, beta = rng.standard_normal((2, SHAPE[-1])).astype(np.float32)

    def refnet() -> Any:
        y, vjp = rn.batch_norm.with_vjp(x, gamma, beta)
        return y, vjp(dy)

    return [
        Comparison(
            f"batch_norm, {'x'.join(map(str, SHAPE))}, forward + VJP",
            f"PyTorch, {memory}",
            refnet,
            _torch(memory, x, gamma, beta, dy),
            at_most,
        )
        for memory, at_most in (("contiguous", 2.5), ("channels last", None))
    ]


def _torch(memory: str, x: Any, gamma: Any, beta: Any, dy: Any) -> Call:
    import torch

    form = torch.channels_last if memory == "channels last" else torch.contiguous_format
    images, dimages = (
        torch.from_numpy(a).permute(0, 3, 1, 2).contiguous(memory_format=form) for a in (x, dy)
    )
    scale, shift = torch.from_numpy(gamma), torch.from_numpy(beta)
    leaves = [images.requires_grad_(), scale.requires_grad_(), shift.requires_grad_()]

    def call() -> Any:
        y = torch.nn.functional.batch_norm(images, None, None, scale, shift, training=True)
        return y, torch.autograd.grad(y, leaves, dimages)

    return call
