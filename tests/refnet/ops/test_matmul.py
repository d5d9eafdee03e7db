from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import refnet as rn
from refnet import DtypeError, ShapeError
from tests.error_inputs import ErrorInput, check_refused, refused


@st.composite
def operands(draw):
    n, k, m = (draw(st.integers(1, 4)) for _ in range(3))
    lead = draw(
        st.sampled_from(
            [((), ()), ((2,), (2,)), ((2,), ()), ((), (3,)), ((4, 1), (2,)), ((1,), (3,))]
        )
    )
    a = (*lead[0], n, k) if draw(st.booleans()) else (k,)
    b = (*lead[1], k, m) if draw(st.booleans()) else (k,)
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    return rng.standard_normal(a), rng.standard_normal(b)


@given(operands())
def test_forward_and_vjp(both):
    a, b = both
    y = rn.matmul(a, b)
    np.testing.assert_allclose(y, np.matmul(a, b), rtol=1e-12, atol=1e-12)
    assert rn.matmul.shape(a.shape, b.shape) == y.shape
    dy = np.random.default_rng(1).standard_normal(y.shape)
    da, db = rn.matmul.vjp(dy, a, b)
    assert (da.shape, db.shape) == (a.shape, b.shape)
    # Bilinear: <dy, a b> = <da, a> = <db, b>.
    whole = (dy * y).sum()
    assert (da * a).sum() == pytest.approx(whole, rel=1e-9, abs=1e-9)
    assert (db * b).sum() == pytest.approx(whole, rel=1e-9, abs=1e-9)


def test_leaves_out_what_is_not_wanted(rng):
    a, b = rng.standard_normal((2, 3)), rng.standard_normal((3, 4))
    da, db = rn.matmul.vjp(np.ones((2, 4)), a, b, wrt=("b",))
    assert da is None
    assert db.shape == (3, 4)


@refused(
    [
        ErrorInput("inner", (np.ones((2, 3)), np.ones((2, 3))), {}, ShapeError, "transposed"),
        ErrorInput("inner of vectors", (np.ones(2), np.ones(3)), {}, ShapeError, "columns, 2"),
        ErrorInput("scalar", (np.float64(1), np.ones((2, 2))), {}, ShapeError, "use multiply"),
        ErrorInput("scalar right", (np.ones(2), np.float64(2)), {}, ShapeError, "use multiply"),
        ErrorInput(
            "batches", (np.ones((2, 1, 1)), np.ones((3, 1, 1))), {}, ShapeError, "broadcast"
        ),
        ErrorInput(
            "mixed", (np.ones((1, 1), np.float32), np.ones((1, 1))), {}, DtypeError, "beside"
        ),
        ErrorInput(
            "integers", (np.ones((1, 1), int), np.ones((1, 1), int)), {}, DtypeError, "int64"
        ),
    ]
)
def test_refuses(case):
    check_refused(rn.matmul, case)
