"""The null controls hold, and each can fail."""

from __future__ import annotations

import numpy as np
import pytest

from parity.backends import adapter
from parity.registry import select
from parity.selftest import controls
from parity.selftest.controls import CONTROLS, Shuffled, against_itself, shuffled

CASES = select(["relu/*", "dense/*", "lstm_cell/typical*", "softmax/*", "adam/*", "sum/typical*"])


@pytest.mark.parametrize("name", ["refnet", "torch"])
def test_an_implementation_against_itself_differs_in_nothing(name):
    found = against_itself(name, CASES)
    assert not found.wrong
    assert found.cells == sum("float32" in case.dtypes for case in CASES)


def test_an_implementation_that_differs_from_itself_is_noticed(monkeypatch):
    class Drifting(type(adapter("refnet"))):
        name, calls = "drifting", 0

        def run(self, op, inputs, options, cotangents):
            outcome = super().run(op, inputs, options, cotangents)
            Drifting.calls += 1
            up = np.float32(2) ** -20 * Drifting.calls
            return outcome._replace(y=np.asarray(outcome.y * (1 + up)))

    monkeypatch.setattr(controls, "adapter", lambda _: Drifting())
    found = against_itself("drifting", select(["dense/typical", "softmax/typical"]))
    assert [words.partition(":")[0] for words in found.wrong] == [
        "dense/typical",
        "softmax/typical",
    ]


def test_values_in_other_places_fail():
    found = shuffled("torch", CASES)
    assert not found.wrong
    assert found.cells == 8


def test_values_in_other_places_that_pass_are_noticed(monkeypatch):
    def still(self, a):
        self.changed = True
        return a

    monkeypatch.setattr(Shuffled, "_moved", still)
    found = shuffled("torch", select(["dense/typical", "relu/typical"]))
    assert found.wrong == ("dense/typical: pass", "relu/typical: pass")


def test_where_nothing_moves_nothing_is_claimed():
    assert shuffled("torch", select(["relu/one", "sum/typical-all"])).cells == 0


def test_every_operation_is_shuffled():
    assert {"refnet", "torch", "shuffled torch"} == set(CONTROLS)
    assert CONTROLS["refnet"](select(["relu/typical"]), 0).cells == 1
