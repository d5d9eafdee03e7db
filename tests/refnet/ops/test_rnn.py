"""rnn_cell and rnn."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

import refnet as rn
from refnet import DomainError, DtypeError, OptionError, ShapeError
from refnet.errors import ArgumentError
from tests.error_inputs import ErrorInput, check_refused, refused

T, N, C, H = 5, 3, 4, 2
RELU = {"activation": "relu"}


@pytest.fixture
def inputs(rng):
    shapes = ((T, N, C), (N, H), (C, H), (H, H), (H,))
    return [rng.standard_normal(s) for s in shapes]


def unrolled(xs, h0, w_x, w_h, b, *, reverse=False, activation="tanh"):
    """The states of one sample, step by step with the cell."""
    h, hs = h0, {}
    for t in range(len(xs))[:: -1 if reverse else 1]:
        h = hs[t] = rn.rnn_cell(xs[t], h, w_x, w_h, b, activation=activation)
    return np.array([hs[t] for t in range(len(xs))]), h


def test_cell_against_mpmath(inputs):
    xs, h, w_x, w_h, b = inputs
    y = rn.rnn_cell(xs[0], h, w_x, w_h, b)
    with mpmath.workdps(40):
        for n in range(N):
            for j in range(H):
                terms = [mpmath.mpf(xs[0, n, k]) * mpmath.mpf(w_x[k, j]) for k in range(C)]
                terms += [mpmath.mpf(h[n, k]) * mpmath.mpf(w_h[k, j]) for k in range(H)]
                exact = mpmath.tanh(mpmath.fsum(terms) + mpmath.mpf(b[j]))
                assert abs(mpmath.mpf(float(y[n, j])) - exact) < 4e-16


def test_relu_cell(inputs):
    xs, h, w_x, w_h, b = inputs
    z = xs[0] @ w_x + h @ w_h + b
    np.testing.assert_allclose(rn.rnn_cell(xs[0], h, w_x, w_h, b, **RELU), np.maximum(z, 0))


def test_relu_at_the_kink():
    zero = np.zeros((1, 1))
    b = np.array([-0.0])
    y = rn.rnn_cell(zero, zero, zero, zero, b, **RELU)
    assert y == 0
    assert not np.signbit(y)
    *_, db = rn.rnn_cell.vjp(np.array([[np.inf]]), zero, zero, zero, zero, b, **RELU)
    assert db == 0


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("reverse", [False, True])
def test_a_sequence_is_its_steps(inputs, reverse, activation):
    hs, h_last = rn.rnn(*inputs, reverse=reverse, activation=activation)
    wanted, last = unrolled(*inputs, reverse=reverse, activation=activation)
    np.testing.assert_allclose(hs, wanted, rtol=1e-13)
    np.testing.assert_array_equal(h_last, hs[0 if reverse else -1])
    np.testing.assert_allclose(h_last, last, rtol=1e-13)


@pytest.mark.parametrize("reverse", [False, True])
def test_a_sample_with_a_length_is_its_own_shorter_sequence(inputs, rng, reverse):
    xs, h0, *weights = inputs
    lengths = np.array([2, 5, 0])
    hs, h_last = rn.rnn(*inputs, lengths=lengths, reverse=reverse)
    dhs, dlast = rng.standard_normal((T, N, H)), rng.standard_normal((N, H))
    found = rn.rnn.vjp((dhs, dlast), *inputs, lengths=lengths, reverse=reverse)
    sums = [np.zeros_like(w) for w in weights]
    for n, end in enumerate(lengths):
        alone = xs[:end, [n]], h0[[n]], *weights
        wanted, last = rn.rnn(*alone, reverse=reverse)
        np.testing.assert_allclose(hs[:end, [n]], wanted, rtol=1e-13)
        assert (hs[end:, n] == 0).all()
        np.testing.assert_allclose(h_last[[n]], last, rtol=1e-13)
        dxs, dh0, *grads = rn.rnn.vjp((dhs[:end, [n]], dlast[[n]]), *alone, reverse=reverse)
        np.testing.assert_allclose(found[0][:end, [n]], dxs, rtol=1e-12)
        assert (found[0][end:, n] == 0).all()
        np.testing.assert_allclose(found[1][[n]], dh0, rtol=1e-12)
        sums = [a + b for a, b in zip(sums, grads, strict=True)]
    for got, wanted in zip(found[2:], sums, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-12)
    np.testing.assert_array_equal(h_last[2], h0[2])
    np.testing.assert_array_equal(found[1][2], dlast[2])


@pytest.mark.parametrize("op", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("reverse", [False, True])
def test_what_is_beyond_the_ends_is_not_looked_at(rng, op, reverse):
    gates = {"rnn": 1, "lstm": 4, "gru": 3}[op]
    states = [rng.standard_normal((N, H)) for _ in range(2 if op == "lstm" else 1)]
    weights = [rng.standard_normal(s) for s in ((C, gates * H), (H, gates * H))]
    xs, lengths = rng.standard_normal((T, N, C)), [1, 4, 2]
    spoilt = xs.copy()
    for n, end in enumerate(lengths):
        spoilt[end:, n] = np.nan
    results = []
    for given in (xs, spoilt):
        y, vjp = getattr(rn, op).with_vjp(
            given, *states, *weights, lengths=lengths, reverse=reverse
        )
        dy = (np.ones((T, N, H)), *([None] * len(states)))
        results.append([*y, *(c for c in vjp(dy) if c is not None)])
    for a, b in zip(*results, strict=True):
        assert np.isfinite(a).all()
        np.testing.assert_array_equal(a, b)


def test_gradient_of_a_linear_recursion():
    """h_T = w^T h_0 with relu on positive numbers, so dh_T / dw = T w^(T-1) h_0."""
    w, h0 = np.array([[0.5]]), np.array([[3.0]])
    found = rn.rnn.vjp((None, np.ones((1, 1))), np.zeros((T, 1, 1)), h0, w, w, **RELU)
    _, dh0, _, dw_h, db = found
    np.testing.assert_allclose(dh0, 0.5**T)
    np.testing.assert_allclose(dw_h, T * 0.5 ** (T - 1) * 3)
    assert db is None


def test_cotangents_of_none_are_zeros(inputs, rng):
    dhs, dlast = rng.standard_normal((T, N, H)), rng.standard_normal((N, H))
    both = rn.rnn.vjp((dhs, dlast), *inputs)
    parts = rn.rnn.vjp((dhs, None), *inputs), rn.rnn.vjp((None, dlast), *inputs)
    for a, b, c in zip(both, *parts, strict=True):
        np.testing.assert_allclose(a, b + c, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("op", ["rnn", "lstm", "gru", "rnn_cell", "lstm_cell", "gru_cell"])
def test_only_what_is_wanted_is_computed(rng, op):
    gates = {"r": 1, "l": 4, "g": 3}[op[0]]
    x = rng.standard_normal((N, C) if "cell" in op else (T, N, C))
    states = [rng.standard_normal((N, H)) for _ in range(2 if gates == 4 else 1)]
    weights = [rng.standard_normal(s) for s in ((C, gates * H), (H, gates * H), (gates * H,))]
    if gates == 4:
        weights.append(rng.standard_normal((3, H)))
    if gates == 3:
        weights.append(rng.standard_normal(3 * H))
    op = rn.ops()[op]
    y, vjp = op.with_vjp(x, *states, *weights)
    dy = tuple(map(np.ones_like, y)) if isinstance(y, tuple) else np.ones_like(y)
    every = vjp(dy)
    for k, name in enumerate(op.inputs):
        found = vjp(dy, wrt=(name,))
        assert [c is None for c in found] == [i != k for i in range(len(found))]
        np.testing.assert_array_equal(found[k], every[k])


def test_layouts_of_weights_do_not_matter(inputs):
    xs, h0, w_x, w_h, b = inputs
    hs, _ = rn.rnn(*inputs)
    turned, _ = rn.rnn(
        np.asfortranarray(xs), h0[::-1][::-1], np.asfortranarray(w_x), w_h.T.copy().T, b
    )
    np.testing.assert_allclose(hs, turned, rtol=1e-13)


def test_both_directions_are_two_calls(inputs):
    xs, h0, *weights = inputs
    forward, _ = rn.rnn(*inputs)
    backward, _ = rn.rnn(xs[::-1], h0, *weights)
    both = rn.concat(forward, rn.rnn(*inputs, reverse=True)[0], axis=-1)
    np.testing.assert_array_equal(both, np.concatenate([forward, backward[::-1]], axis=-1))


X, STATE, W_X, W_H, B = (np.ones(s) for s in ((N, C), (N, H), (C, H), (H, H), (H,)))
XS = np.ones((T, N, C))
CELL = [
    ErrorInput("nothing", (), {}, ArgumentError, "0 positional"),
    ErrorInput("a sequence", (XS, STATE, W_X, W_H), {}, ShapeError, "call rnn"),
    ErrorInput("a vector", (X[0], STATE, W_X, W_H), {}, ShapeError, r"x \(4,\)"),
    ErrorInput("w_x transposed", (X, STATE, W_X.T, W_H), {}, ShapeError, "passed transposed"),
    ErrorInput("w_x too short", (X, STATE, W_X[1:], W_H), {}, ShapeError, r"w_x \(4, 2\)"),
    ErrorInput("w_h not square", (X, STATE, W_X, W_X), {}, ShapeError, r"needs w_h \(H, H\)"),
    ErrorInput("other batch", (X, STATE[1:], W_X, W_H), {}, ShapeError, "another batch"),
    ErrorInput("directions", (X, STATE[None], W_X, W_H), {}, ShapeError, "layers and directions"),
    ErrorInput("both biases", (X, STATE, W_X, W_H, np.ones(4)), {}, ShapeError, "two biases"),
    ErrorInput("bias as row", (X, STATE, W_X, W_H, B[None]), {}, ShapeError, r"b \(1, 2\)"),
    ErrorInput(
        "sigmoid", (X, STATE, W_X, W_H), {"activation": "sigmoid"}, OptionError, "'tanh', 'relu'"
    ),
    ErrorInput(
        "a function", (X, STATE, W_X, W_H), {"activation": np.tanh}, OptionError, "activation"
    ),
    ErrorInput("reverse", (X, STATE, W_X, W_H), {"reverse": True}, ArgumentError, "'reverse'"),
    ErrorInput(
        "mixed dtypes", (X, STATE.astype(np.float32), W_X, W_H), {}, DtypeError, "float32 beside"
    ),
    ErrorInput("integers", (X.astype(int), STATE, W_X, W_H), {}, DtypeError, "int64"),
]
FULL = (XS, STATE, W_X, W_H, B)
SEQUENCE = [
    ErrorInput("one step", (X, STATE, W_X, W_H), {}, ShapeError, "axis of the samples"),
    ErrorInput("other h0", (XS, STATE[:, :1], W_X, W_H), {}, ShapeError, r"h0 \(3, 2\)"),
    ErrorInput("other features", (XS[..., 1:], *FULL[1:]), {}, ShapeError, r"w_x \(3, 2\)"),
    ErrorInput("too long", FULL, {"lengths": [1, 6, 2]}, DomainError, "length 6 for sample 1"),
    ErrorInput("negative", FULL, {"lengths": [1, 2, -1]}, DomainError, "length -1 for sample 2"),
    ErrorInput("per step", FULL, {"lengths": np.ones(T, int)}, ShapeError, "first axis of xs"),
    ErrorInput("a number", FULL, {"lengths": 3}, ShapeError, "one per sample"),
    ErrorInput("floats", FULL, {"lengths": [1.0, 2.0, 3.0]}, DtypeError, "integer"),
    ErrorInput("a mask", FULL, {"lengths": np.ones(N, bool)}, DtypeError, "mask"),
    ErrorInput("reverse as text", FULL, {"reverse": "reverse"}, OptionError, "True or False"),
    ErrorInput("unknown", FULL, {"activation": "Tanh"}, OptionError, "Did you mean 'tanh'"),
    ErrorInput("lengths beside", (*FULL, [1, 2, 3]), {}, ArgumentError, "6 positional"),
]


@refused(CELL)
def test_cell_refuses(case):
    check_refused(rn.rnn_cell, case)


@refused(SEQUENCE)
def test_refuses(case):
    check_refused(rn.rnn, case)


def test_vjp_refuses_a_single_cotangent(inputs):
    with pytest.raises(ShapeError, match="tuple of 2"):
        rn.rnn.vjp(np.ones((T, N, H)), *inputs)
