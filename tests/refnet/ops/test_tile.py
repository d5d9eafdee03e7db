"""tile."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import refnet as rn
from refnet import DtypeError, OptionError, ShapeError
from refnet.errors import ArgumentError
from tests.error_inputs import ErrorInput, check_refused, refused

X = np.arange(6.0).reshape(2, 3)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), max_size=4))
def test_forward_is_numpy_s_and_the_vjp_its_adjoint(axes):
    shape, repeats = zip(*axes, strict=True) if axes else ((), ())
    x = np.arange(1.0, np.prod(shape) + 1).reshape(shape)
    y = rn.tile(x, repeats=repeats)
    np.testing.assert_array_equal(y, np.tile(x, repeats))
    assert y.shape == rn.tile.shape(shape, repeats=repeats)
    assert not np.shares_memory(x, y)
    # Sums of integers are exact: <dy, y> = <dx, x> for every x.
    dy = np.arange(y.size).reshape(y.shape) - 5.0
    (dx,) = rn.tile.vjp(dy, x, repeats=repeats)
    assert dx.shape == x.shape
    assert (dx * x).sum() == (dy * y).sum()
    np.testing.assert_array_equal(rn.tile.vjp(y, x, repeats=repeats)[0], x * np.prod(repeats))


def test_by_hand():
    assert rn.tile(np.array([1.0, 2.0]), repeats=2).tolist() == [1, 2, 1, 2]
    assert rn.tile(X, repeats=[2, np.int64(1)]).tolist() == [*X.tolist(), *X.tolist()]
    dy = 10.0 ** np.arange(4).reshape(2, 2)
    assert rn.tile.vjp(dy, np.ones((1, 2)), repeats=(2, 1))[0].tolist() == [[101, 1010]]
    assert rn.tile.vjp(np.ones((2, 0)), X, repeats=(1, 0))[0].tolist() == [[0] * 3] * 2


def test_half_types_sum_in_float32():
    (dx,) = rn.tile.vjp(np.ones(5000, np.float16), np.zeros(1, np.float16), repeats=5000)
    assert dx == 5000  # float16 itself stops at 2048


@refused(
    [
        ErrorInput("no repeats", (X,), {}, ArgumentError, "no option 'repeats'"),
        ErrorInput("None", (X,), {"repeats": None}, OptionError, "repeats=None"),
        ErrorInput("an int for two axes", (X,), {"repeats": 2}, ShapeError, "the batch too"),
        ErrorInput("too few", (X,), {"repeats": (2,)}, ShapeError, "2 dimension"),
        ErrorInput("too many", (X,), {"repeats": (2, 1, 1)}, ShapeError, "for each axis"),
        ErrorInput("negative", (X,), {"repeats": (2, -1)}, OptionError, "repeats=-1"),
        ErrorInput("float", (X,), {"repeats": (2.0, 1)}, OptionError, "of type float"),
        ErrorInput("bool", (X[0],), {"repeats": True}, OptionError, "of type bool"),
        ErrorInput("array", (X,), {"repeats": np.array([2, 1])}, OptionError, "Was an array"),
        ErrorInput("text", (X,), {"repeats": "21"}, OptionError, "of type str"),
        ErrorInput("by position", (X, (1, 1)), {}, ArgumentError, "by keyword"),
        ErrorInput("integers", (np.arange(3),), {"repeats": 2}, DtypeError, "int64"),
    ]
)
def test_refuses(case):
    check_refused(rn.tile, case)


def test_the_vjp_refuses():
    with pytest.raises(ShapeError, match="dy of shape"):
        rn.tile.vjp(np.ones((2, 3)), X, repeats=(2, 1))
