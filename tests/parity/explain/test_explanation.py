"""What is wrong with a run is named; what is not, is not."""

from __future__ import annotations

import re

import numpy as np
import pytest

import refnet as rn
from parity.backends import adapter
from parity.errors import SelectionError
from parity.explain import explain, record
from parity.explain.counterfactuals import next_batch, samples_reversed
from parity.explain.text import as_text
from parity.registry import select
from parity.trace import Recorder, Recording
from tests.parity.explain.sides import (
    Changed,
    case,
    explained,
    in_bfloat16,
    rewritten,
    scaled_gradient,
    with_gradients,
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.trace"


def only(found):
    """Return the causes that explain."""
    return [c for c in found.causes if c.explains]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_correct_run_differs_by_rounding(path, dtype):
    found = explained(path, case("adam", lr=0.05), adapter("torch"), dtype=dtype)
    assert not found.differs
    assert found.explained
    assert [c.what for c in only(found)] == [f"rounding in {dtype}"]
    assert found.verdict.startswith(f"Rounding in {dtype} explains")
    assert len(found.distances) == found.steps == 30


# Each bug that is some system's convention, and a system that has it so.
CONVENTIONS = [
    ("adam", {"lr": 0.05, "eps": 1e-3}, {"eps_before_correction": True}, "keras"),
    ("adam", {"lr": 0.05}, {"eps": 1e-7}, "keras"),
    ("rmsprop", {"lr": 0.05, "eps": 1e-4}, {"eps_inside": True}, "tensorflow1"),
    ("momentum", {"lr": 0.1, "momentum": 0.8}, {"dampening": 0.8}, "numpy_dnn"),
    ("nesterov", {"lr": 0.1}, {"nesterov": False}, "torch"),
    ("adamw", {"lr": 0.05, "weight_decay": 0.1}, {"decay_kind": "l2"}, "torch"),
    ("adagrad", {"lr": 0.1}, {"initial_accumulator": 0.1}, "tensorflow1"),
    ("adamax", {"lr": 0.05, "eps": 1e-3}, {"eps_in_maximum": False}, "keras"),
    ("adam", {"lr": 0.05, "amsgrad": True}, {"amsgrad_corrected": True}, "optax"),
    ("momentum", {"lr": 0.1}, {"lr_inside": True}, "keras"),  # which shows in the slots alone
]


@pytest.mark.parametrize(("name", "options", "fields", "system"), CONVENTIONS)
def test_a_convention_is_named_with_its_systems(path, name, options, fields, system):
    found = explained(path, case(name, **options), Changed(fields), dtype="float64", steps=12)
    assert found.differs
    assert found.explained
    winner = next(c for c in only(found) if c.stage == "update")
    assert system in winner.systems
    (field,) = fields
    assert winner.what.startswith(f"{field}=")
    assert winner.what in found.verdict
    assert system in found.verdict


@pytest.mark.parametrize(
    ("name", "options", "fields"),
    [
        ("adam", {"lr": 0.05, "beta1": 0.8, "beta2": 0.95}, {"beta1": 0.95, "beta2": 0.8}),
        ("adam", {"lr": 0.05}, {"bias_correction": False}),
        ("adagrad", {"lr": 0.1}, {"initial_accumulator": 0.37}),
    ],
)
def test_what_no_system_does_is_explained_by_none(path, name, options, fields):
    found = explained(path, case(name, **options), Changed(fields), steps=12)
    assert found.differs
    assert not found.explained
    assert only(found) == []
    assert "The update is not the optimizer's, from step" in found.verdict
    assert found.verdict.endswith("None of these explains the difference.")


def test_a_multiple_of_the_gradient_is_named_with_the_loss_that_gives_it(path):
    found = explained(path, case("adam", lr=0.05), Changed(step=scaled_gradient(2)), steps=12)
    (cause,) = only(found)
    assert cause.what == "every gradient is 2 times the model's"
    assert {"torch", "keras"} <= set(cause.systems)  # whose squared error has no half
    assert "reduction='mean'" in found.verdict
    assert found.explained


def test_a_multiple_that_no_loss_gives_is_named_alone(path):
    found = explained(path, case("sgd", lr=0.05), Changed(step=scaled_gradient(0.3)), steps=12)
    (cause,) = only(found)
    assert (cause.what, cause.systems) == ("every gradient is 0.3 times the model's", [])


def test_another_gradient_is_explained_by_none(path):
    step = with_gradients(
        lambda grads, done: {**grads, "fc2.b": grads["fc2.b"] * (1 + 0.01 * (done >= 5))}
    )
    found = explained(path, case("sgd", lr=0.05), Changed(step=step), steps=12)
    assert not found.explained
    assert "from step 6 on, in fc2.b" in found.verdict


def test_gradients_of_another_dtype_are_recognised(path):
    found = explained(path, case("momentum", "dfn", lr=0.1), Changed(step=in_bfloat16), steps=5)
    assert [c.what for c in only(found)] == ["gradients computed in bfloat16"]
    assert "off as gradients computed in bfloat16 are" in found.verdict


def test_gradients_off_by_as_much_as_another_dtype_are_not_of_it(path):
    """A slip of 1e-3 in the data is as large as float16's rounding, and is not that."""

    def off(own, plain, params, slots, done, x, t):
        return plain(params, slots, done, x * x.dtype.type(1.001), t)

    found = explained(path, case("momentum", "dfn", lr=0.1), Changed(step=off), steps=5)
    assert found.differs
    assert not found.explained
    assert only(found) == []


def test_the_other_form_of_nesterov_is_found_by_its_run(path):
    """Its updates fit those of plain momentum too, but its gradients are taken further on."""
    fields = {"nesterov": False, "lookahead": True}
    found = explained(path, case("nesterov", lr=0.1), Changed(fields), steps=8)
    assert found.explained
    assert all("lookahead=True" in c.what and c.systems == ["ann_box"] for c in only(found))
    assert "with nesterov=False, lookahead=True, as ann_box has it, it is." in found.verdict
    momentum = next(c for c in found.causes if c.what == "nesterov=False")
    assert "envelopes away" in momentum.note


def test_changes_that_a_run_does_not_tell_apart_are_all_named(path):
    """Beside gradients of 0.1 an epsilon of 1e-7 or 1e-8 is nothing in float32."""
    found = explained(path, case("adam", lr=0.05, eps=1e-3), Changed({"eps": 1e-8}), steps=6)
    assert found.explained
    assert "with eps=1e-08, as" in found.verdict
    assert "and so it is with eps=1e-07, as keras has it: this run does" in found.verdict


def test_a_gradient_that_is_not_finite_is_named_with_its_step(path):
    step = with_gradients(
        lambda grads, done: {k: g * np.where(done == 4, np.nan, 1) for k, g in grads.items()}
    )
    found = explained(path, case("sgd", lr=0.05), Changed(step=step), dtype="float64", steps=8)
    assert found.differs
    assert not found.explained
    assert "The gradient is not the model's, from step 5 on" in found.verdict
    assert "The update" not in found.verdict


def test_runs_that_diverge_alike_agree(path):
    found = explained(path, case("sgd", "dfn", lr=1e30), adapter("torch"), steps=4)
    assert not found.differs
    assert found.horizon is not None


def test_parameters_without_a_gradient_are_named(path, tmp_path):
    """Frozen by mistake, fc1.b has no gradient, and what is updated is the rest."""

    def frozen(own, plain, params, slots, done, x, t):
        taken = plain(params, slots, done, x, t)
        grads = {k: g for k, g in taken.grads.items() if k != "fc1.b"}
        return taken._replace(grads=grads, params={**taken.params, "fc1.b": params["fc1.b"]})

    plain = case("sgd", lr=0.05)
    found = explained(path, plain, Changed(step=frozen), steps=6)
    assert found.verdict == "There is no gradient of fc1.b."
    assert found.explained
    found = explained(path, plain, Changed(step=frozen, fields={"lr": 0.1}), steps=3)
    assert "no gradient of fc1.b. The update is not the optimizer's, from step 1" in found.verdict
    assert not found.explained
    # What was not recorded is not held against a run.
    record(plain, adapter("torch"), "float32", tmp_path / "whole", steps=6)
    part = rewritten(
        tmp_path / "part",
        tmp_path / "whole",
        lambda _, t: {k: a for k, a in t.items() if k != "gradient/fc1.b"},
    )
    found = explain(part, plain)
    assert not found.differs
    assert any(c.what == "each recorded gradient is the model's" for c in found.causes)


def test_before_a_horizon_at_the_first_step_nothing_is_said_of_the_run(path):
    found = explained(path, case("sgd", lr=0.5), adapter("torch"), dtype="float16", steps=4)
    assert (found.differs, found.horizon) == (False, 1)
    assert "of the run as a whole nothing can be said" in found.verdict


def test_rounded_initial_values_are_recognised(path):
    plain = case("sgd", lr=0.05)
    record(plain, adapter("refnet"), "float64", path, steps=1)
    start = {k: np.round(p, 4) for k, p in Recording(path).at(0).parameters.items()}
    record(plain, adapter("refnet"), "float64", path, steps=12, start=start)
    found = explain(Recording(path), plain)
    assert only(found)[0].what == "initial values rounded to 4 decimals"
    assert found.verdict == "It begins with initial values rounded to 4 decimals."
    start["fc1.w"] = start["fc1.w"] + 1
    record(plain, adapter("refnet"), "float64", path, steps=12, start=start)
    found = explain(Recording(path), plain)
    assert found.verdict.startswith("It begins with other initial values. None")


@pytest.mark.parametrize(
    ("reading", "words"),
    [
        (next_batch, "At step 1 it reads the batch of 1 step later."),
        (samples_reversed, "At step 1 it reads the same samples in another order."),
        (
            lambda batches, done: batches.at(done + 50 * (done > 2)),
            "At step 4 it reads another batch.",
        ),
    ],
)
def test_batches_out_of_order_are_recognised(path, reading, words):
    plain = case("sgd", "dfn", lr=0.1)
    record(plain, adapter("torch"), "float32", path, steps=5, reading=reading)
    found = explain(Recording(path), plain)
    assert found.verdict.startswith(words)
    assert found.explained == ("another batch" not in words)
    # The stages after it are checked on what was read: they are in order.
    assert {c.stage for c in found.causes if "from step" in c.what} == set()


def test_batches_that_were_not_recorded_are_found_by_a_run_that_follows(path, tmp_path):
    plain = case("sgd", "dfn", lr=0.1)
    whole = tmp_path / "whole.trace"
    record(plain, adapter("refnet"), "float32", whole, steps=5, reading=next_batch)
    rewritten(path, whole, lambda _, t: {k: a for k, a in t.items() if "batch/" not in k})
    found = explain(Recording(path), plain)
    assert found.explained
    assert found.verdict.endswith("A run with batches read one step early follows it.")


def test_batches_that_a_side_reads_late_are_found_by_a_run_that_follows(path):
    earlier = []

    def late(own, plain, params, slots, done, x, t):
        earlier.append((x, t))
        return plain(params, slots, done, *earlier[max(done - 1, 0)])

    found = explained(path, case("sgd", "dfn", lr=0.1), Changed(step=late), steps=5)
    assert found.explained
    assert found.verdict.endswith("A run with batches read one step late follows it.")


def test_the_text_has_the_verdict_the_tries_and_the_distances(path):
    found = explained(path, case("nesterov", lr=0.1), Changed({"nesterov": False}), steps=8)
    text = as_text(found)
    assert found.verdict in text
    assert "nesterov=False" in text
    assert "other changes of the update that do not explain it" in text
    assert "twins' envelope" in text


BASE = {"case": "xor/sources", "dtype": "float32", "seed": 0}


@pytest.mark.parametrize(
    ("change", "info", "words"),
    [
        (lambda t, x: x if t != 2 else None, {}, "step 3 right after step 1"),
        (lambda t, x: x if t != 2 else {"loss": x["loss"]}, {}, "step 2 has other parameters"),
        (lambda _, x: {k: a.T for k, a in x.items()}, {"case": "dfn/digits"}, "transposed"),
        (lambda _, x: x, {"case": "dfn/digits"}, "needs those of dfn/digits in float32"),
        (lambda _, x: x, {"dtype": "float64"}, "in float64: fc1.w"),
        (lambda _, x: x, {"case": "xor/mine"}, "of the case 'xor/mine'"),
        (lambda _, x: x, {"dtype": "float99"}, "the dtype 'float99'"),
        (lambda _, x: x, {"seed": "zero"}, "the seed 'zero'"),
        (lambda t, x: x | ({"batch/x": x["batch/x"][:, :1]} if t else {}), {}, "a batch of step 1"),
        (lambda t, x: x | ({"gradient/fc3": np.ones(2)} if t else {}), {}, "gradients of step 1"),
    ],
)
def test_refuses_a_recording_that_is_not_of_its_case(path, tmp_path, change, info, words):
    (plain,) = select(["xor/sources"])
    record(plain, adapter("refnet"), "float32", tmp_path / "whole", steps=3)
    recording = rewritten(path, tmp_path / "whole", change, **{**BASE, **info})
    with pytest.raises(SelectionError, match=re.escape(words)):
        explain(recording)


def test_refuses_what_it_cannot_explain(path):
    with Recorder(path, overwrite=True, lr=0.1) as recorder:
        recorder.write(0, {"parameter/w": np.ones(2)})
    with pytest.raises(SelectionError, match="whose info has lr"):
        explain(Recording(path))
    with Recorder(path, overwrite=True, case="xor/sources", dtype="float64", seed=0) as recorder:
        recorder.write(0, {"parameter/fc1.w": np.ones((2, 2))})
    with pytest.raises(SelectionError, match="without an update"):
        explain(Recording(path))
    with Recorder(path, overwrite=True) as recorder:
        recorder.write(0, {"parameter/w": np.ones(2)})
    with pytest.raises(SelectionError, match="whose info has nothing"):
        explain(Recording(path), case("sgd", lr=0.1))


def test_momentum_of_another_kind_leaves_the_gradient_stage_alone(path):
    """A fault stays in its own stage: those before it and after it are clean."""
    found = explained(path, case("momentum", lr=0.1), Changed({"momentum": 0.5}), steps=8)
    stages = {c.stage: c for c in found.causes if c.stage in ("start", "inputs", "gradient")}
    assert all("the case's" in c.what or "the model's" in c.what for c in stages.values())
    assert float(stages["gradient"].figure) < 4
    assert rn.optimizers.Momentum(0.1).momentum == 0.9
