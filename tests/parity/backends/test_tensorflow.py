"""What of the adapter of TensorFlow is code of ours: checked against TensorFlow's own functions."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from parity.backends import adapter
from parity.backends.base import results
from parity.case import Case, InitializerCase
from parity.inputs import arrays
from parity.operations import run_operation
from parity.registry import all_cases, select
from tests.parity.backends.installed import installed

TENSORFLOW, REFNET = installed("tensorflow"), adapter("refnet")
tf = TENSORFLOW.tf
# Of every family, in every way that it computes something by a way of its own.
CELLS = [
    "batch_norm/typical",
    "binary_cross_entropy_with_logits/*weight*",
    "conv1d/groups",
    "conv2d/channels-first-groups",
    "conv2d/depthwise-multiplier",
    "conv2d/dilation-stride",
    "conv2d_transpose/output-padding-dilation",
    "embedding/padding",
    "gru/lengths",
    "hard_sigmoid/kinks",
    "lstm/peepholes-gates",
    "matmul/*vector*",
    "max_pool2d/ceil-mode-pads",
    "nll/mean-weight-ignored",
    "one_hot/axis",
    "pad/edge-wide",
    "split/drawn",
    "var/two-axes",
]


def measured(case, dtype, seed=0):
    return run_operation(case, dtype, REFNET, TENSORFLOW, seed)


def test_it_has_what_refnet_has():
    for table in ("operations", "initializers", "trainers"):
        assert getattr(TENSORFLOW, table)().keys() == getattr(REFNET, table)().keys()
    without = REFNET.optimizers().keys() - TENSORFLOW.optimizers().keys()
    assert without == {"adamax", "adamw", "nadam"}, "tf.compat.v1.train has none"
    assert set(TENSORFLOW.versions()) == {"tensorflow"}


@pytest.mark.parametrize("case", select(CELLS), ids=lambda c: c.id)
@pytest.mark.parametrize("dtype", ["float16", "float64"])
def test_cells_agree(case, dtype):
    for seed in (0, 1):
        found = measured(case, dtype, seed)
        assert found.actual.within
        assert found.other.within, found.other.worst


def test_bfloat16():
    (case,) = select(["dense/typical"])
    found = measured(case, "bfloat16")
    assert found.other.within
    assert found.rounds_between == ("tensorflow",)


def test_tensorflow_against_itself_differs_in_nothing():
    """A null control: two runs of the same graph are the same bits."""
    for case in select(["dense/typical", "conv2d/same", "softmax_cross_entropy/rows-mean"]):
        found = run_operation(case, "float32", TENSORFLOW, TENSORFLOW, 0)
        assert found.actual == found.other
        assert found.rtol == 0


def test_shuffled_outputs_fail():
    """The other null control: the right values in the wrong places are outside every bound."""

    class Shuffled(type(TENSORFLOW)):
        def run(self, op, inputs, options, cotangents):
            outcome = super().run(op, inputs, options, cotangents)
            return outcome._replace(y=np.ascontiguousarray(outcome.y[::-1]))

    for case in select(["dense/typical", "softmax/typical", "sigmoid/typical"]):
        assert not run_operation(case, "float32", REFNET, Shuffled(), 0).other.within, case.id


def test_inputs_are_copied():
    for op in ("identity", "reshape", "concat", "add", "dense", "pad", "split"):
        case = next(c for c in all_cases() if isinstance(c, Case) and c.op == op)
        inputs, options = arrays(case, "float32", 1)
        kept, _ = arrays(case, "float32", 1)
        y = TENSORFLOW.run(case.op, inputs, options, None).y
        for a, b in zip(inputs, kept, strict=True):
            np.testing.assert_array_equal(a, b, err_msg=case.id)
            assert not any(np.shares_memory(a, v) for v in results(y)), case.id


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_subnormal_numbers_are_kept_where_eager_execution_has_zeros(dtype):
    least = np.full((4, 3), np.finfo(dtype).smallest_subnormal * 64, dtype)
    half = np.full_like(least, 0.5)
    outcome = TENSORFLOW.run("multiply", (least, half), {}, [least])
    np.testing.assert_array_equal(outcome.y, least / 2)
    np.testing.assert_array_equal(outcome.cotangents[0][0], least / 2)
    assert (least * half != 0).all(), "nor does it change what NumPy does in this thread"
    assert not tf.multiply(least, half).numpy().any()


def test_the_kernels_are_those_of_the_names():
    """No graph is rewritten: relu(x) - relu(x) is computed, NaN where x is infinite."""
    graph = tf.Graph()
    with graph.as_default():
        x = TENSORFLOW.sessions.placeholder(np.zeros(2, np.float32))
        y = tf.nn.relu(x) - tf.nn.relu(x)
    with TENSORFLOW.sessions.open(graph) as session:
        found = session.run(y, {x: np.array([np.inf, 1.0], np.float32)})
    np.testing.assert_array_equal(found, [np.nan, 0])


def test_initial_values_hang_on_the_seed_alone():
    for case in all_cases():
        if isinstance(case, InitializerCase):
            draw = TENSORFLOW.initializers()[case.op]
            one, same = (draw((6, 5), "float64", 3, **case.options) for _ in range(2))
            np.testing.assert_array_equal(one, same)
            assert one.dtype == np.float64
            other = draw((6, 5), "float64", 4, **case.options)
            assert (one != other).any() or case.op in ("constant", "zeros")


def test_another_truncation_is_that_of_the_parameters():
    draw = TENSORFLOW.initializers()["truncated_normal"]
    sample = draw((400,), "float64", 1, mean=1.0, std=2.0, lower=-0.5, upper=1.5)
    assert 0 <= sample.min() < 0.1
    assert 3.9 < sample.max() <= 4


def test_importing_it_warns_and_prints_nothing():
    code = "from parity.backends import adapter; adapter('tensorflow')"
    own = ("TF_ENABLE_ONEDNN_OPTS", "TF_CPP_MIN_LOG_LEVEL")
    environment = {name: value for name, value in os.environ.items() if name not in own}
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
