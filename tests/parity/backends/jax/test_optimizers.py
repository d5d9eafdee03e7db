"""The optimizers of the jax adapter: what is translated, restored and composed there."""

from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from parity.backends import adapter
from parity.backends.optimizer_options import DEFAULTS
from parity.case import OptimizerCase
from parity.errors import UnsupportedError
from parity.optimizers import values_of
from parity.registry import all_cases

jax = pytest.importorskip("jax", reason="the extra jax is not installed")
optax = pytest.importorskip("optax", reason="the extra jax is not installed")

from parity.backends.jax.optimizers import JaxOptimizer  # noqa: E402
from parity.backends.jax.schedules import rate  # noqa: E402

JAX, REFNET = adapter("jax"), adapter("refnet")
CASES = [c for c in all_cases() if isinstance(c, OptimizerCase) and "float64" in c.dtypes]
# Each under optax's own name, with its defaults but for the rate.
OWN = {
    "sgd": lambda: optax.sgd(0.1),
    "momentum": lambda: optax.sgd(0.1, momentum=0.9),
    "nesterov": lambda: optax.sgd(0.1, momentum=0.9, nesterov=True),
    "adagrad": lambda: optax.adagrad(0.1),
    "adadelta": lambda: optax.adadelta(0.1),
    "rmsprop": lambda: optax.rmsprop(0.1),
    "adam": lambda: optax.adam(0.1),
    "adamw": lambda: optax.adamw(0.1),
    "amsgrad": lambda: optax.amsgrad(0.1),
    "adamax": lambda: optax.adamax(0.1),
    "nadam": lambda: optax.nadam(0.1),
}


def given(rng, steps=4, shape=(3, 2), dtype=np.float64):
    p = {"w": rng.standard_normal(shape).astype(dtype)}
    return p, [{"w": rng.standard_normal(shape).astype(dtype)} for _ in range(steps)]


def updates(name, p, gs, **options):
    return JAX.optimizers()[name](p, gs, **options)


@pytest.mark.parametrize("name", OWN)
def test_optax_s_conventions_give_optax_s_own_optimizers(name, rng):
    """So the fields of ``rn.conventions`` are what optax does, bit for bit."""
    p, gs = given(rng, dtype=np.float32)
    fields = {k: v for k, v in rn.conventions["optax", name].fields.items() if k != "lr"}
    made = "adam" if name == "amsgrad" else name
    with JAX.settings():
        opt = OWN[name]()
        params = JAX.tensors(p)
        state = opt.init(params)
        for g, update in zip(gs, updates(made, p, gs, lr=0.1, **fields), strict=True):
            steps, state = opt.update(JAX.tensors(g), state, params)
            params = optax.apply_updates(params, steps)
            np.testing.assert_array_equal(update.params["w"], np.asarray(params["w"]))


@pytest.mark.parametrize("name", sorted({c.op for c in CASES}))
def test_a_step_from_a_restored_state_is_the_next_step(name):
    """Bit for bit, in float64, whatever the options: no part of the state is left behind."""
    restored = 0
    for case in [c for c in CASES if c.op == name]:
        with JAX.settings():
            try:
                opt = JaxOptimizer(JAX.modules, name, case.options)
            except UnsupportedError:
                continue
        restored += 1
        params, grads = values_of(case, "float64", 3)
        running = updates(name, params, grads[:3], **case.options)
        with JAX.settings():
            slots = opt.slots(JAX.tensors(params))
            for done, (g, expected) in enumerate(zip(grads, running, strict=False)):
                moved = opt.update(JAX.tensors(params), JAX.tensors(g), slots, done)
                params = JAX.arrays(moved.params)
                slots = {k: JAX.tensors(v) for k, v in JAX.tables(moved.slots).items()}
                assert moved.done in (None, done + 1)
                for k in params:
                    np.testing.assert_array_equal(params[k], expected.params[k], err_msg=case.id)
                    for slot in slots:
                        np.testing.assert_array_equal(slots[slot][k], expected.slots[slot][k])
        if restored == 4:
            break
    assert restored


# Options beside which every rule of optax's is refnet's.
SUPPORTED = {
    "adagrad": {"eps_inside": True, "initial_accumulator": 0.1},
    "nadam": {"schedule_decay": None},
}


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_trainer_steps_from_any_state_as_refnet_does(name, rng):
    """Look-ahead, schedules and slots included, in float64."""
    options = {
        "lr": "exponential(lr=0.05, factor=0.7)",
        "clip": "by_value(limit=0.05)",
        **SUPPORTED.get(name, {}),
    }
    if name == "nesterov":
        options["lookahead"] = True
    model = {"hidden": 5, "classes": 3}
    params = {
        "fc1.w": rng.standard_normal((4, 5)),
        "fc1.b": rng.standard_normal(5),
        "fc2.w": rng.standard_normal((5, 3)),
        "fc2.b": rng.standard_normal(3),
    }
    x, t = rng.standard_normal((6, 4)), rng.integers(0, 3, 6)
    sides = [side.trainers()["dfn"](model, name, options) for side in (REFNET, JAX)]
    slots = sides[0].slots(params)
    assert slots.keys() == sides[1].slots(params).keys()
    for done in range(3):
        mine, theirs = (side.step(params, slots, done, x, t) for side in sides)
        assert float(mine.loss) == pytest.approx(float(theirs.loss), rel=1e-12)
        for k in params:
            np.testing.assert_allclose(mine.grads[k], theirs.grads[k], rtol=1e-9, atol=1e-14)
            np.testing.assert_allclose(mine.params[k], theirs.params[k], rtol=1e-9)
            for slot in slots:
                np.testing.assert_allclose(
                    mine.slots[slot][k], theirs.slots[slot][k], rtol=1e-9, atol=1e-20
                )
        params, slots = mine.params, mine.slots


