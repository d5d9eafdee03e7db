import numpy as np
import pytest

import refnet as rn
from refnet.errors import GraphError, OptionError, ShapeError, UnconnectedError
from refnet.graph import (
    Session,
    Variable,
    apply,
    apply_gradients,
    compute_gradients,
    evaluate,
    global_variables_initializer,
    group,
    minimize,
    placeholder,
    updates_of,
)
from refnet.graph.arithmetic import binary

OPTIMIZERS = [
    rn.optimizers.SGD(0.1),
    rn.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    rn.optimizers.AdaGrad.like("tensorflow1", lr=0.1),
    rn.optimizers.AdaDelta(1.0),
    rn.optimizers.RMSProp(0.01, momentum=0.5, centered=True),
    rn.optimizers.Adam(0.01, weight_decay=0.1),
    rn.optimizers.AdaMax(0.01),
    rn.optimizers.Nadam("cosine(lr=0.1, steps=5)"),
]
X = np.random.default_rng(0).standard_normal((5, 3)).astype(np.float32)
W = np.random.default_rng(1).standard_normal((3, 2)).astype(np.float32)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_steps_are_the_optimizer_s_own(graph, optimizer):
    """Bit for bit: variables and every slot, over several steps."""
    x = placeholder(np.float32, [None, 3], name="x")
    w = Variable(W, name="W")
    loss = apply(rn.mean, apply(rn.tanh, x @ w))
    step = minimize(loss, optimizer)
    (update,) = updates_of([step])
    assert update.loss is loss
    session = Session()
    session.run(global_variables_initializer())
    params, state = {"W": W}, optimizer.init({"W": W})
    for done in range(4):
        y, vjp = rn.tanh.with_vjp(X @ params["W"])
        (dy,) = rn.mean.vjp(np.float32(1), y)
        _, dw = rn.matmul.vjp(vjp(dy)[0], X, params["W"])
        params, state = optimizer.update(params, {"W": dw}, state)
        session.run(step, {x: X})
        assert np.array_equal(session.run(w), params["W"])
        assert session.run(update.updates) == done + 1 == state.step
        for slot, of in update.slots.items():
            assert np.array_equal(session.run(of[w]), getattr(state, slot)["W"])
    assert not any(v.trainable for of in update.slots.values() for v in of.values())


def test_a_rate_that_is_computed(graph):
    w = Variable(np.float64(1.0), name="w")
    rate = placeholder(np.float64, [], name="rate")
    step = apply_gradients(rn.optimizers.SGD(9.0), compute_gradients(w * w), lr=rate)
    session = Session()
    session.run(global_variables_initializer())
    session.run(step, {rate: 0.25})
    assert session.run(w) == 0.5


def test_the_global_step_counts(graph):
    w = Variable(1.0, name="w")
    count = Variable(np.int64(0), trainable=False, name="global_step")
    step = minimize(w * w, rn.optimizers.SGD(0.1), global_step=count)
    session = Session()
    session.run(global_variables_initializer())
    for _ in range(3):
        session.run(step)
    assert session.run(count) == 3
    assert len(updates_of([step])) == 1


@pytest.mark.parametrize("update_first", [True, False])
@pytest.mark.parametrize("together", [lambda *ops: list(ops), group], ids=["list", "group"])
def test_an_assignment_does_not_undo_the_update_of_its_run(together, update_first, graph):
    w = Variable(4.0, name="w")
    with Session(graph) as session:
        if update_first:
            step = minimize(w * w, rn.optimizers.SGD(0.1))
        clipped = w.assign(binary("minimum", w, 3.0))
        if not update_first:
            step = minimize(w * w, rn.optimizers.SGD(0.1))
        session.run(w.initializer)
        session.run(together(step, clipped))
        # Clipped first; the gradient is that of what w was before the run.
        assert session.run(w) == pytest.approx(3 - 0.1 * 8)
        session.run(together(step, clipped))
        assert session.run(w) == pytest.approx(2.2 - 0.1 * 4.4)


def test_an_assignment_that_waits_for_the_update_sees_it(graph):
    w = Variable(4.0, name="w")
    step = minimize(w * w, rn.optimizers.SGD(0.1))
    with graph.control_dependencies([step]):
        clipped = w.assign(binary("minimum", w, 3.0))
    with Session(graph) as session:
        session.run(w.initializer)
        session.run([step, clipped])
        assert session.run(w) == 3
        session.run([step, clipped])
        assert session.run(w) == pytest.approx(3 - 0.1 * 6)


def test_gradients_changed_on_the_way(graph):
    w, b = Variable(2.0, name="w"), Variable(1.0, name="b")
    pairs = compute_gradients(w * w, [w, b])
    assert pairs[1] == (None, b)
    step = apply_gradients(
        rn.optimizers.SGD(1.0), [(g * 0.125 if g is not None else None, v) for g, v in pairs]
    )
    session = Session()
    session.run(global_variables_initializer())
    session.run(step)
    assert session.run([w, b]) == [1.5, 1.0]


def test_some_variables_only(graph):
    w, b = Variable(2.0, name="w"), Variable(1.0, name="b")
    frozen = Variable(5.0, trainable=False, name="frozen")
    session = Session()
    step, rest = (minimize(w * b * frozen, rn.optimizers.SGD(0.1), v) for v in ([b], None))
    session.run(global_variables_initializer())
    session.run(step)
    assert session.run([w, b]) == [2.0, 0.0]
    session.run(rest)
    assert session.run([w, b, frozen]) == [2.0, -1.0, 5.0]


def test_evaluate_is_pure_and_may_be_wider(graph):
    w = Variable(np.float32(1.1), name="w")
    step = minimize(w * w * w, rn.optimizers.Adam(0.01))
    session = Session()
    session.run(global_variables_initializer())
    before = dict(session.state)
    _, after = evaluate([step], {}, before, dtype=np.float64)
    assert session.state == before
    assert after[w].dtype == np.float64
    _, again = evaluate([step], {}, before)
    session.run(step)
    assert session.state[w] == again[w]
    assert abs(again[w] - after[w]) < 1e-6


def test_what_is_refused(graph):
    w = Variable(np.ones((2, 3), np.float32), name="w")
    x = placeholder(np.float32, [None, 3], name="x")
    sgd = rn.optimizers.SGD(0.1)
    with pytest.raises(UnconnectedError, match=r"'x:0'.*'w:0'"):
        minimize(x, sgd)
    with pytest.raises(UnconnectedError):
        apply_gradients(sgd, [(None, w)])
    with pytest.raises(GraphError, match="other way round"):
        apply_gradients(sgd, [(w, x)])
    with pytest.raises(ShapeError, match="'w:0'"):
        apply_gradients(sgd, [(apply(rn.transpose, w), w)])
    with pytest.raises(OptionError, match="ahead"):
        minimize(w, rn.optimizers.SGD(0.1, momentum=0.9, lookahead=True))
    assert graph.variables == [w]
