"""Peak memory of a convolution beside what it cannot do without."""

from __future__ import annotations

import tracemalloc

import numpy as np

import refnet as rn
from benchmarks.convolution import CONVOLUTIONS
from refnet.convolution import BUFFER

AT_MOST = 1.3


def rows() -> list[list[str]]:
    """Return the peak of every convolution as a share of input, output and one window buffer."""
    table = []
    for c in CONVOLUTIONS:
        rng = np.random.default_rng(1)
        x = rng.standard_normal(c.x).astype(np.float32)
        w = rng.standard_normal((c.kernel, c.kernel, c.x[3], c.channels)).astype(np.float32)
        rn.conv2d(x[:1], w, stride=c.stride, padding="SAME")  # what is allocated once and for all
        tracemalloc.start()
        y = rn.conv2d(x, w, stride=c.stride, padding="SAME")
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        needed = x.nbytes + y.nbytes + BUFFER
        share = (x.nbytes + peak) / needed  # x was there before
        table.append([f"conv2d {c.name}", _mib(x.nbytes + peak), _mib(needed), f"{share:.2f}"])
    return [[*row, f"{AT_MOST:.2f}"] for row in table]


def _mib(n: int) -> str:
    return f"{n / 2**20:.1f} MiB"
