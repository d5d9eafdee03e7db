"""Two recordings of loops that parity knows nothing of."""

from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from parity.errors import SelectionError
from parity.explain.pair import explain_pair
from parity.trace import Recorder, Recording, named

RNG = np.random.default_rng(3)
X, T = RNG.standard_normal((40, 3)), RNG.standard_normal((40, 2))
START = {"w": RNG.standard_normal((3, 2)), "b": np.zeros(2)}
STEPS = 20


def batch_of(t):
    return slice(8 * (t % 5), 8 * (t % 5) + 8)


def run(
    path,
    opt="adam(lr=0.05)",
    *,
    start=START,
    batch=batch_of,
    scale=lambda _: 1.0,
    dtype=np.float64,
    info=True,
    rates=False,
    steps=STEPS,
    without=(),
):
    """Record a linear regression, written as anybody would."""
    rule = rn.optimizers.from_spec(opt)
    params = {k: p.astype(dtype) for k, p in start.items()}
    state = rule.init(params)
    with Recorder(path, **({"optimizer": opt} if info else {})) as recorder:
        recorder.write(0, named(parameters=params))
        for t in range(steps):
            x, y = (np.asarray(a[batch(t)], dtype) for a in (X, T))
            gap = x @ params["w"] + params["b"] - y
            grads = {"w": scale(t) * x.T @ gap / 8, "b": scale(t) * gap.sum(axis=0) / 8}
            grads = {k: g.astype(dtype) for k, g in grads.items()}
            moved, state = rule.update(params, grads, state)
            params = moved | {k: params[k] for k in without}
            shown = {k: g for k, g in grads.items() if k not in without}
            options = {"lr": [rule.lr(t) if callable(rule.lr) else rule.lr]} if rates else None
            recorder.step(
                **named(
                    batch={"x": x, "t": y},
                    branches={"mine 0": gap > 0},
                    gradients=shown,
                    options=options,
                    parameters=params,
                )
            )
    return Recording(path)


@pytest.fixture
def a(tmp_path):
    return run(tmp_path / "a.trace")


def explained(a, tmp_path, *args, **changes):
    return explain_pair(a, run(tmp_path / "b.trace", *args, **changes))


def test_equal_runs_agree(a, tmp_path):
    found = explained(a, tmp_path)
    assert not found.differs
    assert found.explained
    assert found.verdict == "The recordings agree: no stage differs."


def test_runs_that_rounding_tells_apart_agree(a, tmp_path):
    found = explained(a, tmp_path, dtype=np.float32)
    assert not found.differs
    assert found.explained
    assert 0 < float(found.distances[-1][1]) < 1e-5


def test_a_convention_is_named(tmp_path):
    first = run(tmp_path / "a.trace", "adam(lr=0.05, eps=0.001)")
    changed = "adam(lr=0.05, eps=0.001, eps_before_correction=True)"
    found = explained(first, tmp_path, changed, info=False)
    assert found.explained
    assert "with eps_before_correction=True, as keras and tensorflow1 have it" in found.verdict


def test_without_an_optimizer_it_says_what_is_missing(tmp_path):
    first = run(tmp_path / "a.trace", info=False)
    found = explained(first, tmp_path, "sgd(lr=0.01)")
    assert found.differs
    assert not found.explained
    assert any("--optimizer" in c.what for c in found.causes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"scale": lambda _: 2.0}, "Every gradient is 2 times the other's."),
        ({"scale": lambda t: 1.0 + (t >= 6)}, "The gradient is another from step 7 on."),
        (
            {"start": {k: np.round(p, 2) for k, p in START.items()}},
            "initial values rounded to 2 dec",
        ),
        ({"start": {k: p + 0.5 for k, p in START.items()}}, "It begins with other initial values."),
        ({"batch": lambda t: batch_of(t + 1)}, "1 step later"),
        ({"batch": lambda t: np.arange(8 * (t % 5), 8 * (t % 5) + 8)[::-1]}, "in another order"),
    ],
)
def test_every_stage(tmp_path, changes, words):
    plain = run(tmp_path / "plain.trace", "sgd(lr=0.05)")
    found = explained(plain, tmp_path, "sgd(lr=0.05)", **changes)
    assert words in found.verdict
    assert found.explained == ("other initial" not in words and "another from" not in words)


