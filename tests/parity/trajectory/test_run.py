from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from parity import Adapter
from parity.backends import adapter
from parity.registry import select
from parity.result import Status
from parity.trajectory import run_training
from parity.trajectory.data import load
from parity.trajectory.lockstep import LIMIT
from parity.trajectory.run import initial_params

OWN = ["*/digits*", "xor/*", "sentiment/reviews", "rnn_binary_addition/sums"]
SHORT = [replace(c, steps=4, free_steps=12) for c in select(OWN)]
REFNET, TORCH = adapter("refnet"), adapter("torch")


@pytest.mark.parametrize("case", SHORT, ids=lambda c: c.id)
def test_a_run_passes_and_says_what_it_compared(case):
    result = run_training(case, "float32", REFNET, TORCH, 3)
    assert result.status is Status.PASS
    assert result.steps == 4
    assert result.free_steps == 12
    params = len(initial_params(case, load(case.data), "float32", 3))
    slots = params if case.optimizer_options.get("momentum") else 0
    assert result.compared == slots + 4 * (1 + 2 * params + slots)
    assert 0 < float(result.subject_ratio) <= 1
    assert 0 < float(result.backend_ratio) < LIMIT
    names = {t.name for t in result.tensors}
    weight = {"l_layer": "W1", "rnn_binary_addition": "rnn.w"}.get(case.op, "fc1.w")
    assert {"loss", f"gradient of {weight}", weight} <= names
    assert result.tensors[0].name == result.worst
    assert len(result.accuracies) == 2


def test_training_learns():
    case = replace(select(["dfn/digits-fast"])[0], steps=2, free_steps=300)
    result = run_training(case, "float32", REFNET, TORCH, 0)
    mine, theirs = result.accuracies
    assert mine > 0.85
    assert abs(mine - theirs) < 0.02
    assert result.losses[-1][1] < result.losses[0][1] / 2


class Own(Adapter):
    name = "own"

    def __init__(self, make):
        self.make = make

    def trainers(self):
        return {"xor": self.make}


def wrong_step(change):
    class Wrong:
        def __init__(self, inner):
            self.inner = inner

        def slots(self, params):
            return self.inner.slots(params)

        def step(self, *args):
            return change(self.inner.step(*args))

        def predict(self, params, x):
            return self.inner.predict(params, x)

    return Own(lambda *args: Wrong(REFNET.trainers()["xor"](*args)))


def test_a_wrong_gradient_fails_and_is_named():
    def change(step):
        grads = {n: g * (1.001 if n == "fc1.w" else 1) for n, g in step.grads.items()}
        return step._replace(grads=grads)

    (case,) = [c for c in SHORT if c.id == "xor/sources"]
    result = run_training(case, "float32", wrong_step(change), TORCH, 0)
    assert result.status is Status.FAIL
    assert result.worst == "gradient of fc1.w"
    assert "own loses accuracy" in result.reason
    assert "gradient of fc1.w at step" in result.reason
    assert "16 is the limit; first apart at step 1: gradient of fc1.w" in result.reason
    assert result.backend_apart is None
    apart = result.subject_apart
    assert (apart.step, apart.tensor) == (1, "gradient of fc1.w")
    assert 16 < apart.ratio <= result.subject_ratio


def test_one_that_raises_fails_or_is_an_error():
    def raising(*_):
        raise ValueError("no such thing")

    (case,) = [c for c in SHORT if c.id == "xor/sources"]
    result = run_training(case, "float32", Own(raising), TORCH, 0)
    assert result.status is Status.FAIL
    assert "no such thing" in result.reason
    result = run_training(case, "float32", Own(raising), Own(raising), 0)  # one each
    assert result.status is Status.ERROR


