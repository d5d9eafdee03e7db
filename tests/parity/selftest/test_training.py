"""Bugs in training are caught at the step, and in the tensor, in which they first act."""

from __future__ import annotations

import pytest

from parity.backends import adapter
from parity.result import Apart, Status
from parity.selftest.training import SLIPS, Caught, Slip, caught, table, trained
from parity.trajectory.lockstep import LIMIT

KINDS = [(slip, dtype) for slip in SLIPS for dtype in slip.dtypes]


@pytest.mark.parametrize(("slip", "dtype"), KINDS, ids=lambda v: v if isinstance(v, str) else v.id)
def test_a_slip_is_caught_where_it_first_acts(slip, dtype):
    found = trained(slip, dtype)
    assert found.status is Status.FAIL
    assert (found.subject_apart.step, found.subject_apart.tensor) == (slip.step, slip.tensor)
    assert found.backend_apart is None
    assert f"first apart at step {slip.step}: {slip.tensor}" in found.reason


def test_without_a_slip_nothing_is_apart():
    for optimizer in {slip.optimizer for slip in SLIPS}:
        found = trained(Slip("none", optimizer, {"lr": 0.01}, {}, 0, ""), "float32", steps=2)
        assert found.status is Status.PASS, found.reason
        assert found.subject_apart is None


def test_a_doubled_gradient_does_not_show_in_adam_s_parameters():
    (slip,) = [s for s in SLIPS if s.id == "adam: gradient doubled unseen"]
    found = trained(slip, "float64", steps=1)
    apart = {t.name for t in found.tensors if float(t.subject_ratio) > LIMIT}
    slots = ("exp_avg", "exp_avg_sq")
    assert apart == {f"{s} of {n}" for s in slots for n in ("fc1.w", "fc1.b", "fc2.w", "fc2.b")}


def test_caught_elsewhere_is_missed():
    slip = SLIPS[0]
    good = caught(slip, "float32")
    assert good.there
    for apart in (None, Apart(step=2, tensor=slip.tensor, ratio=99.0)):
        bad = good._replace(apart=apart)
        assert not bad.there
        lines = table([good, bad]).splitlines()
        assert "MISSED" in lines[2]
        assert "caught" in lines[3]
    assert not good._replace(status=Status.PASS).there
    assert isinstance(good, Caught)


def test_every_optimizer_of_refnet_has_a_slip():
    assert {slip.optimizer for slip in SLIPS} == set(adapter("refnet").optimizers())
