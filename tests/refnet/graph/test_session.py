from collections import namedtuple

import ml_dtypes
import numpy as np
import pytest

import refnet as rn
from refnet.errors import DomainError, FeedError, GraphError, ShapeError, UninitializedError
from refnet.graph import (
    Graph,
    InteractiveSession,
    Session,
    Variable,
    apply,
    concat,
    constant,
    evaluate,
    gather,
    get_default_session,
    global_variables_initializer,
    gradients,
    minimize,
    observed,
    placeholder,
    random_normal,
)

X = np.array([[1.0, 2.0, 3.0]], np.float32)


@pytest.fixture
def x(graph):
    """Return a placeholder of images."""
    return placeholder(np.float32, [None, 3], name="images")


def test_structures_of_fetches(x):
    pair = namedtuple("pair", "a b")
    y, z = x + 1, x * 2
    session = Session()
    feed = {x: X}
    assert isinstance(session.run(y, feed), np.ndarray)
    assert isinstance(session.run([y], feed), list)
    assert isinstance(session.run((y, z), feed), tuple)
    got = session.run({"y": y, "more": [z, (y, y.name)]}, feed)
    np.testing.assert_array_equal(got["more"][0], 2 * X)
    np.testing.assert_array_equal(got["more"][1][1], X + 1)
    assert session.run(pair(y, z), feed).b.tolist() == (2 * X).tolist()
    assert session.run([], feed_dict=None) == []


def test_scalars_are_numbers(graph):
    value = Session().run(constant(np.float32(2.0)))
    assert isinstance(value, np.float32)
    assert f"{value:.1f}" == "2.0"


def test_any_node_can_be_fed(x):
    y = x * 2
    z = y + 1
    assert Session().run(z, {y: X}).tolist() == (X + 1).tolist()
    (dx,) = gradients(rn_sum(z * z), x)
    assert Session().run(dx, {x: X, z: 10 * X}).tolist() == (4 * 10 * X).tolist()


def rn_sum(node):
    return apply(rn.sum, node)


def test_a_placeholder_that_is_not_fed(x):
    y = x + 1
    with pytest.raises(FeedError, match=r"'images:0'.*\(\?, 3\).*feed_dict"):
        Session().run(y)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (np.zeros((2, 4)), r"shape \(2, 4\).*\(\?, 3\)"),
        (np.zeros(3), r"shape \(3,\)"),
        ([[1.0], [1.0, 2.0]], "rows of different lengths"),
        ([["a", "b", "c"]], "float32"),
        (None, "float32"),
        (np.array([["a", 1.0, 2.0]], object), "float32"),
        (np.array([[None, 1.0, 2.0]], object), "float32"),
    ],
)
def test_a_feed_that_does_not_fit(x, value, said):
    with pytest.raises(FeedError, match=rf"'images:0'.*{said}"):
        Session().run(x + 1, {x: value})


def test_numbers_as_objects_are_fed(x):
    """Columns of an array that holds more than numbers are of the dtype object."""
    rows = np.array([[1.0, 2, np.float32(3.5)]], object)
    assert Session().run(x + 1, {x: rows}).tolist() == [[2, 3, 4.5]]


def test_integers_are_not_fed_with_floats(graph):
    labels = placeholder(np.int64, [None], name="labels")
    session = Session()
    assert session.run(labels + 1, {labels: [1, 2]}).tolist() == [2, 3]
    with pytest.raises(FeedError, match="'labels:0'"):
        session.run(labels + 1, {labels: [1.5, 2.0]})
    with pytest.raises(FeedError, match="fractions"):
        session.run(labels + 1, {labels: np.array([1.5, 2], object)})
    with pytest.raises(FeedError, match="numbers beyond"):
        session.run(labels + 1, {labels: np.array([2**63], object)})


BFLOAT16 = np.dtype(ml_dtypes.bfloat16)


@pytest.mark.parametrize("wanted", [BFLOAT16, np.float32, np.int64])
@pytest.mark.parametrize("given", [BFLOAT16, np.float32, np.int64])
def test_bfloat16_is_fed_like_other_floats(given, wanted, graph):
    x = placeholder(np.dtype(wanted), [None])
    with Session(graph) as session:
        found = session.run(x, {x: np.array([1, 2], given)})
        assert found.dtype == wanted
        assert found.tolist() == [1, 2]
        if np.dtype(wanted).kind == "i" and np.dtype(given).kind != "i":
            with pytest.raises(FeedError, match="fractions"):
                session.run(x, {x: np.array([1.5, 2], given)})


