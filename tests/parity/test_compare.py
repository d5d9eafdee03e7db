from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from parity.compare import Deviation, measure, smallest_rtol, worst_of


def compared(actual, expected, limit, dtype="float32"):
    actual = np.asarray(actual, dtype)
    expected = np.asarray(expected, np.float64 if dtype != "float64" else np.longdouble)
    return measure(
        "y",
        actual,
        expected,
        np.broadcast_to(np.asarray(limit, expected.dtype), expected.shape),
        dtype,
    )


def test_what_is_measured():
    d = compared([1.0, 2.0, 4.0], [1.0, 2.0, 4.0 + 2**-20], 2**-19)
    assert d.within
    assert d.max_abs == 2**-20
    assert d.max_rel == pytest.approx(2**-22)
    assert d.max_ulp == pytest.approx(2)  # of 4, whose ulp is 2^-21
    assert d.ratio == 0.5
    assert d.elements == 3
    assert d.worst == "y[2] = 4, expected 4.00000095 +- 1.9e-06"


@pytest.mark.parametrize(
    ("actual", "expected", "limit"),
    [
        ([1.0, 1.1], [1.0, 1.0], 0.05),  # too far
        ([math.nan], [1.0], 10.0),
        ([1.0], [math.nan], 10.0),
        ([math.inf], [1.0], 10.0),
        ([1.0], [math.inf], 10.0),
        ([-math.inf], [math.inf], 10.0),
        ([math.inf], [math.nan], 10.0),
        ([math.nan], [math.inf], 10.0),
        ([-0.0], [0.0], 0.0),  # the sign of an exact zero
        ([0.0], [-0.0], 0.0),
        ([1.0], [1.0 + 1e-12], 0.0),  # exact means exact
        ([1.0], [2.0], math.nan),  # a bound that is NaN bounds nothing
        ([1.0], [2.0], math.inf),  # nor does an infinite one
        ([1.0], [1.0], math.inf),
        ([math.inf], [2.0**127], 1.0),  # far from rounding to infinity
        ([-math.inf], [2.0**128], 1.0),  # overflow on the wrong side
    ],
)
def test_what_is_outside(actual, expected, limit):
    d = compared(actual, expected, limit)
    assert not d.within
    assert d.differing == 1
    assert d.worst.startswith("y[")


@pytest.mark.parametrize(
    ("actual", "expected", "limit"),
    [
        ([math.nan, math.inf, -math.inf], [math.nan, math.inf, -math.inf], 0.0),
        ([-0.0], [0.0], 1e-45),  # where rounding may give either zero
        ([math.inf], [2.0**128], 1.0),  # the expected value rounds to infinity
        ([math.inf], [2.0**128 - 2.0**103], 0.0),  # the first that does
        ([2.0**127 * (2 - 2**-23)], [2.0**128 - 2.0**103], 2.0**103),
    ],
)
def test_what_is_within(actual, expected, limit):
    assert compared(actual, expected, limit).within


def test_a_nan_among_many_does_not_slip_through():
    expected = np.linspace(1, 2, 1000)
    actual = expected.astype(np.float32)
    assert compared(actual, expected, 1e-6).within
    actual[617] = np.nan
    d = compared(actual, expected, 1e-6)
    assert (d.mismatches, d.outside, d.within) == (1, 0, False)
    assert "y[617] = nan" in d.worst


@pytest.mark.parametrize(
    ("actual", "words"),
    [
        (np.zeros((3, 2), np.float32), r"of shape \(3, 2\) instead of \(2, 3\)"),
        (np.zeros((2, 3), np.float64), "of dtype float64 instead of float32"),
    ],
)
def test_another_shape_or_dtype_is_outside(actual, words):
    expected = np.zeros((2, 3))
    d = measure("dw", actual, expected, np.ones((2, 3)), "float32")
    assert not d.within
    assert d.differing == 6
    import re

    assert re.search(words, d.worst)


def test_no_elements_are_within_but_their_shape_counts():
    empty = np.zeros((0, 3), np.float32)
    assert measure("y", empty, np.zeros((0, 3)), np.zeros((0, 3)), "float32") == Deviation()
    assert not measure("y", empty, np.zeros((3, 0)), np.zeros((3, 0)), "float32").within


def test_a_scalar_has_no_index():
    assert compared(1.5, 1.0, 0.1).worst.startswith("y = 1.5, expected 1")


def test_float64_is_measured_in_longdouble():
    if np.finfo(np.longdouble).nmant <= np.finfo(np.float64).nmant:
        pytest.skip("longdouble is no wider here")
    expected = np.longdouble(1) + np.finfo(np.longdouble).eps
    assert compared([1.0], [expected], 0.0, "float64").outside == 1


@given(
    hnp.arrays(np.float32, st.integers(1, 20), elements=st.floats(-1e6, 1e6, width=32)),
    st.floats(0, 1e3),
    st.data(),
)
def test_ratio_and_verdict_agree(a, limit, data):
    gaps = data.draw(hnp.arrays(np.float64, a.shape, elements=st.floats(-2e3, 2e3)))
    expected = a.astype(np.float64) + gaps
    d = measure("y", a, expected, np.full(a.shape, limit), "float32")
    true = np.abs(expected - a.astype(np.float64))
    assert d.outside == (true > limit).sum()
    assert d.max_abs == true.max()
    signs = (a == 0) & (expected == 0) & (np.signbit(a) != np.signbit(expected)) & (limit == 0)
    assert d.mismatches == signs.sum()
    assert d.within == ((true <= limit).all() and not signs.any())


def test_worst_of_takes_the_largest_of_each():
    a = Deviation(1, 2, 3, 0.5, 0, 0, 4, "a")
    b = Deviation(2, 1, 4, 2.0, 1, 0, 5, "b")
    c = Deviation(0, 0, 0, math.inf, 0, 2, 1, "c")
    assert worst_of([a, b, c]) == Deviation(2, 2, 4, math.inf, 1, 2, 10, "c")
    assert worst_of([]) == Deviation()


@given(
    hnp.arrays(np.float32, 5, elements=st.floats(-100, 100, width=32)),
    hnp.arrays(np.float32, 5, elements=st.floats(0.5, 100, width=32)),
)
def test_smallest_rtol_is_the_smallest(a, b):
    rtol = smallest_rtol(a, b)
    a64, b64 = a.astype(np.float64), b.astype(np.float64)
    np.testing.assert_allclose(a64, b64, rtol=rtol * (1 + 1e-12), atol=0)
    if rtol > 0:
        with pytest.raises(AssertionError):
            np.testing.assert_allclose(a64, b64, rtol=rtol * (1 - 1e-9), atol=0)


def test_smallest_rtol_of_what_no_rtol_reconciles():
    def of(a, b):
        return smallest_rtol(np.array(a), np.array(b))

    assert of([1.0], [0.0]) == math.inf
    assert of([math.nan], [1.0]) == math.inf
    assert of([math.inf], [1.0]) == math.inf
    assert of([math.inf], [-math.inf]) == math.inf
    assert of([1.0, 2.0], [[1.0, 2.0]]) == math.inf
    assert of([math.nan, math.inf, 0.0], [math.nan, math.inf, -0.0]) == 0
    assert smallest_rtol(np.zeros((0, 2)), np.zeros((0, 2))) == 0
