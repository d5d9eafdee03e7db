"""Every model trains under every optimizer, in refnet as in PyTorch."""

from __future__ import annotations

from dataclasses import replace

import pytest

from parity.backends import adapter
from parity.case import TrainingCase
from parity.cases.training_grid import MODELS, OPTIMIZERS
from parity.registry import select
from parity.result import Status
from parity.trajectory import run_training

SLOTS = {
    "sgd": (),
    "momentum": ("momentum_buffer",),
    "momentum-average": ("momentum_buffer",),
    "nesterov": ("momentum_buffer",),
    "nesterov-lookahead": ("momentum_buffer",),
    "adagrad": ("sum",),
    "adadelta": ("square_avg", "acc_delta"),
    "rmsprop": ("square_avg",),
    "rmsprop-centered": ("square_avg", "momentum_buffer", "grad_avg"),
    "adam": ("exp_avg", "exp_avg_sq"),
    "amsgrad": ("exp_avg", "exp_avg_sq", "max_exp_avg_sq"),
    "adamw": ("exp_avg", "exp_avg_sq"),
    "adamax": ("exp_avg", "exp_inf"),
    "nadam": ("exp_avg", "exp_avg_sq"),
}
GRID = [(op, name) for op in MODELS for name in OPTIMIZERS]


def test_the_grid_has_every_model_and_every_optimizer():
    assert MODELS.keys() == adapter("refnet").trainers().keys() - {"xor"}
    used = {optimizer for optimizer, _, _ in OPTIMIZERS.values()}
    assert used == set(adapter("refnet").optimizers())
    assert len(MODELS) >= 6
    assert len(OPTIMIZERS) >= 12
    runs = {c.id: c for c in select([]) if isinstance(c, TrainingCase)}
    for op, name in GRID:
        case = runs[f"{op}/{name}"]
        assert case.steps == 100
        assert case.dtypes == ("float32", "float64")


def test_some_have_schedules_decay_and_clipping():
    options = [select([f"mlp/{name}"])[0].optimizer_options for name in OPTIMIZERS]
    assert sum(isinstance(o["lr"], str) for o in options) >= 4
    assert {o.get("decay_kind", "own") for o in options if o.get("weight_decay")} == {"l1", "own"}
    assert len({o["clip"] for o in options if "clip" in o}) == 2


@pytest.mark.parametrize(("op", "name"), GRID, ids=lambda v: v)
def test_two_steps_agree_in_every_tensor(op, name):
    (case,) = select([f"{op}/{name}"])
    case = replace(case, steps=2, free_steps=0)
    dtype = "float32" if (len(op) + len(name)) % 2 else "float64"
    result = run_training(case, dtype, adapter("refnet"), adapter("torch"), 1)
    assert result.status is Status.PASS, result.reason
    tensors = {t.name for t in result.tensors}
    params = {t.removeprefix("gradient of ") for t in tensors if t.startswith("gradient of ")}
    assert params
    slots = {f"{slot} of {p}" for slot in SLOTS[name] for p in params}
    assert tensors == {"loss", *params, *(f"gradient of {p}" for p in params), *slots}
    assert result.compared == len(slots) + 2 * len(tensors)
