"""The optimizers of the torch adapter: what is translated, restored and composed there."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from parity.backends import adapter
from parity.backends.optimizer_options import DEFAULTS
from parity.backends.torch.composed import mu_product
from parity.backends.torch.optimizers import TorchOptimizer
from parity.backends.torch.schedules import rate
from parity.case import OptimizerCase
from parity.errors import UnsupportedError
from parity.optimizers import values_of
from parity.registry import all_cases

TORCH, REFNET = adapter("torch"), adapter("refnet")
CASES = [c for c in all_cases() if isinstance(c, OptimizerCase) and "float64" in c.dtypes]
# Each under torch's own name and defaults but for the rate.
OWN = {
    "sgd": lambda ps: torch.optim.SGD(ps, 0.1),
    "momentum": lambda ps: torch.optim.SGD(ps, 0.1, momentum=0.9),
    "nesterov": lambda ps: torch.optim.SGD(ps, 0.1, momentum=0.9, nesterov=True),
    "adagrad": lambda ps: torch.optim.Adagrad(ps, 0.1),
    "adadelta": lambda ps: torch.optim.Adadelta(ps, 0.1),
    "rmsprop": lambda ps: torch.optim.RMSprop(ps, 0.1),
    "adam": lambda ps: torch.optim.Adam(ps, 0.1),
    "adamw": lambda ps: torch.optim.AdamW(ps, 0.1),
    "adamax": lambda ps: torch.optim.Adamax(ps, 0.1),
    "nadam": lambda ps: torch.optim.NAdam(ps, 0.1),
}


def given(rng, steps=4, shape=(3, 2), dtype=np.float64):
    p = {"w": rng.standard_normal(shape).astype(dtype)}
    return p, [{"w": rng.standard_normal(shape).astype(dtype)} for _ in range(steps)]


def updates(name, p, gs, **options):
    return TORCH.optimizers()[name](p, gs, **options)


@pytest.mark.parametrize("name", DEFAULTS)
def test_defaults_are_those_of_torch(name, rng):
    p, gs = given(rng, dtype=np.float32)
    w = torch.nn.Parameter(torch.tensor(p["w"]))
    opt = OWN[name]([w])
    for g, update in zip(gs, updates(name, p, gs, lr=0.1), strict=True):
        w.grad = torch.tensor(g["w"])
        opt.step()
        np.testing.assert_array_equal(update.params["w"], w.detach().numpy())
        for slot, values in update.slots.items():
            np.testing.assert_array_equal(values["w"], opt.state[w][slot].numpy())


@pytest.mark.parametrize("name", sorted({c.op for c in CASES}))
def test_a_step_from_a_restored_state_is_the_next_step(name):
    """Bit for bit, in float64, whatever the options: no part of the state is left behind."""
    for case in [c for c in CASES if c.op == name]:
        params, grads = values_of(case, "float64", 3)
        running = updates(name, params, grads, **case.options)
        owner = TorchOptimizer(torch, name, case.options)
        slots = {}
        for done, (g, expected) in enumerate(zip(grads, running, strict=True)):
            tensors = {k: TORCH.tensor(p) for k, p in params.items()}
            old = {s: {k: TORCH.tensor(a) for k, a in v.items()} for s, v in slots.items()}
            opt = owner.over(tensors, old, done)
            for k, t in tensors.items():
                t.grad = TORCH.tensor(g[k])
            opt.step()
            params, slots = {k: t.numpy() for k, t in tensors.items()}, TORCH.slots(opt)
            for k in params:
                np.testing.assert_array_equal(params[k], expected.params[k], err_msg=case.id)
                for slot in slots:
                    np.testing.assert_array_equal(slots[slot][k], expected.slots[slot][k])


# Pairs of the same formula: torch.optim's, and what is composed here.
SAME = [
    ("adagrad", {"eps": 0.0}, {"eps": 0.0, "eps_inside": True}),
    ("rmsprop", {"momentum": 0.9}, {"momentum": 0.9, "lr_inside": True}),
    ("rmsprop", {"eps": 0.0, "centered": True}, {"eps": 0.0, "centered": True, "eps_inside": True}),
    ("adam", {}, {"eps_root": 1e-300}),
    ("adam", {"eps": 0.0}, {"eps": 0.0, "eps_before_correction": True}),
    ("adam", {"amsgrad": True}, {"amsgrad": True, "eps_root": 1e-300}),
    ("adamax", {"eps": 0.0}, {"eps": 0.0, "eps_in_maximum": False}),
    ("nadam", {"eps": 0.0}, {"eps": 0.0, "eps_before_correction": True}),
    ("sgd", {"momentum": 0.9}, {"momentum": 0.9, "lr_inside": True}),
    ("sgd", {"momentum": 0.9}, {"momentum": 0.9, "first_buffer": "zeros"}),
]


@pytest.mark.parametrize(("name", "own", "composed"), SAME)
@pytest.mark.parametrize("decay", ["l2", "decoupled"])
def test_what_is_composed_agrees_with_torch_where_the_formulas_do(name, own, composed, decay, rng):
    p, gs = given(rng)
    common = {"lr": 0.1, "weight_decay": 0.1, "decay_kind": decay}
    for a, b in zip(
        updates(name, p, gs, **common, **own),
        updates(name, p, gs, **common, **composed),
        strict=True,
    ):
        np.testing.assert_allclose(a.params["w"], b.params["w"], rtol=1e-11)


@pytest.mark.parametrize("kind", ["l2", "l1", "decoupled"])
def test_weight_decay_by_hand(kind, rng):
    p, gs = given(rng, 1)
    w, g = p["w"], gs[0]["w"]
    (update,) = updates("sgd", p, gs, lr=0.5, weight_decay=0.1, decay_kind=kind)
    expected = {
        "l2": w - 0.5 * (g + 0.1 * w),
        "l1": w - 0.5 * (g + 0.1 * np.sign(w)),
        "decoupled": w * 0.95 - 0.5 * g,
    }[kind]
    np.testing.assert_allclose(update.params["w"], expected, rtol=1e-14)


@pytest.mark.parametrize("eps", [0.0, 1e-6, 0.5])
def test_clipping_by_hand(eps, rng):
    p, gs = given(rng, 1)
    p["b"], gs[0]["b"] = np.zeros(3), np.array([3.0, -4.0, 1.0])
    norm = np.sqrt(sum((g**2).sum() for g in gs[0].values()))
    (update,) = updates("sgd", p, gs, lr=1.0, clip=f"by_global_norm(limit=1.0, eps={eps})")
    np.testing.assert_allclose(update.params["b"], -gs[0]["b"] / (norm + eps), rtol=1e-14)
    (update,) = updates("sgd", p, gs, lr=1.0, clip="by_value(limit=2.0)")
    np.testing.assert_array_equal(update.params["b"], [-2, 2, -1])


def test_clipping_comes_before_the_decay(rng):
    p, gs = {"w": np.array([100.0])}, [{"w": np.array([50.0])}]
    (update,) = updates("sgd", p, gs, lr=0.1, weight_decay=0.1, clip="by_value(limit=1.0)")
    np.testing.assert_allclose(update.params["w"], [100 - 0.1 * 11])


def test_the_product_of_mu_is_as_wide_as_the_parameters():
    for dtype in (torch.float32, torch.float64):
        p = torch.zeros(2, dtype=dtype)
        opt = TorchOptimizer(torch, "nadam", {}).over({"p": p})
        assert opt.inner.state[p]["mu_product"].dtype is dtype
    o = {"beta1": 0.9, "schedule_decay": 0.004}
    mus = [0.9 * (1 - 0.5 * 0.96 ** (0.004 * t)) for t in range(1, 6)]
    assert mu_product(o, 5) == pytest.approx(np.prod(mus), rel=1e-15)
    assert mu_product({**o, "schedule_decay": None}, 3) == pytest.approx(0.9**3)


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("lion", {}, "no optimizer lion"),
        ("adam", {"beta3": 0.1}, "no option beta3"),
        ("sgd", {"lr": 0.1, "eps": 0.1}, "no option eps"),
        ("sgd", {}, "NoneType"),
        ("adam", {"clip": 1.0}, "as a spec"),
        ("adam", {"decay_kind": "cautious"}, "'cautious'"),
        ("sgd", {"lr": 0.1, "first_buffer": "ones"}, "'ones'"),
        ("sgd", {"lr": 0.1, "dampening": "lr"}, "'lr'"),
    ],
)
def test_what_torch_cannot_express_is_unsupported(name, options, words):
    with pytest.raises(UnsupportedError, match=words):
        TorchOptimizer(torch, name, options)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (0.25, lambda t: 0.25),
        ("constant(lr=0.2)", lambda t: 0.2),
        ("step_decay(lr=0.2, every=3, factor=0.5)", lambda t: 0.2 * 0.5 ** (t // 3)),
        ("step_decay(lr=0.2, every=4)", lambda t: 0.2 * 0.1 ** (t // 4)),
        ("exponential(lr=0.2, factor=0.9)", lambda t: 0.2 * 0.9**t),
        (
            "cosine(lr=0.2, steps=8, floor=0.05)",
            lambda t: 0.05 + 0.075 * (1 + np.cos(np.pi * min(t, 8) / 8)),
        ),
        ("warm_up(lr=0.2, steps=5)", lambda t: 0.2 * min(t, 5) / 5),
        ("warm_up(lr=0.2, steps=5, start=0.1)", lambda t: 0.1 + 0.1 * min(t, 5) / 5),
        ("warm_up(lr=0.2, steps=5, start=0.3)", lambda t: 0.3 - 0.1 * min(t, 5) / 5),
        (
            "warm_up(lr=0.2, steps=4, then='exponential(lr=0.3, factor=0.5)')",
            lambda t: 0.05 * t if t < 4 else 0.3 * 0.5 ** (t - 4),
        ),
        ("time_decay(lr=0.2, decay=0.3)", lambda t: 0.2 / (1 + 0.3 * t)),
    ],
)
def test_schedules_are_stepped(spec, expected):
    schedule = rate(torch, spec)
    assert schedule(12) == pytest.approx(expected(12), rel=1e-13)  # in any order
    assert [schedule(t) for t in range(20)] == pytest.approx(
        [expected(t) for t in range(20)], rel=1e-13, abs=1e-17
    )


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_trainer_steps_from_any_state_as_refnet_does(name, rng):
    """Look-ahead, schedules and slots included, in float64."""
    options = {"lr": "exponential(lr=0.05, factor=0.7)", "clip": "by_value(limit=0.05)"}
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
    sides = [side.trainers()["dfn"](model, name, options) for side in (REFNET, TORCH)]
    slots = sides[0].slots(params)
    assert slots.keys() == sides[1].slots(params).keys()
    for done in range(4):
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
