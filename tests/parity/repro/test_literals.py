"""Arrays as text are read back to the last bit."""

from __future__ import annotations

import base64  # noqa: F401  # what the text of large arrays calls
from math import inf, nan  # noqa: F401

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from parity.repro.literals import INLINE, array, identifier, option, packed


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@given(data=st.data())
def test_floats(dtype, data):
    a = data.draw(hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0)))
    again = eval(array(a, f"np.{dtype}"))
    assert again.shape == a.shape
    np.testing.assert_array_equal(np.signbit(again[a == 0]), np.signbit(a[a == 0]))
    np.testing.assert_array_equal(again, a)


@given(bits=hnp.arrays("uint16", (7,)))
def test_bfloat16(bits):
    a = bits.view(ml_dtypes.bfloat16)
    again = eval(array(a, "ml_dtypes.bfloat16"))
    np.testing.assert_array_equal(again.astype(float), a.astype(float))


@given(a=hnp.arrays("float64", (3, 2), elements=st.floats(allow_nan=True)))
def test_longdouble(a):
    with np.errstate(all="ignore"):
        wide = a.astype(np.longdouble) / 3
    again = eval(array(wide, "str")).astype(np.longdouble)
    np.testing.assert_array_equal(again, wide)


@pytest.mark.parametrize("dtype", ["int64", "bool", "float32"])
def test_large_arrays_are_packed(dtype):
    a = (np.arange(INLINE + 2) % 3).astype(dtype).reshape(2, -1)
    text = array(a, f"np.{dtype}" if dtype != "bool" else "bool")
    assert "b64decode" in text
    again = eval(text)
    assert again.dtype == a.dtype
    np.testing.assert_array_equal(again, a)


def test_packed_bfloat16():
    a = np.arange(5).astype(ml_dtypes.bfloat16)
    np.testing.assert_array_equal(eval(packed(a)), a.astype(np.float32))


def test_options_and_names():
    for value in (3, -0.5, inf, "SAME", (1, (2, 3)), None, True, np.dtype("float64")):
        assert eval(option(value)) == value
    assert identifier("xs[10]") == "xs_10"
