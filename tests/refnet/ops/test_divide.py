from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import refnet as rn
from refnet import DtypeError, ShapeError
from refnet.errors import ArgumentError
from tests.error_inputs import ErrorInput, check_refused, refused

inf, nan = np.inf, np.nan
shapes = hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=4)


@given(data=st.data(), both=shapes)
def test_forward_and_vjp_under_broadcasting(data, both):
    a = data.draw(hnp.arrays(float, both.input_shapes[0], elements=st.floats(-9, 9, width=32)))
    b = data.draw(hnp.arrays(float, both.input_shapes[1], elements=st.floats(0.5, 9, width=32)))
    y = rn.divide(a, b)
    np.testing.assert_array_equal(y, a / b)
    dy = np.linspace(-1, 2, y.size).reshape(y.shape)
    da, db = rn.divide.vjp(dy, a, b)
    assert (da.shape, db.shape) == (a.shape, b.shape)
    # y is homogeneous of degree 1 in a and -1 in b: Euler's identity.
    assert (da * a).sum() == pytest.approx((dy * y).sum(), rel=1e-9, abs=1e-9)
    assert (db * b).sum() == pytest.approx(-(dy * y).sum(), rel=1e-9, abs=1e-9)


def test_zeros_and_infinities():
    a, b = np.array([1, -1, 1, 0, inf, 2, inf]), np.array([0, 0, -0.0, 0, inf, inf, 2])
    with np.errstate(all="ignore"):
        y = rn.divide(a, b)
    np.testing.assert_array_equal(y, [inf, -inf, -inf, nan, nan, 0, inf])
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        rn.divide(np.ones(1), np.zeros(1))


def test_cotangents_stay_in_range():
    # b^2 is 0 or infinite, dy a / b^2 is not.
    a, b = np.array([1e-200, 1e200]), np.array([1e-170, 1e170])
    _, db = rn.divide.vjp(np.array([1e-150, 1e150]), a, b)
    np.testing.assert_allclose(db, [-1e-10, -1e10], rtol=1e-14)


def test_only_the_wanted_cotangent_is_computed():
    da, db = rn.divide.vjp(np.ones(2), np.ones(2), np.full(2, 4.0), wrt=("a",))
    assert db is None
    assert da.tolist() == [0.25, 0.25]


@refused(
    [
        ErrorInput("shapes", (np.ones((2, 3)), np.ones((2, 4))), {}, ShapeError, r"b \(2, 4\)"),
        ErrorInput("leading axes", (np.ones((2, 3)), np.ones(2)), {}, ShapeError, "last axis"),
        ErrorInput(
            "mixed dtypes", (np.ones(2, np.float32), np.ones(2)), {}, DtypeError, "float64 beside"
        ),
        ErrorInput("integers", (np.arange(2), np.arange(2)), {}, DtypeError, "dtype int64"),
        ErrorInput("one input", (np.ones(2),), {}, ArgumentError, "1 positional"),
        ErrorInput(
            "rounding mode", (np.ones(2), np.ones(2)), {"mode": "floor"}, ArgumentError, "'mode'"
        ),
    ]
)
def test_refuses(case):
    check_refused(rn.divide, case)
