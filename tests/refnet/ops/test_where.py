"""where."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import refnet as rn
from refnet import DtypeError, ShapeError
from refnet.errors import ArgumentError
from tests.error_inputs import ErrorInput, check_refused, refused

F32 = np.float32
nan, inf = np.nan, np.inf
shapes = hnp.mutually_broadcastable_shapes(num_shapes=3, max_dims=3, max_side=4)


@given(st.data(), shapes)
def test_forward_is_numpy_s_and_the_vjp_its_adjoint(data, three):
    of_condition, of_a, of_b = three.input_shapes
    numbers = data.draw(hnp.arrays(int, of_condition, elements=st.integers(-1, 2)))
    condition = numbers.astype(data.draw(st.sampled_from([bool, np.int8, np.int64])))
    # Sums of integers are exact.
    a, b = (np.arange(1.0, np.prod(s) + 1).reshape(s) for s in (of_a, of_b))
    y = rn.where(condition, a, -b)
    np.testing.assert_array_equal(y, np.where(condition != 0, a, -b))
    assert y.shape == rn.where.shape(of_condition, of_a, of_b) == three.result_shape
    dy = np.arange(y.size).reshape(y.shape) - 3.0
    none, da, db = rn.where.vjp(dy, condition, a, b)
    assert none is None
    # <dy, y> = <da, a> + <db, b>, and a taken element has it all.
    assert (dy * y).sum() == (da * a).sum() - (db * b).sum()
    assert dy.sum() == da.sum() + db.sum()


def test_what_is_not_taken_does_not_leak():
    condition = np.array([True, False, False, True])
    a, b = np.array([1.0, nan, inf, 2.0]), np.array([nan, 3.0, 4.0, -inf])
    y, vjp = rn.where.with_vjp(condition, a, b)
    np.testing.assert_array_equal(y, [1, 3, 4, 2])
    dy = np.array([nan, 5.0, inf, 6.0])
    _, da, db = vjp(dy)
    np.testing.assert_array_equal(da, [nan, 0, 0, 6])
    np.testing.assert_array_equal(db, [0, 5, inf, 0])
    assert not np.signbit(rn.where.vjp(-np.ones(4), condition, a, b)[1][1:3]).any()


def test_signed_zeros_are_copied():
    y = rn.where(np.array([1, 0]), np.array([-0.0, 0.0]), np.array([0.0, -0.0]))
    assert np.signbit(y).tolist() == [True, True]


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint16, np.int64])
def test_conditions_of_any_kind(dtype):
    condition = np.array([2, 0, 1]).astype(dtype)
    for _ in range(2):  # what has passed once passes again unseen
        np.testing.assert_array_equal(rn.where(condition, np.ones(3), np.zeros(3)), [1, 0, 1])
        _, vjp = rn.where.with_vjp(condition, np.ones(3), np.zeros(3))
        assert vjp(np.ones(3))[0] is None
    assert rn.where([True, False], [1.0, 2.0], [3.0, 4.0]).tolist() == [1, 4]


def test_lists_as_cotangents():
    found = rn.where.vjp([5.0, 6.0], [True, False], [1.0, 2.0], [3.0, 4.0])
    assert [None if c is None else c.tolist() for c in found] == [None, [5, 0], [0, 6]]


def test_wrt_leaves_out_the_others():
    inputs = (np.array([True, False]), np.ones(2), np.ones(2))
    assert rn.where.vjp(np.ones(2), *inputs, wrt=("b",))[1] is None
    assert rn.where.vjp(np.ones(2), *inputs, wrt=("condition",)) == (None, None, None)


def test_complex_values():
    a, b = np.array([1 + 2j, 3j]), np.array([4.0 + 0j])
    np.testing.assert_array_equal(rn.where(np.array([False, True]), a, b), [4, 3j])


C, A = np.ones((2, 3), bool), np.ones((2, 3))


@refused(
    [
        ErrorInput("floats", (A, A, A), {}, DtypeError, "bools or of an integer.*x > 0"),
        ErrorInput("exchanged", (A, C, A), {}, DtypeError, "condition of dtype float64"),
        ErrorInput("complex", (A.astype(complex), A, A), {}, DtypeError, "complex128"),
        ErrorInput("text", (np.array("yes"), A, A), {}, DtypeError, "<U3"),
        ErrorInput("integer values", (C, A.astype(int), A), {}, DtypeError, "a of dtype int64"),
        ErrorInput("bool values", (C, A, C), {}, DtypeError, "b of dtype bool"),
        ErrorInput("two dtypes", (C, A, A.astype(F32)), {}, DtypeError, "float32 beside"),
        ErrorInput("values", (C, A, A[:, :2]), {}, ShapeError, r"a \(2, 3\) and b \(2, 2\)"),
        ErrorInput(
            "condition", (C[:, :2], A, A[:1]), {}, ShapeError, r"condition \(2, 2\) and a with b"
        ),
        ErrorInput("the condition alone", (C,), {}, ArgumentError, "1 positional"),
        ErrorInput("an option", (C, A, A), {"axis": 0}, ArgumentError, "no options"),
    ]
)
def test_refuses(case):
    check_refused(rn.where, case)


def test_the_vjp_refuses():
    with pytest.raises(ShapeError, match="dy of shape"):
        rn.where.vjp(np.ones(3), C, A, A)
    with pytest.raises(DtypeError, match="condition of dtype float64"):
        rn.where.vjp(A, A, A, A)