def test_refnet_s_own_model_that_cannot_start_fails(monkeypatch):
    def broken(*_):
        raise IndexError("tuple index out of range")

    monkeypatch.setattr("parity.trajectory.run.initial_params", broken)
    result = run_training(SHORT[0], "float32", REFNET, TORCH, 0)
    assert result.status is Status.FAIL
    assert "IndexError from refnet" in result.reason
    result = run_training(SHORT[0], "float32", TORCH, REFNET, 0)
    assert result.status is Status.ERROR


def test_one_that_raises_later_on_is_named():
    def change(step):
        if float(step.loss) != first:
            raise KeyError("velocity")
        return step

    (case,) = [c for c in SHORT if c.id == "xor/sources"]
    first = run_training(case, "float32", REFNET, TORCH, 0).losses[0][1]
    result = run_training(case, "float32", wrong_step(change), TORCH, 0)
    assert result.status is Status.FAIL
    assert "KeyError from own ('velocity')" in result.reason


def test_a_run_that_parts_and_then_explodes_has_parted():
    def change(step):
        params = {n: p * np.float32(1e30) for n, p in step.params.items()}
        return step._replace(params=params, loss=step.loss * 2)

    (case,) = [c for c in SHORT if c.id == "xor/sources"]
    with np.errstate(all="ignore"):
        result = run_training(case, "float32", wrong_step(change), wrong_step(change), 0)
    assert result.status is Status.FAIL
    assert "bound in doubt" in result.reason


def test_a_model_that_a_subject_lacks_is_unsupported():
    (case,) = [c for c in SHORT if c.id == "dfn/digits-fast"]
    result = run_training(case, "float32", Own(None), TORCH, 0)
    assert (result.status, result.reason) == (Status.UNSUPPORTED, "own has no dfn")


def test_initial_parameters_are_those_of_the_case():
    from parity.trajectory.data import load

    case = SHORT[0]
    params = initial_params(case, load(case.data), "float32", 0)
    for name, p in params.items():
        assert p.dtype == np.float32
        assert (p == 0).all() if name.endswith(".b") else p.std() > case.gain / 3
    again = initial_params(case, load(case.data), "float32", 0)
    other = initial_params(case, load(case.data), "float32", 1)
    np.testing.assert_array_equal(params["fc1.w"], again["fc1.w"])
    assert (params["fc1.w"] != other["fc1.w"]).all()


def test_a_trainer_that_writes_into_its_arguments_harms_nobody_else():
    class InPlace:
        def __init__(self, inner):
            self.inner = inner

        def slots(self, params):
            return self.inner.slots(params)

        def step(self, params, slots, done, x, t):
            taken = self.inner.step(params, slots, done, x, t)
            for p in params.values():
                p *= 0
            x *= 0
            return taken

        def predict(self, params, x):
            return self.inner.predict(params, x)

    (case,) = [c for c in SHORT if c.id == "xor/momentum"]
    made = Own(lambda *args: InPlace(REFNET.trainers()["xor"](*args)))
    result = run_training(case, "float32", made, TORCH, 0)
    assert result.status is Status.PASS, result.reason


@pytest.mark.parametrize("change", [lambda s: s._asdict(), lambda s: None, lambda s: tuple(s)])
def test_a_step_of_another_kind_is_a_difference(change):
    (case,) = [c for c in SHORT if c.id == "xor/sources"]
    result = run_training(case, "float32", wrong_step(change), TORCH, 0)
    assert result.status is Status.FAIL
    assert "AdapterError from own" in result.reason


def test_a_failing_run_reads_the_same_whatever_order_sets_have():
    def change(step):
        return step._replace(grads={n: g * np.nan for n, g in step.grads.items()})

    (case,) = [c for c in SHORT if c.id == "xor/sources"]
    result = run_training(case, "float32", wrong_step(change), TORCH, 0)
    assert result.worst == "gradient of fc1.b"
    assert [t.name for t in result.tensors] == [
        "gradient of fc1.b", "gradient of fc1.w", "gradient of fc2.b", "gradient of fc2.w",
        *[t.name for t in result.tensors[4:]],
    ]  # fmt: skip
