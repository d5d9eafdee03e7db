"""reshape and transpose."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import refnet as rn
from refnet import DtypeError, OptionError, ShapeError
from refnet.errors import ArgumentError
from tests.error_inputs import ErrorInput, check_refused, refused

X = np.arange(24.0).reshape(2, 3, 4)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (24, (24,)),
        (-1, (24,)),
        ((6, 4), (6, 4)),
        ([4, 6], (4, 6)),
        ((-1, 8), (3, 8)),
        ((2, 1, -1), (2, 1, 12)),
        ((24, -1), (24, 1)),
        (np.int64(24), (24,)),
        ((np.int32(3), 8), (3, 8)),
    ],
)
def test_reshape(shape, expected):
    assert rn.reshape.shape(X.shape, shape=shape) == expected
    y = rn.reshape(X, shape=shape)
    np.testing.assert_array_equal(y, X.reshape(expected))
    (dx,) = rn.reshape.vjp(-y, X, shape=shape)
    np.testing.assert_array_equal(dx, -X)


def test_reshape_follows_indices_and_not_memory():
    expected = X.ravel().tolist()
    for x in (X, np.asfortranarray(X), np.flip(np.flip(X).copy())):
        y = rn.reshape(x, shape=-1)
        assert y.tolist() == expected
        assert not np.shares_memory(x, y)


def test_reshape_of_little():
    assert rn.reshape(np.array(3.0), shape=(1, -1)).tolist() == [[3.0]]
    assert rn.reshape(np.array([[3.0]]), shape=()).shape == ()
    assert rn.reshape(np.ones((0, 3)), shape=(5, 0)).shape == (5, 0)
    assert rn.reshape(np.ones((0, 3)), shape=(-1, 3)).shape == (0, 3)


@pytest.mark.parametrize("axes", [None, *itertools.permutations(range(3)), (-1, 0, -2), [2, 1, 0]])
def test_transpose(axes):
    y = rn.transpose(X, axes=axes)
    np.testing.assert_array_equal(y, np.transpose(X, axes))
    assert y.flags.c_contiguous
    assert y.shape == rn.transpose.shape(X.shape, axes=axes)
    (dx,) = rn.transpose.vjp(-y, X, axes=axes)
    np.testing.assert_array_equal(dx, -X)
    assert not np.shares_memory(X, y)


def test_transpose_of_little():
    assert rn.transpose(np.array(2.0)).shape == ()
    assert rn.transpose(np.ones(3), axes=(0,)).tolist() == [1, 1, 1]
    assert rn.transpose(np.ones((0, 3))).shape == (3, 0)


@refused(
    [
        ErrorInput("no shape", (X,), {}, ArgumentError, "no option 'shape'"),
        ErrorInput("None", (X,), {"shape": None}, OptionError, "shape=None"),
        ErrorInput("another size", (X,), {"shape": (5, 5)}, ShapeError, "24 element"),
        ErrorInput("no multiple", (X,), {"shape": (5, -1)}, ShapeError, r"shape=\(5, -1\)"),
        ErrorInput("two unknown", (X,), {"shape": (-1, -1)}, OptionError, "at most one"),
        ErrorInput("ambiguous", (np.ones((0, 3)),), {"shape": (0, -1)}, ShapeError, "one length"),
        ErrorInput("0 for 24", (X,), {"shape": (0, 4)}, ShapeError, "as many elements"),
        ErrorInput("-2", (X,), {"shape": (-2, 12)}, OptionError, "at least -1"),
        ErrorInput("float", (X,), {"shape": (2.0, 12)}, OptionError, "of type float"),
        ErrorInput("bool", (X,), {"shape": (True, 24)}, OptionError, "of type bool"),
        ErrorInput("text", (X,), {"shape": "24"}, OptionError, "shape='24'"),
        ErrorInput("array", (X,), {"shape": np.array([24])}, OptionError, "array passed as shape"),
        ErrorInput("by position", (X, (4, 6)), {}, ArgumentError, "by keyword"),
        ErrorInput("integers", (np.arange(3),), {"shape": 3}, DtypeError, "int64"),
    ]
)
def test_reshape_refuses(case):
    check_refused(rn.reshape, case)


@refused(
    [
        ErrorInput("axis left out", (X,), {"axes": (0, 1)}, OptionError, "each axis once"),
        ErrorInput("axis twice", (X,), {"axes": (0, 1, -2)}, OptionError, "each axis once"),
        ErrorInput("too large", (X,), {"axes": (0, 1, 3)}, OptionError, "from -3 to 2"),
        ErrorInput("one int", (X,), {"axes": 1}, OptionError, "tuple of 3 integers"),
        ErrorInput("float", (X,), {"axes": (0.0, 1, 2)}, OptionError, "of type float"),
        ErrorInput("of a scalar", (np.array(1.0),), {"axes": (0,)}, OptionError, "0 dimension"),
        ErrorInput("by position", (X, (2, 1, 0)), {}, ArgumentError, "by keyword"),
        ErrorInput("bools", (np.ones(2, bool),), {}, DtypeError, "bool"),
    ]
)
def test_transpose_refuses(case):
    check_refused(rn.transpose, case)
