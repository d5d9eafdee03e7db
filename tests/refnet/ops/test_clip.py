from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import refnet as rn
from refnet import DtypeError, OptionError
from refnet.errors import ArgumentError
from tests.error_inputs import ErrorInput, check_refused, refused

DTYPES = [np.float16, np.float32, np.float64, np.longdouble]
inf, nan = np.inf, np.nan


@given(
    x=hnp.arrays(float, hnp.array_shapes(min_dims=0, min_side=0), elements=st.floats(-9, 9)),
    ends=st.tuples(st.floats(-3, 3), st.floats(-3, 3)).map(sorted),
)
def test_is_numpy_s(x, ends):
    low, high = ends
    np.testing.assert_array_equal(rn.clip(x, low=low, high=high), np.clip(x, low, high))
    np.testing.assert_array_equal(rn.clip(x, low=low), np.clip(x, low, None))
    np.testing.assert_array_equal(rn.clip(x, high=high), np.clip(x, None, high))
    (dx,) = rn.clip.vjp(np.full(x.shape, 2.0), x, low=low, high=high)
    np.testing.assert_array_equal(dx, np.where((low <= x) & (x <= high), 2, 0))


@pytest.mark.parametrize("dtype", DTYPES)
def test_at_the_ends_and_beyond(dtype):
    x = np.array([nan, -inf, -1, -0.75, -0.0, 0.5, 2, inf], dtype)
    y = rn.clip(x, low=-0.75, high=0.5)
    np.testing.assert_array_equal(y, [nan, -0.75, -0.75, -0.75, 0, 0.5, 0.5, 0.5])
    dy = -np.arange(1, 9).astype(dtype)
    (dx,) = rn.clip.vjp(dy, x, low=-0.75, high=0.5)
    np.testing.assert_array_equal(dx, [0, 0, 0, -4, -5, -6, 0, 0])
    assert not np.signbit(dx[[0, 1, 2, 6, 7]]).any()


@pytest.mark.parametrize("n", [1, 64, 67])
def test_signs_of_zeros(n):
    # A zero is not below a zero: it stays what it is, in every loop of every CPU.
    minus, plus = -np.zeros(n, np.float32), np.zeros(n, np.float32)
    for ends in ({"low": 0.0}, {"high": 0.0}, {"low": 0, "high": 0}, {"high": -0.0}):
        assert np.signbit(rn.clip(minus, **ends)).all()
        assert not np.signbit(rn.clip(plus, **ends)).any()
    assert not np.signbit(rn.clip(minus - 1, low=0.0)).any()
    assert np.signbit(rn.clip(plus + 1, high=-0.0)).all()


def test_ends_are_rounded_to_the_dtype():
    x = np.array([0.0, 1.0], np.float32)
    assert rn.clip(x, low=0.1, high=0.9).tolist() == [np.float32(0.1), np.float32(0.9)]
    half = rn.clip(x.astype(np.float16), low=0.1, high=0.9)
    assert half.tolist() == [np.float16(0.1), np.float16(0.9)]
    # Beyond the largest number an end is infinite: without a warning.
    assert rn.clip(x, high=1e300).tolist() == [0, 1]
    assert rn.clip(x, low=1e300).tolist() == [inf, inf]


def test_equal_ends_and_a_copy(rng):
    x = rng.standard_normal(5)
    assert rn.clip(x, low=0.5, high=0.5).tolist() == [0.5] * 5
    y = rn.clip(x, low=-100)
    np.testing.assert_array_equal(x, y)
    assert not np.shares_memory(x, y)


X = np.ones(3)


@refused(
    [
        ErrorInput("no ends", (X,), {}, OptionError, "neither low nor high"),
        ErrorInput("ends of None", (X,), {"low": None, "high": None}, OptionError, "at least one"),
        ErrorInput("exchanged", (X,), {"low": 1, "high": 0}, OptionError, "exchanged"),
        ErrorInput("NaN", (X,), {"low": nan}, OptionError, "low=nan"),
        ErrorInput("infinite", (X,), {"high": inf}, OptionError, "finite"),
        ErrorInput("array", (X,), {"low": np.zeros(3)}, OptionError, "ndarray"),
        ErrorInput("text", (X,), {"high": "1"}, OptionError, "of type str"),
        ErrorInput("bool", (X,), {"low": True}, OptionError, "of type bool"),
        ErrorInput("by position", (X, 0.0, 1.0), {}, ArgumentError, "by keyword"),
        ErrorInput("min", (X,), {"min": 0.0}, ArgumentError, "'min'"),
        ErrorInput("integers", (np.arange(3),), {"low": 0}, DtypeError, "int64"),
        ErrorInput("complex", (np.ones(3, complex),), {"low": 0}, DtypeError, "complex128"),
    ]
)
def test_refuses(case):
    check_refused(rn.clip, case)