def test_a_feed_that_is_not_needed(x):
    other = placeholder(np.float32, [], name="keep_prob")
    y = x + 1
    feed = {x: X, other: 1.0}
    with pytest.raises(FeedError, match=r"'keep_prob:0'.*'add:0'"):
        Session().run(y, feed)
    np.testing.assert_array_equal(Session(strict=False).run(y, feed), X + 1)


def test_a_feed_of_no_node(x):
    with Graph().as_default():
        other = placeholder(np.float32, [], name="other")
    with pytest.raises(FeedError, match=r"'other:0'.*another graph"):
        Session().run(x + 1, {x: X, other: 1.0})
    with pytest.raises(FeedError, match="3"):
        Session().run(x + 1, {x: X, 3: 1.0})
    with pytest.raises(GraphError, match=r"'imagse'.*Did you mean 'images'"):
        Session().run(x + 1, {"imagse": X})
    np.testing.assert_array_equal(Session().run(x + 1, {"images:0": X}), X + 1)


def test_fetches_that_are_none(x):
    with pytest.raises(GraphError, match=r"2\.5"):
        Session().run(2.5)
    with Graph().as_default():
        other = constant(1.0, name="other")
    with pytest.raises(GraphError, match="'other:0'"):
        Session().run(other)


def test_an_uninitialized_variable(graph):
    w = Variable(1.0, name="weights")
    session = Session()
    with pytest.raises(UninitializedError, match=r"'weights:0'.*global_variables_initializer"):
        session.run(w + 1)
    with pytest.raises(UninitializedError, match="'weights:0'"):
        session.run(w.assign_add(1.0))
    session.run(global_variables_initializer())
    assert session.run(w + 1) == 2.0
    with pytest.raises(UninitializedError, match="'weights:0'"):
        Session().run(w)  # another session has values of its own


def test_a_run_that_fails_changes_nothing(x):
    w = Variable(np.float32(1.0), name="w")
    rows = placeholder(np.float32, [None, None], name="rows")
    session = Session()
    session.run(w.initializer)
    with graph_of(w).control_dependencies([w.assign(5.0)]):
        broken = rows @ x
    with pytest.raises(rn.ShapeError):
        session.run(broken, {x: X, rows: np.ones((2, 2))})
    assert session.run(w) == 1.0


def graph_of(node):
    return node.graph


def test_values_given_away_are_the_receiver_s(x):
    start = np.ones((1, 3), np.float32)
    w = Variable(start, name="w")
    c = constant(start)
    session = Session()
    session.run(global_variables_initializer())
    feed = X.copy()
    for node in (w, c, x, w.read_value(), w.assign(w + 0), w[0:1], w.initializer):
        value = session.run(node, {x: feed} if node is x else {})
        if value is not None:
            value += 100
    assert session.run(w).tolist() == session.run(c).tolist() == start.tolist()
    assert feed.tolist() == X.tolist()
    session.run(w.assign(x), {x: feed})
    feed += 100
    assert session.run(w).tolist() == X.tolist()


def test_sessions_and_defaults(graph):
    node = constant(1.0) + 1.0
    with pytest.raises(GraphError, match=r"'add:0'.*no session"):
        node.eval()
    with Session() as session:
        assert get_default_session() is session
        assert node.eval() == 2.0
        with Session() as inner:
            assert get_default_session() is inner
        assert get_default_session() is session
    assert get_default_session() is None
    with pytest.raises(GraphError, match="closed"):
        session.run(node)
    interactive = InteractiveSession()
    assert node.eval() == 2.0
    node.op.run()
    interactive.close()
    assert get_default_session() is None
    assert node.eval(session=Session()) == 2.0


def test_load(graph):
    w = Variable([1.0, 2.0], name="w")
    session = Session()
    w.load([3.0, 4.0], session)
    assert session.run(w).tolist() == [3.0, 4.0]
    with pytest.raises(FeedError, match="'w:0'"):
        session.load({w: [1.0]})
    with Graph().as_default():
        other = Variable(1.0, name="other")
    with pytest.raises(GraphError, match="'other:0'"):
        session.load({other: 1.0})


