"""What of the adapter of JAX is code of ours, and that what it has agrees with refnet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from parity import deviations
from parity.backends import adapter
from parity.backends.base import results
from parity.case import Case
from parity.inputs import arrays
from parity.operations import run_operation
from parity.registry import all_cases, select
from parity.result import Status
from parity.runner import Task, run_all
from parity.trajectory import run_training
from parity.trajectory.data import in_dtype, load
from parity.trajectory.run import batches_of, initial_params, trainer

jax = pytest.importorskip("jax", reason="the extra jax is not installed")
pytest.importorskip("optax", reason="the extra jax is not installed")

REFNET, JAX = adapter("refnet"), adapter("jax")


def one(case_id):
    (case,) = select([case_id])
    return case


def result_of(case_id, dtype, entries=()):
    (timed,) = run_all([Task(one(case_id), dtype, "refnet", "jax", 0, entries)], 1)
    return timed.result


@pytest.fixture(scope="module")
def register():
    version = JAX.versions()["jax"]
    return tuple(e for e in deviations.load() if e.backend == "jax" and e.applies_to(version))


def test_jax_has_what_refnet_has():
    for table in ("operations", "initializers", "optimizers", "trainers"):
        assert getattr(JAX, table)().keys() == getattr(REFNET, table)().keys()
    assert set(JAX.versions()) == {"jax", "jaxlib", "optax"}


# Of every family, and of what is composed or translated here.
CELLS = [
    "affine/typical",
    "avg_pool2d/dilation",
    "batch_norm/keras",
    "binary_cross_entropy/none-certain",
    "conv1d/drawn",
    "conv2d/drawn-channels-first",
    "conv2d_transpose/drawn",
    "conv2d_transpose/drawn-channels-first",
    "cosine/none-axis-1",
    "cross_entropy/images-rows-none",
    "dropout/at-test-drawn",
    "embedding/padding",
    "gelu/tanh-typical",
    "group_norm/instance-first",
    "hinge/none-squared-margin-0.3",
    "kl_div/none",
    "lstm/everything",
    "max_pool2d/dilation",
    "nll/images-mean-weight-ignored",
    "one_hot/axis",
    "pad/reflect-image",
    "power/typical",
    "prelu/typical",
    "rnn/relu",
    "slice/backwards",
    "softmax/typical",
    "softmax_cross_entropy/images-ignored-mean-weight-smoothing",
    "split/sizes",
    "sum/two-axes",
    "unstack/typical",
    "var/two-axes",
]
# Divisions by what is constant are products with its reciprocal, in XLA.
ROUNDED = {"avg_pool2d/dilation"}


@pytest.mark.parametrize("case_id", CELLS)
def test_operations_agree_in_float64(case_id, register):
    result = result_of(case_id, "float64", register)
    assert result.status in (Status.PASS, Status.KNOWN), result.reason
    assert (result.status is Status.KNOWN) == (case_id in ROUNDED)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
@pytest.mark.parametrize("case_id", ["dense/typical", "conv2d/same", "softmax/typical"])
def test_operations_agree_in_every_dtype(case_id, dtype):
    assert result_of(case_id, dtype).status is Status.PASS


@pytest.mark.parametrize(
    ("case_id", "entry"),
    [
        ("add/tiny", "jax-subnormals"),
        ("layer_norm/offset", "jax-layer-norm-one-pass"),
        ("maximum/typical", "jax-extremes-zeros"),
        ("he_normal/defaults", "jax-normal-initializers"),
    ],
)
def test_known_differences_are_there(case_id, entry, register):
    assert result_of(case_id, "float32").status is Status.FAIL
    known = result_of(case_id, "float32", register)
    assert known.status is Status.KNOWN
    assert known.deviation.startswith(entry)


def test_jax_against_itself_differs_in_nothing():
    """A null control: two runs of the same function are the same bits."""
    measured = run_operation(one("softmax/typical"), "float32", JAX, JAX, 0)
    assert measured.actual == measured.other
    assert measured.rtol == 0


def test_shuffled_outputs_fail():
    """The other null control: the right values in the wrong places are outside every bound."""

    class Shuffled(type(JAX)):
        def run(self, op, inputs, options, cotangents):
            outcome = super().run(op, inputs, options, cotangents)
            return outcome._replace(y=np.ascontiguousarray(outcome.y[::-1]))

    assert not run_operation(one("sigmoid/typical"), "float32", REFNET, Shuffled(), 0).other.within


@pytest.mark.parametrize("case_id", ["identity/typical", "reshape/merged", "concat/strided"])
def test_inputs_are_copied(case_id):
    inputs, options = arrays(one(case_id), "float32", 1)
    kept, _ = arrays(one(case_id), "float32", 1)
    y = JAX.run(one(case_id).op, inputs, options, None).y
    for a, b in zip(inputs, kept, strict=True):
        np.testing.assert_array_equal(a, b)
        assert not any(np.shares_memory(a, v) for v in results(y))


def test_settings_end_with_the_call():
    x = np.ones(3)
    assert JAX.run("exp", (x,), {}, [x]).y.dtype == np.float64
    assert jax.numpy.ones(3).dtype == np.float32
    assert not jax.config.jax_enable_x64


def test_products_are_computed_at_the_highest_precision():
    with JAX.settings():
        assert jax.config.jax_default_matmul_precision == "highest"
        assert jax.numpy.ones(3).devices().pop().platform == "cpu"


def test_half_types_say_where_they_are_rounded_in_between():
    assert JAX.accumulation("lstm", "float16") == "float32"
    assert JAX.accumulation("huber", "bfloat16") == "bfloat16"
    assert JAX.accumulation("huber", "float32") == "float32"


def test_initial_values_are_those_of_the_seed():
    draw = JAX.initializers()["truncated_normal"]
    a, b, c = (draw((50, 40), "float64", s, mean=3.0, std=0.1, lower=-1.0) for s in (1, 1, 2))
    np.testing.assert_array_equal(a, b)
    assert (a != c).any()
    assert 2.9 <= a.min() < 2.92
    assert 3.18 < a.max() <= 3.2


def test_normal_initial_values_are_truncated():
    """As jax.nn.initializers has them, of the right deviation: a row of the register."""
    for name in ("he_normal", "glorot_normal"):
        sample = JAX.initializers()[name]((250, 400), "float64", 0)
        std = np.sqrt({"he_normal": 2 / 250, "glorot_normal": 2 / 650}[name])
        assert sample.std() == pytest.approx(std, rel=0.01)
        assert 2.2 < np.abs(sample).max() / std < 2.28  # 2 / 0.8796


RUNS = [
    *("dfn/nesterov-lookahead", "xor/sources", "sentiment/reviews", "rnn_binary_addition/sums"),
    *("mlp/digits-squared-error", "l_layer/adam", "small_alexnet/digits-pooling-dropout"),
]


def test_runs_are_of_every_model():
    assert {one(case_id).op for case_id in RUNS} == JAX.trainers().keys()


@pytest.mark.parametrize("case_id", RUNS)
def test_a_step_of_every_model_agrees_in_float64(case_id):
    short = replace(one(case_id), steps=1, free_steps=1)
    result = run_training(short, "float64", REFNET, JAX, 0)
    assert result.status is Status.PASS, result.reason


def test_decisions_are_those_of_refnet():
    case = one("small_alexnet/digits-pooling-dropout")
    data = load(case.data)
    batch = in_dtype(batches_of(case, data, 0).at(0), "float64")
    params = initial_params(case, data, "float64", 0)
    sides = [trainer(case, side) for side in (REFNET, JAX)]
    mine, theirs = (side.step(params, side.slots(params), 0, *batch) for side in sides)
    assert list(theirs.branches) == list(mine.branches)
    assert {name.partition(" ")[0] for name in theirs.branches} == {"relu", "pool", "class"}
    for name, branch in mine.branches.items():
        np.testing.assert_array_equal(branch, theirs.branches[name])
    np.testing.assert_allclose(*(side.predict(params, batch[0]) for side in sides), rtol=1e-10)


@pytest.mark.parametrize(
    ("case_id", "words"),
    [
        ("adagrad/defaults", "eps inside the root alone"),
        ("adam/amsgrad", "before it takes the largest"),
        ("nadam/defaults", "no schedule of Nadam's momentum"),
        ("dfn/nadam", "no schedule of Nadam's momentum"),
        ("sgd/dampened", "first gradient is dampened too"),
    ],
)
def test_what_is_unsupported_says_why(case_id, words):
    result = result_of(case_id, "float64")
    assert result.status is Status.UNSUPPORTED
    assert words in result.reason


def test_every_operation_has_a_case_that_runs():
    ops = {c.op for c in all_cases() if isinstance(c, Case)}
    assert ops <= JAX.operations().keys()
