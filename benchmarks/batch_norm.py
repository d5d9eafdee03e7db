"""Batch normalisation in training, forward and VJP, in refnet and in PyTorch.

refnet has the channels last, PyTorch has them first and contiguous, or last as well: each in the
layout that it does best, and in the one that both share.
"""

from __future__ import annotations

import statistics
import timeit
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import refnet as rn


class Batch(NamedTuple):
    """Sizes of a batch of images, and how PyTorch's lie in memory."""

    samples: int
    height: int
    width: int
    channels: int
    torch_layout: str
    at_most: float  # ratio of refnet's time to PyTorch's that the project promises

    @property
    def name(self) -> str:
        """The sizes and the layout in words."""
        shape = f"({self.samples},{self.height},{self.width},{self.channels})"
        return f"batch_norm forward + VJP {shape}, PyTorch {self.torch_layout}"


BATCHES = (
    Batch(64, 28, 28, 32, "channels first", 2.5),
    Batch(64, 28, 28, 32, "channels last", 2.5),
)


class Timing(NamedTuple):
    """Medians over the repetitions: seconds per call of either side, and their ratio."""

    batch: Batch
    refnet: float
    torch: float
    ratio: float


def refnet_call(x: Any, gamma: Any, beta: Any, dy: Any) -> Callable[[], Any]:
    """Return a function that normalises x and takes the cotangents."""

    def call() -> Any:
        y, vjp = rn.batch_norm.with_vjp(x, gamma, beta)
        return y, vjp(dy)

    return call


def torch_call(batch: Batch, x: Any, gamma: Any, beta: Any, dy: Any) -> Callable[[], Any]:
    """Return the same in PyTorch."""
    import torch

    form = torch.channels_last if batch.torch_layout == "channels last" else torch.contiguous_format
    images, dimages = (
        torch.from_numpy(a).permute(0, 3, 1, 2).contiguous(memory_format=form) for a in (x, dy)
    )
    scale, shift = torch.from_numpy(gamma), torch.from_numpy(beta)
    leaves = [images.requires_grad_(), scale.requires_grad_(), shift.requires_grad_()]

    def call() -> Any:
        y = torch.nn.functional.batch_norm(images, None, None, scale, shift, training=True)
        return y, torch.autograd.grad(y, leaves, dimages)

    return call


def measure(batch: Batch, repetitions: int = 25, seconds: float = 0.05) -> Timing:
    """Time both sides in turn, so that both see the same machine; the ratio is of each pair."""
    rng = np.random.default_rng(1)
    shape = (batch.samples, batch.height, batch.width, batch.channels)
    x, dy = rng.standard_normal((2, *shape)).astype(np.float32)
    gamma, beta = rng.standard_normal((2, batch.channels)).astype(np.float32)
    calls = (refnet_call(x, gamma, beta, dy), torch_call(batch, x, gamma, beta, dy))
    counts = []
    for call in calls:
        timeit.timeit(call, number=3)  # warm up
        counts.append(max(1, round(seconds / (timeit.timeit(call, number=3) / 3))))
    pairs = []
    for _ in range(repetitions):
        pairs.append([timeit.timeit(c, number=n) / n for c, n in zip(calls, counts, strict=True)])
    return Timing(
        batch,
        statistics.median(p[0] for p in pairs),
        statistics.median(p[1] for p in pairs),
        statistics.median(p[0] / p[1] for p in pairs),
    )
