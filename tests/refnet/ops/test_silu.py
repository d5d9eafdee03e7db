"""silu."""

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


@pytest.mark.parametrize("dtype", DTYPES)
def test_against_mpmath(dtype, rng):
    x = np.concatenate(
        [rng.uniform(LEFT[dtype], 40, 200), rng.uniform(-5, 5, 200), rng.uniform(-1, 1, 50) * 1e-20]
    ).astype(dtype)
    # Relative to the value in both tails, also where exp(x) alone would be subnormal.
    assert roundoffs(rn.silu(x), x, lambda v: v / (1 + mpmath.exp(-v))) < 10


def test_symmetry(rng):
    x = rng.standard_normal(50) * 4
    np.testing.assert_allclose(rn.silu(x) - rn.silu(-x), x, rtol=1e-14)
    np.testing.assert_allclose(rn.silu(x), x * rn.sigmoid(x), rtol=1e-14)


def test_minimum():
    # Its derivative's root, to 16 digits, from mpmath.
    root = float(mpmath.findroot(lambda v: 1 + mpmath.exp(-v) * (1 + v), -1.28))
    np.testing.assert_allclose(rn.silu(np.array([root])), [-0.2784645427610738], rtol=1e-15)
    assert abs(rn.silu.vjp(np.ones(1), np.array([root]))[0][0]) < 1e-15


@pytest.mark.parametrize("dtype", [np.float16, *DTYPES])
def test_ends(dtype):
    x = np.array([-np.inf, np.finfo(dtype).min, -0.0, 0, np.finfo(dtype).max, np.inf, np.nan])
    with np.errstate(over="ignore"):
        x = x.astype(dtype)
    y = rn.silu(x)
    largest = np.finfo(dtype).max
    np.testing.assert_array_equal(y, np.array([0, 0, 0, 0, largest, np.inf, np.nan], dtype))
    assert np.signbit(y[:4]).tolist() == [True, True, True, False]
    (dx,) = rn.silu.vjp(np.ones_like(x), x)
    np.testing.assert_array_equal(dx, np.array([0, 0, 0.5, 0.5, 1, 1, np.nan], dtype))


X = np.ones(3)


@refused(
    [
        ErrorInput("swish's beta", (X,), {"beta": 1.0}, ArgumentError, "no options"),
        ErrorInput("torch's inplace", (X,), {"inplace": True}, ArgumentError, "'inplace'"),
        ErrorInput("text", (np.array(["1"]),), {}, DtypeError, "<U1"),
        ErrorInput("objects", (np.array([None]),), {}, DtypeError, "object"),
        ErrorInput("ragged rows", ([[1.0], [1.0, 2.0]],), {}, ShapeError, "ragged"),
        ErrorInput("masked", (np.ma.masked_array(X),), {}, DtypeError, "masked"),
    ]
)
def test_refuses(case):
    check_refused(rn.silu, case)
