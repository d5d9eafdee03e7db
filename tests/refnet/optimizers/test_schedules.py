from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import refnet as rn
from refnet import OptionError
from refnet.optimizers.schedules import schedule_from_spec

O = rn.optimizers  # noqa: E741

VALUES = [
    ("constant(lr=0.3)", {0: 0.3, 7: 0.3}),
    ("step_decay(lr=1.0, every=3)", {0: 1.0, 2: 1.0, 3: 0.1, 5: 0.1, 6: 0.01}),
    ("step_decay(lr=8.0, every=1, factor=0.5)", {0: 8.0, 3: 1.0}),
    ("exponential(lr=2.0, factor=0.5)", {0: 2.0, 1: 1.0, 3: 0.25, 4000: 0.0}),
    ("exponential(lr=2.0, factor=0.0)", {0: 2.0, 1: 0.0}),
    ("cosine(lr=1.0, steps=4)", {0: 1.0, 1: (2 + 2**0.5) / 4, 2: 0.5, 4: 0.0, 9: 0.0}),
    ("cosine(lr=1.0, steps=4, floor=0.5)", {0: 1.0, 2: 0.75, 4: 0.5, 5: 0.5}),
    ("warm_up(lr=1.0, steps=4)", {0: 0.0, 1: 0.25, 3: 0.75, 4: 1.0, 9: 1.0}),
    ("warm_up(lr=1.0, steps=2, start=0.5)", {0: 0.5, 1: 0.75, 2: 1.0}),
    ("warm_up(lr=1.0, steps=2, start=2.0)", {0: 2.0, 1: 1.5, 2: 1.0}),
    (
        "warm_up(lr=1.0, steps=2, then='exponential(lr=1.0, factor=0.5)')",
        {1: 0.5, 2: 1.0, 3: 0.5, 4: 0.25},
    ),
    ("time_decay(lr=0.6, decay=0.5)", {0: 0.6, 1: 0.4, 4: 0.2}),
]


@pytest.mark.parametrize(("spec", "values"), VALUES)
def test_values_by_hand(spec, values):
    schedule = schedule_from_spec(spec)
    for step, value in values.items():
        assert schedule(step) == pytest.approx(value, rel=1e-14, abs=1e-300)
        assert type(schedule(step)) is float
        assert schedule(np.int64(step)) == schedule(step)
    # The repr is a spec of the same schedule.
    assert schedule_from_spec(repr(schedule)) == schedule
    assert hash(schedule_from_spec(repr(schedule))) == hash(schedule)
    assert schedule_from_spec(schedule) is schedule


@pytest.mark.parametrize(("spec", "values"), VALUES)
def test_every_optimizer_takes_it_as_its_learning_rate(spec, values):
    opt = O.SGD(spec)
    assert opt.lr == schedule_from_spec(spec)
    assert O.from_spec(repr(opt)) == opt == O.SGD(lr=schedule_from_spec(spec))
    params = {"w": np.zeros(1)}
    for step, value in values.items():
        moved, _ = opt.update(params, {"w": np.ones(1)}, opt.init(params)._replace(step=step))
        assert moved["w"] == pytest.approx(-value, rel=1e-14, abs=1e-300)


def test_a_schedule_off_by_one_shows_at_the_second_update():
    opt = O.Adam("step_decay(lr=1.0, every=1)", eps=0.0)
    params = {"w": np.zeros(1)}
    grads = {"w": np.ones(1)}
    moved, state = opt.update(params, grads, opt.init(params))
    again, _ = opt.update(moved, grads, state)
    np.testing.assert_allclose([moved["w"], again["w"] - moved["w"]], [[-1.0], [-0.1]], rtol=1e-9)


@given(
    steps=st.integers(1, 50),
    floor=st.floats(0, 1),
    step=st.integers(0, 200),
)
def test_cosine_falls_from_lr_to_its_floor(steps, floor, step):
    schedule = O.Cosine(1.0, steps=steps, floor=floor)
    here, there = schedule(step), schedule(step + 1)
    assert floor - 1e-15 <= there <= here + 1e-15 <= 1 + 2e-15
    assert schedule(0) == pytest.approx(1.0)
    assert schedule(steps) == pytest.approx(floor, abs=1e-15)


