from __future__ import annotations

import math

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from parity.trace.distance import distance, rounding

FLOATS = st.floats(-1e3, 1e3)
VECTORS = arrays.arrays(np.float64, 6, elements=FLOATS)


@given(VECTORS, VECTORS)
def test_against_the_formula(a, b):
    found = distance(a, b)
    assert found.gap == pytest.approx(np.sqrt(np.mean((a - b) ** 2)))
    assert found.size == pytest.approx(
        np.sqrt(max(np.mean(a**2), np.mean(b**2)) if (a != b).any() else np.mean(a**2))
    )
    assert found.differing == (a != b).sum()
    assert found.elements == 6
    if found.differing:
        assert abs(a - b)[found.place] == abs(a - b).max()
        assert found.relative == found.gap / found.size <= 2
    else:
        assert found.relative == 0
    back = distance(b, a)
    assert (back.gap, back.size) == (found.gap, found.size)


@pytest.mark.parametrize("scale", [1e-320, 1e-200, 1e-160, 1e160, 1e300])
def test_extreme_scales(scale):
    a, b = np.array([1.0, 2.0]) * scale, np.array([1.0, 1.0]) * scale
    assert distance(a, b).relative == pytest.approx(math.sqrt(1 / 5), rel=1e-3)


def test_nan_and_infinities():
    x = np.array([1.0, np.nan, np.inf, -np.inf])
    assert distance(x, x.copy()).differing == 0
    assert distance(x, x.copy()).size == 0.5
    for i, other in ((0, np.nan), (1, 1.0), (2, -np.inf), (3, 0.0), (2, np.nan), (0, np.inf)):
        y = x.copy()
        y[i] = other
        for found in (distance(x, y), distance(y, x)):
            assert found.gap == found.relative == math.inf
            assert found.differing == 1
            assert found.place == (i,)
    y = x.copy()
    y[0] = 3.0
    assert distance(x, y).relative == pytest.approx(2 / 3)


def test_one_of_them_zero():
    assert distance(np.zeros(3), np.ones(3)).relative == 1
    assert distance(np.zeros(3), -np.zeros(3)).differing == 0
    assert distance(np.zeros((0, 3)), np.zeros((0, 3))).relative == 0
    assert distance(np.array(1.0), np.array(1.5)).place == ()


def test_exact_dtypes_lose_nothing():
    big = np.array([2**63 - 1, 5])
    assert distance(big, big - [1, 0]).differing == 1
    assert distance(big.astype("u8"), big).differing == 0
    assert distance(np.array([True, False]), np.array([True, True])).differing == 1
    assert distance(np.array([3], "i1"), np.array([3.0], "f4")).differing == 0
    assert distance(np.array([1j]), np.array([-1j])).relative == 2


def test_mixed_dtypes_and_their_rounding():
    x = np.linspace(0, 1, 50)
    for dtype, u in (("f2", 2**-11), ("f4", 2**-24), (ml_dtypes.bfloat16, 2**-8)):
        y = x.astype(dtype)
        assert 0 < distance(x, y).relative <= u
        assert rounding(x, y) == rounding(y, x) == rounding(y, y) == 16 * u
    assert rounding(x, x) == 16 * 2**-53
    assert rounding(x, np.arange(3)) == 16 * 2**-53
    assert rounding(np.arange(3), np.array([True])) == 0
    assert rounding(x.astype("c8"), x) == 16 * 2**-24
    wide = x.astype(np.longdouble) / 3
    assert 0 < distance(wide, wide.astype(float)).relative <= 2**-53
