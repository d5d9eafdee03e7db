"""A recurrent network (tanh) over a sequence with its VJP, in refnet and in PyTorch eager.

Both read the same sequence and weights and pull the same cotangents of all states back to the
sequence, the initial state and the weights. float32; refnet is `rn.rnn.with_vjp` and its VJP,
PyTorch `torch.nn.RNN` and its automatic differentiation.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import refnet as rn
from benchmarks.side_by_side import Call, Comparison

STEPS = 8
# Batch, features, hidden units.
SIZES = ((100, 2, 8), (100, 2, 16), (64, 16, 32), (64, 32, 64))


def comparisons() -> list[Comparison]:
    """Return networks of several sizes."""
    found = []
    for batch, features, hidden in SIZES:
        inputs, dhs = _arrays(batch, features, hidden)
        name = f"rnn {features}-{hidden} over {STEPS} steps, batch {batch}, forward + VJP"
        found.append(Comparison(name, "PyTorch", _refnet(inputs, dhs), _torch(inputs, dhs), 0.7))
    return found


def _arrays(batch: int, features: int, hidden: int) -> tuple[list[Any], Any]:
    """Return xs, h0, w_x, w_h and b, and the cotangent of the states."""
    rng = np.random.default_rng(1)
    shapes = (
        (STEPS, batch, features),
        (batch, hidden),
        (features, hidden),
        (hidden, hidden),
        (hidden,),
        (STEPS, batch, hidden),
    )
    scale = np.float32(1 / np.sqrt(hidden))
    *inputs, dhs = [rng.standard_normal(s).astype(np.float32) for s in shapes]
    return [*inputs[:2], *(scale * w for w in inputs[2:])], dhs


def _refnet(inputs: list[Any], dhs: Any) -> Call:
    def call() -> Any:
        (hs, _), vjp = rn.rnn.with_vjp(*inputs)
        return hs, vjp((dhs, None))

    return call


def _torch(inputs: list[Any], dhs: Any) -> Call:
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

    def call() -> Any:
        hs, _ = network(leaves[0], leaves[1])
        return hs, torch.autograd.grad(hs, leaves, cotangent)

    return call
