"""The optimizers of the TensorFlow adapter: what is restored, scheduled and refused there."""

from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from parity.backends.tensorflow.optimizers import OPTIMIZERS, Optimizer
from parity.backends.tensorflow.schedules import rate
from parity.errors import UnsupportedError
from refnet.optimizers.schedules import schedule_from_spec
from tests.parity.backends.installed import installed

TENSORFLOW = installed("tensorflow")
tf = TENSORFLOW.tf
train = tf.compat.v1.train
# What TensorFlow 1 computes by itself, in refnet's fields.
OWN = {
    "sgd": (lambda lr: train.GradientDescentOptimizer(lr), {}),
    "momentum": (lambda lr: train.MomentumOptimizer(lr, 0.9), {"first_buffer": "zeros"}),
    "nesterov": (
        lambda lr: train.MomentumOptimizer(lr, 0.9, use_nesterov=True),
        {"first_buffer": "zeros"},
    ),
    "adagrad": (lambda lr: train.AdagradOptimizer(lr), None),
    "adadelta": (lambda lr: train.AdadeltaOptimizer(lr), None),
    "rmsprop": (lambda lr: train.RMSPropOptimizer(lr), None),
    "adam": (lambda lr: train.AdamOptimizer(lr), None),
}


def given(rng, steps=4, dtype=np.float64):
    p = {"w": rng.standard_normal((3, 2)).astype(dtype), "b": rng.standard_normal(2).astype(dtype)}
    gs = [
        {k: rng.standard_normal(a.shape).astype(dtype) for k, a in p.items()} for _ in range(steps)
    ]
    return p, gs


def updates(name, p, gs, **options):
    return TENSORFLOW.optimizers()[name](p, gs, **options)


def own_fields(name):
    fields = dict(rn.conventions["tensorflow1", name].fields)
    fields.pop("decay_kind", None)
    fields.pop("clip", None)
    return fields


@pytest.mark.parametrize("name", OWN)
def test_fields_of_tensorflow1_are_its_defaults(name, rng):
    """Bit for bit, in float32, beside a plain program of TensorFlow 1."""
    p, gs = given(rng, dtype=np.float32)
    fields = {**own_fields(name), "lr": 0.1}
    found = updates(name, p, gs, **fields)
    with tf.Graph().as_default():
        variables = {k: tf.compat.v1.Variable(a) for k, a in p.items()}
        placeholders = {k: tf.compat.v1.placeholder(a.dtype, a.shape) for k, a in p.items()}
        optimizer = OWN[name][0](0.1)
        step = optimizer.apply_gradients([(placeholders[k], v) for k, v in variables.items()])
        with tf.compat.v1.Session() as session:
            session.run(tf.compat.v1.global_variables_initializer())
            for g, update in zip(gs, found, strict=True):
                session.run(step, {placeholders[k]: a for k, a in g.items()})
                for k, a in session.run(variables).items():
                    np.testing.assert_array_equal(update.params[k], a)
    assert len({u.params["w"].tobytes() for u in found}) == len(gs)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_step_from_a_restored_state_is_the_next_step(name, rng):
    """Bit for bit: no part of the state is left behind."""
    p, gs = given(rng, steps=3, dtype=np.float32)
    options = {**own_fields(name), "lr": "exponential(lr=0.3, factor=0.9)", "weight_decay": 0.1}
    options |= {"momentum": 0.5, "centered": True} if name == "rmsprop" else {}
    run = updates(name, p, gs, **options)
    sessions = TENSORFLOW.sessions
    graph = tf.Graph()
    with graph.as_default():
        part = Optimizer(sessions, name, options).in_graph(sessions, p)
        fed = {k: sessions.placeholder(a) for k, a in p.items()}
        part.apply(fed)
    with sessions.open(graph) as running:
        for done in (2, 1):
            before = run[done - 1]
            part.set(running, before.params, before.slots, done)
            running.run(part.update, {fed[k]: a for k, a in gs[done].items()} | part.rate(done))
            params, slots = part.get(running)
            np.testing.assert_array_equal(params["w"], run[done].params["w"])
            assert slots.keys() == run[done].slots.keys()
            for slot, values in slots.items():
                np.testing.assert_array_equal(values["b"], run[done].slots[slot]["b"])


@pytest.mark.parametrize(
    ("name", "options", "why"),
    [
        ("sgd", {"momentum": 0.9, "dampening": 0.1}, "no dampening"),
        ("momentum", {"lr_inside": True}, "outside the accumulator"),
        ("nesterov", {"lookahead": True}, "at the parameters"),
        ("adagrad", {}, "adds nothing to the root"),
        ("adagrad", {"eps": 0.0, "lr_decay": 0.1}, "no decay of its rate"),
        ("rmsprop", {}, "epsilon inside the root"),
        ("rmsprop", {"eps_inside": True, "momentum": 0.5}, "inside the momentum"),
        ("adam", {}, "epsilon-hat"),
        ("adam", {"amsgrad": True}, "AMSGrad"),
        ("adam", {"bias_correction": False}, "corrects the bias"),
        ("adam", {"eps_root": 0.1}, "inside the root"),
        ("sgd", {"weight_decay": 0.1, "decay_kind": "decoupled"}, "'decoupled'"),
        ("sgd", {"clip": "by_global_norm(limit=1.0, eps=1e-6)"}, "adds nothing to the norm"),
        ("sgd", {"clip": 1.0}, "clipping as a spec"),
        ("sgd", {"nothing": 1}, "no option nothing"),
        ("adamax", {}, "no optimizer adamax"),
        ("sgd", {"lr": [0.1]}, "schedules as specs"),
    ],
)
def test_what_tensorflow1_has_not_is_unsupported(name, options, why):
    with pytest.raises(UnsupportedError, match=why):
        Optimizer(TENSORFLOW.sessions, name, options)


@pytest.mark.parametrize(
    "spec",
    [
        "constant(lr=0.3)",
        "step_decay(lr=0.3, every=2, factor=0.7)",
        "exponential(lr=0.3, factor=0.8)",
        "cosine(lr=0.3, steps=4, floor=0.1)",
        "time_decay(lr=0.3, decay=0.4)",
        "warm_up(lr=0.3, steps=3, start=0.1)",
        "warm_up(lr=0.3, steps=2, then='cosine(lr=0.3, steps=3)')",
    ],
)
def test_schedules_are_refnets(spec):
    found, wanted = rate(TENSORFLOW.sessions, spec), schedule_from_spec(spec)
    for done in range(7):
        assert found(done) == pytest.approx(wanted(done), rel=1e-14), done
