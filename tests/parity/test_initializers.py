from __future__ import annotations

import math

import numpy as np
import pytest

from parity import Adapter
from parity.backends import adapter
from parity.case import InitializerCase
from parity.initializers import run_initializer
from parity.registry import all_cases, select

REFNET, TORCH = adapter("refnet"), adapter("torch")
CASES = [c for c in all_cases() if isinstance(c, InitializerCase)]


class Own(Adapter):
    name = "own"

    def __init__(self, draw):
        self.draw = draw

    def initializers(self):
        return {c.op: self.draw for c in CASES}


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.id)
def test_both_sides_draw_what_is_stated(case):
    for seed, dtype in enumerate(case.dtypes, 11):
        measured = run_initializer(case, dtype, REFNET, TORCH, seed)
        assert measured.actual.within
        assert measured.other.within
        assert measured.rtol is None
        assert measured.elements == case.draws * math.prod(case.shape)


def drawn(factor=1.0, shift=0.0, transform=lambda a: a):
    def draw(shape, dtype, seed, **options):
        a = REFNET.initializers()["he_normal"](shape, "float64", seed)
        return transform(shift + factor * a).astype(dtype)

    return draw


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (drawn(1.02), "variance"),
        (drawn(1 / 1.02), "variance"),
        (drawn(shift=0.01), "mean"),
        (drawn(transform=lambda a: a.T), "a sample"),
        (drawn(transform=np.abs), "mean"),
        (lambda shape, dtype, seed: np.zeros(shape), "float64 instead of"),
    ],
)
def test_wrong_samples_are_outside(draw, words):
    (case,) = [c for c in select(["he_normal"]) if len(c.shape) == 2][:1]
    measured = run_initializer(case, "float32", Own(draw), TORCH, 0)
    assert not measured.actual.within
    assert words in measured.actual.worst
    assert measured.other.within


def test_constants_are_exact():
    (case,) = [c for c in select(["constant"]) if c.options][:1]
    right = case.options["value"]
    good = Own(lambda shape, dtype, seed, value: np.full(shape, value, dtype))
    assert run_initializer(case, "float32", good, TORCH, 0).actual.ratio == 0
    bad = Own(lambda shape, dtype, seed, value: np.full(shape, np.nextafter(right, 9), dtype))
    measured = run_initializer(case, "float64", bad, TORCH, 0)
    assert not measured.actual.within
    assert measured.actual.outside == math.prod(case.shape)
    nan = Own(lambda shape, dtype, seed, value: np.full(shape, np.nan, dtype))
    assert not run_initializer(case, "float64", nan, TORCH, 0).actual.within
