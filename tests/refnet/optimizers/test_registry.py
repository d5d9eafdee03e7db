from __future__ import annotations

import pickle

import pytest

import refnet as rn
from refnet import OptionError

O = rn.optimizers  # noqa: E741
CLASSES = {
    "sgd": O.SGD,
    "momentum": O.Momentum,
    "nesterov": O.Nesterov,
    "adagrad": O.AdaGrad,
    "adadelta": O.AdaDelta,
    "rmsprop": O.RMSProp,
    "adam": O.Adam,
    "adamw": O.AdamW,
    "adamax": O.AdaMax,
    "nadam": O.Nadam,
}


@pytest.mark.parametrize("name", CLASSES)
def test_specs(name):
    opt = O.from_spec(f"{name}(lr=0.25)")
    assert opt == CLASSES[name](lr=0.25)
    assert O.from_spec(f"{name.upper()}(lr=0.25)") == opt
    assert repr(opt).partition("(")[0].lower() in CLASSES


def test_unknown_names_are_listed():
    with pytest.raises(OptionError, match="adadelta, adagrad, adam, adamax, adamw, momentum"):
        O.from_spec("lamb")
    with pytest.raises(OptionError, match="Did you mean 'rmsprop'"):
        O.from_spec("rmspropp(lr=0.1)")
    for bad in (None, 3, O.Adam, ["adam"]):
        with pytest.raises(OptionError):
            O.from_spec(bad)


def test_presets_are_functions_with_names():
    for preset in (O.Momentum, O.Nesterov, O.AdamW):
        assert repr(preset) == f"refnet.optimizers.{preset.__name__}"
        assert pickle.loads(pickle.dumps(preset)) is preset
        assert preset.like("torch") == preset(1e-3)
    assert O.from_spec(O.AdamW()) == O.AdamW()
    with pytest.raises(OptionError, match="type Preset"):
        O.from_spec(O.AdamW)
