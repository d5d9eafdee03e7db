"""Implementations with a slip in them, and the runs that they leave."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from parity.backends.refnet import RefnetAdapter
from parity.case import TrainingCase
from parity.explain import explain, record
from parity.trace import Recorder, Recording


def case(optimizer: str, model: str = "xor", **options) -> TrainingCase:
    """Return a small training case under an optimizer."""
    small = {
        "xor": {"model": {"hidden": 5}, "data": "xor", "gain": 1.0},
        "dfn": {
            "model": {"hidden": 7, "classes": 10},
            "data": "digits",
            "gain": 0.2,
            "batch_size": 20,
        },
    }[model]
    return TrainingCase(model, optimizer, optimizer=optimizer, optimizer_options=options, **small)


class Changed(RefnetAdapter):
    """refnet with other fields in its optimizer, or with something done to each step."""

    name = "changed"

    def __init__(self, fields=None, step=None) -> None:
        self.fields, self.changed_step = fields or {}, step

    def trainers(self):
        return {name: self._wrapped(make) for name, make in super().trainers().items()}

    def _wrapped(self, make):
        def made(model, optimizer, options):
            own = make(model, optimizer, options)
            own = own.with_optimizer(replace(own.optimizer, **self.fields))
            if self.changed_step is not None:
                plain = own.step
                own.step = lambda *args: self.changed_step(own, plain, *args)
            return own

        return made


def explained(path, case, side, *, dtype="float32", steps=30):
    """Record a case's run on a side, and return what explains it."""
    record(case, side, dtype, path, steps=steps)
    return explain(Recording(path), case)


def rewritten(path, source, change, **info):
    """Write a recording of ``change(step, tensors)`` of each step; None leaves it out."""
    recording = Recording(source)
    with Recorder(path, **{**recording.info, **info}) as recorder:
        for step in recording:
            tensors = change(step.step, dict(step.tensors))
            if tensors is not None:
                recorder.write(step.step, tensors)
    return Recording(path)


def with_gradients(change):
    """Return a step whose gradients are changed: ``change(gradients, done)``."""

    def step(own, plain, params, slots, done, x, t):
        taken = plain(params, slots, done, x, t)
        return updated(own.optimizer, taken, params, slots, done, change(taken.grads, done))

    return step


def scaled_gradient(factor):
    """Return a step whose gradients are a multiple of the model's."""

    return with_gradients(lambda grads, _: {k: g * g.dtype.type(factor) for k, g in grads.items()})


def updated(opt, taken, params, slots, done, grads):
    """Return a step with other gradients, and the update that they make."""
    state = opt.init(params)._replace(step=done, **slots)
    moved, after = opt.update(params, grads, state)
    kept = {k: dict(v) for k, v in after._asdict().items() if k != "step" and v}
    return taken._replace(grads=grads, params=moved, slots=kept)


def in_bfloat16(own, plain, params, slots, done, x, t):
    """Compute the gradients in bfloat16, and the rest in the dtype asked for."""
    half = np.dtype("bfloat16")
    narrow = {k: v.astype(half) for k, v in params.items()}
    own_slots = {k: {n: a.astype(half) for n, a in v.items()} for k, v in slots.items()}
    taken = plain(narrow, own_slots, done, x.astype(half), t)
    grads = {k: g.astype(x.dtype) for k, g in taken.grads.items()}
    return updated(own.optimizer, taken, params, slots, done, grads)
