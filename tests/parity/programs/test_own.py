"""refnet's run of a program, recorded so that each step can be taken again."""

from __future__ import annotations

import numpy as np
import pytest

import refnet.graph as graph
from parity.programs.own import before_of, computed, record
from parity.trace import Recorder, Recording
from parity.trajectory.twins import Mover
from tests.parity.programs.texts import ODD, SMALL, program


def recorded(folder, written, steps):
    path = folder / "refnet.trace"
    with Recorder(path, overwrite=True) as recorder:
        own = record(written, recorder, steps)
    return own, list(Recording(path))


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    written = program(folder, SMALL, optimizer="MomentumOptimizer(0.1, 0.9)", steps=7)
    return recorded(folder, written, 4)


def test_the_first_steps_are_recorded_and_all_are_counted(small):
    own, steps = small
    assert own.steps == 7
    assert [s.step for s in steps] == [0, 1, 2, 3, 4]
    assert own.printed.splitlines()[1] == "accuracy: 0.75"
    assert set(own.final) == {"w", "b"}
    assert not np.array_equal(own.final["w"], steps[-1].parameters["w"])


def test_a_step_holds_all_that_it_read_and_computed(small):
    _, steps = small
    assert set(steps[2].batch) == {"x", "t"}
    assert steps[2].batch["x"].shape == (10, 3)
    assert steps[2].loss.shape == ()
    assert set(steps[2].gradients) == set(steps[2].parameters) == {"w", "b"}
    (slot,) = steps[2].slots.values()
    assert set(slot) == {"w", "b"}
    assert set(computed(steps[2].tensors)) < set(steps[2].tensors)


def test_a_step_taken_again_is_the_same_to_the_bit(small):
    own, steps = small
    for plan, last, step in zip(own.plans, steps, steps[1:], strict=False):
        again = plan.step(before_of(plan, last, step))
        for name, a in computed(step.tensors).items():
            assert np.array_equal(again[name], a), name


def test_the_oracle_and_twins_are_near_and_not_the_same(small):
    own, steps = small
    before = before_of(own.plans[1], steps[1], steps[2])
    plain = own.plans[1].step(before)
    oracle = own.plans[1].step(before, np.dtype(np.float64))
    twin = own.plans[1].twin(Mover("key"), before)
    for name in ("loss", "gradient/w", "parameter/w"):
        assert oracle[name].dtype == np.float64
        assert twin[name].dtype == np.float32
        for other in (oracle, twin):
            gap = np.abs(other[name] - plain[name]).max()
            assert 0 < gap < 1e-5 * np.abs(plain[name]).max()


def test_what_a_program_sets_between_steps_is_known_before_the_next(tmp_path):
    own, steps = recorded(tmp_path, program(tmp_path, ODD), 6)
    assert own.steps == 6
    assert own.printed == "4\n"  # the count of the first optimizer's steps
    assert set(own.final) == {"net/w", "net/v"}
    for plan, last, step in zip(own.plans, steps, steps[1:], strict=False):
        before = before_of(plan, last, step)
        rate = 0.1 * 0.9 ** (step.step - 1)
        assert before.state["rate"] == pytest.approx(rate, rel=1e-6)
        assert step.masks  # what dropout drew
        again = plan.step(before)
        for name, a in computed(step.tensors).items():
            assert np.array_equal(again[name], a), name
    names = [sorted(s.gradients) for s in steps[1:4]]
    assert names == [["net/w"], ["net/v"], ["net/v", "net/w"]]


def test_nothing_is_left_in_the_default_graph(small):
    assert not graph.get_default_graph().nodes
    assert graph.get_default_session() is None
