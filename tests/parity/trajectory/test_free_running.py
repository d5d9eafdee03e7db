from __future__ import annotations

import numpy as np
import pytest

from parity.backends import adapter
from parity.registry import select
from parity.trajectory.data import Batches, in_dtype, load
from parity.trajectory.free_running import ENVELOPE, POINTS, advance, start, summed_up
from parity.trajectory.lockstep import Sides
from parity.trajectory.run import initial_params, trainer

(XOR,) = select(["xor/momentum"])
STEPS, FOLLOW = 45, 30


class Changed:
    def __init__(self, change):
        self.inner, self.change = trainer(XOR, adapter("refnet")), change

    def slots(self, params):
        return self.inner.slots(params)

    def step(self, params, slots, done, x, t):
        return self.change(self.inner.step(params, slots, done, x, t), done)


def free(backend=None, subject=None, dtype="float64", steps=STEPS, follow=FOLLOW):
    refnet = trainer(XOR, adapter("refnet"))
    backend = backend or trainer(XOR, adapter("torch"))
    return run(Sides(refnet, refnet, subject or refnet, backend), dtype, steps, follow)


def run(sides, dtype, steps, follow):
    data = load(XOR.data)
    batches = Batches(data, XOR.batch_size, "key")
    running = start(sides, initial_params(XOR, data, dtype, 0))
    for t in range(steps):
        advance(sides, running, in_dtype(batches.at(t), dtype), "key", follow)
        assert len(running.twins) == (5 if t + 1 < follow and not running.horizon else 0)
    return summed_up(running, follow)


def test_torch_stays_within_what_twins_show():
    found = free()
    assert (found.steps, found.followed, found.horizon) == (STEPS, FOLLOW, None)
    assert 0 < found.distance <= 10 * found.envelope < ENVELOPE
    assert found.growth > 0
    assert found.losses[-1][0] == STEPS
    assert len(found.losses) <= POINTS
    updates, distances, envelopes = zip(*found.trail, strict=True)
    assert (len(updates), updates[0], updates[-1]) == (POINTS, 1, FOLLOW)
    assert list(updates) == sorted(set(updates))
    assert list(envelopes) == sorted(envelopes)
    assert (distances[-1], envelopes[-1]) == pytest.approx((found.distance, found.envelope), 1e-3)
    for _, mine, theirs in found.losses:
        assert mine == pytest.approx(theirs, rel=1e-9)
    mine, theirs = found.finals
    assert mine.keys() == theirs.keys()
    for name in mine:
        np.testing.assert_allclose(mine[name], theirs[name], rtol=1e-8, atol=1e-12)


def test_a_branch_that_differs_ends_what_is_claimed():
    def flip(s, done):
        return s if done < 7 else s._replace(branches={k: ~b for k, b in s.branches.items()})

    found = free(Changed(flip))
    assert (found.horizon, found.reason) == (8, "the sign of a relu differs")
    assert [row[0] for row in found.trail] == list(range(1, 8))


def test_a_class_that_differs_is_named():
    def flip(s, done):
        return s._replace(branches={"class": s.branches["class"] + 1})

    assert free(Changed(flip)).reason == "the class of a sample differs"


def test_a_side_that_drifts_shows_in_the_distance():
    def drift(s, done):
        return s._replace(params={n: p * (1 + 1e-9) for n, p in s.params.items()})

    found = free(Changed(drift))
    assert found.distance > 1e3 * found.envelope


def test_a_run_that_leaves_the_finite_numbers_has_a_horizon():
    def explode(s, done):
        return s._replace(params={n: p * 1e60 for n, p in s.params.items()})

    exploding = Changed(explode)
    with np.errstate(all="ignore"):
        found = run(Sides(exploding, exploding, exploding, exploding), "float64", 20, 20)
    assert found.horizon is not None
    assert "not finite" in found.reason or "apart" in found.reason or "differs" in found.reason


def test_a_subject_of_another_kind_is_run_beside_refnet():
    found = free(subject=trainer(XOR, adapter("torch")))
    assert all(a == b for _, a, b in found.losses)


def test_nothing_is_claimed_past_the_steps_that_twins_follow():
    assert free(steps=5, follow=3).followed == 3
    assert free(steps=3, follow=5).followed == 3