def test_names_and_axes_of_another_framework(a, tmp_path):
    path = tmp_path / "b.trace"
    with Recorder(path, **a.info) as recorder:
        for step in a:
            renamed = {
                k.replace("/w", "/weight"): v.T if k.endswith("/w") else v
                for k, v in step.tensors.items()
            }
            recorder.write(step.step, renamed)
    found = explain_pair(a, Recording(path), rename={"w": "weight"})
    assert not found.differs
    assert found.steps == STEPS


def test_refuses_recordings_without_a_start(a, tmp_path):
    with Recorder(tmp_path / "b.trace") as recorder:
        recorder.step(**{"parameter/w": START["w"]})
    with pytest.raises(SelectionError, match="step 0"):
        explain_pair(a, Recording(tmp_path / "b.trace"))


def test_recorded_learning_rates_are_each_recordings_own(tmp_path):
    halved = "sgd(lr='step_decay(lr=0.05, every=7, factor=0.5)')"
    first = run(tmp_path / "a.trace", halved, rates=True, info=False)
    found = explain_pair(first, first, "sgd(lr=0.05)")  # which knows nothing of the schedule
    assert not found.differs
    found = explain_pair(first, run(tmp_path / "b.trace", "sgd(lr=0.05)", rates=True), "sgd(lr=1)")
    assert found.verdict == "At step 8 the learning rate is 0.05, and not 0.025."
    assert found.explained


def test_an_optimizer_that_does_not_give_the_firsts_own_updates_explains_nothing(a, tmp_path):
    found = explain_pair(a, run(tmp_path / "b.trace", "adam(lr=0.05)"), "sgd(lr=0.1)")
    assert not found.differs
    assert any("does not give the first recording's own updates" in c.what for c in found.causes)


@pytest.mark.parametrize("opt", ["adam(lr=0.06)", "sgd(lr=0.05, momentum=0.3)"])
def test_what_the_seconds_info_says_explains_it_where_it_does(a, tmp_path, opt):
    found = explained(a, tmp_path, opt)
    assert found.explained
    assert "as its own info says, it is." in found.verdict


def test_what_the_seconds_info_says_explains_nothing_where_it_is_not_so(a, tmp_path):
    second = run(tmp_path / "b.trace", "adam(lr=0.06)")
    with Recorder(tmp_path / "c.trace", optimizer="adam(lr=0.07)") as recorder:
        for step in second:
            recorder.write(step.step, step.tensors)
    found = explain_pair(a, Recording(tmp_path / "c.trace"))
    assert not found.explained


def test_gradients_near_a_minimum_are_another_by_rounding_alone(tmp_path):
    whole = {"batch": lambda _: slice(0, 40), "steps": 250}
    runs = [
        run(tmp_path / dtype, "sgd(lr=0.1)", dtype=np.dtype(dtype), **whole)
        for dtype in ("float64", "float32")
    ]
    last = [r.at(250).gradients["w"] for r in runs]
    assert np.abs(last[0] - last[1]).max() > 0.5 * np.abs(last[0]).max()
    found = explain_pair(*runs)
    assert not found.differs


def test_parameters_that_lost_their_gradient_are_named(tmp_path):
    plain = run(tmp_path / "plain.trace", "sgd(lr=0.05)")
    found = explained(plain, tmp_path, "sgd(lr=0.05)", without=("b",))
    assert found.explained
    assert found.verdict.startswith("From step 1 on there is no gradient of b.")


def test_branches_of_any_name(a, tmp_path):
    found = explained(a, tmp_path, "adam(lr=0.06)")
    assert found.flip == "the branch mine 0"
    assert found.first_flip > 1


