"""Two sides that part from refnet, beside one another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from parity.backends import adapter
from parity.registry import select
from parity.trajectory.between import between
from tests.parity.own_judges import Alike, Fourth, Second, Third

(XOR,) = select(["xor/momentum"])
THIRD = Third()


def distance(one, other, steps=3, dtype="float32"):
    return between(replace(XOR, steps=steps), dtype, one, other, 0)


@pytest.mark.parametrize("dtype", XOR.dtypes)
def test_sides_that_do_the_same_are_close(dtype):
    for one, other in (
        (THIRD, Alike()),
        (adapter("torch"), Second()),
        (adapter("refnet"), Second()),
    ):
        assert distance(one, other, dtype=dtype).within
    assert distance(THIRD, Alike(), dtype=dtype).ratio == 0


def test_sides_that_do_not_part_in_the_tensor_that_differs():
    for one, other in ((THIRD, Fourth()), (Fourth(), THIRD), (THIRD, Second())):
        found = distance(one, other)
        assert not found.within
        assert found.outside == 1
        assert found.worst == "loss at step 3"
        # One percent of the loss, on the scale of roundings of about 1e-7, and of twice the limit.
        assert 1e2 < found.ratio < 1e5


class Slots:
    """A trainer whose slots start from another value."""

    def __init__(self, inner, start):
        self.inner, self.start = inner, start

    def slots(self, params):
        return {
            k: {n: v + self.start for n, v in s.items()}
            for k, s in self.inner.slots(params).items()
        }


class Started(Second):
    name = "started"

    def trainers(self):
        return {"xor": lambda *args: Slots(super(Started, self).trainers()["xor"](*args), 0.5)}


def test_before_the_first_step_slots_are_the_same_or_not():
    assert distance(THIRD, Second(), steps=0).within
    assert distance(Started(), Started(), steps=0).within
    found = distance(THIRD, Started(), steps=0)
    assert found.ratio == float("inf")
    assert found.worst == "momentum_buffer of fc1.w at step 0"
    assert found.outside == 4
