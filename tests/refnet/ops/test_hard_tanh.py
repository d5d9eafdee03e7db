"""hard_tanh."""

from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from refnet import DtypeError, OptionError
from refnet.errors import ArgumentError
from tests.error_inputs import ErrorInput, check_refused, refused

DTYPES = [np.float16, np.float32, np.float64, np.longdouble]


@pytest.mark.parametrize("dtype", DTYPES)
def test_pieces_and_kinks(dtype):
    x = np.array([-np.inf, -2, -1, -0.0, 0, 0.3, 1, 2, np.inf, np.nan], dtype)
    y = rn.hard_tanh(x)
    expected = np.array([-1, -1, -1, 0, 0, 0.3, 1, 1, 1, np.nan], dtype)
    np.testing.assert_array_equal(y, expected)
    assert np.signbit(y[3:5]).tolist() == [True, False], "zeros inside are copied"
    dy = np.array([3, -4, 5, 6, -7, 8, np.inf, np.nan, 9, 2], dtype)
    (dx,) = rn.hard_tanh.vjp(dy, x)
    np.testing.assert_array_equal(dx, np.array([0, 0, 0, 6, -7, 8, 0, 0, 0, 0], dtype))
    assert not np.signbit(dx[dx == 0]).any()


def test_relu6(rng):
    x = np.concatenate([rng.standard_normal(40) * 6, [0.0, -0.0, 6.0]])
    y = rn.hard_tanh(x, low=0, high=6)
    np.testing.assert_array_equal(y, np.minimum(rn.relu(x), 6))
    assert not np.signbit(y).any(), "an end that is 0 is +0"
    assert not np.signbit(rn.hard_tanh(x, low=-0.0)).any()
    (dx,) = rn.hard_tanh.vjp(np.ones_like(x), x, low=0, high=6)
    np.testing.assert_array_equal(dx, (x > 0) & (x < 6))


def test_ends_are_rounded_to_the_dtype():
    x = np.array([-1, 1], np.float32)
    y = rn.hard_tanh(x, low=-0.1, high=0.1)
    np.testing.assert_array_equal(y, np.array([-0.1, 0.1], np.float32))


X = np.ones(3)


@refused(
    [
        ErrorInput("exchanged", (X,), {"low": 1.0, "high": -1.0}, OptionError, "exchanged"),
        ErrorInput("no room", (X,), {"low": 1.0}, OptionError, "low below high"),
        ErrorInput("low as text", (X,), {"low": "-1"}, OptionError, "of type str"),
        ErrorInput("high as bool", (X,), {"high": True}, OptionError, "of type bool"),
        ErrorInput("infinite high", (X,), {"high": np.inf}, OptionError, "finite"),
        ErrorInput("low not a number", (X,), {"low": np.nan}, OptionError, "low=nan"),
        ErrorInput("ends as an array", (X,), {"low": X}, OptionError, "ndarray"),
        ErrorInput("torch's names", (X,), {"min_val": 0.0}, ArgumentError, "low, high"),
        ErrorInput("ends by position", (X, 0.0, 6.0), {}, ArgumentError, "3 positional"),
        ErrorInput("text", (np.array(["1"]),), {}, DtypeError, "<U1"),
    ]
)
def test_refuses(case):
    check_refused(rn.hard_tanh, case)
