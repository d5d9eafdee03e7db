"""Scripts are Python, stand alone, and show what parity saw."""

from __future__ import annotations

import ast
from dataclasses import replace

import numpy as np
import pytest

from parity import Adapter, Functions
from parity.case import Case
from parity.errors import ReproError
from parity.registry import all_cases, select
from parity.repro.operation import OperationAgain
from parity.repro.optimizer import OptimizerAgain
from parity.repro.training import training_script
from parity.runner import Task, single_threaded, timed

HERE = "tests.parity.repro.test_scripts"


class Wrong(Adapter):
    """multiply is off in one corner, relu changes its input, softmax raises, abs is wide."""

    name = "wrong"

    def operations(self):
        return {
            "multiply": Functions(_multiply),
            "relu": Functions(_relu),
            "softmax": Functions(_softmax),
            "abs": Functions(lambda x: np.abs(x).astype(np.float64)),
        }


def _multiply(a, b):
    y = a * b
    y[..., -1] *= np.where(a[..., -1] > 0, y.dtype.type(1.25), 1)
    return y


def _relu(x):
    x *= x > 0
    return x


def _softmax(x, axis=-1):
    raise ZeroDivisionError("never mind")


def imports(text):
    tree = ast.parse(text)
    found = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    return found | {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}


def ran(text, capsys):
    """Return a script's exit code and its variables."""
    variables = {"__name__": "__main__"}
    with np.errstate(), single_threaded(), pytest.raises(SystemExit) as done:
        exec(compile(text, "script", "exec"), variables)
    capsys.readouterr()
    return done.value.code, variables


def of(case_id, dtype="float32", subject="refnet", backend="torch"):
    (case,) = select([case_id])
    return Task(case, dtype, subject, backend, 0, ())


def same(found, got):
    wide = np.float64 if got.dtype.name != "longdouble" else np.longdouble
    np.testing.assert_array_equal(np.asarray(found).astype(wide), got.astype(wide))


def sample():
    """Return a case of each operation, each in another dtype, with elements."""
    by_op = {}
    for case in all_cases():
        if isinstance(case, Case) and case.regime in ("typical", "kinks", "layouts", "special"):
            by_op.setdefault(case.op, []).append(case)
    for k, cases in enumerate(by_op.values()):
        case = cases[(7 * k) % len(cases)]
        yield pytest.param(case, case.dtypes[k % len(case.dtypes)], id=case.id)


@pytest.mark.parametrize(("case", "dtype"), [*sample()])
def test_scripts_of_every_operation_have_what_parity_saw(case, dtype, capsys):
    again = OperationAgain(Task(case, dtype, "refnet", "torch", 0, ()))
    seen = again.seen(again.whole)
    if seen.worst is None:
        pytest.fail("a case without elements says nothing")
    for side, (d, framework) in enumerate(
        ((seen.measured.actual, "refnet"), (seen.measured.other, "torch"))
    ):
        text = again.script(again.whole, "words", side)
        assert framework in imports(text)
        assert not {"parity", *({"refnet"} if side else ())} & imports(text)
        code, variables = ran(text, capsys)
        assert code == (0 if d.within else 1)
        same(variables["found"], seen.worst.values[side][seen.worst.array])


@pytest.mark.parametrize(
    "case_id",
    ["sgd/plain", "nesterov/look-ahead", "adam/amsgrad-corrected", "rmsprop/all", "nadam/defaults"],
)
@pytest.mark.parametrize("side", [0, 1])
def test_scripts_of_optimizers_have_what_parity_saw(case_id, side, capsys):
    cases = [c for c in select(["optimizers"]) if c.id == case_id]
    case = cases[0] if cases else select([case_id.partition("/")[0]])[0]
    again = OptimizerAgain(Task(case, case.dtypes[-1], "refnet", "torch", 0, ()))
    text = again.script("words", side)
    assert not {"parity", *({"refnet"} if side else ())} & imports(text)
    code, variables = ran(text, capsys)
    assert code == 0
    same(variables["found"], again.worst.values[side][again.worst.array])


def test_a_difference_is_shown_on_the_smallest_inputs(capsys):
    again = OperationAgain(of("multiply/typical", subject=f"{HERE}:Wrong"))
    found = again.shrunk()
    assert [a.size for a in found.failing.given.inputs] == [1, 1]
    assert found.failing.make is None
    text = again.script(found.failing, "words")
    assert imports(text) >= {HERE, "numpy"}
    code, variables = ran(text, capsys)
    assert code == 1
    assert variables["found"].tolist() == [[1.25]]
    assert variables["expected"].tolist() == [[1.0]]


def test_another_dtype_is_shown(capsys):
    again = OperationAgain(of("abs/typical", subject=f"{HERE}:Wrong"))
    code, _ = ran(again.script(again.shrunk().failing, "words"), capsys)
    assert code.startswith("y is float64 (1, 1) instead of float32")


def test_what_raises_is_called(capsys):
    again = OperationAgain(of("softmax/typical", subject=f"{HERE}:Wrong"))
    failing = again.shrunk().failing
    assert failing.given.inputs[0].size == 1
    text = again.script(failing, "words")
    with np.errstate(), pytest.raises(ZeroDivisionError, match="never mind"):
        exec(compile(text, "script", "exec"), {})


def test_what_is_no_array_is_refused():
    again = OperationAgain(of("relu/typical", subject=f"{HERE}:Wrong"))
    with pytest.raises(ReproError, match="changed its inputs"):
        again.script(again.whole, "words")


def test_known_differences_of_torch_are_shown(capsys):
    again = OperationAgain(of("step/special"))
    found = again.shrunk()
    assert np.isnan(found.failing.given.inputs[0]).all()
    text = again.script(found.failing, "words")
    assert "torch.heaviside" in text
    code, variables = ran(text, capsys)
    assert code == 1
    assert variables["found"].tolist() == [[0.0]]


@pytest.mark.parametrize("backend", ["jax", "tensorflow"])
@pytest.mark.parametrize("op", ["max_pool2d", "lstm_cell"])
def test_other_judges_scripts(backend, op, capsys):
    framework = pytest.importorskip(backend, reason=f"the extra {backend} is not installed")
    case = next(c for c in select([op]) if c.regime == "typical")
    again = OperationAgain(Task(case, "float32", "refnet", backend, 0, ()))
    text = again.script(again.whole, "words", 1)
    assert not {"parity", "refnet"} & imports(text)
    try:
        code, _ = ran(text, capsys)
    finally:
        if backend == "jax":  # what the script has set
            framework.config.update("jax_enable_x64", False)
            framework.config.update("jax_default_matmul_precision", None)
    assert code == (0 if again.seen(again.whole).measured.other.within else 1)


def test_a_training_run_s_update(capsys):
    (case,) = select(["mlp/adam"])
    task = Task(replace(case, steps=4, free_steps=0), "float32", "refnet", "torch", 0, ())
    with single_threaded():
        result = timed(task, lambda: None).result
        text = training_script(task, result, "words")
    assert "torch.optim.Adam" in text
    assert not {"parity", "refnet"} & imports(text)
    code, variables = ran(text, capsys)
    assert code == 0
    assert variables["expected"].shape == variables["found"].shape


def test_a_training_run_that_parts_before_the_update_is_refused():
    (case,) = select(["xor/sources"])
    judge = "tests.parity.own_judges:Third"
    task = Task(replace(case, steps=2, free_steps=0), "float32", "refnet", judge, 0, ())
    with single_threaded():
        result = timed(task, lambda: None).result
        with pytest.raises(ReproError, match="parts in the loss of step 1"):
            training_script(task, result, "words")
