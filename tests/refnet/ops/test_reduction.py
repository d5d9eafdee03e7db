from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import refnet as rn
from refnet import DtypeError, OptionError
from refnet.errors import ArgumentError
from tests.error_inputs import ErrorInput, check_refused, refused


@st.composite
def array_and_axis(draw):
    x = draw(
        hnp.arrays(
            np.float64,
            hnp.array_shapes(min_dims=0, max_dims=4, max_side=4),
            elements=st.floats(-1000, 1000, width=32),
        )
    )
    axes = st.integers(-x.ndim, x.ndim - 1) if x.ndim else st.nothing()
    axis = draw(
        st.none() | axes | hnp.valid_tuple_axes(x.ndim, min_size=1) if x.ndim else st.none()
    )
    return x, axis


@pytest.mark.parametrize(("op", "function"), [(rn.sum, np.sum), (rn.mean, np.mean)])
@given(drawn=array_and_axis(), keepdims=st.booleans())
def test_forward_and_vjp(op, function, drawn, keepdims):
    x, axis = drawn
    y = op(x, axis=axis, keepdims=keepdims)
    np.testing.assert_allclose(y, function(x, axis=axis, keepdims=keepdims), rtol=1e-12, atol=1e-9)
    dy = np.arange(1.0, y.size + 1).reshape(y.shape)
    (dx,) = op.vjp(dy, x, axis=axis, keepdims=keepdims)
    assert dx.shape == x.shape
    share = x.size // y.size if op is rn.mean else 1
    assert (dx * share * x).sum() == pytest.approx((dy * y * share).sum(), rel=1e-9, abs=1e-6)


def test_nothing_sums_to_zero_and_has_no_mean():
    assert rn.sum(np.ones((0, 3)), axis=0).tolist() == [0, 0, 0]
    with np.errstate(invalid="ignore"):
        assert np.isnan(rn.mean(np.ones((0, 3)))).all()


def test_float16_accumulates_in_float32():
    # In float16 the sum would stop at 2048, where 1 is half a unit in the last place.
    x = np.ones(4096, np.float16)
    assert rn.sum(x) == 4096
    assert rn.mean(x) == 1


def test_list_of_axes():
    x = np.ones((2, 3, 4))
    assert rn.sum(x, axis=[0, 2]).tolist() == [8, 8, 8]


X = np.ones((2, 3))
ERRORS = [
    ErrorInput("axis too large", (X,), {"axis": 2}, OptionError, "from -2 to 1"),
    ErrorInput("axis too small", (X,), {"axis": -3}, OptionError, "from -2 to 1"),
    ErrorInput("bool axis", (X,), {"axis": True}, OptionError, "of type bool"),
    ErrorInput("float axis", (X,), {"axis": 1.0}, OptionError, "of type float"),
    ErrorInput("axis twice", (X,), {"axis": (0, -2)}, OptionError, "each axis once"),
    ErrorInput("axis of a scalar", (np.float64(1),), {"axis": 0}, OptionError, "0 dimension"),
    ErrorInput("keepdims as int", (X,), {"keepdims": 1}, OptionError, "True or False"),
    ErrorInput("axis by position", (X, 0), {}, ArgumentError, "by keyword"),
    ErrorInput("unknown option", (X,), {"axes": 0}, ArgumentError, "Did you mean 'axis'"),
    ErrorInput("integers", (np.ones(2, int),), {}, DtypeError, "int64"),
]


@pytest.mark.parametrize("op", [rn.sum, rn.mean], ids=lambda op: op.name)
@refused(ERRORS)
def test_refuses(op, case):
    check_refused(op, case)


@pytest.mark.parametrize("op", [rn.sum, rn.mean, rn.max, rn.min, rn.var], ids=lambda op: op.name)
def test_keepdims_may_be_a_bool_of_numpy(op):
    x = np.array([[0.0, 1.0], [3.0, 0.0]])
    y, vjp = op.with_vjp(x, axis=1, keepdims=np.bool_(True))
    np.testing.assert_array_equal(y, op(x, axis=1, keepdims=True))
    assert vjp(y)[0].shape == x.shape
