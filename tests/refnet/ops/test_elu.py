"""elu and selu."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

import refnet as rn
from refnet import DtypeError, OptionError, ShapeError
from refnet.errors import ArgumentError
from tests.error_inputs import ErrorInput, check_refused, refused
from tests.exact import roundoffs

DTYPES = [np.float32, np.float64, np.longdouble]


def arguments(dtype, rng):
    sizes = 10.0 ** rng.uniform(-30, 2, 200)
    return np.concatenate([-sizes, sizes[:20], rng.uniform(-3, 3, 100)]).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_elu_against_mpmath(dtype, rng):
    x = arguments(dtype, rng)
    y = rn.elu(x, alpha=0.75)
    # expm1, not exp(x) - 1: tiny x keep their digits.
    assert roundoffs(y, x, lambda v: v if v > 0 else mpmath.expm1(v) * 3 / 4) < 6
    (dx,) = rn.elu.vjp(np.ones_like(x), x, alpha=0.75)
    assert roundoffs(dx, x, lambda v: mpmath.mpf(1) if v > 0 else mpmath.exp(v) * 3 / 4) < 6


@pytest.mark.parametrize("dtype", DTYPES)
def test_selu_against_mpmath(dtype, rng):
    x = arguments(dtype, rng)
    with mpmath.workdps(40):  # Klambauer et al. 2017
        scale = mpmath.mpf("1.0507009873554804934193349852946")
        product = scale * mpmath.mpf("1.6732632423543772848170429916717")
    y = rn.selu(x)
    assert roundoffs(y, x, lambda v: scale * v if v > 0 else product * mpmath.expm1(v)) < 7
    (dx,) = rn.selu.vjp(np.ones_like(x), x)
    assert roundoffs(dx, x, lambda v: scale if v > 0 else product * mpmath.exp(v)) < 7


def test_selu_keeps_mean_0_and_variance_1():
    # The moments of selu of a normal variable, by Gauss and Legendre on both sides of the kink.
    moments = np.zeros(2)
    z, w = np.polynomial.legendre.leggauss(200)
    for left, right in ((-12.0, 0.0), (0.0, 12.0)):
        t = (z + 1) / 2 * (right - left) + left
        density = w * (right - left) / 2 * np.exp(-t * t / 2) / np.sqrt(2 * np.pi)
        moments += [density @ rn.selu(t), density @ rn.selu(t) ** 2]
    np.testing.assert_allclose(moments, [0, 1], atol=1e-14)


@pytest.mark.parametrize("dtype", [np.float16, *DTYPES])
def test_kinks_and_ends(dtype):
    x = np.array([-np.inf, -0.0, 0, 2, np.inf, np.nan], dtype)
    y = rn.elu(x, alpha=0.5)
    np.testing.assert_array_equal(y, np.array([-0.5, 0, 0, 2, np.inf, np.nan], dtype))
    assert np.signbit(y[1:3]).tolist() == [True, False]
    (dx,) = rn.elu.vjp(np.full(6, 4, dtype), x, alpha=0.5)
    np.testing.assert_array_equal(dx, np.array([0, 2, 2, 4, 4, np.nan], dtype))
    (dx,) = rn.selu.vjp(np.ones(6, dtype), x)
    assert dx[1] == dx[2] == -rn.selu(x)[0]  # scale alpha
    assert dx[3] == dx[4] < dx[1]
    assert np.isnan(dx[5])


X = np.ones(3)


@refused(
    [
        ErrorInput("alpha as text", (X,), {"alpha": "1"}, OptionError, "of type str"),
        ErrorInput("alpha as bool", (X,), {"alpha": False}, OptionError, "of type bool"),
        ErrorInput("infinite alpha", (X,), {"alpha": np.inf}, OptionError, "finite"),
        ErrorInput("alpha not a number", (X,), {"alpha": np.nan}, OptionError, "nan"),
        ErrorInput("alpha as array", (X,), {"alpha": X}, OptionError, "ndarray"),
        ErrorInput("alpha by position", (X, 1.0), {}, ArgumentError, "2 positional"),
        ErrorInput("another op's option", (X,), {"slope": 1.0}, ArgumentError, "alpha"),
        ErrorInput("text", (np.array(["1"]),), {}, DtypeError, "<U1"),
    ]
)
def test_elu_refuses(case):
    check_refused(rn.elu, case)


@refused(
    [
        ErrorInput("alpha", (X,), {"alpha": 1.67}, ArgumentError, "no options"),
        ErrorInput("text", (np.array(["1"]),), {}, DtypeError, "<U1"),
        ErrorInput("objects", (np.array([None]),), {}, DtypeError, "object"),
        ErrorInput("ragged rows", ([[1.0], [1.0, 2.0]],), {}, ShapeError, "ragged"),
        ErrorInput("masked", (np.ma.masked_array(X),), {}, DtypeError, "masked"),
    ]
)
def test_selu_refuses(case):
    check_refused(rn.selu, case)
