from __future__ import annotations

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import refnet as rn
from refnet import DtypeError, OptionError
from tests.error_inputs import ErrorInput, check_refused, refused

logits = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=1, max_dims=3, max_side=5),
    elements=st.floats(-1000, 1000),
)


@given(logits, st.floats(-500, 500, width=32))
def test_sums_to_one_and_does_not_see_shifts(x, shift):
    for axis in range(x.ndim):
        y = rn.softmax(x, axis=axis)
        np.testing.assert_allclose(y.sum(axis=axis), 1, rtol=1e-14)
        moved = np.round(x) + round(shift)  # exact, so only the softmax could differ
        np.testing.assert_array_equal(
            rn.softmax(moved, axis=axis), rn.softmax(np.round(x), axis=axis)
        )


@given(logits)
def test_log_softmax_is_the_logarithm(x):
    with mpmath.workdps(50):
        for row, got in zip(
            x.reshape(-1, x.shape[-1]), rn.log_softmax(x).reshape(-1, x.shape[-1]), strict=True
        ):
            values = [mpmath.mpf(float(v)) for v in row]
            total = mpmath.log(mpmath.fsum(mpmath.exp(v) for v in values))
            for v, g in zip(values, got, strict=True):
                assert abs(mpmath.mpf(float(g)) - (v - total)) <= 1e-13 * (1 + abs(v - max(values)))


@pytest.mark.parametrize("shape", [(4, 3), (3, 40), (2, 5, 3), (7,)])
def test_vjp_is_the_full_jacobian(rng, shape):
    x, dy = rng.standard_normal((2, *shape))
    y = rn.softmax(x)
    flat_y, flat_dy = y.reshape(-1, shape[-1]), dy.reshape(-1, shape[-1])
    wanted = np.stack(
        [g @ (np.diag(p) - np.outer(p, p)) for p, g in zip(flat_y, flat_dy, strict=True)]
    )
    np.testing.assert_allclose(
        rn.softmax.vjp(dy, x)[0].reshape(wanted.shape), wanted, rtol=1e-12, atol=1e-15
    )
    wanted = np.stack([g - p * g.sum() for p, g in zip(flat_y, flat_dy, strict=True)])
    np.testing.assert_allclose(
        rn.log_softmax.vjp(dy, x)[0].reshape(wanted.shape), wanted, rtol=1e-12, atol=1e-15
    )


@pytest.mark.parametrize("classes", [2, 32, 33, 100])
def test_few_and_many_classes_agree(rng, classes):
    # Few columns are reduced down their transposed copy; the values are the same.
    x = rng.standard_normal((6, classes)).astype(np.float32)
    for op in (rn.softmax, rn.log_softmax):
        three = op(x[np.newaxis])[0]
        np.testing.assert_allclose(op(x), three, rtol=3e-7, atol=1e-7)


def test_special_values():
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(rn.softmax(np.array([-np.inf, 0.0])), [0, 1])
        np.testing.assert_array_equal(rn.log_softmax(np.array([-np.inf, 0.0])), [-np.inf, 0])
        for bad in ([np.inf, 0.0], [np.nan, 0.0], [-np.inf, -np.inf]):
            assert np.isnan(rn.softmax(np.array(bad))).all()


def test_no_classes():
    assert rn.softmax(np.ones((3, 0))).shape == (3, 0)


@pytest.mark.parametrize("op", [rn.softmax, rn.log_softmax], ids=lambda op: op.name)
@refused(
    [
        ErrorInput("axis too large", (np.ones((2, 3)),), {"axis": 2}, OptionError, "from -2 to 1"),
        ErrorInput("bool axis", (np.ones((2, 3)),), {"axis": False}, OptionError, "of type bool"),
        ErrorInput(
            "tuple axis", (np.ones((2, 3)),), {"axis": (0, 1)}, OptionError, "of type tuple"
        ),
        ErrorInput("no axis", (np.ones((2, 3)),), {"axis": None}, OptionError, "NoneType"),
        ErrorInput("a scalar", (np.float64(1),), {}, OptionError, "batch dimension"),
        ErrorInput("integers", (np.array([1010, 1000, 990]),), {}, DtypeError, "int64"),
    ]
)
def test_refuses(op, case):
    check_refused(op, case)
