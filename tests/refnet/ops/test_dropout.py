from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import refnet as rn
from refnet import DtypeError, OptionError, ShapeError
from refnet.errors import ArgumentError
from tests.error_inputs import ErrorInput, check_refused, refused

X = np.array([[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]])
MASK = np.array([[1.0, 0.0, 1.0], [0.0, 0.0, 1.0]])
DY = np.array([[1.0, 2.0, -3.0], [4.0, 5.0, 6.0]])


def test_inverted():
    y, vjp = rn.dropout.with_vjp(X, MASK, rate=0.75)
    np.testing.assert_array_equal(y, [[4, 0, 12], [0, 0, -24]])
    dx, dmask = vjp(DY)
    np.testing.assert_array_equal(dx, [[4, 0, -12], [0, 0, 24]])
    np.testing.assert_array_equal(dmask, [[4, -16, -36], [64, 100, -144]])
    y, vjp = rn.dropout.with_vjp(X, MASK, rate=0.75, training=False)
    np.testing.assert_array_equal(y, X)
    dx, dmask = vjp(DY)
    np.testing.assert_array_equal(dx, DY)
    np.testing.assert_array_equal(dmask, np.zeros_like(X))


def test_scaled_at_test():
    at_test = {"rate": 0.75, "scale": "at_test"}
    y, vjp = rn.dropout.with_vjp(X, MASK, **at_test)
    np.testing.assert_array_equal(y, X * MASK)
    dx, dmask = vjp(DY)
    np.testing.assert_array_equal(dx, DY * MASK)
    np.testing.assert_array_equal(dmask, DY * X)
    y, vjp = rn.dropout.with_vjp(X, **at_test, training=False)
    np.testing.assert_array_equal(y, X / 4)
    dx, dmask = vjp(DY)
    np.testing.assert_array_equal(dx, DY / 4)
    assert dmask is None


def test_a_mask_is_a_factor():
    y = rn.dropout(np.array([np.nan, -1.0, 1.0]), np.zeros(3), rate=0.5)
    np.testing.assert_array_equal(y, [np.nan, 0, 0])
    np.testing.assert_array_equal(np.signbit(y[1:]), [True, False])


@given(st.floats(0, 1, exclude_max=True))
def test_one_minus_rate_is_rounded_once(rate):
    for dtype in (np.float32, np.float64):
        kept = dtype(np.longdouble(1) - np.longdouble(rate))
        if kept == 0:  # a rate next to 1 leaves nothing in float32
            continue
        one = np.ones(1, dtype)
        assert rn.dropout(one, one, rate=rate)[0] == dtype(1) / kept
        assert rn.dropout(one, rate=rate, scale="at_test", training=False)[0] == kept


def test_the_expectation_is_kept(rng):
    x = rng.standard_normal(4)
    many = np.mean(
        [rn.dropout(x, rn.dropout_mask(4, 0.3, rng), rate=0.3) for _ in range(20_000)], axis=0
    )
    # 5 deviations of a mean of 20,000: x sqrt(0.3 / 0.7 / 20,000) each.
    np.testing.assert_allclose(many, x, rtol=5 * np.sqrt(0.3 / 0.7 / 20_000))


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.5, 0.95])
def test_masks_are_zeros_and_ones(rate):
    mask = rn.dropout_mask((100, 1000), rate, np.random.default_rng(5), dtype=np.float32)
    assert mask.dtype == np.float32
    assert mask.shape == (100, 1000)
    assert set(np.unique(mask)) == ({1.0} if rate == 0 else {0.0, 1.0})
    # 5 deviations of a binomial.
    assert abs(mask.mean() - (1 - rate)) <= 5 * np.sqrt(rate * (1 - rate) / mask.size)


def test_masks_belong_to_their_generator():
    first = rn.dropout_mask((3, 4), 0.5, np.random.default_rng(1))
    for dtype in (np.float16, np.float64, np.longdouble):
        same = rn.dropout_mask([3, 4], 0.5, np.random.default_rng(1), dtype=dtype)
        np.testing.assert_array_equal(same, first)
    other = rn.dropout_mask((3, 4), 0.5, np.random.default_rng(2))
    assert (other != first).any()
    assert rn.dropout_mask((), 0.5, np.random.default_rng(1)).shape == ()
    assert rn.dropout_mask((0, 3), 0.5, np.random.default_rng(1)).shape == (0, 3)


HALF = {"rate": 0.5}


@refused(
    [
        ErrorInput("no rate", (X, MASK), {}, ArgumentError, "'rate'"),
        ErrorInput("rate by position", (X, MASK, 0.5), HALF, ArgumentError, "3 positional"),
        ErrorInput("rate 1", (X, MASK), {"rate": 1.0}, OptionError, r"\[0, 1\)"),
        ErrorInput("a percentage", (X, MASK), {"rate": 50}, OptionError, "rate=50"),
        ErrorInput("negative rate", (X, MASK), {"rate": -0.1}, OptionError, r"\[0, 1\)"),
        ErrorInput("rate not a number", (X, MASK), {"rate": np.nan}, OptionError, "nan"),
        ErrorInput("rate as bool", (X, MASK), {"rate": True}, OptionError, "of type bool"),
        ErrorInput("keep_prob", (X, MASK), {**HALF, "keep_prob": 0.5}, ArgumentError, "keep_prob"),
        ErrorInput("unknown scale", (X, MASK), {**HALF, "scale": "test"}, OptionError, "at_test"),
        ErrorInput("training as text", (X, MASK), {**HALF, "training": "no"}, OptionError, "str"),
        ErrorInput("no mask", (X,), HALF, ArgumentError, "dropout_mask"),
        ErrorInput("mask per channel", (X, np.ones(3)), HALF, ShapeError, "same shape"),
        ErrorInput("mask of bools", (X, MASK > 0), HALF, DtypeError, "mask of dtype bool"),
        ErrorInput("mask of float32", (X, MASK.astype("f4")), HALF, DtypeError, "float32 beside"),
    ]
)
def test_refuses(case):
    check_refused(rn.dropout, case)


RNG = np.random.default_rng(0)


@refused(
    [
        ErrorInput("rate 1", ((2,), 1, RNG), {}, OptionError, r"\[0, 1\)"),
        ErrorInput("rate as text", ((2,), "0.5", RNG), {}, OptionError, "of type str"),
        ErrorInput("a seed", ((2,), 0.5, 0), {}, DtypeError, "default_rng"),
        ErrorInput("negative length", ((2, -1), 0.5, RNG), {}, OptionError, "at least 0"),
        ErrorInput("half a length", ((2.5,), 0.5, RNG), {}, OptionError, "of type float"),
        ErrorInput("bools", ((2,), 0.5, RNG), {"dtype": bool}, DtypeError, "bool"),
    ]
)
def test_mask_refuses(case):
    check_refused(rn.dropout_mask, case)