@given(step=st.integers(0, 60), decay=st.floats(0, 5))
def test_time_decay_is_keras_inverse_time_decay(step, decay):
    assert O.TimeDecay(0.5, decay)(step) == pytest.approx(0.5 / (1 + decay * step / 1), rel=1e-15)


BAD = [
    ("constant(lr=-1.0)", "lr"),
    ("constant(lr='0.1')", "lr"),
    ("constant(lr=True)", "lr"),
    ("constant()", "lr"),
    ("constant(lr=0.1, steps=3)", "steps"),
    ("step_decay(lr=0.1, every=0)", "every"),
    ("step_decay(lr=0.1, every=1.5)", "every"),
    ("step_decay(lr=0.1, every=2, factor=1.5)", "factor"),
    ("exponential(lr=0.1, factor=-0.5)", "factor"),
    ("exponential(lr=0.1)", "factor"),
    ("cosine(lr=0.1, steps=-1)", "steps"),
    ("cosine(lr=0.1, steps=10, floor=0.2)", "floor"),
    ("cosine(lr=0.1, steps=10, floor=-0.2)", "floor"),
    ("cosine(lr=0.1, steps=True)", "steps"),
    ("warm_up(lr=0.1, steps=0)", "steps"),
    ("warm_up(lr=0.1, steps=2, start=-1.0)", "start"),
    ("warm_up(lr=0.1, steps=2, then='never')", "never"),
    ("warm_up(lr=0.1, steps=2, then=3)", "type int"),
    ("time_decay(lr=0.1, decay=-1.0)", "decay"),
    ("cosin(lr=0.1, steps=3)", "Did you mean 'cosine'"),
    ("0.1", "0.1"),
    ("", "''"),
]


@pytest.mark.parametrize(("spec", "named"), BAD)
def test_refuses_options(spec, named):
    with pytest.raises(OptionError, match=named):
        O.Adam(lr=spec)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, None, 1j, np.array([0.1]), [0.1]])
@pytest.mark.parametrize(
    "make",
    [
        O.Constant,
        lambda v: O.StepDecay(v, 1),
        lambda v: O.StepDecay(0.1, 1, v),
        lambda v: O.Exponential(0.1, v),
        lambda v: O.Cosine(0.1, v),
        lambda v: O.Cosine(0.1, 3, v),
        lambda v: O.WarmUp(0.1, 3, v),
        lambda v: O.TimeDecay(v, 1.0),
        lambda v: O.TimeDecay(0.1, v),
    ],
)
def test_refuses_what_is_no_number(make, value):
    with pytest.raises(OptionError):
        make(value)


@pytest.mark.parametrize("spec", [spec for spec, _ in VALUES])
@pytest.mark.parametrize("step", [-1, 1.0, True, None, "1"])
def test_refuses_steps(spec, step):
    with pytest.raises(OptionError, match="step"):
        schedule_from_spec(spec)(step)


def test_a_schedule_of_ones_own():
    class Alternating(O.Schedule):
        def __call__(self, step):
            return 0.5 if step % 2 else self.even

        even = 0.25

    opt = O.SGD(Alternating())
    params = {"w": np.zeros(1)}
    for step, lr in ((0, 0.25), (1, 0.5)):
        moved, _ = opt.update(params, {"w": np.ones(1)}, opt.init(params)._replace(step=step))
        assert moved["w"] == -lr
    assert "Alternating object" in repr(opt)
    for even in (math.nan, -1.0, "0.1"):
        Alternating.even = even
        with pytest.raises(OptionError, match="SGD: got the schedule's lr"):
            opt.update(params, params, opt.init(params))


def test_numbers_of_any_type_become_plain():
    schedule = O.StepDecay(np.float32(0.5), np.int8(2), np.float64(0.5))
    assert [type(v) for v in (schedule.lr, schedule.every, schedule.factor)] == [float, int, float]
