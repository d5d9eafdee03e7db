import numpy as np
import pytest

import refnet as rn
from refnet.errors import ShapeError
from refnet.graph import (
    Graph,
    Session,
    Variable,
    apply,
    constant,
    evaluate,
    gradients,
    placeholder,
)
from refnet.graph.fusion import products
from refnet.graph.order import topological_sort
from refnet.op import intercepted

RNG = np.random.default_rng(7)
X, W, B = (RNG.standard_normal(shape) for shape in ((4, 3), (3, 2), (2,)))


def network(dtype=np.float64, flipped=False):
    """Return x, w, b, the product, its sum with the bias, and gradients of a loss."""
    x = placeholder(dtype, [None, 3], name="x")
    w, b = Variable(W.astype(dtype), name="w"), Variable(B.astype(dtype), name="b")
    product = x @ w
    y = b + product if flipped else product + b
    loss = apply(rn.sum, rn_tanh(y))
    return x, w, b, product, y, gradients(loss, [x, w, b])


def rn_tanh(y):
    return apply(rn.tanh, y)


def names(fetches, feeds, state):
    """Return the operations that an evaluation went through."""
    seen = []
    with intercepted(lambda name, a: (seen.append(name), a)[1]):
        evaluate(fetches, feeds, state)
    return seen


@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_same_bits_as_two_operations(graph, dtype, flipped):
    x, w, b, product, y, grads = network(dtype, flipped)
    feeds, state = {x: X.astype(dtype)}, {w: W.astype(dtype), b: B.astype(dtype)}
    for fetches in ([y], grads, [y, *grads], grads[1:], grads[2:], grads[:1]):
        whole, _ = evaluate(fetches, feeds, state)
        *apart, _ = evaluate([*fetches, product], feeds, state)[0]
        for got, expected in zip(whole, apart, strict=True):
            assert got.dtype == dtype
            if got.shape == B.shape:  # db is summed by another routine
                np.testing.assert_allclose(got, expected, rtol=8 * np.finfo(dtype).eps)
            else:
                np.testing.assert_array_equal(got, expected)
    seen = names([y, *grads], feeds, state)
    assert "dense" in seen
    assert not {"matmul", "add"} & set(seen)


def test_against_the_layer(graph):
    x, w, b, _, y, (dx, dw, db) = network()
    (got, *grads), _ = evaluate([y, dx, dw, db], {x: X}, {w: W, b: B})
    expected = rn.dense(X, W, B)
    dy = 1 - np.tanh(expected) ** 2
    np.testing.assert_array_equal(got, expected)
    for g, e in zip(grads, rn.dense.vjp(dy, X, W, B), strict=True):
        np.testing.assert_allclose(g, e, rtol=1e-14)


@pytest.mark.parametrize(
    "what", ["fetched", "fed", "used twice", "half", "a row for the bias", "the sum's share fed"]
)
def test_what_stays_apart(graph, what):
    dtype = np.float16 if what == "half" else np.float64
    x, w, b, product, y, grads = network(dtype)
    state = {w: W.astype(dtype), b: B.astype(dtype)}
    feeds, fetches = {x: X.astype(dtype)}, [y, *grads]
    if what == "fetched":
        fetches.append(product)
    elif what == "fed":
        feeds[product] = X @ W
    elif what == "used twice":
        fetches.append(rn_tanh(product))
    elif what == "a row for the bias":
        row = Variable(B[None], name="row")
        state, fetches = {w: W, row: B[None]}, [product + row]
    elif what == "the sum's share fed":
        pulled = grads[1].inputs[0]
        feeds[pulled.inputs[0]] = np.ones((4, 2))  # in the place of what the sum passes back
        (dw,), _ = evaluate(grads[1:2], feeds, state)
        np.testing.assert_allclose(dw, X.T @ np.ones((4, 2)), rtol=1e-14)
    seen = names(fetches, feeds, state)
    assert "dense" not in seen


def test_two_gradients_of_one_product(graph):
    x, w, b, _, y, _ = network()
    first, second = gradients(y, w) + gradients(y * y, w)
    (one, two), _ = evaluate([first, second], {x: X}, {w: W, b: B})
    np.testing.assert_allclose(one, X.T @ np.ones((4, 2)), rtol=1e-14)
    np.testing.assert_allclose(two, X.T @ (2 * (X @ W + B)), rtol=1e-14)


def test_errors_name_the_product(graph):
    x = placeholder(np.float64, [None, None], name="x")
    y = apply(rn.matmul, x, constant(W), name="product") + constant(B)
    assert products(topological_sort([y]), [y], [])
    with pytest.raises(ShapeError, match="node 'product:0'"):
        Session().run(y, {x: X[:, :2]})


def test_products_of_a_graph(graph):
    *_, y, grads = network()
    order = topological_sort([y, *grads])
    (found,) = products(order, [y, *grads], [])
    assert found.wrt == ("x", "w", "b")
    assert [n.name for n in found.inputs] == ["x:0", "w:0", "b:0"]
    with Graph().as_default():
        assert products(topological_sort([constant(X) @ constant(W)]), [], []) == []
