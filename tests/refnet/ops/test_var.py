from __future__ import annotations

import statistics
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import refnet as rn
from refnet import DtypeError, OptionError, ShapeError
from refnet.errors import ArgumentError
from tests.error_inputs import ErrorInput, check_refused, refused


@given(
    x=hnp.arrays(
        float,
        hnp.array_shapes(min_dims=1, max_dims=3, min_side=2, max_side=4),
        elements=st.floats(-100, 100, width=32),
    ),
    data=st.data(),
    ddof=st.integers(0, 1),
    keepdims=st.booleans(),
)
def test_forward_and_vjp(x, data, ddof, keepdims):
    axis = data.draw(st.none() | hnp.valid_tuple_axes(x.ndim, min_size=1))
    options = {"axis": axis, "ddof": ddof, "keepdims": keepdims}
    y = rn.var(x, **options)
    np.testing.assert_allclose(y, np.var(x, **options), rtol=1e-12, atol=1e-12)
    assert (y >= 0).all()
    dy = np.linspace(-1, 2, y.size).reshape(y.shape)
    (dx,) = rn.var.vjp(dy, x, **options)
    # Homogeneous of degree 2, and unchanged by a shift.
    assert (dx * x).sum() == pytest.approx(2 * (dy * y).sum(), rel=1e-9, abs=1e-6)
    np.testing.assert_allclose(dx.sum(axis=axis), 0, atol=1e-9)


@pytest.mark.parametrize("mean", [0, 100, 1e4])
def test_a_large_mean_costs_nothing(mean, rng):
    x = (rng.standard_normal(1000) + mean).astype(np.float32)
    exact = statistics.pvariance([Fraction(float(v)) for v in x])
    assert float(rn.var(x)) == pytest.approx(float(exact), rel=1e-5)
    # The textbook's formula, in the same dtype, is far off.
    if mean == 1e4:
        naive = np.mean(x * x) - np.mean(x) ** 2
        assert abs(naive - float(exact)) > 0.1


def test_known_values():
    # Higham 2002, section 1.9: the variance of 10000, 10001, 10002 is 1; in single precision
    # E[x^2] - E[x]^2 gives 0.
    x = np.array([10000, 10001, 10002], np.float32)
    assert rn.var(x, ddof=1) == 1
    assert rn.var(np.array([2.0, 4, 4, 4, 5, 5, 7, 9])) == 4
    assert rn.var(np.array([3.0])) == 0
    assert rn.var(np.array(7.0)) == 0


def test_float16_accumulates_in_float32():
    x = np.tile(np.array([999, 1001], np.float16), 3000)
    assert rn.var(x) == 1


def test_var_is_the_mean_square_of_what_is_centred(rng):
    x = rng.standard_normal((4, 6))
    centred = rn.subtract(x, rn.mean(x, axis=1, keepdims=True))
    np.testing.assert_array_equal(rn.var(x, axis=1), rn.mean(rn.square(centred), axis=1))


X = np.ones((2, 3))


@refused(
    [
        ErrorInput("nothing", (np.ones(0),), {}, ShapeError, "0 element"),
        ErrorInput("empty axis", (np.ones((0, 3)),), {"axis": 0}, ShapeError, r"shape \(0, 3\)"),
        ErrorInput(
            "sample of one", (np.ones((3, 1)),), {"axis": 1, "ddof": 1}, ShapeError, "1 elem"
        ),
        ErrorInput("ddof of all", (X,), {"ddof": 6}, ShapeError, "more elements than ddof"),
        ErrorInput("negative ddof", (X,), {"ddof": -1}, OptionError, "at least 0"),
        ErrorInput("float ddof", (X,), {"ddof": 1.0}, OptionError, "of type float"),
        ErrorInput("bool ddof", (X,), {"ddof": True}, OptionError, "of type bool"),
        ErrorInput("axis too large", (X,), {"axis": 2}, OptionError, "from -2 to 1"),
        ErrorInput("axis twice", (X,), {"axis": (0, -2)}, OptionError, "each axis once"),
        ErrorInput("keepdims as int", (X,), {"keepdims": 1}, OptionError, "True or False"),
        ErrorInput("correction", (X,), {"correction": 1}, ArgumentError, "'correction'"),
        ErrorInput("integers", (np.arange(3),), {}, DtypeError, "int64"),
    ]
)
def test_refuses(case):
    check_refused(rn.var, case)
