from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from refnet import DtypeError, OptionError, ShapeError
from tests.error_inputs import ErrorInput, check_refused, refused


@pytest.mark.parametrize("shape", [(5, 3), (4,), (2, 3, 4), (3, 1)])
def test_every_reduction(rng, shape):
    y, t = rng.standard_normal((2, *shape))
    e = (y - t) ** 2
    rows = e.reshape(len(y), -1).sum(axis=1)
    wanted = {
        "none": e,
        "sum": e.sum(),
        "mean": e.mean(),
        "half_sum": e.sum() / 2,
        "half_mean_rows": e.sum() / (2 * len(y)),
        "sum_rows": rows,
    }
    slope = 2 * (y - t)
    factor = {"mean": 1 / e.size, "half_sum": 0.5, "half_mean_rows": 0.5 / len(y)}
    for reduction, value in wanted.items():
        got = rn.mean_squared_error(y, t, reduction=reduction)
        np.testing.assert_allclose(got, value, rtol=1e-13)
        dy = rng.standard_normal(np.shape(value))
        spread = dy.reshape(-1, *(1,) * (y.ndim - 1)) if reduction == "sum_rows" else dy
        dpredicted, dt = rn.mean_squared_error.vjp(dy, y, t, reduction=reduction)
        np.testing.assert_allclose(
            dpredicted, spread * slope * factor.get(reduction, 1), rtol=1e-13
        )
        np.testing.assert_array_equal(dt, -dpredicted)


def test_close_values_keep_their_difference():
    y, t = np.array([1 + 2**-40]), np.array([1.0])
    assert rn.mean_squared_error(y, t) == 2.0**-80


A = np.ones((4, 2))


@refused(
    [
        ErrorInput("shapes", (A, A[:3]), {}, ShapeError, r"y \(4, 2\) and t \(3, 2\)"),
        ErrorInput("column", (np.ones((3, 1)), np.ones(3)), {}, ShapeError, "missing or an extra"),
        ErrorInput("reduction", (A, A), {"reduction": "half_mean"}, OptionError, "half_mean_rows"),
        ErrorInput(
            "rows of a scalar",
            (np.float64(1), np.float64(2)),
            {"reduction": "sum_rows"},
            ShapeError,
            "batch axis",
        ),
        ErrorInput(
            "half rows of a scalar",
            (np.float64(1), np.float64(2)),
            {"reduction": "half_mean_rows"},
            ShapeError,
            "batch axis",
        ),
        ErrorInput("mixed", (A, A.astype(np.float16)), {}, DtypeError, "float16 beside"),
        ErrorInput("integers", (A.astype(int), A), {}, DtypeError, "int64"),
    ]
)
def test_refuses(case):
    check_refused(rn.mean_squared_error, case)
