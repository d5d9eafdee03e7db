from __future__ import annotations

import numpy as np
import pytest

from parity.errors import AdapterError
from parity.trace import Recorder, Recording, attach

torch = pytest.importorskip("torch")


def net(dtype=torch.float32):
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 2)
    ).to(dtype)


def two_groups(kind, model, **options):
    first, last = list(model[0].parameters()), [*model[2].parameters(), *model[3].parameters()]
    return kind([{"params": first, "lr": 0.1}, {"params": last, "lr": 0.01}], **options)


def train(path, model, optimizer, steps=3, after=lambda: None, **options):
    x, t = torch.arange(15.0).reshape(5, 3) / 7, torch.tensor([0, 1, 1, 0, 1])
    x = x.to(next(model.parameters()).dtype)
    seen = []
    with Recorder(path) as recorder, attach(model, optimizer, recorder, **options) as run:
        for _ in range(steps):
            optimizer.zero_grad()
            run.loss = loss = torch.nn.functional.cross_entropy(model(x), t)
            loss.backward()
            grads = {n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None}
            optimizer.step()
            state = {
                n: {k: torch.as_tensor(v).clone() for k, v in optimizer.state[p].items()}
                for n, p in model.named_parameters()
                if p in optimizer.state
            }
            params = {n: p.detach().clone() for n, p in model.named_parameters()}
            seen.append((loss.item(), grads, state, params))
            after()
    return Recording(path), seen


def same(found, wanted):
    assert found.keys() == wanted.keys()
    for name, value in wanted.items():
        np.testing.assert_array_equal(found[name], value.numpy())
        assert found[name].dtype == value.numpy().dtype


@pytest.mark.parametrize(
    ("kind", "options", "slots"),
    [
        (torch.optim.SGD, {"momentum": 0.9, "nesterov": True}, {"momentum_buffer"}),
        (torch.optim.SGD, {"momentum": 0.9, "foreach": True}, {"momentum_buffer"}),
        (torch.optim.SGD, {}, set()),
        (torch.optim.Adam, {"amsgrad": True}, {"step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq"}),
        (torch.optim.AdamW, {"foreach": True}, {"step", "exp_avg", "exp_avg_sq"}),
        (torch.optim.Adadelta, {}, {"step", "square_avg", "acc_delta"}),
    ],
    ids=lambda v: getattr(v, "__name__", None),
)
def test_what_is_recorded_is_what_is_there(kind, options, slots, tmp_path):
    model = net()
    start = {n: p.detach().clone() for n, p in model.named_parameters()}
    optimizer = two_groups(kind, model, **options)
    recording, seen = train(tmp_path / "r", model, optimizer)
    assert recording.steps == [0, 1, 2, 3]
    initial = recording.at(0)
    same(initial.parameters, start)
    assert initial.slots == {}
    assert initial.loss is None
    described = initial.info["optimizer"]
    assert described["name"] == kind.__name__
    assert [g["lr"] for g in described["groups"]] == [0.1, 0.01]
    assert described["groups"][0]["params"] == ["0.weight", "0.bias"]
    for step, (loss, grads, state, params) in zip(list(recording)[1:], seen, strict=True):
        assert step.loss == np.float32(loss)
        same(step.gradients, grads)
        same(step.parameters, params)
        assert step.slots.keys() == slots
        for slot, values in step.slots.items():
            same(values, {name: state[name][slot] for name in params})
        assert [step.tensors[f"option/lr/{i}"] for i in range(2)] == [0.1, 0.01]
        assert set(step.of("buffer")) == {
            f"2.{n}" for n in ("running_mean", "running_var", "num_batches_tracked")
        }
        assert step.of("buffer")["2.num_batches_tracked"] == step.step


def test_a_schedule_shows_in_the_options(tmp_path):
    model = net()
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5)
    recording, _ = train(tmp_path / "r", model, optimizer, after=schedule.step)
    assert [s.tensors["option/lr/0"] for s in list(recording)[1:]] == [1, 0.5, 0.25]


def test_parameters_without_a_gradient_or_an_optimizer(tmp_path):
    model = net()
    model[3].bias.requires_grad_(False)
    optimizer = torch.optim.SGD(model[3].parameters(), lr=0.1, momentum=0.9)
    recording, seen = train(tmp_path / "r", model, optimizer)
    last = recording.at(3)
    assert "3.bias" not in last.gradients
    assert "3.bias" in last.parameters
    assert set(last.slots["momentum_buffer"]) == {"3.weight"}
    same(last.gradients, seen[-1][1])


