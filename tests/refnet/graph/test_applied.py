import numpy as np
import pytest

import refnet as rn
from refnet.errors import ArgumentError, DomainError, DtypeError, OptionError, ShapeError
from refnet.graph import Session, apply, constant, evaluate, gradients, placeholder

X = np.random.default_rng(0).standard_normal((4, 6)).astype(np.float32)


def test_every_result_and_cotangent_is_the_operation_s_own(graph):
    """Bit for bit, for an operation with several inputs, options and a residual."""
    x = placeholder(np.float32, [None, 6], name="x")
    t = placeholder(np.float32, [None, 6], name="t")
    labels = np.abs(X) / np.abs(X).sum(axis=1, keepdims=True)
    options = {"reduction": "sum", "label_smoothing": 0.1}
    y = apply(rn.softmax_cross_entropy, x, t, **options)
    feeds = {x: X, t: labels}
    got = Session().run([y, *gradients(y, [x, t])], feeds)
    wanted = rn.softmax_cross_entropy.vjp(np.float32(1), X, labels, **options)
    assert got[0] == rn.softmax_cross_entropy(X, labels, **options)
    for a, b in zip(got[1:], wanted, strict=True):
        np.testing.assert_array_equal(a, b)
    # A value that is fed in the place of the operation's leaves its VJP as it is.
    z = y * 3.0
    (dx,) = gradients(z, x)
    np.testing.assert_array_equal(Session().run(dx, {**feeds, y: 5.0}), 3 * wanted[0])


def test_several_results(graph):
    x = placeholder(np.float32, [None, 6], name="x")
    parts = apply(rn.split, x, results=3, parts=3, axis=1, name="three")
    assert [p.name for p in parts] == [
        "three_1:0" if i == 9 else p.name for i, p in enumerate(parts)
    ]
    assert [p.shape.as_list() for p in parts] == [[None, 2]] * 3
    got = Session().run(list(parts), {x: X})
    for a, b in zip(got, np.split(X, 3, axis=1), strict=True):
        np.testing.assert_array_equal(a, b)
        a += 1  # which is nobody else's
    np.testing.assert_array_equal(Session().run(parts[0], {x: X}), X[:, :2])


def test_options_that_are_computed(graph):
    x = placeholder(np.float32, [None, 6], name="x")
    rate = placeholder(np.float32, [], name="rate")
    mask = constant(np.ones((4, 6), np.float32))
    y = apply(rn.dropout, x, mask, rate=rate, known=x.dims)
    assert y.shape == (None, 6)
    (dx,) = gradients(y, x)
    got = Session().run([y, dx], {x: X, rate: 0.5})
    np.testing.assert_array_equal(got[0], 2 * X)
    np.testing.assert_array_equal(got[1], np.full((4, 6), 2, np.float32))
    shape = placeholder(np.int32, [2], name="shape")
    reshaped = apply(rn.reshape, x, shape=shape)
    assert Session().run(reshaped, {x: X, shape: [3, 8]}).shape == (3, 8)
    assert apply(rn.reshape, x, shape=constant(np.array([2, 12]))).shape == (2, 12)


def test_a_dtype_among_the_options_follows_the_width(graph):
    ids = placeholder(np.int64, [None], name="ids")
    y = apply(rn.one_hot, ids, classes=3, dtype=np.dtype(np.float32))
    assert y.dtype == np.float32
    assert y.shape == (None, 3)
    (value,), _ = evaluate([y], {ids: [1]}, {}, dtype=np.float64)
    assert value.dtype == np.float64


@pytest.mark.parametrize(
    ("make", "error", "said"),
    [
        (lambda x: apply(rn.matmul, x, X), ShapeError, r"matmul, node 'matmul' of x:0, Const:0"),
        (lambda x: apply(rn.add, x, np.ones(6)), DtypeError, "x:0"),
        (lambda x: apply(rn.softmax, x, axis=2), OptionError, "'probs'|softmax"),
        (lambda x: apply(rn.softmax, x, axes=1), ArgumentError, "axes"),
        (lambda x: apply(rn.max_pool2d, x, kernel=2), ShapeError, "x:0"),
    ],
)
def test_refused_when_the_graph_is_made(graph, make, error, said):
    x = placeholder(np.float32, [None, 6], name="x")
    with pytest.raises(error, match=said):
        make(x)


def test_refused_in_a_run_with_the_node_s_name(graph):
    x = placeholder(np.float32, [None, 6], name="x")
    ids = placeholder(np.int64, [None], name="classes")
    loss = apply(rn.softmax_cross_entropy, x, ids, name="loss")
    with pytest.raises(DomainError, match="node 'loss:0'"):
        Session().run(loss, {x: X, ids: [0, 1, 2, 6]})
