from __future__ import annotations

import pytest

import refnet as rn
from refnet import OptionError
from refnet.specs import MAX_LENGTH, from_spec

FACTORIES = {"make": lambda **options: options}


@pytest.mark.parametrize(
    ("spec", "options"),
    [
        ("make", {}),
        ("make()", {}),
        ("  Make( a = 1 ) ", {"a": 1}),
        ("make(a=-1.5e-3, b=+2)", {"a": -1.5e-3, "b": 2}),
        ("make(a=True, b=None, c='x')", {"a": True, "b": None, "c": "x"}),
    ],
)
def test_accepts(spec, options):
    assert from_spec("thing", spec, FACTORIES) == options


@pytest.mark.parametrize(
    "spec",
    [
        "make(1)",
        "make(a=[1])",
        "make(a=(1, 2))",
        "make(**{'a': 1})",
        "make(a=__import__('os'))",
        "make(a=1)(b=2)",
        "make; make",
        "make(a=1 if True else 2)",
        "make(a=b)",
        "thing.make()",
        "lambda: 0",
        "",
        "(" * 100,
        "make(a=1",
        "make\0",
        "make(a=9**9**9)",
        "make(a=1j)",
        "make(a=b'x')",
    ],
)
def test_refuses_anything_else(spec):
    with pytest.raises(OptionError, match="Known names: make"):
        from_spec("thing", spec, FACTORIES)


def test_refuses_unknown_names_and_options():
    with pytest.raises(OptionError, match=r"one of make\. Did you mean 'make'"):
        from_spec("thing", "mak()", FACTORIES)
    with pytest.raises(OptionError, match="characters"):
        from_spec("thing", "make(a='" + "x" * MAX_LENGTH + "')", FACTORIES)
    with pytest.raises(OptionError, match="type int"):
        from_spec("thing", 3, FACTORIES)
    with pytest.raises(OptionError, match="options that sgd has"):
        rn.optimizers.from_spec("sgd(learning_rate=0.1)")
    with pytest.raises(OptionError, match="lr=-1"):
        rn.optimizers.from_spec("sgd(lr=-1)")


def test_nothing_is_evaluated(tmp_path):
    file = tmp_path / "touched"
    with pytest.raises(OptionError):
        rn.initializers.from_spec(f"std_normal(gain=open({str(file)!r}, 'w'))")
    assert not file.exists()


def test_the_sources_own_specs():
    assert rn.optimizers.from_spec("sgd(lr=0.01)").lr == 0.01
    assert repr(rn.initializers.from_spec("std_normal(gain=1.0)")) == "std_normal(gain=1.0)"
    layer = rn.layers.Activation("affine(slope=1, intercept=0)")
    assert layer.options == {"slope": 1, "intercept": 0}
    assert rn.layers.Activation("ReLU").op is rn.relu
    assert rn.layers.Activation("tanh").op is rn.tanh
