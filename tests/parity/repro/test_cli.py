"""``parity repro``, as a user types it."""

from __future__ import annotations

import numpy as np
import pytest

from parity import gate
from parity.repro.cli import task_of

HERE = "tests.parity.repro.test_scripts"


def test_a_cell_that_agrees(call):
    code, out, _ = call("repro", "tanh/typical", "--dtype", "float32")
    assert code == gate.AGREES
    assert out.startswith("pass: tanh/typical in float32, refnet and torch\n")
    for word in ("worst element: ", "oracle", "error in ULP", "bound used", "the least rtol"):
        assert word in out


def test_a_cell_that_differs_and_its_script(call, tmp_path):
    path = tmp_path / "shown.py"
    args = ("--dtype", "float32", "--subject", f"{HERE}:Wrong", "--script", path)
    code, out, _ = call("repro", "multiply/typical", *args)
    assert code == gate.DIFFERS
    assert "wrong loses accuracy" in out
    assert "shrunk in" in out
    assert "to a (1, 1), b (1, 1)" in out
    assert [p.name for p in tmp_path.iterdir()] == ["shown.py"]
    with np.errstate(), pytest.raises(SystemExit) as done:  # the script sets it for good
        exec(compile(path.read_text(), "script", "exec"), {})
    assert done.value.code == 1
    assert f"parity repro multiply/typical --dtype float32 --backend torch --subject {HERE}" in (
        path.read_text()
    )


def test_the_name_of_a_test_is_an_id():
    task = task_of("parity::relu/kinks[float64-torch]", None, None, "refnet", 3, None)
    assert (task.case.id, task.dtype, task.backend, task.seed) == (
        "relu/kinks",
        "float64",
        "torch",
        3,
    )
    assert task_of("relu/kinks[float64-torch]", "float16", "refnet", "refnet", 0, None)[1:4] == (
        "float16",
        "refnet",
        "refnet",
    )


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("relu/kink", "--dtype", "float32"), "Did you mean 'relu/kinks'"),
        (("relu/kinks",), "without a dtype; needs --dtype, one of float16"),
        (("relu/kinks", "--dtype", "float31"), "Did you mean 'float32'"),
        (("relu/kinks", "--dtype", "float32", "--backend", "tourch"), "Did you mean 'torch'"),
        (("dfn/mnist", "--dtype", "float32"), "It needs --mnist"),
    ],
)
def test_mistakes(call, args, words):
    code, _, err = call("repro", *args)
    assert code == gate.USAGE
    assert words in err


def test_nothing_is_compared_with_itself(call, tmp_path):
    args = ("repro", "relu/kinks", "--dtype", "float32", "--backend", "refnet")
    code, out, _ = call(*args)
    assert code == gate.NOTHING
    assert out.startswith("absent: ")
    code, _, err = call(*args, "--script", tmp_path / "x.py")
    assert code == gate.USAGE
    assert "needs a cell that was compared" in err


def test_a_script_that_cannot_be_written(call, tmp_path):
    (tmp_path / "file").write_text("")
    args = ("repro", "relu/kinks", "--dtype", "float32", "--script", tmp_path / "file" / "x.py")
    code, _, err = call(*args)
    assert code == gate.USAGE
    assert "cannot be written" in err


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("adam/amsgrad", "worst element: "),
        ("he_normal/kernel", "the sample's"),
        ("xor/sources", "worst at step"),
    ],
)
def test_every_kind_of_case(call, case, words):
    code, out, _ = call("repro", case, "--dtype", "float32")
    assert code == gate.AGREES
    assert words in out


def test_initializers_have_no_script(call, tmp_path):
    args = ("repro", "he_normal/kernel", "--dtype", "float32", "--script", tmp_path / "x.py")
    code, _, err = call(*args)
    assert code == gate.USAGE
    assert not list(tmp_path.iterdir())
    assert "a sample" in err
