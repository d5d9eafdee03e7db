import warnings

import numpy as np
import pytest

from tests.refnet.tf1.agreement import close, drawn

SAMPLES, TIMES, FEATURES, UNITS = 4, 3, 2, 5
X = drawn(SAMPLES, TIMES, FEATURES)
LENGTHS = np.array([3, 1, 2, 3], np.int32)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def plain(cell, x, h, w, b):
    h = np.tanh(np.concatenate([x, h], 1) @ w["kernel"] + w["bias"])
    return h, h


def lstm(cell, x, state, w, b):
    c, h = state
    i, j, f, o = np.split(np.concatenate([x, h], 1) @ w["kernel"] + w["bias"], 4, 1)
    c = c * sigmoid(f + b) + sigmoid(i) * np.tanh(j)
    h = np.tanh(c) * sigmoid(o)
    return h, (c, h)


def gru(cell, x, h, w, b):
    r, u = np.split(sigmoid(np.concatenate([x, h], 1) @ w["gates/kernel"] + w["gates/bias"]), 2, 1)
    c = np.tanh(np.concatenate([x, r * h], 1) @ w["candidate/kernel"] + w["candidate/bias"])
    h = u * h + (1 - u) * c
    return h, h


CELLS = {
    "BasicRNNCell": (plain, {}),
    "GRUCell": (gru, {}),
    "BasicLSTMCell": (lstm, {"forget_bias": 0.5}),
    "LSTMCell": (lstm, {}),
}


def values_of(tf, session):
    """Give each variable a value of its own; return those of a cell by the ends of their names."""
    found = {}
    for i, v in enumerate(tf.global_variables()):
        found[v.op.name] = drawn(*v.get_shape().as_list(), seed=i).astype(np.float32)
        session.run(v.assign(found[v.op.name]))
    return {"/".join(name.split("/")[2:]): value for name, value in found.items()}


@pytest.mark.parametrize("name", list(CELLS))
def test_cells_are_their_formulas(tf, name):
    formula, options = CELLS[name]
    cell = getattr(tf.nn.rnn_cell, name)(UNITS, **options)
    x = tf.placeholder(tf.float32, [None, TIMES, FEATURES])
    outputs, state = tf.nn.dynamic_rnn(cell, x, dtype=tf.float32, sequence_length=LENGTHS)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        w = values_of(tf, session)
        ours, last = session.run([outputs, state], {x: X})
    zero = np.zeros((SAMPLES, UNITS))
    state = (zero, zero) if formula is lstm else zero
    expected = np.zeros((SAMPLES, TIMES, UNITS))
    for t in range(TIMES):
        h, after = formula(cell, X[:, t], state, w, options.get("forget_bias", 1.0))
        going = (t < LENGTHS)[:, np.newaxis]
        expected[:, t] = np.where(going, h, 0)
        if formula is lstm:
            state = tuple(np.where(going, a, s) for a, s in zip(after, state, strict=True))
        else:
            state = np.where(going, after, state)
    np.testing.assert_allclose(ours, expected, atol=1e-6)
    np.testing.assert_allclose(np.array(last), np.array(state), atol=1e-6)


def programs(cells):
    """Return what is built of cells, by name."""

    def static(tf, x):
        outputs, state = tf.nn.static_rnn(
            cells.BasicLSTMCell(UNITS), tf.unstack(x, axis=1), dtype=tf.float32
        )
        return [outputs[-1], state.c, state.h]

    def dynamic(tf, x):
        outputs, state = tf.nn.dynamic_rnn(
            cells.GRUCell(UNITS), x, dtype=tf.float32, sequence_length=LENGTHS
        )
        return [outputs, state]

    def stacked(tf, x):
        every = [cells.BasicLSTMCell(n, forget_bias=0.0) for n in (UNITS, 3)]
        cell = cells.MultiRNNCell(every)
        outputs, states = tf.nn.dynamic_rnn(
            cell, x, initial_state=cell.zero_state(SAMPLES, tf.float32)
        )
        return [outputs, states[0].c, states[1].h]

    def time_major(tf, x):
        cell = cells.BasicRNNCell(UNITS, activation=tf.nn.relu)
        outputs, state = tf.nn.dynamic_rnn(
            cell, tf.transpose(x, [1, 0, 2]), dtype=tf.float32, time_major=True
        )
        return [outputs, state]

    def both_ways(tf, x):
        outputs, states = tf.nn.bidirectional_dynamic_rnn(
            cells.LSTMCell(UNITS),
            cells.LSTMCell(UNITS),
            x,
            dtype=tf.float32,
            sequence_length=LENGTHS,
        )
        return [*outputs, states[0].c, states[1].h]

    def both_ways_static(tf, x):
        outputs, forth, back = tf.nn.static_bidirectional_rnn(
            cells.BasicLSTMCell(UNITS),
            cells.BasicLSTMCell(UNITS),
            tf.unstack(x, TIMES, 1),
            dtype=tf.float32,
        )
        return [*outputs, forth.h, back.h]

    def shared(tf, x):
        with tf.variable_scope("model"):
            first, _ = tf.nn.dynamic_rnn(cells.BasicRNNCell(UNITS), x, dtype=tf.float32)
        with tf.variable_scope("model", reuse=True):
            second, _ = tf.nn.dynamic_rnn(cells.BasicRNNCell(UNITS), x * 2, dtype=tf.float32)
        return [first, second]

    def by_hand(tf, x):
        cell = cells.BasicLSTMCell(UNITS)
        state, outputs = cell.zero_state(SAMPLES, tf.float32), []
        with tf.variable_scope("steps"):
            for t in range(TIMES):
                if t > 0:
                    tf.get_variable_scope().reuse_variables()
                output, state = cell(x[:, t, :], state)
                outputs.append(output)
        return outputs

    made = (static, dynamic, stacked, time_major, both_ways, both_ways_static, shared, by_hand)
    return {f.__name__: f for f in made}


