"""mish."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

import refnet as rn
from refnet import DtypeError, ShapeError
from refnet.errors import ArgumentError
from tests.error_inputs import ErrorInput, check_refused, refused
from tests.exact import roundoffs

DTYPES = [np.float32, np.float64, np.longdouble]
LEFT = {np.float32: -110, np.float64: -755, np.longdouble: -755}


def mish(v):
    w = mpmath.exp(v)
    return v * w * (w + 2) / (w * (w + 2) + 2)


def test_the_algebraic_form_is_tanh_of_softplus():
    with mpmath.workdps(60):
        for v in map(mpmath.mpf, ("-3.7", "-0.2", "1.3", "5")):
            assert abs(mish(v) - v * mpmath.tanh(mpmath.log(1 + mpmath.exp(v)))) < 1e-55


@pytest.mark.parametrize("dtype", DTYPES)
def test_against_mpmath(dtype, rng):
    x = np.concatenate(
        [rng.uniform(LEFT[dtype], 40, 200), rng.uniform(-5, 5, 200), rng.uniform(-1, 1, 50) * 1e-20]
    ).astype(dtype)
    assert roundoffs(rn.mish(x), x, mish) < 14


@pytest.mark.parametrize("dtype", DTYPES)
def test_derivative_against_mpmath(dtype, rng):
    x = np.concatenate([rng.uniform(-1.1, 30, 100), rng.uniform(-30, -1.3, 50)]).astype(dtype)
    (dx,) = rn.mish.vjp(np.ones_like(x), x)

    def slope(v):
        t = mpmath.tanh(mpmath.log1p(mpmath.exp(v)))
        return t + v * (1 - t * t) / (1 + mpmath.exp(-v))

    assert roundoffs(dx, x, slope) < 150  # it has a root at -1.19


@pytest.mark.parametrize("dtype", [np.float16, *DTYPES])
def test_ends(dtype):
    x = np.array([-np.inf, np.finfo(dtype).min, -0.0, 0, np.finfo(dtype).max, np.inf, np.nan])
    with np.errstate(over="ignore"):
        x = x.astype(dtype)
    y = rn.mish(x)
    largest = np.finfo(dtype).max
    np.testing.assert_array_equal(y, np.array([0, 0, 0, 0, largest, np.inf, np.nan], dtype))
    assert np.signbit(y[:4]).tolist() == [True, True, True, False]
    (dx,) = rn.mish.vjp(np.ones_like(x), x)
    np.testing.assert_allclose(dx, np.array([0, 0, 0.6, 0.6, 1, 1, np.nan], dtype), rtol=1e-3)


X = np.ones(3)


@refused(
    [
        ErrorInput("an option", (X,), {"beta": 1.0}, ArgumentError, "no options"),
        ErrorInput("torch's inplace", (X,), {"inplace": True}, ArgumentError, "'inplace'"),
        ErrorInput("text", (np.array(["1"]),), {}, DtypeError, "<U1"),
        ErrorInput("objects", (np.array([None]),), {}, DtypeError, "object"),
        ErrorInput("ragged rows", ([[1.0], [1.0, 2.0]],), {}, ShapeError, "ragged"),
        ErrorInput("masked", (np.ma.masked_array(X),), {}, DtypeError, "masked"),
    ]
)
def test_refuses(case):
    check_refused(rn.mish, case)
