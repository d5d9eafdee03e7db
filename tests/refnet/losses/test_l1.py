from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from refnet import ArgumentError, DtypeError, OptionError, ShapeError
from tests.error_inputs import ErrorInput, check_refused, refused


@pytest.mark.parametrize("shape", [(5, 3), (4,), (2, 3, 4)])
@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
def test_value_and_vjp(rng, shape, reduction):
    y, t = rng.standard_normal((2, *shape))
    e = np.abs(y - t)
    wanted = {"none": e, "sum": e.sum(), "mean": e.mean()}[reduction]
    np.testing.assert_allclose(rn.l1(y, t, reduction=reduction), wanted, rtol=1e-14)
    dy = rng.standard_normal(np.shape(wanted))
    g = dy / e.size if reduction == "mean" else dy
    dpredicted, dt = rn.l1.vjp(dy, y, t, reduction=reduction)
    np.testing.assert_array_equal(dpredicted, g * np.sign(y - t))
    np.testing.assert_array_equal(dt, -dpredicted)


def test_equal_values_have_no_slope_and_absent_ones_stay_absent():
    y = np.array([1.0, 0.0, -0.0, np.nan, np.inf])
    t = np.array([1.0, -0.0, 0.0, 0.0, 0.0])
    np.testing.assert_array_equal(rn.l1(y, t, reduction="none"), [0, 0, 0, np.nan, np.inf])
    dy, _ = rn.l1.vjp(np.ones(5), y, t, reduction="none")
    np.testing.assert_array_equal(dy, [0, 0, 0, np.nan, 1])


def test_the_mean_over_nothing_is_not_a_number():
    with np.errstate(invalid="ignore"):
        assert np.isnan(rn.l1(np.ones((0, 3)), np.ones((0, 3))))
    assert rn.l1(np.ones((0, 3)), np.ones((0, 3)), reduction="sum") == 0


A = np.ones((4, 2))


@refused(
    [
        ErrorInput("shapes", (A, A[:3]), {}, ShapeError, r"y \(4, 2\) and t \(3, 2\)"),
        ErrorInput("column", (A[:, :1], A[:, 0]), {}, ShapeError, "missing or an extra"),
        ErrorInput("scalar target", (A, np.float64(1)), {}, ShapeError, r"t \(\)"),
        ErrorInput("integers", (A.astype(int), A), {}, DtypeError, "int64"),
        ErrorInput("mixed", (A, A.astype(np.float16)), {}, DtypeError, "float16 beside"),
        ErrorInput("complex", (A * 1j, A * 1j), {}, DtypeError, "complex128"),
        ErrorInput("ragged", ([[1.0], [1.0, 2.0]], A), {}, ShapeError, "ragged"),
        ErrorInput("reduction", (A, A), {"reduction": "half_sum"}, OptionError, "half_sum"),
        ErrorInput("unknown option", (A, A), {"beta": 1.0}, ArgumentError, "keyword 'beta'"),
    ]
)
def test_refuses(case):
    check_refused(rn.l1, case)
