from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from parity import Adapter, Functions, SelectionError, UnsupportedError
from parity import backends as backends_package
from parity.backends import AbsentError, adapter
from parity.backends.refnet import RefnetAdapter
from parity.backends.torch import TorchAdapter


def test_built_in_names():
    assert isinstance(adapter("refnet"), RefnetAdapter)
    assert isinstance(adapter("torch"), TorchAdapter)
    assert adapter("torch") is adapter("torch")
    assert set(adapter("torch").versions()) == {"torch", "torch CPU capability"}
    assert set(adapter("refnet").versions()) == {"refnet", "numpy"}


def test_both_have_the_same_operations_initializers_optimizers_and_models():
    refnet, torch = adapter("refnet"), adapter("torch")
    for table in ("operations", "initializers", "optimizers", "trainers"):
        assert getattr(refnet, table)().keys() == getattr(torch, table)().keys()


@pytest.mark.parametrize(
    ("spec", "match"),
    [
        ("troch", r"'troch'.*Did you mean 'torch'"),
        ("no_such_module_here:Adapter", "No module named"),
        ("parity.backends.torch:Nothing", "Nothing"),
        ("parity.case:Case", "Case is another class"),
        ("fractions:Fraction", "Fraction is another class"),
        ("tests.parity.backends.test_adapters:Broken", "RuntimeError: no device"),
        ("parity.case:DTYPES", "DTYPES is a tuple"),
    ],
)
def test_specs_that_give_no_adapter(spec, match):
    with pytest.raises(SelectionError, match=match):
        adapter(spec)


def test_a_framework_that_is_not_installed_is_absent(monkeypatch):
    missing = {"gone": "no_such_module_here:Adapter"}
    monkeypatch.setattr(backends_package, "BUILT_IN", missing)
    with pytest.raises(AbsentError, match="gone cannot be imported"):
        adapter("gone")


@pytest.mark.parametrize("name", ["jax", "tensorflow"])
def test_an_extra_that_is_not_installed_is_absent_and_no_success(name):
    code = (
        f"import sys; sys.modules[{name!r}] = None\n"
        "from parity.run import Request, run\n"
        f"asked = Request(('add/typical', 'xor/sources'), ('float32',), ({name!r},), jobs=1)\n"
        "report = run(asked).report\n"
        "results = [*report.cells, *report.trainings]\n"
        "print(report.exit_code, *(r.status.value for r in results), results[0].reason)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.startswith(f"5 absent absent {name} cannot be imported"), done.stderr


class Broken(Adapter):
    def __init__(self):
        raise RuntimeError("no device")


class Own(Adapter):
    name = "own"

    def operations(self):
        return {
            "add": Functions(lambda a, b: a + b, lambda dy, a, b: (dy, dy)),
            "dense": Functions(lambda x, w, b=None: x @ w),
            "softmax": Functions(lambda x, axis: x, lambda dy, x: (dy,)),
            "mean": Functions(lambda x, **options: x, lambda dy, x, **options: (dy,)),
        }


def test_the_default_adapter_lacks_everything():
    empty = Adapter()
    assert not empty.has("dense")
    assert empty.versions() == empty.operations() == empty.initializers() == {}
    assert empty.optimizers() == empty.trainers() == {}
    assert empty.limitation("dense", "float16") is None
    assert "float16, float32" in empty.limitation("dense", "bfloat16")
    assert empty.accumulation("dense", "float16") == "float32"
    assert empty.accumulation("dense", "float64") == "float64"


def test_functions_of_ones_own():
    own, a = Own(), np.ones(2)
    assert own.has("add")
    assert not own.has("multiply")
    outcome = own.run("add", (a, a), {}, [a, 2 * a])
    np.testing.assert_array_equal(outcome.y, [2, 2])
    assert [len(c) for c in outcome.cotangents] == [2, 2]
    assert own.run("add", (a, a), {}, None).cotangents is None


def test_optional_inputs_left_out_are_not_passed():
    assert Own().run("dense", (np.eye(2), np.eye(2), None), {}, None).y.shape == (2, 2)


def test_without_a_vjp_forward_alone_is_run():
    outcome = Own().run("dense", (np.eye(2), np.eye(2)), {}, [np.eye(2)])
    assert outcome.cotangents is None


def test_an_option_without_a_keyword_is_unsupported():
    x = np.ones(2)
    with pytest.raises(UnsupportedError, match="has no option axis") as caught:
        Own().run("softmax", (x,), {"axis": 0}, [x])
    assert "no option axis" in caught.value.reason
    assert Own().run("mean", (x,), {"axis": 0}, [x]).y is not None
