from __future__ import annotations

import math

import pytest

from parity import Adapter
from parity.backends import adapter
from parity.backends.base import Update
from parity.case import OptimizerCase
from parity.optimizers import run_optimizer
from parity.registry import all_cases, select

REFNET, TORCH = adapter("refnet"), adapter("torch")
CASES = [c for c in all_cases() if isinstance(c, OptimizerCase)]


class Own(Adapter):
    """SGD of somebody's own: refnet's updates, changed."""

    name = "own"

    def __init__(self, change):
        self.change = change

    def optimizers(self):
        def updates(params, grads, **options):
            found = REFNET.optimizers()["sgd"](params, grads, **options)
            return [self.change(u, t) for t, u in enumerate(found, start=1)]

        return {"sgd": updates}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("case", CASES, ids=lambda c: c.id)
def test_both_sides_stay_inside_and_use_some_of_the_bound(case, seed):
    for dtype in case.dtypes:
        measured = run_optimizer(case, dtype, REFNET, TORCH, seed)
        for side in (measured.actual, measured.other):
            assert side.within
            if case.options["lr"]:
                assert side.ratio > 1e-3


def parameters_moved(by):
    return lambda u, t: u._replace(params={n: p + by for n, p in u.params.items()})


def slots_moved(by):
    return lambda u, t: u._replace(
        slots={s: {n: p + by for n, p in v.items()} for s, v in u.slots.items()}
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (parameters_moved(1e-5), "after update"),
        (slots_moved(1e-5), "momentum_buffer of"),
        (lambda u, t: u if t < 4 else parameters_moved(1e-4)(u, t), "after update 4"),
        (lambda u, t: u._replace(slots={}), "slots [] instead of"),
        (lambda u, t: u._replace(done=t - 1), "updates counted after"),
        (lambda u, t: u._replace(params={n: p * math.nan for n, p in u.params.items()}), "nan"),
    ],
)
def test_wrong_updates_are_outside(change, words):
    (case,) = select(["sgd/momentum"])
    measured = run_optimizer(case, "float32", Own(change), TORCH, 0)
    assert not measured.actual.within
    assert words in measured.actual.worst
    assert measured.other.within


def test_an_optimizer_without_a_step_counter_is_fine():
    (case,) = select(["sgd/momentum"])
    uncounted = Own(lambda u, t: Update(u.params, u.slots))
    assert run_optimizer(case, "float32", uncounted, TORCH, 0).actual.within
