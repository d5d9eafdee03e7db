"""Programs on both sides: what agrees passes, and what differs is named with its step."""

from __future__ import annotations

import pytest

import refnet.tf1 as tf1
from parity.programs.judging import judged
from parity.result import Status
from parity.trace import Recording, compare
from parity.trajectory.lockstep import LIMIT
from tests.parity.programs.texts import ODD, SHARED, SMALL, program

pytestmark = pytest.mark.usefixtures("tensorflow")

OPTIMIZERS = [
    "GradientDescentOptimizer(0.1)",
    "MomentumOptimizer(0.1, 0.9)",
    "MomentumOptimizer(0.1, 0.9, use_nesterov=True)",
    "AdagradOptimizer(0.1)",
    "AdadeltaOptimizer(1.0)",
    "RMSPropOptimizer(0.01, momentum=0.5)",
    "RMSPropOptimizer(0.01)",
    "RMSPropOptimizer(0.01, momentum=0.5, centered=True)",
]


def small(folder, optimizer="MomentumOptimizer(0.1, 0.9)", steps=5):
    return program(folder, SMALL, optimizer=optimizer, steps=steps)


def parted(written, old, new):
    """Let a program say something else to TensorFlow than to refnet."""
    text = written.path.read_text()
    assert text.count(old) == 1
    both = f"({new} if 'tensorflow' in tf.__name__ else {old})"
    written.path.write_text(text.replace(old, both))
    return written


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_both_sides_agree(tmp_path, optimizer):
    r = judged(small(tmp_path, optimizer), steps=4, free=False)
    assert (r.status, r.reason) == (Status.PASS, "")
    assert (r.steps, r.dtype) == (4, "float32")
    assert r.compared >= 4 * 5  # loss, two gradients and two parameters
    assert 0 < r.backend_worst.ratio < LIMIT
    assert r.started == ["w"]  # TensorFlow draws other numbers for the same seed


def test_left_to_itself_tensorflow_goes_where_refnet_goes(tmp_path):
    r = judged(small(tmp_path), steps=3, out=tmp_path / "out")
    assert (r.steps, r.free_steps) == (3, 5)
    assert 0 <= r.distance < 1e-5
    assert r.parted is None
    assert r.accuracies == ["0.75", "0.75"]
    assert r.printed == (2, 2)
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"refnet.trace", "tensorflow.trace", "tensorflow-free.trace"}
    mine = Recording(tmp_path / "out" / "refnet.trace")
    for name in sorted(names - {"refnet.trace"}):
        found = compare(mine, Recording(tmp_path / "out" / name))
        assert (found.first_parted, found.steps) == (None, 4)
        assert found.first_any is not None  # they are not the same file twice


def test_adam_differs_by_what_tensorflow_holds_in_float32_and_by_nothing_else(tmp_path):
    r = judged(small(tmp_path, "AdamOptimizer(0.01)"), free=False)
    assert r.status is Status.PASS  # in float32 it is rounding
    written = small(tmp_path, "AdamOptimizer(0.01)")
    written.path.write_text(written.path.read_text().replace("float32", "float64"))
    text = written.path.read_text()
    text = text.replace("stddev=0.1, seed=1)", "stddev=0.1, seed=1, dtype=tf.float64)")
    written.path.write_text(text.replace("tf.zeros([1])", "tf.zeros([1], tf.float64)"))
    r = judged(written, free=False)
    assert r.dtype == "float64"
    assert r.status is Status.KNOWN
    assert "Adam's decay rates" in r.reason
    assert r.backend_worst.ratio > LIMIT


def test_what_lies_off_the_trodden_path(tmp_path):
    r = judged(program(tmp_path, ODD))
    assert r.status in (Status.PASS, Status.KNOWN), r.reason  # there is an Adam in it
    assert r.steps == r.free_steps == 6
    assert r.distance < 1e-5
    assert r.printed == (1, 1)


