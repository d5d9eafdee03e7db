import numpy as np
import pytest

from refnet.errors import DtypeError, FeedError, ShapeError
from refnet.graph import (
    Session,
    Variable,
    cast,
    constant,
    global_variables,
    global_variables_initializer,
    group,
    placeholder,
    trainable_variables,
    variables_initializer,
)


def test_initial_values(graph):
    made = [
        Variable(np.ones((2, 3), np.float32), name="array"),
        Variable(constant(2.0), name="node"),
        Variable(lambda: [1.0, 2.0], name="called"),
        Variable(7, trainable=False, dtype=np.int32, name="count"),
    ]
    first = Variable(made[0].initialized_value() * 2.0, name="from another")
    with Session() as session:
        session.run(global_variables_initializer())
        values = session.run([*made, first])
    assert [v.tolist() for v in values[:4]] == [[[1.0] * 3] * 2, 2.0, [1.0, 2.0], 7]
    assert values[4].tolist() == [[2.0] * 3] * 2
    assert trainable_variables() == [*made[:3], first]
    assert global_variables() == [*made, first]


def test_assignments(graph):
    v = Variable(np.float32(1.0), name="v")
    session = Session()
    session.run(v.initializer)
    assert session.run(v.assign(3.0)) == 3.0
    assert session.run(v.assign_add(2.0)) == 5.0
    assert session.run(v.assign_sub(1.0)) == 4.0 == session.run(v)
    both = group(v.assign_add(1.0), v.assign_add(1.0), name="both")
    assert session.run(both) is None
    assert session.run(v) == 6.0


def test_a_variable_is_read_as_it_was_before_the_run(graph):
    v = Variable(np.float32(1.0), name="v")
    session = Session()
    session.run(v.initializer)
    assert session.run([v, v.assign_add(1.0), v + 0.0, v.assign_add(1.0)]) == [1.0, 2.0, 1.0, 3.0]
    swapped = Variable(np.float32(10.0), name="w")
    session.run(swapped.initializer)
    session.run([v.assign(swapped), swapped.assign(v)])
    assert session.run([v, swapped]) == [10.0, 3.0]


def test_initializing_some(graph):
    a, b = Variable(1.0, name="a"), Variable(2.0, name="b")
    session = Session()
    session.run(variables_initializer([b]))
    assert list(session.state) == [b]
    session.run(variables_initializer([a, b]))
    assert session.run([a, b]) == [1.0, 2.0]


def test_shapes_and_dtypes_of_assignments(graph):
    v = Variable(np.zeros((2, 3), np.float32), name="v")
    with pytest.raises(ShapeError, match="'v:0'"):
        v.assign(np.zeros((3, 2)))
    with pytest.raises(DtypeError, match="node"):
        v.assign(constant(np.zeros((2, 3)), name="node"))
    x = placeholder(np.float32, [None, 3])
    session = Session()
    session.run(v.assign(x), {x: np.ones((2, 3))})
    with pytest.raises(ShapeError, match="'v:0'"):
        session.run(v.assign(x), {x: np.ones((3, 3))})
    assert session.run(v).shape == (2, 3)
    with pytest.raises(ShapeError, match="'v'"):
        Variable(np.zeros(3), name="v", expected_shape=[4])


def test_a_feed_takes_a_variable_s_place(graph):
    v = Variable(np.float32(1.0), name="v")
    assert Session().run(v * 2, {v: 5.0}) == 10.0
    with pytest.raises(FeedError, match="'v:0'"):
        Session().run(v * 2, {v: [1.0]})


def test_integers_count(graph):
    step = Variable(np.int64(0), trainable=False, name="global_step")
    session = Session()
    session.run(step.initializer)
    for _ in range(3):
        session.run(step.assign_add(1))
    assert session.run(step) == 3
    assert session.run(cast(step, np.float32) / 2) == 1.5


def test_eval_takes_the_session_first(graph):
    w = Variable(2.0, name="w")
    session = Session()
    session.run(w.initializer)
    assert w.eval(session) == w.eval(session=session) == 2.0
    assert w.eval(session, {w: 3.0}) == 3.0
