"""Lockstep notices what a single step does wrong, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from parity.backends import adapter
from parity.backends.base import Step
from parity.bounds.base import oracle_dtype
from parity.case import TrainingCase
from parity.registry import select
from parity.trajectory.data import Batches, load
from parity.trajectory.lockstep import LIMIT, Sides, _Joined, compare, lockstep, tensors
from parity.trajectory.run import initial_params, trainer
from parity.trajectory.twins import TwinError

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


@pytest.mark.parametrize(("dtype", "wide"), [("f4", "f8"), ("f8", "g")])
def test_norms_neither_overflow_nor_underflow(dtype, wide):
    info = np.finfo(dtype)
    for scale in (info.smallest_subnormal, 1, info.max / 8):
        a = (scale * np.array([3.0, -4.0])).astype(wide)
        joined = _Joined({"one": np.zeros((2, 1), wide), "other": a})
        (rms_zero, rms), (high_zero, high) = joined.norms(joined.wanted)
        assert (rms_zero, high_zero) == (0, 0)
        assert float(rms / a[0]) == pytest.approx(np.sqrt(12.5) / 3)
        assert high == -a[1]


def step(**changes):
    """A step with one parameter; ``changes`` replace arrays of its parts."""
    made = {"loss": 1.0, "grads": 2.0, "params": 3.0, "slots": 4.0} | changes
    arrays = {k: np.array([v, 1.0]) for k, v in made.items()}
    grads, params, slots = ({"w": arrays[k]} for k in ("grads", "params", "slots"))
    return Step(arrays["loss"][:1], grads, params, {"buffer": slots}, {})


def test_tensors_come_in_the_order_in_which_a_step_computes_them():
    def table(*names):
        return {n: np.zeros(1) for n in names}

    s = Step(0.0, table("fc1", "fc2"), table("fc1", "fc2"), {"m": table("fc1"), "v": {}}, {})
    assert list(tensors(s)) == [
        "loss", "gradient of fc2", "gradient of fc1", "m of fc1", "fc1", "fc2",
    ]  # fmt: skip


def compared(oracle, plain, twins, subject, backend):
    scale = [tensors(s) for s in (plain, *twins)]
    sides = tensors(subject), tensors(backend)
    found = compare(3, 2.0**-24, tensors(oracle), scale, sides)
    assert all(r.step == 3 for r in found)
    return {r.tensor: (r.subject, r.backend) for r in found}


def test_a_ratio_is_the_distance_on_the_scale_of_plain_step_and_twins():
    plain, twin = step(params=3.0 + 2e-6), step(params=3.0 - 4e-6)
    found = compared(step(), plain, [twin], plain, step(params=3.0 + 9e-6))
    mine, theirs = found["w"]
    allowed = 4e-6 + 2.0**-24 * 3  # of the largest element
    assert mine == pytest.approx(2e-6 / allowed, rel=0.01)
    assert theirs == pytest.approx(9e-6 / allowed, rel=0.01)
    assert found["loss"] == found["gradient of w"] == found["buffer of w"] == (0, 0)


def test_what_is_not_finite_is_infinitely_far_and_no_scale_for_others():
    for bad in (np.nan, np.inf):
        lost = step(params=bad)
        assert compared(step(), lost, [lost], lost, step())["w"] == (np.inf, 0)
        assert compared(step(), lost, [lost], lost, step(params=3.1))["w"][1] > 1e5
        assert compared(lost, lost, [lost], lost, step())["w"] == (np.inf, np.inf)
        with pytest.raises(TwinError, match="left the finite numbers"):
            compared(step(), step(), [lost], step(), step())


def test_tensors_without_elements_have_to_be_there():
    empty = step()._replace(grads={"w": np.zeros((0, 3))})
    found = compared(empty, empty, [empty], empty, step())
    assert found["gradient of w"] == (0, np.inf)
    assert compared(empty, empty, [empty], empty, empty)["gradient of w"] == (0, 0)


def test_cases_are_of_the_length_that_the_design_asks_for():
    runs = [c for c in select([]) if isinstance(c, TrainingCase)]
    assert all(c.steps >= 100 for c in runs)
