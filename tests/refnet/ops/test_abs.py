"""abs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import refnet as rn
from refnet import DtypeError
from refnet.errors import ArgumentError
from tests.error_inputs import ErrorInput, check_refused, refused

nan, inf = np.nan, np.inf


@given(hnp.arrays(np.float64, hnp.array_shapes(), elements=st.floats(allow_nan=False)))
def test_the_larger_of_x_and_minus_x(x):
    y = rn.abs(x)
    np.testing.assert_array_equal(y, np.maximum(x, -x))
    assert not np.signbit(y).any()
    dy = np.full(x.shape, -3.0)
    np.testing.assert_array_equal(rn.abs.vjp(dy, x)[0], 3.0 * (x < 0) - 3.0 * (x > 0))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_ends_zeros_and_nan(dtype):
    x = np.array([0, -0.0, -inf, inf, nan], dtype)
    y, vjp = rn.abs.with_vjp(x)
    np.testing.assert_array_equal(y, [0, 0, inf, inf, nan])
    assert not np.signbit(y[:4]).any()
    np.testing.assert_array_equal(vjp(np.full(5, 2, dtype))[0], [0, 0, -2, 2, nan])


@refused(
    [
        ErrorInput("complex", (np.ones(2, complex),), {}, DtypeError, "complex128"),
        ErrorInput("integers", (np.arange(3),), {}, DtypeError, "int64"),
        ErrorInput("bools", (np.ones(3, bool),), {}, DtypeError, "bool"),
        ErrorInput("two inputs", (np.ones(1), np.ones(1)), {}, ArgumentError, "2 positional"),
        ErrorInput("axis", (np.ones(1),), {"axis": 0}, ArgumentError, "no options"),
    ]
)
def test_refuses(case):
    check_refused(rn.abs, case)
