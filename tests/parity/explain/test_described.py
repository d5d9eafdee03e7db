from __future__ import annotations

import numpy as np
import pytest

import refnet as rn
from parity.explain.described import optimizer_of
from parity.trace import Recorder, Recording, attach

O = rn.optimizers  # noqa: E741


def recorded(path, **info):
    with Recorder(path, overwrite=True, **info) as recorder:
        recorder.write(0, {"parameter/w": np.ones(2)})
    return Recording(path)


def test_a_spec_goes_before_the_info(tmp_path):
    recording = recorded(tmp_path / "r", optimizer="sgd", options={"lr": 0.5})
    assert optimizer_of(recording) == O.SGD(0.5)
    assert optimizer_of(recording, "adam(lr=0.1)") == O.Adam(0.1)
    with pytest.raises(rn.OptionError, match="adam"):
        optimizer_of(recording, "adma(lr=0.1)")


@pytest.mark.parametrize(
    "info",
    [{}, {"optimizer": "mine"}, {"optimizer": 3}, {"optimizer": "sgd", "options": [1]}],
)
def test_what_is_not_known_is_none(tmp_path, info):
    assert optimizer_of(recorded(tmp_path / "r", **info)) is None


torch = pytest.importorskip("torch")


@pytest.mark.parametrize(
    ("make", "wanted"),
    [
        (lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True), O.Nesterov(0.1)),
        (lambda p: torch.optim.Adam(p, betas=(0.8, 0.95)), O.Adam(1e-3, beta1=0.8, beta2=0.95)),
        (lambda p: torch.optim.AdamW(p, lr=0.1), O.AdamW(0.1)),
        (lambda p: torch.optim.Adam(p, lr=torch.tensor(0.123456789)), O.Adam(0.12345679104328156)),
        (
            lambda p: torch.optim.Adagrad(p, initial_accumulator_value=0.1),
            O.AdaGrad(0.01, initial_accumulator=0.1),
        ),
        (lambda p: torch.optim.Adadelta(p), O.AdaDelta()),
        (lambda p: torch.optim.RMSprop(p, centered=True), O.RMSProp(centered=True)),
        (lambda p: torch.optim.Adamax(p), O.AdaMax()),
        (lambda p: torch.optim.NAdam(p), O.Nadam()),
    ],
)
def test_torchs_own_words(tmp_path, make, wanted):
    module = torch.nn.Linear(2, 1)
    with Recorder(tmp_path / "r") as recorder, attach(module, make(module.parameters()), recorder):
        pass
    assert optimizer_of(Recording(tmp_path / "r")) == wanted


def test_groups_with_options_of_their_own_are_no_one_optimizer(tmp_path):
    module = torch.nn.Linear(2, 1)
    groups = [{"params": [module.weight], "lr": 0.1}, {"params": [module.bias], "lr": 0.2}]
    with Recorder(tmp_path / "r") as recorder, attach(module, torch.optim.SGD(groups), recorder):
        pass
    assert optimizer_of(Recording(tmp_path / "r")) is None