def test_observed_runs_can_be_done_again(x):
    w = Variable(np.full((3, 2), 0.5, np.float32), name="w")
    noise = random_normal([2], stddev=0.1, seed=3)
    loss = rn_sum((x @ w + noise) ** 2)
    step = minimize(loss, rn.optimizers.SGD(0.01, momentum=0.9))
    session = Session()
    session.run(global_variables_initializer())
    runs = []
    with observed(runs.append):
        for _ in range(3):
            session.run([loss, step], {x: X})
    assert len(runs) == 3
    for run in runs:
        assert set(run.feeds) == {x, noise}
        values, after = evaluate([loss, step], run.feeds, run.before)
        assert values[1] is None
        assert after.keys() == run.after.keys()
        assert all(np.array_equal(after[v], run.after[v]) for v in after)
    assert not np.array_equal(runs[0].feeds[noise], runs[1].feeds[noise])


def test_evaluate_in_another_dtype(x):
    w = Variable(np.float32(0.1), name="w")
    y = rn_sum(x * w + 0.3)
    feeds, state = {x: X}, {w: np.float32(0.1)}
    (single,), _ = evaluate([y], feeds, state)
    (double,), after = evaluate([y], feeds, state, dtype=np.float64)
    assert single.dtype == np.float32
    assert double.dtype == np.float64 == after[w].dtype
    exact = (X.astype(np.float64) * np.float64(np.float32(0.1)) + np.float64(np.float32(0.3))).sum()
    assert abs(double - exact) < 1e-15
    assert 0 < abs(float(single) - exact) < 1e-6
    assert state[w].dtype == np.float32


def test_evaluate_draws_nothing(graph):
    noise = random_normal([2], name="noise")
    with pytest.raises(FeedError, match="noise:0"):
        evaluate([noise + 1], {}, {})


def test_results_pass_through_the_seam(x):
    seen = []
    y = rn_sum(apply(rn.tanh, x))
    (dx,) = gradients(y, x)
    with rn.intercepted(lambda name, a: (seen.append(name), a)[1]):
        Session().run([y, dx], {x: X})
    assert seen == ["tanh", "sum", "sum", "tanh"]


def test_plans_are_kept_apart(x):
    y = x * 2
    z = y + 1
    session = Session()
    for _ in range(2):
        assert session.run(z, {x: X}).tolist() == (2 * X + 1).tolist()
        assert session.run(z, {y: X}).tolist() == (X + 1).tolist()
        assert session.run([z, y], {x: X})[1].tolist() == (2 * X).tolist()


def test_what_is_fetched_belongs_to_the_caller(x):
    w = Variable(X, name="w")
    y = x + w
    z = y * 2
    session = Session()
    session.run(global_variables_initializer())
    first, again = session.run([y, y], {x: X})
    first += 1
    assert again.tolist() == (2 * X).tolist()
    mine = X.copy()
    got, _ = session.run([y, z], {y: mine})
    got += 1
    assert mine.tolist() == X.tolist()
    assert session.run(w).tolist() == X.tolist()


@pytest.mark.parametrize("feeds", [{"images"}, [("images", X)], "images"])
def test_feeds_are_a_dict(x, feeds):
    with pytest.raises(FeedError, match="feed_dict"):
        Session().run(x + 1, feeds)


def test_what_numpy_refuses_names_the_node(graph):
    a, b = (placeholder(np.int64, name=n) for n in "ab")
    total, joined = a + b, concat([a, b], 0)
    with pytest.raises(ShapeError, match=r"node 'add:0'.*a:0, b:0"):
        Session().run(total, {a: [1, 2], b: [1, 2, 3]})
    with pytest.raises(ShapeError, match="node 'concat:0'"):
        Session().run(joined, {a: [1, 2], b: [[1, 2]]})
    for place in (-1, 2):
        with Graph().as_default(), pytest.raises(DomainError, match="node 'GatherV2:0'"):
            Session().run(gather(constant([1, 2]), [place]))


def test_interactive_sessions_bring_their_graph(graph):
    other = Graph()
    session = InteractiveSession(other)
    node = constant(1.0) + 1.0
    assert node.graph is other
    assert node.eval() == 2.0
    session.close()
    assert constant(1.0).graph is graph
