"""gelu, exact and with tanh."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest

import refnet as rn
from refnet import DtypeError, OptionError, ShapeError
from refnet.errors import ArgumentError
from tests.error_inputs import ErrorInput, check_refused, refused
from tests.exact import roundoffs

DTYPES = [np.float32, np.float64, np.longdouble]
# Beyond these the result is 0 on the left.
LEFT = {np.float32: -14.5, np.float64: -38.6, np.longdouble: -38.6}


def tanh_form(v):
    k = mpmath.sqrt(2 / mpmath.pi)
    return v / (1 + mpmath.exp(-2 * k * (v + mpmath.mpf("0.044715") * v**3)))


@pytest.mark.parametrize("dtype", DTYPES)
def test_exact_form_against_mpmath(dtype, rng):
    x = np.concatenate(
        [
            rng.uniform(LEFT[dtype], 6, 300),
            rng.uniform(-1, 1, 100),
            rng.uniform(-0.76, -0.70, 50),  # where the formulas meet
            rng.standard_normal(30) * 10.0 ** rng.uniform(-30, 0, 30),
        ]
    ).astype(dtype)
    # Relative to the value, in the whole left tail, subnormal results included.
    assert roundoffs(rn.gelu(x), x, lambda v: v * mpmath.ncdf(v)) < 12


@pytest.mark.parametrize("dtype", DTYPES)
def test_derivative_against_mpmath(dtype, rng):
    x = rng.uniform(LEFT[dtype] * 0.9, 6, 300).astype(dtype)
    x = x[np.abs(x + 0.7518) > 0.05]  # its root
    (dx,) = rn.gelu.vjp(np.ones_like(x), x)
    assert roundoffs(dx, x, lambda v: mpmath.ncdf(v) + v * mpmath.npdf(v)) < 120


@pytest.mark.parametrize("dtype", DTYPES)
def test_tanh_form_against_mpmath(dtype, rng):
    x = rng.uniform(-4, 6, 300).astype(dtype)
    # The exponent, up to 12 here, counts with its rounding errors.
    assert roundoffs(rn.gelu(x, approximate="tanh"), x, tanh_form) < 60


def test_published_values():
    # scipy.stats.norm.cdf to 16 digits, from tables of the normal distribution.
    np.testing.assert_allclose(rn.gelu(np.array([1.0])), [0.8413447460685429], rtol=1e-15)
    np.testing.assert_allclose(rn.gelu(np.array([-2.0])), [-2 * 0.022750131948179207], rtol=1e-15)
    x = np.linspace(-6, 6, 401)
    naive = np.array([0.5 * v * (1 + math.erf(v / math.sqrt(2))) for v in x])
    np.testing.assert_allclose(rn.gelu(x), naive, atol=1e-15)
    v = np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)
    naive = 0.5 * x * (1 + np.tanh(v))
    np.testing.assert_allclose(rn.gelu(x, approximate="tanh"), naive, atol=1e-15)
    gap = np.abs(rn.gelu(x) - rn.gelu(x, approximate="tanh")).max()
    assert 4e-4 < gap < 5e-4


@pytest.mark.parametrize("approximate", ["none", "tanh"])
@pytest.mark.parametrize("dtype", [np.float16, *DTYPES])
def test_ends(dtype, approximate):
    x = np.array([-np.inf, np.finfo(dtype).min, -0.0, 0, np.finfo(dtype).max, np.inf, np.nan])
    with np.errstate(over="ignore"):
        x = x.astype(dtype)
    y = rn.gelu(x, approximate=approximate)
    largest = np.finfo(dtype).max
    np.testing.assert_array_equal(y, np.array([0, 0, 0, 0, largest, np.inf, np.nan], dtype))
    assert np.signbit(y[:4]).tolist() == [True, True, True, False]
    (dx,) = rn.gelu.vjp(np.ones_like(x), x, approximate=approximate)
    np.testing.assert_array_equal(dx, np.array([0, 0, 0.5, 0.5, 1, 1, np.nan], dtype))


X = np.ones(3)


@refused(
    [
        ErrorInput("unknown form", (X,), {"approximate": "sigmoid"}, OptionError, "'none', 'tanh'"),
        ErrorInput("misspelt form", (X,), {"approximate": "tan"}, OptionError, "mean 'tanh'"),
        ErrorInput("keras's flag", (X,), {"approximate": True}, OptionError, "True"),
        ErrorInput("None", (X,), {"approximate": None}, OptionError, "None"),
        ErrorInput("form by position", (X, "tanh"), {}, ArgumentError, "2 positional"),
        ErrorInput("unknown option", (X,), {"aproximate": "tanh"}, ArgumentError, "'approximate'"),
        ErrorInput("text", (np.array(["1"]),), {}, DtypeError, "<U1"),
        ErrorInput("ragged rows", ([[1.0], [1.0, 2.0]],), {}, ShapeError, "ragged"),
    ]
)
def test_refuses(case):
    check_refused(rn.gelu, case)
