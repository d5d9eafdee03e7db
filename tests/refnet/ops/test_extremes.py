"""maximum, minimum, max and min."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import refnet as rn
from refnet import DtypeError, OptionError, ShapeError
from refnet.errors import ArgumentError
from tests.error_inputs import ErrorInput, check_refused, refused

DTYPES = [np.float16, np.float32, np.float64, np.longdouble]
inf, nan = np.inf, np.nan
PAIRS = [rn.maximum, rn.minimum]
ALONG = [rn.max, rn.min]
shapes = hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=4)
few = st.sampled_from([-1.0, 0.0, 1.0, 2.0])


def name(op):
    return op.name


def bits(a):
    """Values that tell -0 from +0."""
    return [(float(v), bool(np.signbit(v))) for v in np.ravel(a)]


@pytest.mark.parametrize("op", PAIRS, ids=name)
@given(data=st.data(), both=shapes)
def test_pairs_under_broadcasting(op, data, both):
    a, b = (data.draw(hnp.arrays(float, s, elements=few)) for s in both.input_shapes)
    y = op(a, b)
    np.testing.assert_array_equal(y, np.where((a > b) == (op is rn.maximum), a, b))
    dy = np.linspace(-1, 2, y.size).reshape(y.shape)
    da, db = op.vjp(dy, a, b)
    assert (da.shape, db.shape) == (a.shape, b.shape)
    # Every cotangent goes somewhere, and in proportion to who is chosen.
    assert da.sum() + db.sum() == pytest.approx(dy.sum(), abs=1e-9)
    assert (da * a).sum() + (db * b).sum() == pytest.approx((dy * y).sum(), abs=1e-9)


# Long enough for vector loops, whose zeros may differ from those of the remainder.
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", [1, 3, 64, 67])
def test_signs_of_zeros(dtype, n):
    plus, minus = np.zeros(n, dtype), -np.zeros(n, dtype)
    for a, b in ((plus, minus), (minus, plus)):
        assert bits(rn.maximum(a, b)) == [(0, False)] * n
        assert bits(rn.minimum(a, b)) == [(0, True)] * n
    for z, sign in ((plus, False), (minus, True)):
        assert bits(rn.maximum(z, z)) == bits(rn.minimum(z, z)) == [(0, sign)] * n
    mixed = np.concatenate([minus, plus, minus])
    for x in (mixed, mixed[::-1], np.roll(mixed, n)):
        assert bits(rn.max(x)) == [(0, False)]
        assert bits(rn.min(x)) == [(0, True)]
    assert bits(rn.max(minus)) == [(0, True)]
    assert bits(rn.min(plus)) == [(0, False)]
    below, above = np.append(minus, dtype(-1)), np.append(plus, dtype(1))
    assert bits(rn.max(below)) == [(0, True)]
    assert bits(rn.min(above)) == [(0, False)]


def test_signs_of_zeros_in_several_results():
    x = np.array([[-0.0, 0.0, -1.0], [-0.0, -2.0, -0.0], [-3.0, -4.0, -5.0], [0.0, 0.0, 1.0]])
    assert bits(rn.max(x, axis=1)) == [(0, False), (0, True), (-3, True), (1, False)]
    assert bits(rn.min(x, axis=1, keepdims=True)) == [
        (-1, True),
        (-2, True),
        (-5, True),
        (0, False),
    ]


@pytest.mark.parametrize("op", PAIRS, ids=name)
def test_nan_passes_and_takes_the_cotangent(op):
    a, b = np.array([nan, 1.0, nan, inf]), np.array([1.0, nan, nan, -inf])
    y = op(a, b)
    assert np.isnan(y[:3]).all()
    assert y[3] == (inf if op is rn.maximum else -inf)
    dy = np.array([1.0, 2.0, 3.0, 4.0])
    da, db = op.vjp(dy, a, b)
    assert da.tolist()[:3] == db.tolist()[:3] == [1, 2, 3]


@pytest.mark.parametrize("op", PAIRS, ids=name)
def test_a_tie_is_halved(op):
    da, db = op.vjp(np.array([3.0, -5.0, 7.0]), np.array([2.0, 0.0, inf]), np.array([2, -0.0, inf]))
    assert da.tolist() == db.tolist() == [1.5, -2.5, 3.5]


def test_relu_is_a_maximum_but_for_its_kink(rng):
    x, dy = rng.standard_normal((2, 9))
    zero = np.array(0.0)
    np.testing.assert_array_equal(rn.maximum(x, zero), rn.relu(x))
    np.testing.assert_array_equal(rn.maximum.vjp(dy, x, zero)[0], rn.relu.vjp(dy, x)[0])


@st.composite
def array_and_axis(draw):
    shape = hnp.array_shapes(min_dims=1, max_dims=4, max_side=4)
    x = draw(hnp.arrays(float, shape, elements=few))
    axis = draw(st.none() | hnp.valid_tuple_axes(x.ndim, min_size=1))
    return x, axis


@pytest.mark.parametrize("op", ALONG, ids=name)
@given(drawn=array_and_axis(), keepdims=st.booleans())
def test_along_axes(op, drawn, keepdims):
    x, axis = drawn
    y = op(x, axis=axis, keepdims=keepdims)
    function = np.max if op is rn.max else np.min
    np.testing.assert_array_equal(y, function(x, axis=axis, keepdims=keepdims))
    dy = np.linspace(-1, 2, y.size).reshape(y.shape)
    (dx,) = op.vjp(dy, x, axis=axis, keepdims=keepdims)
    kept = function(x, axis=axis, keepdims=True)
    ties = (x == kept).sum(axis=axis, keepdims=True)
    np.testing.assert_array_equal(dx, np.where(x == kept, dy.reshape(kept.shape) / ties, 0))


@pytest.mark.parametrize("op", ALONG, ids=name)
def test_ties_share_and_nan_is_not_hidden(op):
    sign = 1 if op is rn.max else -1
    x = sign * np.array([[1.0, 3.0, 3.0, 3.0], [2.0, 1.0, 0.0, -1.0], [1.0, nan, 2.0, 5.0]])
    y = op(x, axis=1)
    np.testing.assert_array_equal(y, [3 * sign, 2 * sign, nan])
    (dx,) = op.vjp(np.array([6.0, -1.0, 1.0]), x, axis=1)
    np.testing.assert_array_equal(dx, [[0, 2, 2, 2], [-1, 0, 0, 0], [nan] * 4])
    assert not np.signbit(dx[1, 1:]).any()
    assert np.isnan(op(x))


def test_zeros_of_both_signs_tie():
    (dx,) = rn.max.vjp(np.array(1.0), np.array([0.0, -0.0, -1.0]))
    assert dx.tolist() == [0.5, 0.5, 0]


def test_no_results_of_something():
    x = np.ones((0, 3))
    assert rn.max(x, axis=1).shape == (0,)
    assert rn.min.vjp(np.ones(0), x, axis=1)[0].shape == (0, 3)


@pytest.mark.parametrize("op", PAIRS, ids=name)
@refused(
    [
        ErrorInput("shapes", (np.ones((2, 3)), np.ones((2, 4))), {}, ShapeError, r"b \(2, 4\)"),
        ErrorInput("leading axes", (np.ones((2, 3)), np.ones(2)), {}, ShapeError, "last axis"),
        ErrorInput(
            "mixed dtypes", (np.ones(2, np.float32), np.ones(2)), {}, DtypeError, "float64 beside"
        ),
        ErrorInput("integers", (np.arange(2), np.arange(2)), {}, DtypeError, "dtype int64"),
        ErrorInput("complex", (np.ones(2, complex),) * 2, {}, DtypeError, "complex128"),
        ErrorInput("one input", (np.ones(2),), {}, ArgumentError, "1 positional"),
        ErrorInput("axis", (np.ones(2), np.ones(2)), {"axis": 0}, ArgumentError, "'axis'"),
    ]
)
def test_pairs_refuse(op, case):
    check_refused(op, case)


X = np.ones((2, 3))


@pytest.mark.parametrize("op", ALONG, ids=name)
@refused(
    [
        ErrorInput("nothing", (np.ones(0),), {}, ShapeError, "at least one element"),
        ErrorInput("empty axis", (np.ones((0, 3)),), {"axis": 0}, ShapeError, r"shape \(0, 3\)"),
        ErrorInput("no results either", (np.ones((0, 0)),), {"axis": 1}, ShapeError, "at least"),
        ErrorInput("axis too large", (X,), {"axis": 2}, OptionError, "from -2 to 1"),
        ErrorInput("axis twice", (X,), {"axis": (0, -2)}, OptionError, "each axis once"),
        ErrorInput("float axis", (X,), {"axis": 1.0}, OptionError, "of type float"),
        ErrorInput("keepdims as int", (X,), {"keepdims": 1}, OptionError, "True or False"),
        ErrorInput("two arrays", (X, X), {}, ArgumentError, "2 positional"),
        ErrorInput("initial", (X,), {"initial": 0.0}, ArgumentError, "'initial'"),
        ErrorInput("integers", (np.arange(3),), {}, DtypeError, "int64"),
        ErrorInput("complex", (np.ones(2, complex),), {}, DtypeError, "complex128"),
    ]
)
def test_along_axes_refuse(op, case):
    check_refused(op, case)
