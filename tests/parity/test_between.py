"""Pairs of sides: the first stands for what is expected, and each may be off by its own bound."""

from __future__ import annotations

import numpy as np
import pytest

from parity import Adapter, Functions
from parity.backends import adapter
from parity.between import run_between
from parity.registry import select
from parity.result import Status
from tests.parity.own_judges import Alike, Fourth, Raising, Second, Third

TORCH, SECOND, THIRD, ALIKE = adapter("torch"), Second(), Third(), Alike()


def found(case, one, other, dtype="float32"):
    (case,) = select([case])
    return run_between(case, dtype, one, other, 0)


@pytest.mark.parametrize(
    "case",
    ["square/typical", "softmax/typical", "max_pool2d/dilation", "lstm/typical", "adam/half"],
)
def test_sides_that_do_the_same_agree(case):
    for dtype in select([case])[0].dtypes:
        for one, other in ((TORCH, SECOND), (THIRD, ALIKE), (TORCH, adapter("refnet"))):
            c = found(case, one, other, dtype)
            assert c.status is Status.PASS, c.reason
            assert (c.subject, c.backend) == (one.name, other.name)


@pytest.mark.parametrize("case", ["square/typical", "adam/defaults"])
def test_sides_that_do_not_part(case):
    for one, other in ((TORCH, THIRD), (THIRD, TORCH), (THIRD, Fourth())):
        c = found(case, one, other)
        assert c.status is Status.FAIL
        assert c.other.outside > 0
        assert c.reason == c.other.worst


def test_the_sides_bounds_add_up():
    """The bound of a square is half an ulp; two of them are one."""
    here, above, far = (Shifted("own", ulps) for ulps in range(3))
    for one, other in ((here, above), (above, here), (above, far)):
        c = found("square/typical", one, other)
        assert c.status is Status.PASS
        assert 0.5 < c.other.ratio <= 1
    assert found("square/typical", here, far).status is Status.FAIL


def test_what_cannot_be_measured_says_why():
    c = found("he_normal/defaults", TORCH, SECOND)
    assert c.status is Status.UNSUPPORTED
    assert c.reason == "samples are not compared with one another"
    c = found("square/typical", TORCH, Raising())
    assert c.status is Status.ERROR
    assert "out of order" in c.reason


def test_a_side_without_a_vjp_is_compared_forward():
    own = Shifted("own", 0)
    c = found("square/typical", TORCH, own)
    assert c.status is Status.PASS
    assert found("square/typical", own, TORCH).other == c.other


def test_a_side_that_changes_its_inputs_agrees_with_nobody():
    def square(x):
        x *= x
        return x

    writing = Shifted("writing", 0)
    writing.operations = lambda: {"square": Functions(square)}
    for pair in ((TORCH, writing), (writing, TORCH)):
        assert found("square/typical", *pair).reason == "it changed its inputs"


class Shifted(Adapter):
    """A square some ulps too large, without a VJP."""

    def __init__(self, name, ulps):
        self.name, self.ulps = name, ulps

    def operations(self):
        def square(x):
            y = x * x
            for _ in range(self.ulps):
                y = np.nextafter(y, np.inf, dtype=y.dtype)
            return y

        return {"square": Functions(square)}