@pytest.mark.parametrize("kind", ["l2", "l1", "decoupled"])
@pytest.mark.parametrize("lr_inside", [False, True])
def test_weight_decay_by_hand(kind, lr_inside, rng):
    p, gs = given(rng, 1)
    w, g = p["w"], gs[0]["w"]
    options = {"lr": 0.5, "weight_decay": 0.1, "decay_kind": kind, "lr_inside": lr_inside}
    (update,) = updates("sgd", p, gs, **options)
    expected = {
        "l2": w - 0.5 * (g + 0.1 * w),
        "l1": w - 0.5 * (g + 0.1 * np.sign(w)),
        "decoupled": w * 0.95 - 0.5 * g,
    }[kind]
    np.testing.assert_allclose(update.params["w"], expected, rtol=1e-14)


def test_clipping_by_hand(rng):
    p, gs = given(rng, 1)
    p["b"], gs[0]["b"] = np.zeros(3), np.array([3.0, -4.0, 1.0])
    norm = np.sqrt(sum((g**2).sum() for g in gs[0].values()))
    (update,) = updates("sgd", p, gs, lr=1.0, clip="by_global_norm(limit=1.0)")
    np.testing.assert_allclose(update.params["b"], -gs[0]["b"] / norm, rtol=1e-14)
    (update,) = updates("sgd", p, gs, lr=1.0, clip="by_value(limit=2.0)")
    np.testing.assert_array_equal(update.params["b"], [-2, 2, -1])


def test_clipping_comes_before_the_decay():
    p, gs = {"w": np.array([100.0])}, [{"w": np.array([50.0])}]
    (update,) = updates("sgd", p, gs, lr=0.1, weight_decay=0.1, clip="by_value(limit=1.0)")
    np.testing.assert_allclose(update.params["w"], [100 - 0.1 * 11])


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("lion", {}, "no optimizer lion"),
        ("adam", {"beta3": 0.1}, "no option beta3"),
        ("sgd", {}, "NoneType"),
        ("adam", {"clip": 1.0}, "as a spec"),
        ("adam", {"clip": "by_global_norm(limit=1.0, eps=1e-6)"}, "no eps beside the global norm"),
        ("adam", {"decay_kind": "cautious"}, "'cautious'"),
        ("sgd", {"lr": "cosine(lr=0.0, steps=3)"}, "as a share of the rate"),
        ("sgd", {"lr": 0.1, "first_buffer": "ones"}, "'ones'"),
        ("sgd", {"lr": 0.1, "dampening": "lr"}, "'lr'"),
        ("sgd", {"lr": 0.1, "momentum": 0.9, "dampening": 0.5}, "first gradient is dampened too"),
        (
            "nesterov",
            {"lr": 0.1, "dampening": 0.5, "first_buffer": "zeros"},
            "no dampening beside Nesterov's",
        ),
        ("adagrad", {}, "eps inside the root alone"),
        ("adam", {"bias_correction": False}, "always corrects"),
        ("adam", {"eps_before_correction": True}, "after the correction"),
        ("adamw", {"amsgrad": True}, "before it takes the largest"),
        ("adamax", {"eps_in_maximum": False}, "not to the maximum"),
        ("nadam", {}, "no schedule of Nadam's momentum"),
        (
            "nadam",
            {"schedule_decay": None, "eps_before_correction": True},
            "after the correction",
        ),
    ],
)
def test_what_optax_cannot_express_is_unsupported(name, options, words):
    with pytest.raises(UnsupportedError, match=words):
        JaxOptimizer(JAX.modules, name, options)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (0.25, lambda t: 0.25),
        ("constant(lr=0.2)", lambda t: 0.2),
        ("step_decay(lr=0.2, every=3, factor=0.5)", lambda t: 0.2 * 0.5 ** (t // 3)),
        ("exponential(lr=0.2, factor=0.9)", lambda t: 0.2 * 0.9**t),
        (
            "cosine(lr=0.2, steps=8, floor=0.05)",
            lambda t: 0.05 + 0.075 * (1 + np.cos(np.pi * min(t, 8) / 8)),
        ),
        ("warm_up(lr=0.2, steps=5)", lambda t: 0.2 * min(t, 5) / 5),
        ("warm_up(lr=0.2, steps=5, start=0.3)", lambda t: 0.3 - 0.1 * min(t, 5) / 5),
        (
            "warm_up(lr=0.2, steps=4, then='exponential(lr=0.3, factor=0.5)')",
            lambda t: 0.05 * t if t < 4 else 0.3 * 0.5 ** (t - 4),
        ),
        ("time_decay(lr=0.2, decay=0.3)", lambda t: 0.2 / (1 + 0.3 * t)),
    ],
)
def test_schedules_are_optax_s_in_double_precision(spec, expected):
    with JAX.settings():
        schedule = rate(optax, spec)
        found = [schedule(t) for t in range(12)]
    assert found == pytest.approx([expected(t) for t in range(12)], rel=1e-13, abs=1e-17)


def test_adagrad_s_rate_falls(rng):
    p, gs = given(rng, 3)
    options = {"lr": 0.3, "lr_decay": 0.5, "eps_inside": True}
    theirs = updates("adagrad", p, gs, **options)
    for mine, update in zip(REFNET.optimizers()["adagrad"](p, gs, **options), theirs, strict=True):
        np.testing.assert_allclose(update.params["w"], mine.params["w"], rtol=1e-12)
