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
):
    """Record a linear regression, written as anybody would."""
    rule = rn.optimizers.from_spec(opt)
    params = {k: p.astype(dtype) for k, p in start.items()}
    state = rule.init(params)
    with Recorder(path, **({"optimizer": opt} if info else {})) as recorder:
        recorder.write(0, named(parameters=params))
        for t in range(STEPS):
            x, y = (np.asarray(a[batch(t)], dtype) for a in (X, T))
            gap = x @ params["w"] + params["b"] - y
            grads = {"w": scale(t) * x.T @ gap / 8, "b": scale(t) * gap.sum(axis=0) / 8}
            grads = {k: g.astype(dtype) for k, g in grads.items()}
            params, state = rule.update(params, grads, state)
            recorder.step(**named(batch={"x": x, "t": y}, gradients=grads, parameters=params))
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


def test_a_convention_is_named(a, tmp_path):
    found = explained(a, tmp_path, "adam(lr=0.05, eps=0.001, eps_before_correction=True)")
    assert not found.explained  # eps itself is nobody's
    found = explain_pair(a, Recording(tmp_path / "b.trace"), "adam(lr=0.05, eps=0.001)")
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