def test_what_one_recording_alone_has_is_said(a, tmp_path):
    with Recorder(tmp_path / "b.trace") as recorder:
        for step in a:
            recorder.write(
                step.step, {k.replace("/b", "/bias"): v for k, v in step.tensors.items()}
            )
    found = explain_pair(a, Recording(tmp_path / "b.trace"))
    assert "without b and bias" in found.verdict
    with Recorder(tmp_path / "c.trace") as recorder:
        for step in a:
            recorder.write(step.step, {k: np.append(v, 1) for k, v in step.tensors.items()})
    found = explain_pair(a, Recording(tmp_path / "c.trace"))
    assert "It has other shapes: b and w." in found.verdict


def test_a_recording_that_was_cut_off_is_compared_as_far_as_it_goes(a, tmp_path):
    whole = (tmp_path / "a.trace").read_bytes()
    (tmp_path / "b.trace").write_bytes(whole[: len(whole) // 2])
    found = explain_pair(a, Recording(tmp_path / "b.trace"))
    assert 1 < found.steps == len(found.distances) < STEPS
    assert not found.differs
    assert f"the first has {STEPS}, and the second {found.steps}." in found.verdict
    assert "b.trace (cut off) beside" in found.what


def test_nothing_in_common_compares_nothing(a, tmp_path):
    with Recorder(tmp_path / "b.trace") as recorder:
        for step in a:
            recorder.write(step.step, {f"{k}0": v for k, v in step.tensors.items()})
    found = explain_pair(a, Recording(tmp_path / "b.trace"))
    assert (found.distances, found.differs) == ([], False)
    assert {c.stage for c in found.causes} == {"start", "inputs", "gradient"}
    assert found.verdict.startswith("Nothing was compared")


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        (lambda step, name: step != 7, "step 8 right after step 6"),
        (lambda step, name: step != 7 or name != "parameter/b", "other parameters .* it: b;"),
    ],
)
def test_refuses_recordings_with_gaps(a, tmp_path, kept, words):
    with Recorder(tmp_path / "b.trace", **a.info) as recorder:
        for step in a:
            tensors = {k: v for k, v in step.tensors.items() if kept(step.step, k)}
            if tensors:
                recorder.write(step.step, tensors)
    for pair in ((a, Recording(tmp_path / "b.trace")), (Recording(tmp_path / "b.trace"), a)):
        with pytest.raises(SelectionError, match=words):
            explain_pair(*pair)


def test_a_value_that_is_not_finite_is_a_difference_like_any_other(a, tmp_path):
    for kind, words in (
        ("gradient", "The gradient is another from step 9"),
        ("parameter", "step 9"),
    ):
        with Recorder(tmp_path / kind, **a.info) as recorder:
            for step in a:
                lost = {
                    k: v * np.nan if step.step >= 9 and k.startswith(kind) else v
                    for k, v in step.tensors.items()
                }
                recorder.write(step.step, lost)
        found = explain_pair(a, Recording(tmp_path / kind))
        assert found.differs
        assert words in found.verdict


def test_a_training_that_was_gone_on_with(tmp_path):
    """Its first state has the slots of the updates before."""
    rule = rn.optimizers.Momentum(0.05)
    params, state = START, rule.init(START)
    with Recorder(tmp_path / "a.trace", optimizer=repr(rule)) as recorder:
        for t in range(12):
            gap = X @ params["w"] + params["b"] - T
            grads = {"w": X.T @ gap / 40, "b": gap.mean(axis=0)}
            params, state = rule.update(params, grads, state)
            slots = {"momentum_buffer": state.momentum_buffer}
            step = named(gradients=grads, slots=slots, parameters=params)
            if t == 4:
                recorder.write(0, step)
            elif t > 4:
                recorder.step(**step)
    first = Recording(tmp_path / "a.trace")
    found = explain_pair(first, first)
    stage = next(c for c in found.causes if c.stage == "update")
    assert stage.what == "every update is the optimizer's"