def test_a_closure_is_recorded_at_the_parameters_that_the_step_starts_from(tmp_path):
    model = torch.nn.Linear(2, 1, bias=False)
    torch.nn.init.ones_(model.weight)
    optimizer = torch.optim.LBFGS(model.parameters(), lr=0.1, max_iter=4)
    x = torch.eye(2)
    calls = []

    def closure():
        optimizer.zero_grad()
        loss = (model(x) ** 2).sum()
        loss.backward()
        calls.append((loss.item(), model.weight.grad.clone()))
        return loss

    with Recorder(tmp_path / "r") as recorder, attach(model, optimizer, recorder):
        starts = []
        for how in (lambda: optimizer.step(closure), lambda: optimizer.step(closure=closure)):
            starts.append(len(calls))
            assert how().item() == calls[starts[-1]][0]
    assert len(calls) > 4
    recording = Recording(tmp_path / "r")
    for step, start in zip(list(recording)[1:], starts, strict=True):
        loss, grad = calls[start]
        assert step.loss == np.float32(loss)
        np.testing.assert_array_equal(step.gradients["weight"], grad)
    np.testing.assert_array_equal(recording.at(2).parameters["weight"], model.weight.detach())
    assert recording.at(2).slots["func_evals"]["weight"] == len(calls)


def test_outputs_and_branches_of_training_alone(tmp_path):
    model = net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    seen = []
    model[1].register_forward_hook(lambda m, i, y: seen.append(y.detach().clone()))

    def evaluate():
        model.eval()
        model(torch.ones(2, 3))
        model.train()

    options = {"outputs": True, "branches": True}
    recording, _ = train(tmp_path / "r", model, optimizer, after=evaluate, **options)
    for i, step in enumerate(list(recording)[1:]):
        assert set(step.of("output")) == {"0", "1", "2", "3"}
        np.testing.assert_array_equal(step.of("output")["1"], seen[2 * i])
        assert set(step.branches) == {"1"}
        np.testing.assert_array_equal(step.branches["1"], seen[2 * i] > 0)
    names = list(recording.at(1).tensors)
    assert names.index("output/0") < names.index("branch/1") < names.index("output/2")


def test_a_module_called_several_times_or_with_several_results(tmp_path):
    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn, self.fc = torch.nn.RNN(2, 3), torch.nn.Linear(3, 3)

        def forward(self, x):
            return self.fc(self.fc(self.rnn(x)[0]))

    model = Model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with Recorder(tmp_path / "r") as recorder, attach(model, optimizer, recorder, outputs=True):
        model(torch.ones(4, 1, 2)).sum().backward()
        optimizer.step()
    found = Recording(tmp_path / "r").at(1).of("output")
    assert list(found) == ["rnn/0", "rnn/1", "fc", "fc/call 2"]


def test_notes_are_copies_and_belong_to_one_step(tmp_path):
    model = torch.nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    x = torch.ones(2)
    with Recorder(tmp_path / "r") as recorder, attach(model, optimizer, recorder) as run:
        for _ in range(2):
            model(x).sum().backward()
            if recorder.last == 0:
                run.note({"batch/x": x, "mask/d": np.array([True])})
                run.loss = x[0]
                x += 1
            optimizer.step()
        assert run.loss is None
    first, second = list(Recording(tmp_path / "r"))[1:]
    np.testing.assert_array_equal(first.batch["x"], [1, 1])
    assert first.loss == 1
    assert second.loss is None
    assert second.batch == second.masks == {}


def test_a_detached_run_goes_on_unrecorded_and_a_resumed_one_is_counted_on(tmp_path):
    model = torch.nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    def step():
        model(torch.ones(2)).sum().backward()
        optimizer.step()

    with Recorder(tmp_path / "r") as recorder:
        run = attach(model, optimizer, recorder)
        step()
        run.remove()
        run.remove()
        step()
        assert recorder.last == 1
        with attach(model, optimizer, recorder):
            step()
    assert not optimizer._optimizer_step_pre_hooks
    assert not optimizer._optimizer_step_post_hooks
    with Recorder(tmp_path / "r", resume=True) as recorder, attach(model, optimizer, recorder):
        step()
    assert Recording(tmp_path / "r").steps == [0, 1, 2, 3]


def test_bfloat16_models(tmp_path):
    model = net(torch.bfloat16)
    optimizer = torch.optim.Adam(model.parameters())
    recording, _ = train(tmp_path / "r", model, optimizer)
    assert recording.names["parameter/0.weight"].dtype == "bfloat16"
    assert recording.names["slot/exp_avg/0.weight"].dtype == "bfloat16"


def test_what_cannot_be_attached_to(tmp_path):
    model, other = net(), net()
    optimizer = torch.optim.SGD(other.parameters(), lr=0.1)
    with Recorder(tmp_path / "r") as recorder:
        with pytest.raises(AdapterError, match="group 0 has a parameter of"):
            attach(model, optimizer, recorder)
        with pytest.raises(AdapterError, match="module of type SGD without named_parameters"):
            attach(optimizer, model, recorder)
        assert recorder.last is None
    assert not optimizer._optimizer_step_pre_hooks
