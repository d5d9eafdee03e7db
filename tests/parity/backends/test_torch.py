"""What of the adapter of PyTorch is code of ours: checked against torch's own functions."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from parity.backends import adapter
from parity.backends.base import results
from parity.case import Case, InitializerCase
from parity.inputs import arrays
from parity.operations import run_operation
from parity.registry import all_cases, select

TORCH = adapter("torch")
OPERATIONS = [c for c in all_cases() if isinstance(c, Case)]


def test_torch_against_itself_differs_in_nothing(rng):
    """A null control: two runs of the same function are the same bits."""
    for case in select(["dense", "softmax_cross_entropy", "sigmoid", "matmul"]):
        inputs, options = arrays(case, "float32", 0)
        again, _ = arrays(case, "float32", 0)
        one = TORCH.run(case.op, inputs, options, None).y
        np.testing.assert_array_equal(one, TORCH.run(case.op, again, options, None).y)
        measured = run_operation(case, "float32", TORCH, TORCH, 0)
        assert measured.actual == measured.other
        assert measured.rtol == 0


def test_shuffled_outputs_fail():
    """The other null control: the right values in the wrong places are outside every bound."""

    class Shuffled(type(TORCH)):
        def run(self, op, inputs, options, cotangents):
            outcome = super().run(op, inputs, options, cotangents)
            return outcome._replace(y=np.ascontiguousarray(outcome.y[::-1]))

    for case in select(["dense/typical*", "softmax/typical", "add/typical*", "sigmoid/typical"]):
        assert not run_operation(case, "float32", Shuffled(), TORCH, 0).actual.within, case.id


@pytest.mark.parametrize("op", sorted({c.op for c in OPERATIONS}))
def test_inputs_are_copied(op):
    for case in [c for c in OPERATIONS if c.op == op][::3]:
        inputs, options = arrays(case, "float32", 1)
        kept, _ = arrays(case, "float32", 1)
        y = TORCH.run(case.op, inputs, options, None).y
        for a, b in zip(inputs, kept, strict=True):
            if a is not None:
                np.testing.assert_array_equal(a, b, err_msg=case.id)
                assert not any(np.shares_memory(a, v) for v in results(y)), case.id


def test_initial_values_do_not_touch_the_global_generator():
    before = torch.random.get_rng_state()
    for case in all_cases():
        if isinstance(case, InitializerCase):
            sample = TORCH.initializers()[case.op](case.shape, "float32", 3, **case.options)
            assert sample.shape == case.shape
    assert torch.equal(before, torch.random.get_rng_state())


def test_one_thread():
    assert torch.get_num_threads() == 1


def test_step_has_the_derivative_zero():
    x = np.array([-1.0, 0.0, 2.0])
    outcome = TORCH.run("step", (x,), {}, [np.ones(3)])
    np.testing.assert_array_equal(outcome.y, [0, 0, 1])
    np.testing.assert_array_equal(outcome.cotangents[0][0], [0, 0, 0])


def test_updates_are_those_of_a_plain_loop(rng):
    p = {"w": rng.standard_normal((3, 2)).astype(np.float32)}
    gs = [{"w": rng.standard_normal((3, 2)).astype(np.float32)} for _ in range(3)]
    updates = TORCH.optimizers()["sgd"](p, gs, lr=0.1, momentum=0.5)
    w = torch.nn.Parameter(torch.tensor(p["w"]))
    opt = torch.optim.SGD([w], lr=0.1, momentum=0.5)
    for g, update in zip(gs, updates, strict=True):
        w.grad = torch.tensor(g["w"])
        opt.step()
        np.testing.assert_array_equal(update.params["w"], w.detach().numpy())
        buffer = opt.state[w]["momentum_buffer"]
        np.testing.assert_array_equal(update.slots["momentum_buffer"]["w"], buffer.numpy())
    assert len({u.params["w"].tobytes() for u in updates}) == 3


@pytest.mark.parametrize("name", ["dfn", "xor"])
def test_a_trainer_steps_like_a_module_of_torch(name, rng):
    classes = {"dfn": 3, "xor": 1}[name]
    model = {"hidden": 5, "classes": 3} if name == "dfn" else {"hidden": 5}
    options = {"lr": 0.2, "momentum": 0.9}
    params = {
        "fc1.w": rng.standard_normal((4, 5)),
        "fc1.b": rng.standard_normal(5),
        "fc2.w": rng.standard_normal((5, classes)),
        "fc2.b": rng.standard_normal(classes),
    }
    x = rng.standard_normal((6, 4))
    t = rng.integers(0, 3, 6) if name == "dfn" else rng.standard_normal((6, 1))
    net = torch.nn.Sequential(
        torch.nn.Linear(4, 5),
        torch.nn.Sigmoid() if name == "dfn" else torch.nn.ReLU(),
        torch.nn.Linear(5, classes),
    ).double()
    with torch.no_grad():
        for i, layer in (("1", net[0]), ("2", net[2])):
            layer.weight.copy_(torch.tensor(params[f"fc{i}.w"].T))
            layer.bias.copy_(torch.tensor(params[f"fc{i}.b"]))
    opt = torch.optim.SGD(net.parameters(), **options)
    trainer = TORCH.trainers()[name](model, "sgd", options)
    state, slots = params, trainer.slots(params)
    for done in range(3):
        step = trainer.step(state, slots, done, x, t)
        opt.zero_grad()
        y = net(torch.tensor(x))
        loss = (
            torch.nn.functional.cross_entropy(y, torch.tensor(t))
            if name == "dfn"
            else ((y - torch.tensor(t)) ** 2).sum() / 12
        )
        loss.backward()
        opt.step()
        assert float(step.loss) == pytest.approx(loss.item(), rel=1e-13)
        weights = net[0].weight.detach().numpy().T
        np.testing.assert_allclose(step.params["fc1.w"], weights, rtol=1e-12)
        state, slots = step.params, step.slots
    np.testing.assert_allclose(
        trainer.predict(state, x), net(torch.tensor(x)).detach().numpy(), rtol=1e-11
    )
