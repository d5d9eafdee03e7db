"""A small training loop with everything recorded, and ways to change it from a step on."""

from __future__ import annotations

import numpy as np

import refnet as rn
from parity.trace import Recorder, Recording, named

STEPS = 12


def unchanged(part, step, value):
    return value


def run(path, change=unchanged, *, dtype="float32", lr=0.2, steps=STEPS, reverse=False):
    """Dense, ReLU, dropout, dense under SGD with momentum; ``change(part, step, value)`` is asked
    for each part of each step.
    """
    rng = np.random.default_rng(3)
    draw = {"fc1.w": (6, 5), "fc1.b": (5,), "fc2.w": (5, 3), "fc2.b": (3,)}
    p = {n: rng.standard_normal(s).astype(dtype) / 2 for n, s in draw.items()}
    p = change("parameters", 0, p)
    data = rng.standard_normal((steps + 1, 8, 6)).astype(dtype)
    labels = rng.integers(0, 3, (steps + 1, 8))
    masks = rng.random((steps + 1, 8, 5)) < 0.8
    v = {n: np.zeros_like(a) for n, a in p.items()}
    with Recorder(path, dtype=dtype) as rec:
        rec.write(0, named(slots={"momentum_buffer": v}, parameters=p))
        for i in range(1, steps + 1):
            index = change("batch", i, i)
            x, t = data[index], labels[index]
            mask = change("mask", i, masks[i]).astype(dtype)
            order = slice(None, None, -1) if reverse else slice(None)
            x, t, mask = (a[order] for a in (x, t, mask))
            z = rn.dense(x, p["fc1.w"], p["fc1.b"])
            h = rn.relu(z) * mask
            y = rn.dense(h, p["fc2.w"], p["fc2.b"])
            loss = rn.softmax_cross_entropy(y, t)
            (dy, _) = rn.softmax_cross_entropy.vjp(np.ones_like(loss), y, t)
            dh, dw2, db2 = rn.dense.vjp(dy, h, p["fc2.w"], p["fc2.b"])
            (dz,) = rn.relu.vjp(dh * mask, z)
            _, dw1, db1 = rn.dense.vjp(dz, x, p["fc1.w"], p["fc1.b"])
            g = {"fc1.w": dw1, "fc1.b": db1, "fc2.w": dw2, "fc2.b": db2}
            g = change("gradients", i, g)
            rate = change("lr", i, lr)
            v = change("slots", i, {n: (a * 0.9 + g[n]).astype(dtype) for n, a in v.items()})
            p = {n: (a - rate * v[n]).astype(dtype) for n, a in p.items()}
            p = change("parameters", i, p)
            step = named(
                batch={"x": x[order], "t": t[order]},
                masks={"drop": mask[order] > 0},
                branches={"relu 0": (z > 0)[order]},
                loss=change("loss", i, loss),
                gradients=g,
                options={"lr": [rate]},
                slots={"momentum_buffer": v},
                parameters=p,
            )
            # In an order of its own: the order within a step is that of the kinds.
            rec.write(i, dict(reversed(step.items())))
    return Recording(path)


def at(part, step, f, later=False):
    """Return a change of one part at a step, or from it on."""

    def change(which, i, value):
        return f(value) if which == part and (i == step or (later and i > step)) else value

    return change
