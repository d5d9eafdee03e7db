"""embedding and one_hot."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import refnet as rn
from refnet import DomainError, DtypeError, OptionError, ShapeError
from refnet.errors import ArgumentError
from tests.error_inputs import ErrorInput, check_refused, refused

IDS = hnp.arrays(np.int64, hnp.array_shapes(max_dims=3, max_side=5), elements=st.integers(0, 6))


@given(IDS)
def test_embedding_is_one_hot_times_the_table(ids):
    rng = np.random.default_rng(0)
    table = rng.integers(-9, 10, (7, 3)).astype(float)  # sums of integers are exact
    hot = rn.one_hot(ids, classes=7)
    y = rn.embedding(ids, table)
    np.testing.assert_array_equal(y, hot @ table)
    dy = rng.integers(-9, 10, y.shape).astype(float)
    none, dtable = rn.embedding.vjp(dy, ids, table)
    assert none is None
    np.testing.assert_array_equal(dtable, hot.reshape(-1, 7).T @ dy.reshape(-1, 3))


def test_sums_are_in_the_order_of_the_places():
    ids = np.array([1, 0, 1, 1])
    dy = np.array([[1e16], [5.0], [1.0], [-1e16]])
    _, dtable = rn.embedding.vjp(dy, ids, np.zeros((2, 1)))
    np.testing.assert_array_equal(dtable, [[5.0], [(1e16 + 1.0) - 1e16]])


def test_half_types_sum_in_float32():
    ids, table = np.zeros(5000, int), np.zeros((1, 1), np.float16)
    _, dtable = rn.embedding.vjp(np.ones((5000, 1), np.float16), ids, table)
    assert dtable == 5000  # float16 itself stops at 2048


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint64])
def test_integers_of_any_kind(dtype):
    table = np.arange(6.0).reshape(3, 2)
    np.testing.assert_array_equal(rn.embedding(np.array([2, 0], dtype), table), table[[2, 0]])
    np.testing.assert_array_equal(
        rn.one_hot(np.array([2, 0], dtype), classes=3), [[0, 0, 1], [1, 0, 0]]
    )


def test_the_padding_row_is_looked_up_and_gets_no_gradient():
    ids, table = np.array([0, 1, 1, 2]), np.arange(6.0).reshape(3, 2)
    np.testing.assert_array_equal(rn.embedding(ids, table, padding_idx=1), table[ids])
    _, dtable = rn.embedding.vjp(np.ones((4, 2)), ids, table, padding_idx=1)
    np.testing.assert_array_equal(dtable, [[1, 1], [0, 0], [1, 1]])


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
def test_one_hot_axis(axis):
    labels = np.array([[2, 0, 1], [1, 1, 3]])
    y = rn.one_hot(labels, classes=4, axis=axis)
    np.testing.assert_array_equal(y, np.moveaxis(np.eye(4)[labels], -1, axis))


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16, "float32", np.longdouble])
def test_one_hot_dtype(dtype):
    y = rn.one_hot(np.array([1]), classes=2, dtype=dtype)
    assert y.dtype == np.dtype(dtype)
    assert rn.one_hot.vjp(np.ones((1, 2), dtype), np.array([1]), classes=2, dtype=dtype) == (None,)


NUMBERS, TABLE = np.array([[0, 1], [2, 1]]), np.ones((3, 2))


@refused(
    [
        ErrorInput("too large", (NUMBERS + 1, TABLE), {}, DomainError, r"3 at position \(1, 0\)"),
        ErrorInput("negative", (NUMBERS - 1, TABLE), {}, DomainError, r"-1 at position \(0, 0\)"),
        ErrorInput("empty table", (NUMBERS, TABLE[:0]), {}, DomainError, "empty table"),
        ErrorInput("exchanged", (TABLE, NUMBERS), {}, DtypeError, "integer"),
        ErrorInput("float ids", (NUMBERS.astype(float), TABLE), {}, DtypeError, "ids of dtype"),
        ErrorInput("bools", (NUMBERS > 0, TABLE), {}, DtypeError, "bool"),
        ErrorInput("a vector", (NUMBERS, TABLE[0]), {}, ShapeError, r"table \(V, D\)"),
        ErrorInput("integer table", (NUMBERS, TABLE.astype(int)), {}, DtypeError, "int64"),
        ErrorInput("no such row", (NUMBERS, TABLE), {"padding_idx": 3}, OptionError, "3 row"),
        ErrorInput("negative row", (NUMBERS, TABLE), {"padding_idx": -1}, OptionError, "=-1"),
        ErrorInput("text", (NUMBERS, TABLE), {"padding_idx": "0"}, OptionError, "of type str"),
        ErrorInput("a bool", (NUMBERS, TABLE), {"padding_idx": True}, OptionError, "of type bool"),
        ErrorInput("no table", (NUMBERS,), {}, ArgumentError, "1 positional"),
    ]
)
def test_embedding_refuses(case):
    check_refused(rn.embedding, case)


def test_the_vjp_refuses_numbers_out_of_range():
    with pytest.raises(DomainError, match="from 0 to 2"):
        rn.embedding.vjp(np.ones((1, 2)), np.array([3]), TABLE)


@refused(
    [
        ErrorInput("no classes", (NUMBERS,), {}, ArgumentError, "'classes'"),
        ErrorInput("too large", (NUMBERS,), {"classes": 2}, DomainError, r"position \(1, 0\)"),
        ErrorInput("negative", (NUMBERS - 1,), {"classes": 3}, DomainError, "label -1"),
        ErrorInput("none at all", (NUMBERS,), {"classes": 0}, DomainError, "without classes"),
        ErrorInput("float classes", (NUMBERS,), {"classes": 3.0}, OptionError, "of type float"),
        ErrorInput("negative classes", (NUMBERS,), {"classes": -1}, OptionError, "classes=-1"),
        ErrorInput("axis", (NUMBERS,), {"classes": 3, "axis": 3}, OptionError, "axis=3"),
        ErrorInput("text", (NUMBERS,), {"classes": 3, "axis": "1"}, OptionError, "axis='1'"),
        ErrorInput("floats", (TABLE,), {"classes": 3}, DtypeError, "integer"),
        ErrorInput("bools", (NUMBERS > 0,), {"classes": 3}, DtypeError, "bool"),
        ErrorInput("integer", (NUMBERS,), {"classes": 3, "dtype": int}, DtypeError, "int64"),
        ErrorInput("no dtype", (NUMBERS,), {"classes": 3, "dtype": None}, DtypeError, "None"),
    ]
)
def test_one_hot_refuses(case):
    check_refused(rn.one_hot, case)


def test_one_hot_s_vjp_refuses_what_the_forward_call_refuses():
    with pytest.raises(DomainError, match="label 7"):
        rn.one_hot.vjp(np.ones((2, 3)), np.array([7, 0]), classes=3)
