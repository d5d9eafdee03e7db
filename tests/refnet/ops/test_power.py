from __future__ import annotations

import mpmath
import numpy as np
import pytest

import refnet as rn
from refnet import DtypeError, ShapeError
from refnet.errors import ArgumentError
from tests.error_inputs import ErrorInput, check_refused, refused

DTYPES = [np.float16, np.float32, np.float64, np.longdouble]
inf, nan = np.inf, np.nan


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_against_mpmath(dtype, rng):
    a = rng.uniform(1e-3, 50, 300).astype(dtype)
    b = rng.uniform(-8, 8, 300).astype(dtype)
    y = rn.power(a, b)
    da, db = rn.power.vjp(np.ones(300, dtype), a, b)
    eps = np.finfo(dtype).eps
    with mpmath.workdps(40):
        for i in range(300):
            base, exponent = mpmath.mpf(float(a[i])), mpmath.mpf(float(b[i]))
            log = mpmath.log(base)
            true = base**exponent
            assert abs(float(y[i]) - true) <= 4 * eps * true
            slope = exponent * true / base
            moved = 1 + abs((exponent - 1) * log)
            assert abs(float(da[i]) - slope) <= 6 * moved * eps * abs(slope)
            assert abs(float(db[i]) - true * log) <= 9 * eps * abs(true * log)


@pytest.mark.parametrize("dtype", DTYPES)
def test_negative_bases(dtype):
    a = np.array([-2, -2, -2, -2, -0.5], dtype)
    b = np.array([3, 2, 0, -1, 2], dtype)
    np.testing.assert_array_equal(rn.power(a, b), np.array([-8, 4, 1, -0.5, 0.25], dtype))
    da, db = rn.power.vjp(np.ones(5, dtype), a, b)  # without a warning
    np.testing.assert_allclose(da.astype(float), [12, -4, 0, -0.25, -1], rtol=1e-6)
    assert np.isnan(db).all()
    with np.errstate(invalid="ignore"):
        assert np.isnan(rn.power(a, b + dtype(0.5))).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_zero_bases(dtype):
    a = np.array([0, 0, 0, 0, -0.0, 0], dtype)
    b = np.array([0, 1, 2, -1, -1, 0.5], dtype)
    with np.errstate(divide="ignore"):
        y = rn.power(a, b)
        da, db = rn.power.vjp(np.ones(6, dtype), a, b)
    np.testing.assert_array_equal(y, np.array([1, 0, 0, inf, -inf, 0], dtype))
    np.testing.assert_array_equal(da, np.array([0, 1, 0, -inf, -inf, inf], dtype))
    np.testing.assert_array_equal(db, np.array([0, 0, 0, -inf, inf, 0], dtype))


def test_powers_of_zero_do_not_warn_where_they_are_finite():
    # Warnings are errors here.
    rn.power.vjp(np.ones(3), np.zeros(3), np.array([0.0, 1.0, 2.5]))


def test_ones():
    a, b = np.array([nan, inf, 0, 1, 1]), np.array([0, 0, 0, nan, inf])
    np.testing.assert_array_equal(rn.power(a, b), np.ones(5))
    np.testing.assert_array_equal(rn.power.vjp(np.ones(3), a[:3], b[:3], wrt=["a"])[0], np.zeros(3))


def test_is_square_sqrt_and_reciprocal(rng):
    x, dy = rng.uniform(0.1, 3, (2, 20))
    for exponent, op in ((2.0, rn.square), (0.5, rn.sqrt)):
        b = np.array(exponent)
        np.testing.assert_allclose(rn.power(x, b), op(x), rtol=1e-15)
        dx, _ = rn.power.vjp(dy, x, b)
        np.testing.assert_allclose(dx, op.vjp(dy, x)[0], rtol=1e-14)
    np.testing.assert_allclose(rn.power(x, np.array(-1.0)), 1 / x, rtol=1e-15)


def test_exponential_of_a_base(rng):
    base, x = np.array(2.0), rng.standard_normal(7)
    _, dx = rn.power.vjp(np.ones(7), base, x)
    np.testing.assert_allclose(dx, np.exp2(x) * np.log(2), rtol=1e-14)


def test_only_the_wanted_cotangent_is_computed():
    da, db = rn.power.vjp(np.ones(2), np.full(2, -3.0), np.array(2.0), wrt=("a",))
    assert db is None
    assert da.tolist() == [-6, -6]


@refused(
    [
        ErrorInput("shapes", (np.ones((2, 3)), np.ones((2, 4))), {}, ShapeError, r"b \(2, 4\)"),
        ErrorInput("leading axes", (np.ones((2, 3)), np.ones(2)), {}, ShapeError, "last axis"),
        ErrorInput("python exponent", (np.ones(2), 2), {}, DtypeError, "b of dtype int64"),
        ErrorInput(
            "mixed dtypes", (np.ones(2, np.float32), 2.0), {}, DtypeError, "float64 beside a of"
        ),
        ErrorInput("integers", (np.arange(2), np.arange(2)), {}, DtypeError, "dtype int64"),
        ErrorInput("one input", (np.ones(2),), {}, ArgumentError, "1 positional"),
        ErrorInput("by keyword", (np.ones(2),), {"b": 2.0}, ArgumentError, "positional"),
    ]
)
def test_refuses(case):
    check_refused(rn.power, case)
