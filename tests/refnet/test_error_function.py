"""erf and erfc against mpmath over the whole range, in every dtype."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refnet.error_function import erf, erfc, gaussian, scaled_erfc
from tests.exact import roundoffs

DTYPES = [np.float32, np.float64, np.longdouble]
# Where erfc is subnormal, or 0.
END = {np.float32: 10.4, np.float64: 27.3, np.longdouble: 107.0}


def arguments(dtype, rng):
    tail = END[dtype] if np.finfo(dtype).minexp < -2000 or dtype != np.longdouble else 27.3
    parts = [
        rng.uniform(-1, 1, 200),
        rng.uniform(0.45, 0.75, 100),  # where the formulas meet
        rng.uniform(-7, 7, 200),
        rng.uniform(0.5, tail, 200),
        rng.uniform(0.95 * tail, 1.05 * tail, 50),
        rng.standard_normal(50) * 10.0 ** rng.uniform(-30, 0, 50),
        [0.5, -0.5, np.nextafter(0.5, 0), np.nextafter(0.5, 1), 6.5],
    ]
    return np.concatenate(parts).astype(dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_erf_and_erfc_against_mpmath(dtype, rng):
    x = arguments(dtype, rng)
    assert roundoffs(erf(x), x, mpmath.erf) < 8
    assert roundoffs(erfc(x), x, mpmath.erfc) < 12


@pytest.mark.parametrize("dtype", DTYPES)
def test_parts_against_mpmath(dtype, rng):
    x = arguments(dtype, rng)
    assert roundoffs(gaussian(x), x, lambda v: mpmath.exp(-v * v)) < 8
    assert roundoffs(gaussian(x, half=True), x, lambda v: mpmath.exp(-v * v / 2)) < 8
    x = x[x >= 0.5]
    assert roundoffs(scaled_erfc(x), x, lambda v: mpmath.exp(v * v) * mpmath.erfc(v)) < 8


@pytest.mark.parametrize("dtype", DTYPES)
def test_ends_and_zeros(dtype):
    # Warnings are errors here: nothing overflows.
    x = np.array([-np.inf, -np.finfo(dtype).max, -0.0, 0.0, np.finfo(dtype).max, np.inf, np.nan])
    x = x.astype(dtype)
    np.testing.assert_array_equal(erf(x), np.array([-1, -1, 0, 0, 1, 1, np.nan], dtype))
    assert np.signbit(erf(x)[:4]).tolist() == [True, True, True, False]
    np.testing.assert_array_equal(erfc(x), np.array([2, 2, 1, 1, 0, 0, np.nan], dtype))
    assert erf(x).dtype == erfc(x).dtype == dtype


@given(st.floats(-30, 30))
def test_symmetry_and_range(v):
    x = np.array([v, -v])
    y, z = erf(x), erfc(x)
    assert y[0] == -y[1]
    assert (np.abs(y) <= 1).all()
    assert (z >= 0).all()
    np.testing.assert_allclose(y + z, 1, atol=4e-16)
    np.testing.assert_allclose(z.sum(), 2, rtol=4e-16)


def test_complex_step():
    x = np.array([-6.0, -1.0, -0.49, -0.51, 0.0, 0.2, 0.6, 3.0, 8.0, 20.0])
    slope = 2 / np.sqrt(np.pi) * np.exp(-x * x)
    z = x + 1e-20j
    np.testing.assert_allclose(erf(z).imag / 1e-20, slope, rtol=1e-13)
    np.testing.assert_allclose(erfc(z).imag / 1e-20, -slope, rtol=1e-13)
    np.testing.assert_allclose(erf(z).real, erf(x), rtol=1e-15)
    wide = erf(z.astype(np.clongdouble))
    assert wide.dtype == np.clongdouble
    np.testing.assert_allclose((wide.imag / 1e-20).astype(float), slope, rtol=1e-13)


def test_shapes():
    for shape in ((), (0, 3), (2, 3), (1,)):
        x = np.full(shape, 0.75)
        assert erf(x).shape == erfc(x).shape == scaled_erfc(x).shape == shape
        assert type(erf(x)) is np.ndarray