@pytest.mark.parametrize(
    ("optimizer", "old", "new", "tensor", "step"),
    [
        ("AdagradOptimizer(0.1, 0.1)", "0.1)", "0.2)", "slot/sum/w", 0),
        ("MomentumOptimizer(0.1, 0.9)", "0.9)", "0.91)", "slot/momentum_buffer/w", 2),
        ("RMSPropOptimizer(0.1, 0.9)", "0.9)", "0.91)", "slot/square_avg/w", 1),
        ("GradientDescentOptimizer(0.1)", "(0.1)", "(0.101)", "parameter/w", 1),
    ],
)
def test_another_option_is_named_with_the_tensor_and_the_step(
    tmp_path, optimizer, old, new, tensor, step
):
    written = small(tmp_path, optimizer)
    other = optimizer.replace(old, new)
    parted(written, f"tf.train.{optimizer}", f"tf.train.{other}")
    r = judged(written, free=False)
    assert r.status is Status.FAIL
    assert r.reason.startswith("sides part")
    assert tensor in r.reason
    assert (r.backend_apart.tensor, r.backend_apart.step) == (tensor, step)
    assert r.subject_apart is None


def test_a_convention_that_is_off_in_refnet_is_noticed(tmp_path, monkeypatch):
    init = tf1.train.AdagradOptimizer.__init__
    monkeypatch.setattr(
        tf1.train.AdagradOptimizer,
        "__init__",
        lambda self, rate, start=0.0, **kw: init(self, rate, start, **kw),
    )
    r = judged(small(tmp_path, "AdagradOptimizer(0.1)"), free=False)
    assert r.status is Status.FAIL
    assert (r.backend_apart.tensor, r.backend_apart.step) == ("slot/sum/w", 0)


@pytest.mark.parametrize(
    ("old", "new"), [("tf.square(y - t)", "tf.abs(y - t)"), ("tf.reduce_mean", "tf.reduce_sum")]
)
def test_another_loss_is_noticed(tmp_path, old, new):
    r = judged(parted(small(tmp_path), old, new), free=False)
    assert r.status is Status.FAIL
    assert (r.backend_apart.tensor, r.backend_apart.step) == ("loss", 1)


def test_another_feed_is_a_difference(tmp_path):
    r = judged(parted(small(tmp_path), "t_data[rows]", "t_data[rows] + 1"), free=False)
    assert r.status is Status.FAIL
    assert "another feed of t on the backend, at step 1" in r.reason


def test_another_number_of_steps_is_a_difference(tmp_path):
    r = judged(parted(small(tmp_path), "range(5)", "range(4)"), free=False)
    assert r.status is Status.FAIL
    assert "4 training steps on the backend" in r.reason


def test_a_program_in_float64_is_held_to_float64(tmp_path):
    written = small(tmp_path, "GradientDescentOptimizer(0.125)")
    text = written.path.read_text().replace("float32", "float64")
    text = text.replace("stddev=0.1, seed=1", "stddev=0.1, seed=1, dtype=tf.float64")
    written.path.write_text(text.replace("tf.zeros([1])", "tf.zeros([1], tf.float64)"))
    r = judged(written, free=False)
    assert (r.status, r.dtype) == (Status.PASS, "float64")


def test_one_side_that_raises_is_a_difference(tmp_path):
    written = small(tmp_path)
    text = written.path.read_text()
    written.path.write_text(
        text + "\nif 'tensorflow' in tf.__name__:\n    raise KeyError('here')\n"
    )
    r = judged(written)
    assert r.status is Status.FAIL
    assert "KeyError from tensorflow" in r.reason


def test_refnet_that_raises_and_programs_that_do_not_train_are_errors(tmp_path):
    written = small(tmp_path)
    text = written.path.read_text()
    written.path.write_text(text + "\nraise KeyError('here')\n")
    r = judged(written)
    assert (r.status, r.reason) == (Status.ERROR, "KeyError: 'here'")
    written.path.write_text(text.replace("[train, loss]", "[loss, loss]"))
    r = judged(written)
    assert r.status is Status.ERROR
    assert "no training step" in r.reason


def test_optimizers_that_move_the_same_variables(tmp_path):
    r = judged(program(tmp_path, SHARED), free=False)
    assert (r.status, r.reason, r.steps) == (Status.PASS, "", 6)
    slots = {t.name for t in r.tensors if t.name.startswith("slot/")}
    kinds = [f"slot/{kind}/w" for kind in ("exp_avg", "exp_avg_sq")]
    assert slots == {*kinds, *(f"{kind}/2" for kind in kinds)}
