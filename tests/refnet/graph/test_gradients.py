import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import refnet as rn
from refnet.errors import DtypeError, GraphError, OptionError, UnconnectedError
from refnet.graph import (
    Graph,
    Session,
    Variable,
    apply,
    cast,
    concat,
    constant,
    gather,
    global_variables_initializer,
    gradients,
    placeholder,
    stack,
    stop_gradient,
    transpose,
    unstack,
)

UNARY = [
    lambda a: apply(rn.tanh, a),
    lambda a: apply(rn.sigmoid, a),
    lambda a: -a,
    lambda a: apply(rn.tanh, a * a),
    lambda a: a[..., ::-1] + 1.0,
    lambda a: transpose(transpose(a)),
    lambda a: apply(rn.softmax, a),
    lambda a: stack(unstack(a, axis=1), axis=1),
    lambda a: cast(cast(a, np.longdouble), np.float64),
]
BINARY = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: apply(rn.tanh, a * b),
    lambda a, b: a / (2.0 + apply(rn.sigmoid, b)),
    lambda a, b: apply(rn.tanh, a @ transpose(b) @ b),
    lambda a, b: concat([a, b], 0)[:2],
]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 14), st.integers(0, 99), st.integers(0, 99)), max_size=8))
def test_random_graphs_agree_with_central_differences(choices):
    """Nodes with several consumers, shared inputs and parts of results among them."""
    rng = np.random.default_rng(len(choices))
    with Graph().as_default():
        x = placeholder(np.float64, [2, 3], name="x")
        nodes = [x, x * constant(rng.standard_normal((2, 3)))]
        for which, i, j in choices:
            a, b = nodes[i % len(nodes)], nodes[j % len(nodes)]
            nodes.append(
                UNARY[which](a) if which < len(UNARY) else BINARY[which - len(UNARY)](a, b)
            )
        weights = rng.standard_normal((2, 3))
        y = apply(rn.sum, nodes[-1] * weights + nodes[len(nodes) // 2])
        (dx,) = gradients(y, x)
        session = Session()
        at = rng.standard_normal((2, 3)) / 2
        got = session.run(dx, {x: at})
        found = rn.central_differences(lambda v: session.run(y, {x: v}), at)
    assert (abs(got - found.gradient) <= 10 * found.error + 1e-9).all()


def test_every_consumer_counts(graph):
    x = placeholder(np.float64, [], name="x")
    y = x * x + x * 3.0 + x
    (dx,) = gradients(y, x)
    assert Session().run(dx, {x: 2.0}) == 2 * 2 + 3 + 1


def test_a_vector_is_summed_and_cotangents_may_be_given(graph):
    x = placeholder(np.float64, [2], name="x")
    y, z = x * x, x * 3.0
    run = Session().run
    at = {x: [1.0, 2.0]}
    assert run(gradients(y, x)[0], at).tolist() == [2.0, 4.0]
    assert run(gradients([y, z], [x])[0], at).tolist() == [5.0, 7.0]
    assert run(gradients(y, x, grad_ys=constant([10.0, 1.0]))[0], at).tolist() == [20.0, 4.0]


def test_with_respect_to_what_is_in_between(graph):
    x = placeholder(np.float64, [], name="x")
    h = x * 2.0
    y = h * h
    dx, dh, dy = gradients(y, [x, h, y])
    assert Session().run([dx, dh, dy], {x: 3.0}) == [24.0, 12.0, 1.0]


def test_some_results_of_several(graph):
    x = placeholder(np.float64, [3, 2], name="x")
    first, _, last = unstack(x)
    (dx,) = gradients(first * 2.0 + last, x)
    assert Session().run(dx, {x: np.ones((3, 2))}).tolist() == [[2, 2], [0, 0], [1, 1]]


def test_rows_of_a_table(graph):
    table = Variable(np.arange(6.0).reshape(3, 2), name="table")
    ids = placeholder(np.int64, [None], name="ids")
    (d,) = gradients(gather(table, ids) ** 2, table)
    session = Session()
    session.run(global_variables_initializer())
    assert session.run(d, {ids: [2, 0, 2]}).tolist() == [[0, 2], [0, 0], [16, 20]]


def test_no_gradient_flows_through_stop_gradient(graph):
    x = placeholder(np.float64, [], name="x")
    (dx,) = gradients(x * stop_gradient(x), x)
    assert Session().run(dx, {x: 3.0}) == 3.0


def test_through_a_variable_that_is_read_at_its_turn(graph):
    v = Variable(3.0, name="v")
    with graph.control_dependencies([v.assign(5.0)]):
        y = v * v
    (dv,) = gradients(y, v)
    session = Session()
    session.run(v.initializer)
    assert session.run([y, dv]) == [25.0, 10.0]


@pytest.mark.parametrize("break_it", [stop_gradient, lambda a: cast(cast(a, np.int64), np.float64)])
def test_unconnected(graph, break_it):
    x = placeholder(np.float64, [], name="x")
    w = Variable(1.0, name="unused")
    y = break_it(x) * 2.0
    for point in (x, w):
        with pytest.raises(UnconnectedError, match=f"'{point.name}'.*mul:0"):
            gradients(y, point)
    assert gradients(y, [x, w], unconnected="none") == [None, None]
    zero, _ = gradients(y, [x, w], unconnected="zero")
    assert Session().run(zero, {x: 3.0}) == 0.0
    with pytest.raises(OptionError):
        gradients(y, x, unconnected="nothing")


def test_second_derivatives_are_refused(graph):
    x = placeholder(np.float64, [], name="x")
    (dx,) = gradients(apply(rn.tanh, x), x)
    with pytest.raises(UnconnectedError, match=r"'x:0'.*gradient, of 'tanh:0'"):
        gradients(dx, x)
    for unconnected in ("none", "zero"):  # the rest of the gradient would be another value
        with pytest.raises(UnconnectedError, match="'x:0'"):
            gradients(x * x + dx * dx, x, unconnected=unconnected)
    (d,) = gradients(x * x + stop_gradient(dx), x)
    assert Session().run(d, {x: 3.0}) == 6.0
    (d,) = gradients(dx * dx, dx)
    assert Session().run(d, {x: 0.0}) == 2.0


def test_stops(graph):
    a, b = (placeholder(np.float64, [], name=n) for n in "ab")
    product = a * b
    da, dp = gradients(a + product, [a, product], stop=[product])
    assert Session().run([da, dp], {a: 2.0, b: 3.0}) == [1.0, 1.0]
    assert gradients(product, a, stop=[product], unconnected="none") == [None]
    (da,) = gradients(product, a, stop=[a, b])
    assert Session().run(da, {a: 2.0, b: 3.0}) == 3.0


def test_only_floats_have_gradients(graph):
    n = constant(3, name="n")
    x = placeholder(np.float64, [], name="x")
    with pytest.raises(DtypeError, match="'mul:0'"):
        gradients(n * 2, x)
    with Graph().as_default():
        other = placeholder(np.float64, [], name="other")
    with pytest.raises(GraphError, match="'other:0'"):
        gradients(x * 2.0, other)
