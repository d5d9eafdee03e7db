"""lstm_cell and lstm."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

import refnet as rn
from refnet import DomainError, DtypeError, OptionError, ShapeError
from refnet.errors import ArgumentError
from tests.error_inputs import ErrorInput, check_refused, refused

T, N, C, H = 5, 3, 4, 2


@pytest.fixture
def inputs(rng):
    shapes = ((T, N, C), (N, H), (N, H), (C, 4 * H), (H, 4 * H), (4 * H,), (3, H))
    return [rng.standard_normal(s) for s in shapes]


def blocks(a, gates):
    """The blocks of a along its last axis, by letter."""
    return dict(zip(gates, np.split(a, 4, axis=-1), strict=True))


def reordered(inputs, gates):
    """The inputs of order ifgo with their blocks in the order ``gates``."""
    *front, w_x, w_h, b, p = inputs
    moved = [np.concatenate([blocks(a, "ifgo")[k] for k in gates], -1) for a in (w_x, w_h, b)]
    return [*front, *moved, p[["ifo".index(k) for k in gates.replace("g", "")]]]


def test_cell_against_mpmath(inputs):
    xs, *rest = inputs
    _, h, c, w_x, w_h, b, p = inputs
    h_next, c_next = rn.lstm_cell(xs[0], *rest)
    z = blocks(xs[0] @ w_x + h @ w_h + b, "ifgo")
    with mpmath.workdps(40):

        def sigmoid(v):
            return 1 / (1 + mpmath.exp(-v))

        for n in range(N):
            for j in range(H):
                zi, zf, zg, zo = (mpmath.mpf(float(z[k][n, j])) for k in "ifgo")
                old, (pi, pf, po) = mpmath.mpf(c[n, j]), (mpmath.mpf(v) for v in p[:, j])
                new = sigmoid(zf + pf * old) * old + sigmoid(zi + pi * old) * mpmath.tanh(zg)
                out = sigmoid(zo + po * new) * mpmath.tanh(new)
                assert abs(float(c_next[n, j]) - new) < 4e-15
                assert abs(float(h_next[n, j]) - out) < 4e-15


@pytest.mark.parametrize("gates", ["iofg", "igfo", "fgio", "gofi"])
def test_the_order_of_gates_is_a_permutation_of_columns(inputs, rng, gates):
    moved = reordered(inputs, gates)
    for a, b in zip(rn.lstm(*inputs), rn.lstm(*moved, gates=gates), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)
    dy = (rng.standard_normal((T, N, H)), None, rng.standard_normal((N, H)))
    wanted = reordered(rn.lstm.vjp(dy, *inputs), gates)
    for a, b in zip(rn.lstm.vjp(dy, *moved, gates=gates), wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("reverse", [False, True])
def test_a_sequence_is_its_steps(inputs, reverse):
    xs, h, c, *weights = inputs
    hs, h_last, c_last = rn.lstm(*inputs, reverse=reverse)
    for t in range(T)[:: -1 if reverse else 1]:
        h, c = rn.lstm_cell(xs[t], h, c, *weights)
        np.testing.assert_allclose(hs[t], h, rtol=1e-12)
    np.testing.assert_allclose(h_last, h, rtol=1e-12)
    np.testing.assert_allclose(c_last, c, rtol=1e-12)


@pytest.mark.parametrize("reverse", [False, True])
def test_a_sample_with_a_length_is_its_own_shorter_sequence(inputs, rng, reverse):
    xs, h0, c0, *weights = inputs
    lengths = np.array([2, 5, 0])
    results = rn.lstm(*inputs, lengths=lengths, reverse=reverse)
    dhs, *dlast = rng.standard_normal((T, N, H)), *rng.standard_normal((2, N, H))
    found = rn.lstm.vjp((dhs, *dlast), *inputs, lengths=lengths, reverse=reverse)
    sums = [np.zeros_like(w) for w in weights]
    for n, end in enumerate(lengths):
        alone = xs[:end, [n]], h0[[n]], c0[[n]], *weights
        wanted, *last = rn.lstm(*alone, reverse=reverse)
        np.testing.assert_allclose(results[0][:end, [n]], wanted, rtol=1e-12)
        assert (results[0][end:, n] == 0).all()
        for a, b in zip(results[1:], last, strict=True):
            np.testing.assert_allclose(a[[n]], b, rtol=1e-12)
        dy = (dhs[:end, [n]], *(d[[n]] for d in dlast))
        dxs, dh0, dc0, *grads = rn.lstm.vjp(dy, *alone, reverse=reverse)
        np.testing.assert_allclose(found[0][:end, [n]], dxs, rtol=1e-11, atol=1e-14)
        assert (found[0][end:, n] == 0).all()
        np.testing.assert_allclose(found[1][[n]], dh0, rtol=1e-11, atol=1e-14)
        np.testing.assert_allclose(found[2][[n]], dc0, rtol=1e-11, atol=1e-14)
        sums = [a + b for a, b in zip(sums, grads, strict=True)]
    for got, wanted in zip(found[3:], sums, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-11, atol=1e-14)
    np.testing.assert_array_equal(results[2][2], c0[2])


def test_zero_peepholes_are_none(inputs):
    *front, p = inputs
    for a, b in zip(rn.lstm(*front, 0 * p), rn.lstm(*front), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-14)


def test_the_error_carousel_keeps_memory_and_its_gradient():
    """With i shut and f open c is kept to the bit, as its cotangent is (Hochreiter 1997)."""
    steps = 50
    xs, h0, c0 = np.ones((steps, 1, 1)), np.zeros((1, 1)), np.array([[1 / 3]])
    zero, b = np.zeros((1, 4)), np.array([-1e4, 1e4, 0.0, 0.0])
    _, _, c_last = rn.lstm(xs, h0, c0, zero, zero, b)
    np.testing.assert_array_equal(c_last, c0)
    dc = np.array([[0.7]])
    _, _, dc0, *_ = rn.lstm.vjp((None, None, dc), xs, h0, c0, zero, zero, b)
    np.testing.assert_array_equal(dc0, dc)


def test_two_biases_are_their_sum(inputs, rng):
    """PyTorch's b_ih and b_hh, and TensorFlow 1's forget_bias: all of them are b."""
    xs, h, c, w_x, w_h, b, _ = inputs
    z = blocks(xs[0] @ w_x + b + h @ w_h, "ifgo")

    def sigmoid(v):
        return 1 / (1 + np.exp(-v))

    wanted = sigmoid(z["f"] + 1) * c + sigmoid(z["i"]) * np.tanh(z["g"])
    more = b.copy()
    blocks(more, "ifgo")["f"][:] += 1  # a view
    _, c_next = rn.lstm_cell(xs[0], h, c, w_x, w_h, more)
    np.testing.assert_allclose(c_next, wanted, rtol=1e-12)


X, STATE, W_X, W_H, B, P = (
    np.ones(s) for s in ((N, C), (N, H), (C, 4 * H), (H, 4 * H), (4 * H,), (3, H))
)
XS = np.ones((T, N, C))
CELL = (X, STATE, STATE, W_X, W_H, B, P)
FULL = (XS, *CELL[1:])


@refused(
    [
        ErrorInput("no memory", (X, STATE, W_X, W_H), {}, ArgumentError, "4 positional"),
        ErrorInput("a sequence", FULL, {}, ShapeError, "call lstm"),
        ErrorInput("one gate", (*CELL[:4], W_H[:, :H]), {}, ShapeError, r"needs w_h \(H, 4H\)"),
        ErrorInput("w_h turned", (*CELL[:4], W_H.T), {}, ShapeError, "passed transposed"),
        ErrorInput("w_x turned", (*CELL[:3], W_X.T, W_H), {}, ShapeError, "passed transposed"),
        ErrorInput("w_x of a GRU", (*CELL[:3], W_X[:, :6], W_H), {}, ShapeError, r"w_x \(4, 8\)"),
        ErrorInput("other c", (X, STATE, STATE[1:], W_X, W_H), {}, ShapeError, r"got c \(2, 2\)"),
        ErrorInput("both biases", (*CELL[:5], np.ones(16)), {}, ShapeError, "two biases"),
        ErrorInput("flat p", (*CELL[:6], P.ravel()), {}, ShapeError, r"p.reshape\(3, 2\)"),
        ErrorInput("p of four", (*CELL[:6], np.ones((4, H))), {}, ShapeError, "no peephole"),
        ErrorInput("ONNX's letters", CELL, {"gates": "iofc"}, OptionError, "another library's"),
        ErrorInput("three gates", CELL, {"gates": "ifo"}, OptionError, "missing"),
        ErrorInput("a gate twice", CELL, {"gates": "iffgo"}, OptionError, "repeated"),
        ErrorInput("a tuple", CELL, {"gates": ("i", "f", "g", "o")}, OptionError, "gates="),
        ErrorInput("half", (X.astype(np.float16), *CELL[1:]), {}, DtypeError, "beside x"),
    ]
)
def test_cell_refuses(case):
    check_refused(rn.lstm_cell, case)


@refused(
    [
        ErrorInput("one step", CELL, {}, ShapeError, "axis of the samples"),
        ErrorInput("other c0", (XS, STATE, STATE.T, W_X, W_H), {}, ShapeError, r"got c0 \(2, 3\)"),
        ErrorInput("layers", (XS, STATE[None], *FULL[2:]), {}, ShapeError, "layers and directions"),
        ErrorInput("too long", FULL, {"lengths": [1, 2, 6]}, DomainError, "0 to the 5 step"),
        ErrorInput("no lengths", FULL, {"lengths": []}, DtypeError, "float64"),
        ErrorInput("floats", FULL, {"lengths": np.ones(N)}, DtypeError, "integer"),
        ErrorInput("two-dimensional", FULL, {"lengths": [[1], [2], [3]]}, ShapeError, "lengths"),
        ErrorInput("reverse as number", FULL, {"reverse": 1}, OptionError, "of type int"),
        ErrorInput("Keras's letters", FULL, {"gates": "ifco"}, OptionError, "elsewhere c"),
        ErrorInput("flat p", (*FULL[:6], P.reshape(1, 6)), {}, ShapeError, "gates='iofg'"),
        ErrorInput("integers", (XS.astype(int), *FULL[1:]), {}, DtypeError, "int64"),
    ]
)
def test_refuses(case):
    check_refused(rn.lstm, case)