def run(tf, cells, name):
    """Return names of variables, values and gradients, with given values of the variables."""
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [SAMPLES, TIMES, FEATURES])
        nodes = programs(cells)[name](tf, x)
        loss = tf.add_n([tf.reduce_sum(tf.square(node)) for node in nodes])
        variables = tf.trainable_variables()
        grads = tf.gradients(loss, [*variables, x])
        session.run(tf.global_variables_initializer())
        values_of(tf, session)
        found = session.run([*nodes, *grads], {x: X})
        return [v.name for v in variables], found


@pytest.mark.parametrize("name", list(programs(None)))
def test_networks_of_cells_are_tensorflows(tf, tensorflow, name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the cells are deprecated since
        theirs = pytest.importorskip("tensorflow.python.keras.layers.legacy_rnn.rnn_cell_impl")
        their_names, expected = run(tensorflow, theirs, name)
    names, found = run(tf, tf.nn.rnn_cell, name)
    assert names == their_names
    for a, b in zip(found, expected, strict=True):
        close(a, b)


def test_an_old_cell_of_ones_own_is_shared_from_step_to_step(tf):
    class Cell(tf.nn.rnn_cell.RNNCell):
        state_size = output_size = 2

        def __call__(self, inputs, state, scope=None):
            with tf.variable_scope(scope or "own"):
                w = tf.get_variable("w", [2, 2])
                return tf.matmul(state, w) + inputs, tf.matmul(state, w) + inputs

    outputs, _ = tf.nn.static_rnn(Cell(), tf.unstack(tf.ones([3, 4, 2]), axis=1), dtype=tf.float32)
    assert len(outputs) == 4
    assert [v.name for v in tf.trainable_variables()] == ["rnn/own/w:0"]


def test_dropout_of_a_cell(tf):
    cell = tf.nn.rnn_cell.DropoutWrapper(tf.nn.rnn_cell.BasicRNNCell(50), output_keep_prob=0.5)
    outputs, _ = tf.nn.dynamic_rnn(cell, tf.ones([8, 3, 2]), dtype=tf.float32)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        assert 0.4 < (session.run(outputs) == 0).mean() < 0.6


def test_what_cells_and_sequences_refuse(tf):
    cell = tf.nn.rnn_cell.BasicRNNCell(2)
    with pytest.raises(ValueError, match="number of steps that is known"):
        tf.nn.dynamic_rnn(cell, tf.placeholder(tf.float32, [None, None, 2]), dtype=tf.float32)
    with pytest.raises(ValueError, match="unstack"):
        tf.nn.static_rnn(cell, tf.zeros([2, 3, 2]), dtype=tf.float32)
    with pytest.raises(ValueError, match="an initial state or a dtype"):
        tf.nn.static_rnn(cell, [tf.zeros([2, 2])])
    with pytest.raises(ValueError, match=r"\[cell\] \* n"):
        tf.nn.rnn_cell.MultiRNNCell([cell] * 2)
    with pytest.raises(ValueError, match="Peepholes"):
        tf.nn.rnn_cell.LSTMCell(2, use_peepholes=True)
    with pytest.raises(ValueError, match="inputs and outputs alone"):
        tf.nn.rnn_cell.DropoutWrapper(cell, state_keep_prob=0.5)
    with pytest.raises(AttributeError, match="Did you mean 'GRUCell'"):
        _ = tf.nn.rnn_cell.GruCell
