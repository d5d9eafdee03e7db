"""hard_sigmoid."""

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
    x = np.array([-np.inf, -4, -3, -1.5, -0.0, 0, 1.5, 3, 4, np.inf, np.nan], dtype)
    y = rn.hard_sigmoid(x)
    np.testing.assert_array_equal(
        y, np.array([0, 0, 0, 0.25, 0.5, 0.5, 0.75, 1, 1, 1, np.nan], dtype)
    )
    assert not np.signbit(y[:3]).any(), "a zero result is +0"
    dy = np.full(x.shape, -6, dtype)
    (dx,) = rn.hard_sigmoid.vjp(dy, x)
    np.testing.assert_array_equal(dx, np.array([0, 0, 0, -1, -1, -1, -1, 0, 0, 0, 0], dtype))
    assert not np.signbit(dx[dx == 0]).any()


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_default_slope_is_a_sixth_in_every_dtype(dtype):
    (dx,) = rn.hard_sigmoid.vjp(np.ones(1, dtype), np.zeros(1, dtype))
    assert dx[0] == dtype(1) / dtype(6)
    x = np.linspace(-2.9, 2.9, 31).astype(dtype)
    np.testing.assert_array_equal(rn.hard_sigmoid(x, slope=1 / 6), rn.hard_sigmoid(x))
    if dtype is not np.float16:  # which is computed in float32
        np.testing.assert_array_equal(rn.hard_sigmoid(x), x / dtype(6) + dtype(0.5))


def test_conventions_of_other_systems():
    # ONNX's HardSigmoid, with its published default alpha 0.2, and its published example.
    np.testing.assert_array_equal(
        rn.hard_sigmoid(np.array([-1.0, 0.0, 1.0]), slope=0.5, offset=0.6).round(12),
        [0.1, 0.6, 1.0],
    )
    x = np.array([-2.5, -1.0, 2.0, 2.5])
    np.testing.assert_allclose(rn.hard_sigmoid(x, slope=0.2), [0, 0.3, 0.9, 1], atol=1e-16)
    (dx,) = rn.hard_sigmoid.vjp(np.ones(4), x, slope=0.2)
    np.testing.assert_array_equal(dx, [0, 0.2, 0.2, 0])


def test_falling_and_level_lines(rng):
    x = rng.standard_normal(40) * 3
    np.testing.assert_allclose(rn.hard_sigmoid(x, slope=-1 / 6), 1 - rn.hard_sigmoid(x), atol=1e-15)
    np.testing.assert_array_equal(rn.hard_sigmoid(x, slope=0.0, offset=0.25), np.full(40, 0.25))
    np.testing.assert_array_equal(rn.hard_sigmoid(x, offset=9.0), np.ones(40))


def test_a_line_that_overflows_is_beyond_the_ends():
    x = np.array([-1e300, 1e300])
    np.testing.assert_array_equal(rn.hard_sigmoid(x, slope=1e20), [0, 1])
    np.testing.assert_array_equal(rn.hard_sigmoid.vjp(np.ones(2), x, slope=1e20)[0], [0, 0])


X = np.ones(3)


@refused(
    [
        ErrorInput("slope as text", (X,), {"slope": "0.2"}, OptionError, "of type str"),
        ErrorInput("slope as bool", (X,), {"slope": True}, OptionError, "of type bool"),
        ErrorInput("no slope", (X,), {"slope": None}, OptionError, "NoneType"),
        ErrorInput("infinite slope", (X,), {"slope": np.inf}, OptionError, "finite"),
        ErrorInput("offset not a number", (X,), {"offset": np.nan}, OptionError, "offset=nan"),
        ErrorInput("offset as array", (X,), {"offset": X}, OptionError, "ndarray"),
        ErrorInput("onnx's names", (X,), {"alpha": 0.2}, ArgumentError, "slope, offset"),
        ErrorInput("slope by position", (X, 0.2), {}, ArgumentError, "2 positional"),
        ErrorInput("text", (np.array(["1"]),), {}, DtypeError, "<U1"),
    ]
)
def test_refuses(case):
    check_refused(rn.hard_sigmoid, case)
