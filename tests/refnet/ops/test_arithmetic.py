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

F32, F64 = np.float32, np.float64

shapes = hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=4)
finite = st.floats(-100, 100, width=32)


@pytest.mark.parametrize(
    ("op", "function"),
    [(rn.add, np.add), (rn.subtract, np.subtract), (rn.multiply, np.multiply)],
)
@given(data=st.data(), both=shapes)
def test_forward_and_vjp_under_broadcasting(op, function, data, both):
    a, b = (data.draw(hnp.arrays(F64, shape, elements=finite)) for shape in both.input_shapes)
    y = op(a, b)
    np.testing.assert_array_equal(y, function(a, b))
    dy = data.draw(hnp.arrays(F64, y.shape, elements=finite))
    da, db = op.vjp(dy, a, b)
    # The adjoint's definition: <dy, J v> = <J^T dy, v> for any direction v.
    for got, value, direction in ((da, a, (1, 0)), (db, b, (0, 1))):
        assert got.shape == value.shape
        v = np.ones_like(value)
        if op is rn.multiply:
            moved = v * b if direction[0] else a * v
        else:
            moved = np.broadcast_to(v if op is rn.add or direction[0] else -v, y.shape)
        left, right = (dy * moved).sum(), (got * v).sum()
        assert left == pytest.approx(right, rel=1e-9, abs=1e-6)


def test_square(rng):
    x = rng.standard_normal((3, 4))
    np.testing.assert_array_equal(rn.square(x), x * x)
    dy = rng.standard_normal((3, 4))
    np.testing.assert_allclose(rn.square.vjp(dy, x)[0], 2 * x * dy, rtol=1e-15)


ERRORS = [
    ErrorInput(
        "shapes", (np.ones((2, 3)), np.ones((2, 4))), {}, ShapeError, r"\(2, 3\) and b \(2, 4\)"
    ),
    ErrorInput("leading axes", (np.ones((2, 3)), np.ones(2)), {}, ShapeError, "last axis"),
    ErrorInput(
        "mixed dtypes", (np.ones(2, F32), np.ones(2)), {}, DtypeError, "float64 beside a of"
    ),
    ErrorInput("integers", (np.ones(2, int), np.ones(2, int)), {}, DtypeError, "dtype int64"),
    ErrorInput("bools", (np.ones(2, bool), np.ones(2, bool)), {}, DtypeError, "dtype bool"),
    ErrorInput("strings", (np.array(["a"]), np.ones(1)), {}, DtypeError, "dtype <U1"),
    ErrorInput("objects", (np.array([object()]), np.ones(1)), {}, DtypeError, "dtype object"),
    ErrorInput("ragged", ([[1.0], [1.0, 2.0]], np.ones(2)), {}, ShapeError, "ragged"),
    ErrorInput("one input", (np.ones(2),), {}, ArgumentError, "1 positional"),
    ErrorInput(
        "three inputs", (np.ones(2), np.ones(2), np.ones(2)), {}, ArgumentError, "3 positional"
    ),
    ErrorInput("none", (None, np.ones(2)), {}, DtypeError, "dtype object"),
    ErrorInput("unknown option", (np.ones(2), np.ones(2)), {"axis": 0}, ArgumentError, "'axis'"),
    ErrorInput(
        "input by keyword", (np.ones(2), np.ones(2)), {"b": 0}, ArgumentError, "by position"
    ),
]


@pytest.mark.parametrize("op", [rn.add, rn.subtract, rn.multiply], ids=lambda op: op.name)
@refused(ERRORS)
def test_refuses(op, case):
    check_refused(op, case)


@refused(
    [
        ErrorInput("integers", (np.ones(2, int),), {}, DtypeError, "dtype int64"),
        ErrorInput("two inputs", (np.ones(2), np.ones(2)), {}, ArgumentError, "2 positional"),
        ErrorInput(
            "unknown option", (np.ones(2),), {"keepdims": True}, ArgumentError, "no options"
        ),
    ]
)
def test_square_refuses(case):
    check_refused(rn.square, case)
