"""Both sides of every model, step beside step, and what the harness knows of the models."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import refnet as rn
from parity.backends import adapter
from parity.backends.base import largest_cells
from parity.backends.refnet import RefnetAdapter
from parity.backends.refnet_models import MODELS
from parity.registry import select
from parity.result import Status
from parity.trajectory import run_training
from parity.trajectory.data import in_dtype, load
from parity.trajectory.lockstep import LIMIT
from parity.trajectory.run import batches_of, initial_params, trainer

REFNET, TORCH = adapter("refnet"), adapter("torch")
CASES = select(["*/digits*", "xor/*", "sentiment/reviews", "rnn_binary_addition/sums"])
BRANCHES = {
    "dfn": ["class"],
    "l_layer": ["relu 0", "relu 1"],
    "rnn_binary_addition": [],
    "sentiment": [],
    "small_alexnet/digits": ["relu 0", "relu 1", "relu 2", "class"],
    "small_alexnet": ["relu 0", "pool 1", "relu 2", "pool 3", "relu 4", "class"],
    "mlp/digits": ["relu 0", "class"],
    "mlp/digits-one-layer": ["class"],
    "mlp": ["relu 0", "relu 1", "class"],
    "xor": ["relu 0", "class"],
}


def steps(case, adapters):
    """Return the first step of each adapter, and the batch."""
    data = load(case.data)
    batch = in_dtype(batches_of(case, data, 0).at(0), "float64")
    found = []
    for one in adapters:
        side, params = trainer(case, one), initial_params(case, data, "float64", 0)
        found.append(side.step(params, side.slots(params), 0, *batch))
    return found, batch


def test_every_model_has_cases_on_both_sides():
    names = {c.op for c in CASES}
    assert names == MODELS.keys() == REFNET.trainers().keys() == TORCH.trainers().keys()


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.id)
def test_both_sides_compute_the_same_and_decide_the_same(case):
    (mine, theirs), batch = steps(case, (REFNET, TORCH))
    assert float(mine.loss) == pytest.approx(float(theirs.loss), rel=1e-12)
    assert mine.loss.shape == ()
    for name, g in mine.grads.items():
        assert np.abs(g).max() > 0, name
        np.testing.assert_allclose(theirs.grads[name], g, rtol=1e-8, atol=1e-12)
    wanted = BRANCHES.get(case.id, BRANCHES[case.op])
    assert list(mine.branches) == list(theirs.branches) == wanted
    for name, branch in mine.branches.items():
        np.testing.assert_array_equal(branch, theirs.branches[name])
        assert (branch != branch.flat[0]).any() or name == "class", "it decides both ways"
    shown = [trainer(case, one).predict(mine.params, batch[0]) for one in (REFNET, TORCH)]
    np.testing.assert_allclose(*shown, rtol=1e-10)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.id)
def test_sizes_differ(case):
    data = load(case.data)
    shapes = RefnetAdapter.parameter_shapes(case.op, case.model, data.sample)
    n = case.batch_size or len(data.x)
    for name, shape in shapes.items():
        sizes = [k for k in shape[-2:] if k != 1]  # windows are square
        if case.data == "xor":
            continue  # the sources' own network has two of two
        assert len({*sizes, n}) == len(sizes) + 1, name


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.id)
def test_shapes_are_those_that_refnet_starts_with(case):
    data = load(case.data)
    shapes = RefnetAdapter.parameter_shapes(case.op, case.model, data.sample)
    if case.op == "l_layer":
        units = (*data.sample, *case.model["hidden"], case.model["outputs"])
        started = rn.models.l_layer.init(units, np.random.default_rng(0))
    else:
        network = MODELS[case.op](**case.model).network
        network.start(data.sample, rng=np.random.default_rng(0))
        started = network.params
    assert {name: p.shape for name, p in started.items()} == shapes
    assert list(started) == list(shapes)


OTHERWISE = [
    ("mlp/digits", {"loss": "mean_squared_error"}),
    ("mlp/digits-squared-error", {"output": "identity"}),
    ("l_layer/digits-penalties", {"l1": 0.11}),
    ("l_layer/digits-penalties", {"l2": 0.31}),
    ("l_layer/digits-dropout", {"keep_prob": 0.81}),
    ("small_alexnet/digits-pooling-dropout", {"dropout": 0.26}),
]


@pytest.mark.parametrize(("case_id", "options"), OTHERWISE)
def test_another_model_is_noticed(case_id, options):
    (case,) = [c for c in CASES if c.id == case_id]

    class Otherwise(type(TORCH)):
        def trainers(self):
            inner = super().trainers()[case.op]
            return {case.op: lambda model, *rest: inner({**model, **options}, *rest)}

    short = replace(case, steps=1, free_steps=0)
    result = run_training(short, "float64", REFNET, Otherwise(), 0)
    assert result.status is Status.FAIL
    apart = {t.name for t in result.tensors if float(t.backend_ratio) > LIMIT}
    assert {"loss", "gradient of W1", "gradient of fc1.w"} & apart
    if "penalties" in case_id:
        assert {"gradient of W1", "gradient of W2", "gradient of W3", "loss"} <= apart
        assert "gradient of b1" not in apart, "biases pay nothing"


def test_masks_reach_both_sides():
    (case,) = [c for c in CASES if c.id == "small_alexnet/digits-pooling-dropout"]
    data = load(case.data)
    masks = batches_of(case, data, 0).at(0)[2]
    assert {name: m.shape for name, m in masks.items()} == {"dropout": (9, 11)}
    (case,) = [c for c in CASES if c.id == "l_layer/digits-dropout"]
    masks = batches_of(case, load(case.data), 0).at(0)[2]
    assert {name: m.shape for name, m in masks.items()} == {"D1": (11, 19), "D2": (7, 19)}
    (case,) = [c for c in CASES if c.id == "l_layer/digits-penalties"]
    assert len(batches_of(case, load(case.data), 0).at(0)) == 2


def test_largest_cells():
    x = np.arange(1.0, 10.0).reshape(1, 3, 3, 1)
    y = rn.max_pool2d(x, kernel=2, padding="SAME")
    found = largest_cells(x, y)[0, ..., 0]
    np.testing.assert_array_equal(x[0, ..., 0][found], [5, 6, 8, 9])
