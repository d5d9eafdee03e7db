"""The models of the TensorFlow adapter, step beside step with refnet's."""

from __future__ import annotations

import numpy as np
import pytest

from parity.backends import adapter
from parity.registry import select
from parity.result import Status
from parity.trajectory import run_training
from parity.trajectory.data import load
from parity.trajectory.run import initial_params, trainer
from tests.parity.backends.installed import installed
from tests.parity.backends.test_models import CASES, steps

REFNET, TENSORFLOW = adapter("refnet"), installed("tensorflow")


# TensorFlow 1's momentum has no dampening.
OWN = [case for case in CASES if "dampening" not in case.optimizer_options]


@pytest.mark.parametrize("case", OWN, ids=lambda c: c.id)
def test_every_model_computes_and_decides_as_refnet_does(case):
    (mine, theirs), (x, *_) = steps(case, (REFNET, TENSORFLOW))
    assert float(theirs.loss) == pytest.approx(float(mine.loss), rel=1e-12)
    assert theirs.loss.shape == ()
    for found, wanted in ((theirs.grads, mine.grads), (theirs.params, mine.params)):
        assert list(found) == list(wanted)
        for name, a in wanted.items():
            np.testing.assert_allclose(found[name], a, rtol=1e-8, atol=1e-12)
    assert theirs.slots.keys() == mine.slots.keys()
    assert list(theirs.branches) == list(mine.branches)
    for name, branch in mine.branches.items():
        np.testing.assert_array_equal(branch, theirs.branches[name])
    shown = [trainer(case, one).predict(mine.params, x) for one in (REFNET, TENSORFLOW)]
    np.testing.assert_allclose(*shown, rtol=1e-10)


def test_a_graph_is_built_once_for_all_steps():
    (case,) = select(["xor/momentum"])
    made = trainer(case, TENSORFLOW)
    data = load(case.data)
    params = initial_params(case, data, "float64", 0)
    x, t = data.x.astype(np.float64), data.t.astype(np.float64)
    slots, losses = made.slots(params), []
    for done in range(3):
        step = made.step(params, slots, done, x, t)
        params, slots = step.params, step.slots
        losses.append(float(step.loss))
    assert len(set(losses)) == 3
    assert len(made.built) == 1
    made.step(params, slots, 3, x[:2], t[:2])
    assert len(made.built) == 2, "other shapes"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_run_in_lockstep_passes(dtype):
    (case,) = select(["xor/momentum"])
    result = run_training(case, dtype, REFNET, TENSORFLOW, 1)
    assert result.status is Status.PASS
    assert result.compared == 1304


@pytest.mark.parametrize(
    ("case_id", "why"), [("dfn/adam", "epsilon-hat"), ("dfn/adamax", "no optimizer adamax")]
)
def test_what_the_optimizers_have_not_is_unsupported(case_id, why):
    (case,) = select([case_id])
    result = run_training(case, "float32", REFNET, TENSORFLOW, 0)
    assert result.status is Status.UNSUPPORTED
    assert why in result.reason
