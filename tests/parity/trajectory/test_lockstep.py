"""Lockstep notices what a single step does wrong, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from parity.backends import adapter
from parity.bounds.base import oracle_dtype
from parity.registry import select
from parity.trajectory.data import Batches, load
from parity.trajectory.lockstep import LIMIT, Sides, _norms, lockstep
from parity.trajectory.run import initial_params, trainer

STEPS = 6
(XOR,) = select(["xor/momentum"])
REFNET = adapter("refnet")


class Changed:
    """refnet's trainer with its steps changed."""

    def __init__(self, change, slots=lambda s: s):
        self.inner, self.change, self._slots = trainer(XOR, REFNET), change, slots

    def slots(self, params):
        return self._slots(self.inner.slots(params))

    def step(self, params, slots, done, x, t):
        return self.change(self.inner.step(params, slots, done, x, t), done)


def ratios(subject, backend=None, dtype="float32", steps=STEPS):
    data = load(XOR.data)
    refnet = trainer(XOR, REFNET)
    sides = Sides(refnet, refnet, subject, backend or trainer(XOR, adapter("torch")))
    params = initial_params(XOR, data, dtype, 0)
    batches = Batches(data, XOR.batch_size, "key")
    wide = oracle_dtype(dtype)
    return list(lockstep(sides, params, batches, dtype, wide, "key", steps))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_correct_sides_are_far_below_the_limit(dtype):
    found = ratios(trainer(XOR, REFNET), dtype=dtype)
    # The loss, and gradient, value and momentum buffer of four parameters; buffers alone before.
    assert len(found) == 4 + STEPS * (1 + 3 * 4)
    assert {r.step for r in found} == set(range(STEPS + 1))
    assert max(r.subject for r in found) <= 1  # refnet is one of those that set the scale
    assert max(r.backend for r in found) < LIMIT


def off(kind, name, by=1e-3, step=3):
    def change(s, done):
        if done != step - 1:
            return s
        if kind == "loss":
            return s._replace(loss=s.loss * (1 + by))
        if kind == "momentum_buffer":
            table = {n: v * (1 + by) if n == name else v for n, v in s.slots[kind].items()}
            return s._replace(slots={kind: table})
        table = {n: v * (1 + by) if n == name else v for n, v in getattr(s, kind).items()}
        return s._replace(**{kind: table})

    return change


@pytest.mark.parametrize(
    ("kind", "name", "tensor"),
    [
        ("loss", "", "loss"),
        ("grads", "fc1.b", "gradient of fc1.b"),
        ("params", "fc2.w", "fc2.w"),
        ("momentum_buffer", "fc1.w", "momentum_buffer of fc1.w"),
    ],
)
def test_one_tensor_off_at_one_step_is_found_there(kind, name, tensor):
    found = ratios(Changed(off(kind, name)))
    above = [(r.tensor, r.step) for r in found if r.subject > LIMIT]
    assert above == [(tensor, 3)]
    assert all(r.backend < LIMIT for r in found)


def test_a_side_that_is_off_does_not_carry_the_others_along():
    found = ratios(trainer(XOR, REFNET), Changed(off("params", "fc2.w", by=1.0, step=1)))
    assert [r.step for r in found if r.backend > LIMIT] == [1]


@pytest.mark.parametrize(
    ("change", "tensor"),
    [
        (lambda s, done: s._replace(loss=np.float32("nan")), "loss"),
        (lambda s, done: s._replace(grads={}), "gradient of fc1.w"),
        (lambda s, done: s._replace(params={**s.params, "fc3.w": s.loss}), "fc3.w"),
        (lambda s, done: s._replace(slots={}), "momentum_buffer of fc1.w"),
        (lambda s, done: s._replace(loss=s.loss[None]), "loss"),
    ],
)
def test_what_is_missing_or_no_number_is_infinitely_far(change, tensor):
    found = ratios(Changed(change), steps=1)
    assert any(r.tensor == tensor and r.subject == np.inf for r in found)


@pytest.mark.parametrize(
    "slots",
    [
        lambda s: {},
        lambda s: {**s, "second": s["momentum_buffer"]},
        lambda s: {"momentum_buffer": {n: v + 1 for n, v in s["momentum_buffer"].items()}},
    ],
)
def test_slots_are_compared_before_the_first_step(slots):
    found = ratios(Changed(lambda s, done: s, slots), steps=1)
    assert any(r.step == 0 and r.subject == np.inf for r in found)
    assert all(r.backend == 0 for r in found if r.step == 0)


def test_the_same_key_gives_the_same_ratios():
    assert ratios(trainer(XOR, REFNET), steps=2) == ratios(trainer(XOR, REFNET), steps=2)


def test_norms_neither_overflow_nor_underflow():
    for scale in (1e-200, 1.0, 1e200):
        rms, high = _norms(scale * np.array([3.0, -4.0]))
        assert rms == pytest.approx(scale * np.sqrt(12.5))
        assert high == 4 * scale
    assert _norms(np.zeros((0, 2))) == (0.0, 0.0)


def test_cases_are_of_the_length_that_the_design_asks_for():
    runs = select(["dfn", "xor"])
    assert all(c.steps >= 100 for c in runs)
