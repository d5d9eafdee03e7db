"""What TensorFlow's optimizers hold in float32, in refnet's."""

from __future__ import annotations

import numpy as np
import pytest

from parity.programs.own import before_of, record
from parity.programs.rounded import rounded
from parity.trace import Recorder, Recording
from tests.parity.programs.texts import SMALL, program


@pytest.mark.parametrize(
    "optimizer",
    [
        "AdamOptimizer(0.01)",
        "AdamOptimizer(tf.constant(0.01) * 1.0)",
        "RMSPropOptimizer(0.01, decay=0.99)",
        "GradientDescentOptimizer(0.1)",
    ],
)
def test_the_step_is_another_by_about_float32s_rounding_and_then_as_it_was(tmp_path, optimizer):
    path = tmp_path / "refnet.trace"
    with Recorder(path) as recorder:
        own = record(program(tmp_path, SMALL, optimizer=optimizer, steps=3), recorder, 3)
    first, second = list(Recording(path))[1:3]
    plan = own.plans[1]
    before, wide = before_of(plan, first, second), np.dtype(np.float64)
    oracle = plan.step(before, wide)["parameter/w"]
    with rounded(plan, before) as fed:
        inside = plan.step(before, wide, fed)["parameter/w"]
    step = np.abs(oracle - before.state["w"]).max()
    gap = np.abs(inside - oracle).max() / step
    # The powers of Adam's beta2 at the second update: 3e-8 / (1 - beta2^2) / 2.
    low, high = (1e-6, 1e-5) if "Adam" in optimizer else (0, 0)
    assert low <= gap <= high
    assert np.array_equal(plan.step(before, wide)["parameter/w"], oracle)
