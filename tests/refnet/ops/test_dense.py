from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from refnet import DtypeError, ShapeError
from refnet.errors import ArgumentError
from tests.error_inputs import ErrorInput, check_refused, refused


@pytest.mark.parametrize("lead", [(), (5,), (2, 5), (0,), (3, 1, 2)])
@pytest.mark.parametrize("with_bias", [True, False])
def test_forward_and_vjp(rng, lead, with_bias):
    x, w = rng.standard_normal((*lead, 4)), rng.standard_normal((4, 3))
    b = rng.standard_normal(3) if with_bias else None
    y = rn.dense(x, w, b)
    np.testing.assert_allclose(y, x @ w + (0 if b is None else b), rtol=1e-13)
    dy = rng.standard_normal(y.shape)
    dx, dw, db = rn.dense.vjp(dy, x, w, b)
    np.testing.assert_allclose(dx, dy @ w.T, rtol=1e-13)
    np.testing.assert_allclose(dw, x.reshape(-1, 4).T @ dy.reshape(-1, 3), rtol=1e-12, atol=1e-12)
    if b is None:
        assert db is None
    else:
        np.testing.assert_allclose(db, dy.reshape(-1, 3).sum(axis=0), rtol=1e-12, atol=1e-12)


def test_no_features(rng):
    y = rn.dense(np.ones((2, 0)), np.ones((0, 3)), np.ones(3))
    np.testing.assert_array_equal(y, np.ones((2, 3)))


def test_bias_add(rng):
    x, b = rng.standard_normal((2, 4, 3)), rng.standard_normal(3)
    np.testing.assert_array_equal(rn.bias_add(x, b), x + b)
    dy = rng.standard_normal(x.shape)
    dx, db = rn.bias_add.vjp(dy, x, b)
    np.testing.assert_array_equal(dx, dy)
    np.testing.assert_allclose(db, dy.sum(axis=(0, 1)), rtol=1e-12)


X, W, B = np.ones((8, 3)), np.ones((3, 4)), np.ones(4)
F32 = np.float32


@refused(
    [
        ErrorInput("w transposed", (X, W.T, None), {}, ShapeError, "Was w passed transposed"),
        ErrorInput(
            "features", (np.ones((8, 5)), W, B), {}, ShapeError, "rows in w as x has features"
        ),
        ErrorInput("bias length", (X, W, np.ones(3)), {}, ShapeError, r"b of shape \(4,\)"),
        ErrorInput("bias as a row", (X, W, np.ones((1, 4))), {}, ShapeError, r"passed as b\[0\]"),
        ErrorInput("w a kernel", (X, np.ones((3, 3, 1, 4)), B), {}, ShapeError, "convolution"),
        ErrorInput("x a scalar", (np.float64(1), W, B), {}, ShapeError, r"x \(\.\.\., C\)"),
        ErrorInput("bias dtype", (X, W, B.astype(F32)), {}, DtypeError, "b of dtype float32"),
        ErrorInput("x dtype", (X.astype(F32), W, B), {}, DtypeError, "w of dtype float64"),
        ErrorInput("x of ints", (X.astype(int), W, B), {}, DtypeError, "not promoted"),
        ErrorInput("no w", (X,), {}, ArgumentError, "the last 1 optional"),
        ErrorInput("bias by keyword", (X, W), {"b": B}, ArgumentError, "pass it by position"),
    ]
)
def test_dense_refuses(case):
    check_refused(rn.dense, case)


@refused(
    [
        ErrorInput("length", (X, np.ones(2)), {}, ShapeError, r"b \(C,\)"),
        ErrorInput("bias as a row", (X, np.ones((1, 3))), {}, ShapeError, "last axis"),
        ErrorInput("x a scalar", (np.float64(1), np.ones(1)), {}, ShapeError, "last axis"),
        ErrorInput("mixed", (X, np.ones(3, F32)), {}, DtypeError, "beside"),
    ]
)
def test_bias_add_refuses(case):
    check_refused(rn.bias_add, case)


@pytest.mark.parametrize(
    ("dy", "extra", "error", "match"),
    [
        (np.ones((8, 3)), {}, ShapeError, r"result's shape \(8, 4\)"),
        (np.ones((8, 4), F32), {}, DtypeError, "x of dtype float64 beside dy"),
        (np.ones((8, 4)), {"y": np.ones((8, 3))}, ShapeError, "y of shape"),
        (np.ones((8, 4)), {"y": np.ones((8, 4), F32)}, DtypeError, "y of dtype float32"),
        (np.ones((8, 4)), {"wrt": "w"}, ArgumentError, "plain string"),
        (np.ones((8, 4)), {"wrt": ("z",)}, ArgumentError, "out of x, w, b"),
        (np.ones((8, 4), int), {}, DtypeError, "dy of dtype int64"),
    ],
)
def test_vjp_refuses(dy, extra, error, match):
    with pytest.raises(error, match=match):
        rn.dense.vjp(dy, X, W, B, **extra)
    if "y" not in extra:
        _, vjp = rn.dense.with_vjp(X, W, B)
        with pytest.raises(error):
            vjp(dy, **extra)
