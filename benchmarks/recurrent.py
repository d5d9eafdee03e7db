"""A recurrent network (tanh) over a sequence with its VJP, in refnet and in PyTorch eager.

Both read the same sequence and weights and pull the same cotangents of all states back to the
sequence, the initial state and the weights. float32; refnet is `rn.rnn.with_vjp` and its VJP,
PyTorch `torch.nn.RNN` and its automatic differentiation.
"""

from __future__ import annotations

import statistics
import timeit
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import refnet as rn


class Recurrence(NamedTuple):
    """Sizes of a recurrent network, of its batch and of its sequence."""

    steps: int
    batch: int
    features: int
    hidden: int
    at_most: float  # ratio of refnet's time to PyTorch's that the project promises

    @property
    def name(self) -> str:
        """The sizes in words."""
        sizes = f"{self.features}-{self.hidden} over {self.steps} steps"
        return f"rnn {sizes} with VJP, batch {self.batch}"


RECURRENCES = (
    Recurrence(8, 100, 2, 8, 0.7),
    Recurrence(8, 100, 2, 16, 0.7),
    Recurrence(8, 64, 16, 32, 0.7),
    Recurrence(8, 64, 32, 64, 0.7),
)


class Timing(NamedTuple):
    """Medians over the repetitions: seconds per pass of either side, and their ratio."""

    recurrence: Recurrence
    refnet: float
    torch: float
    ratio: float


def arrays(r: Recurrence) -> tuple[list[Any], Any]:
    """Return xs, h0, w_x, w_h and b, and the cotangent of the states."""
    rng = np.random.default_rng(1)
    shapes = (
        (r.steps, r.batch, r.features),
        (r.batch, r.hidden),
        (r.features, r.hidden),
        (r.hidden, r.hidden),
        (r.hidden,),
        (r.steps, r.batch, r.hidden),
    )
    scale = 1 / np.sqrt(r.hidden)
    *inputs, dhs = [rng.standard_normal(s).astype(np.float32) for s in shapes]
    return [*inputs[:2], *(np.float32(scale) * w for w in inputs[2:])], dhs


def refnet_pass(inputs: list[Any], dhs: Any) -> Callable[[], Any]:
    """Return a function that computes states and cotangents in refnet each time it is called."""

    def run() -> Any:
        (hs, _), vjp = rn.rnn.with_vjp(*inputs)
        return hs, vjp((dhs, None))

    return run


def torch_pass(inputs: list[Any], dhs: Any) -> Callable[[], Any]:
    """Return a function that computes states and cotangents in PyTorch each time it is called."""
    import torch

    xs, h0, w_x, w_h, b = (torch.from_numpy(a) for a in inputs)
    network = torch.nn.RNN(w_x.shape[0], w_x.shape[1])
    network.load_state_dict(
        {
            "weight_ih_l0": w_x.T,
            "weight_hh_l0": w_h.T,
            "bias_ih_l0": b,
            "bias_hh_l0": torch.zeros_like(b),
        }
    )
    leaves = [xs.requires_grad_(), h0[None].requires_grad_(), *network.parameters()]
    cotangent = torch.from_numpy(dhs)

    def run() -> Any:
        hs, _ = network(leaves[0], leaves[1])
        return hs, torch.autograd.grad(hs, leaves, cotangent)

    return run


def measure(recurrence: Recurrence, repetitions: int = 25, seconds: float = 0.05) -> Timing:
    """Time both sides in turn, so that both see the same machine; the ratio is of each pair."""
    inputs, dhs = arrays(recurrence)
    passes = (refnet_pass(inputs, dhs), torch_pass(inputs, dhs))
    counts = []
    for one in passes:
        timeit.timeit(one, number=20)  # warm up
        counts.append(max(1, round(seconds / (timeit.timeit(one, number=10) / 10))))
    pairs = []
    for _ in range(repetitions):
        pairs.append([timeit.timeit(f, number=n) / n for f, n in zip(passes, counts, strict=True)])
    return Timing(
        recurrence,
        statistics.median(p[0] for p in pairs),
        statistics.median(p[1] for p in pairs),
        statistics.median(p[0] / p[1] for p in pairs),
    )
